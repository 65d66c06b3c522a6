"""The rules of cases a second time: a plain model in memory that tests compare the store with.

Nothing here is taken from the product but its words. The model knows who may touch what, which
status follows which, and what a merge, a parting and a split leave behind.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

DONE, UNKNOWN, REFUSED = "done", "not there", "refused"

# From -> to, for those who may see the case; closing is the end.
MOVES = {
    "new": {"open", "waiting_for_customer", "solved", "closed"},
    "open": {"waiting_for_customer", "solved", "closed"},
    "waiting_for_customer": {"open", "solved", "closed"},
    "solved": {"open", "closed"},
    "closed": set(),
}
CUSTOMERS_MAY = {
    ("waiting_for_customer", "open"),
    ("solved", "open"),
    *((status, end) for status in MOVES for end in ("solved", "closed") if status != end),
}
OPEN = ("new", "open", "waiting_for_customer")
REOPEN_WINDOW = timedelta(days=14)
GRADES = {"customer": "confirmed", "service": "contained"}


@dataclass
class Who:
    """Somebody who tries something."""

    name: str
    role: str
    tenant: str
    accounts: frozenset[str] = frozenset()
    """Customers whose cases they may read, open and add to."""
    own: str = ""
    """The customer that they are, once proven."""

    @property
    def is_staff(self) -> bool:
        return self.role in ("human_agent", "supervisor")

    def sees(self, tenant: str, customer: str) -> bool:
        if self.tenant != tenant:
            return False
        return customer in self.accounts if self.role == "customer" else self.role != "analyst"

    def owns(self, tenant: str, customer: str) -> bool:
        if self.role == "customer":
            return (self.tenant, self.own) == (tenant, customer)
        return self.sees(tenant, customer)


@dataclass
class Kept:
    """A case as the model keeps it."""

    id: str
    tenant: str
    customer: str
    subject: str
    requests: frozenset[str]
    starts: frozenset[tuple[str, datetime]]
    """Kind and start of every promise that it may have."""
    priority: str = "P4"
    status: str = "new"
    queue: str = "cases"
    owner: str = ""
    answered: frozenset[str] = frozenset()
    hold: bool = False
    grade: str | None = None
    merged_into: str = ""
    parent: str = ""
    reopened: int = 0
    solved_at: datetime | None = None
    entries: int = 0
    told: int = 0
    """Messages that a subscriber got about it."""
    subscribed: bool | None = None
    """None: never said."""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def complete(self) -> bool:
        return self.requests <= self.answered


@dataclass
class Rules:
    """All cases of all tenants, and what may become of them. Every method says what it came to."""

    cases: dict[str, Kept] = field(default_factory=dict)
    merges: list[tuple[Kept, Kept, Kept]] = field(default_factory=list)
    """What was merged: the survivor and the other before it, and the survivor after it."""

    def open(self, who: Who, new: Kept) -> str:
        if who.role == "analyst":
            return REFUSED
        if not who.sees(new.tenant, new.customer):
            return UNKNOWN
        if self._shares(new):
            return REFUSED
        self.cases[new.id] = new
        new.entries = 1
        return DONE

    def append(self, who: Who, case_id: str, internal: bool) -> str:
        case = self.cases[case_id]
        stopped = self._stopped(who, case)
        if stopped:
            return stopped
        if (internal and who.role == "customer") or (not internal and case.status == "closed"):
            return REFUSED
        case.entries += 1
        return DONE

    def move(self, who: Who, case_id: str, status: str, now: datetime) -> str:
        case = self.cases[case_id]
        barred = self.barred(who, case)
        if barred or status == case.status:
            return barred or self.change(who, case_id, {})
        legal = status in MOVES[case.status]
        if who.role == "customer" and (case.status, status) not in CUSTOMERS_MAY:
            legal = False
        if not legal or (status not in OPEN and not case.complete):
            return REFUSED
        if status in OPEN and not case.is_open:
            late = case.solved_at is not None and now - case.solved_at > REOPEN_WINDOW
            if late or self._shares(case):
                return REFUSED
            case.reopened, case.solved_at, case.grade = case.reopened + 1, None, None
        elif status not in OPEN:
            case.solved_at = case.solved_at or now
            case.grade = case.grade or GRADES.get(who.role, "assumed")
        case.status = status
        self._tell(case)
        return DONE

    def change(self, who: Who, case_id: str, fields: dict[str, Any]) -> str:
        """Other contents, owner, queue or hold, one of them at a time."""
        case = self.cases[case_id]
        barred = self.barred(who, case)
        if barred:
            return barred
        fields = {k: v for k, v in fields.items() if getattr(case, k) != v}
        if who.role == "customer" and fields.keys() & {"owner", "queue", "hold"}:
            return REFUSED
        if "hold" in fields:
            if case.hold and who.role == "service":
                return REFUSED
        elif case.status == "closed":
            return REFUSED
        for name, value in fields.items():
            setattr(case, name, value)
        return DONE

    def grade_durable(self, who: Who, case_id: str, now: datetime) -> str:
        case = self.cases[case_id]
        barred = self.barred(who, case)
        if barred:
            return barred
        if case.grade == "durable":
            return self.change(who, case_id, {})
        solved = case.solved_at is not None and not case.is_open and not case.merged_into
        if who.role != "service" or not solved or now - case.solved_at < timedelta(days=7):
            return REFUSED
        case.grade = "durable"
        return DONE

    def subscribe(self, who: Who, case_id: str, active: bool) -> str:
        case = self.cases[case_id]
        barred = self.barred(who, case)
        if barred or who.role == "service":
            return barred or REFUSED
        case.subscribed = active
        return DONE

    def merge(self, who: Who, kept_id: str, merged_id: str) -> str:
        kept, merged = self.cases[kept_id], self.cases[merged_id]
        stopped = self._stopped(who, kept, staff_only=True)
        if stopped:
            return stopped
        if who.tenant != merged.tenant:
            return UNKNOWN
        both_of_one = kept is not merged and kept.customer == merged.customer
        if not both_of_one or not kept.is_open or merged.status == "closed":
            return REFUSED
        before = copy.copy(kept), copy.copy(merged)
        kept.answered = (kept.answered | merged.answered) - {
            *(kept.requests - kept.answered),
            *(merged.requests - merged.answered),
        }
        kept.requests |= merged.requests
        kept.hold |= merged.hold
        kept.priority = min(kept.priority, merged.priority)
        kept.starts |= merged.starts
        merged.status, merged.grade, merged.merged_into = "closed", None, kept.id
        self._note_both(kept, merged)
        self.merges.append((*before, copy.copy(kept)))
        return DONE

    def part(self, who: Who, merged_id: str) -> str:
        merged = self.cases[merged_id]
        stopped = self._stopped(who, merged, staff_only=True)
        if stopped:
            return stopped
        if not merged.merged_into:
            return REFUSED
        kept = self.cases[merged.merged_into]
        was_kept, was_merged, then = next(
            m for m in reversed(self.merges) if m[1].id == merged_id and m[0].id == kept.id
        )
        shares = was_merged.status in OPEN and self._shares(was_merged)
        if not _same_state(kept, then) or shares:
            return REFUSED
        self._note_both(kept, merged)
        held = merged.hold
        _restore(kept, was_kept)
        _restore(merged, was_merged)
        merged.hold = held
        return DONE

    def split(self, who: Who, case_id: str, new_id: str, request: str) -> str:
        case = self.cases[case_id]
        stopped = self._stopped(who, case, staff_only=True)
        if stopped:
            return stopped
        if not case.is_open or not {request} < case.requests:
            return REFUSED
        child = copy.copy(case)
        child.id, child.subject, child.parent = new_id, f"part:{new_id}", case.id
        child.requests, child.answered = frozenset({request}), case.answered & {request}
        child.queue, child.owner, child.reopened, child.told = "parts", "", 0, 0
        child.entries, child.merged_into = 1, ""
        self.cases[new_id] = child
        case.requests, case.answered = case.requests - {request}, case.answered - {request}
        case.entries += 1
        self._tell(case)
        return DONE

    def _stopped(self, who: Who, case: Kept, staff_only: bool = False) -> str:
        """Why somebody may not even write to a case; empty when they may."""
        if who.role == "analyst":
            return REFUSED
        if not who.sees(case.tenant, case.customer):
            return UNKNOWN
        return REFUSED if staff_only and not who.is_staff else ""

    def barred(self, who: Who, case: Kept) -> str:
        """Why somebody may change nothing at all on a case; empty when they may."""
        if who.role == "analyst":
            return REFUSED
        return "" if who.owns(case.tenant, case.customer) else UNKNOWN

    def _shares(self, case: Kept) -> bool:
        return any(
            other.id != case.id
            and other.is_open
            and (other.tenant, other.customer, other.subject)
            == (case.tenant, case.customer, case.subject)
            for other in self.cases.values()
        )

    def _note_both(self, kept: Kept, merged: Kept) -> None:
        kept.entries += 1
        merged.entries += 1
        self._tell(kept)

    def _tell(self, case: Kept) -> None:
        case.told += self._heard(case)

    def _heard(self, case: Kept) -> bool:
        """What was said of the case itself counts; otherwise what was said of those it took."""
        if case.subscribed is not None:
            return case.subscribed
        taken = [other for other in self.cases.values() if other.merged_into == case.id]
        return any(self._heard(other) for other in taken)


_NOT_STATE = ("entries", "told", "subscribed", "starts")


def _same_state(one: Kept, other: Kept) -> bool:
    names = [name for name in vars(one) if name not in _NOT_STATE]
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _restore(case: Kept, before: Kept) -> None:
    for name, value in vars(before).items():
        if name not in _NOT_STATE:
            setattr(case, name, value)
