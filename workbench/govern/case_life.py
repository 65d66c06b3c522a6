"""The life of a case as one table: what may happen to it, in which status, and by whom.

A cell says which status an activity leads to: `=` leaves it as it is, `.` is not possible. The
store looks every change up here, whoever asks for it; the rest of this module says what a change
has to keep besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workbench.errors import InputError, NotAllowed
from workbench.records.cases import Case, CaseStatus, Grade
from workbench.records.principals import Role

DURABLE_AFTER = timedelta(days=7)
"""How long a case must have stayed solved before that counts as durable."""

# The first column is a case that is not there yet; the last four say whose principal may do it.
_TABLE = """
activity  none      new      open     waiting  solved  closed   | customer human_agent supervisor service
opened    new,open  .        .        .        .       .        | y        y           y          y
started   .         open     .        .        .       .        | -        y           y          y
asked     .         waiting  waiting  .        .       .        | -        y           y          y
answered  .         .        .        open     .       .        | y        y           y          y
solved    .         solved   solved   solved   .       .        | y        y           y          y
closed    .         closed   closed   closed   closed  .        | y        y           y          y
reopened  .         .        .        .        open    .        | y        y           y          y
changed   .         =        =        =        =       .        | y        y           y          y
assigned  .         =        =        =        =       .        | -        y           y          y
graded    .         .        .        .        =       =        | -        -           -          y
held      .         =        =        =        =       =        | -        y           y          y
released  .         =        =        =        =       =        | -        y           y          -
appended  .         =        =        =        =       .        | y        y           y          y
noted     .         =        =        =        =       =        | -        y           y          y
joined    .         =        =        =        .       .        | -        y           y          -
merged    .         closed   closed   closed   closed  .        | -        y           y          -
parted    .         =        =        =        .       .        | -        y           y          -
unmerged  .         .        .        .        .       back     | -        y           y          -
split     .         =        =        =        .       .        | -        y           y          -
"""  # noqa: E501

_STATUSES: Final = {
    "new": CaseStatus.NEW,
    "open": CaseStatus.OPEN,
    "waiting": CaseStatus.WAITING,
    "solved": CaseStatus.SOLVED,
    "closed": CaseStatus.CLOSED,
}
_MOVES = ("started", "asked", "answered", "solved", "closed", "reopened")
"""Activities that are nothing but a change of status, so the change names them."""

_INSTEAD: Final = {
    CaseStatus.SOLVED: "Reopen it first.",
    CaseStatus.CLOSED: "Open a follow-up that is linked to it.",
}


Statuses = frozenset[CaseStatus]


@dataclass(frozen=True)
class Activity:
    """Something that can happen to a case, with its row of the table."""

    name: str
    leads: dict[CaseStatus | None, Statuses]
    """Status before (None: no case yet) -> what the status may be afterwards."""
    roles: frozenset[Role]


def _read_row(line: str) -> Activity:
    left, right = line.split("|")
    name, *cells = left.split()
    before: list[CaseStatus | None] = [None, *_STATUSES.values()]
    roles = (Role.CUSTOMER, Role.HUMAN_AGENT, Role.SUPERVISOR, Role.SERVICE)
    marks = zip(roles, right.split(), strict=True)
    return Activity(
        name=name,
        leads={was: _results(was, cell) for was, cell in zip(before, cells, strict=True)},
        roles=frozenset(role for role, mark in marks if mark == "y"),
    )


def _results(before: CaseStatus | None, cell: str) -> Statuses:
    if cell == "=" and before is not None:
        return frozenset({before})
    if cell == "back":
        return frozenset(_STATUSES.values()) - {CaseStatus.CLOSED}
    return frozenset(_STATUSES[word] for word in cell.split(",") if word != ".")


ACTIVITIES: Final = {
    row.name: row for row in (_read_row(line) for line in _TABLE.strip().splitlines()[1:])
}
"""Everything that can happen to a case, by name."""


def check_step(
    case_id: str, activity: str, before: CaseStatus | None, after: CaseStatus, role: Role
) -> None:
    """Pass when the table allows this step.

    Raises `InputError` for a step that no case may take and `NotAllowed` for one that is not this
    role's to take.
    """
    row = _activity(activity)
    if after not in row.leads[before]:
        raise InputError(
            f"Case {case_id} is {before.value if before else 'not there'} and cannot be "
            f"{activity}, to be {after.value}",
            expected=_possible(before, role),
            next_step=_INSTEAD.get(before, "") if before else "",
        )
    if role not in row.roles:
        raise NotAllowed(
            f"A {role.value} may not have a case {activity}",
            next_step="Ask somebody whose role allows it.",
        )


def open_to(case: Case, role: Role, now: datetime, window: timedelta) -> dict[str, Statuses]:
    """What this role may have happen to a case now: activity -> statuses that it may lead to.

    Ending a case also needs every request answered; see `check_complete`.
    """
    rows = (row for row in ACTIVITIES.values() if role in row.roles and row.leads[case.status])
    return {row.name: row.leads[case.status] for row in rows if _fits(row, case, now, window)}


def _fits(row: Activity, case: Case, now: datetime, window: timedelta) -> bool:
    """Whether the rest of a case, besides its status, leaves room for an activity."""
    if row.name == "reopened":
        return may_come_back(case, now, window)
    if row.name == "unmerged":
        return bool(case.merged_into)
    if row.name in ("held", "released"):
        return case.legal_hold is (row.name == "released")
    return True


def _activity(name: str) -> Activity:
    try:
        return ACTIVITIES[name]
    except KeyError:
        raise InputError(
            f"Nothing called {name!r} happens to a case",
            expected=f"one of {', '.join(ACTIVITIES)}",
        ) from None


def _possible(before: CaseStatus | None, role: Role) -> str:
    rows = ACTIVITIES.values()
    return f"one of {', '.join(r.name for r in rows if r.leads[before] and role in r.roles)}"


def activity_of(before: Case, after: Case) -> str:
    """What happened, read from two states of a case."""
    if after.status is not before.status:
        moves = (ACTIVITIES[name] for name in _MOVES)
        fitting = (move.name for move in moves if after.status in move.leads[before.status])
        return next(fitting, "changed")
    if after.legal_hold is not before.legal_hold:
        return "held" if after.legal_hold else "released"
    if after.grade is not before.grade:
        return "graded"
    moved = (after.owner, after.queue) != (before.owner, before.queue)
    return "assigned" if moved else "changed"


def check_complete(case: Case) -> None:
    """A case ends only when every request is answered and no promise is open."""
    unanswered = [request for request in case.requests if request not in case.answered]
    if unanswered or case.promises:
        raise InputError(
            f"Case {case.id} cannot be {case.status.value} yet",
            expected="every request answered and no promise open",
            next_step=f"Still open: {', '.join([*unanswered, *case.promises])}.",
        )


def check_clocks(before: Case, after: Case) -> None:
    """The promises of the opening go on through every change: none is dropped or starts anew."""
    lost = _starts(before) - _starts(after)
    if lost:
        raise InputError(
            f"The clock {min(lost)[0]} of case {before.id} would start anew",
            expected="every clock with the start it had",
            next_step="Move its due time; leave its start as it is.",
        )


def _starts(case: Case) -> set[tuple[str, datetime]]:
    """Kind and start of the clocks that run from the opening on."""
    return {(c.kind, c.started_at) for c in case.clocks if c.kind != "next_response"}


def may_come_back(case: Case, now: datetime, window: timedelta) -> bool:
    """A solved case comes back for a while; whatever comes later is a matter of its own."""
    return now - (case.solved_at or case.updated_at) <= window


def check_window(case: Case, now: datetime, window: timedelta) -> None:
    """Raise `InputError` for a case that was solved too long ago to be opened again."""
    if not may_come_back(case, now, window):
        raise InputError(
            f"Case {case.id} was solved more than {window.days} days ago",
            expected=f"a case that was solved in the last {window.days} days",
            next_step="Open a follow-up that is linked to it.",
        )


def check_durable(case: Case, now: datetime) -> None:
    """Durable is earned by time: solved for `DURABLE_AFTER` without coming back."""
    if case.merged_into:
        raise InputError(
            f"Case {case.id} has no grade of its own",
            next_step=f"Grade {case.merged_into}, into which it was merged.",
        )
    if case.solved_at is None or now - case.solved_at < DURABLE_AFTER:
        raise InputError(
            f"Case {case.id} is not durably solved",
            expected=f"{DURABLE_AFTER.days} days since it was solved, without a reopening",
        )


def next_moment(case: Case) -> datetime | None:
    """When time alone next changes a case: a promise runs out, or its solution has lasted.

    None: never, as long as nobody does anything.
    """
    if case.is_open:
        running = (c for c in case.clocks if not (c.met_at or c.paused_at or c.breached_at))
        return min((clock.due_at for clock in running), default=None)
    if case.solved_at is None or case.merged_into or case.grade is Grade.DURABLE:
        return None
    return case.solved_at + DURABLE_AFTER


def grade_at_end(case: Case, role: Role) -> Grade:
    """How sure we are when a case ends: the customer said so, somebody did, or nobody spoke.

    A grade that the case has already stays.
    """
    if case.grade is not None:
        return case.grade
    by_role = {Role.CUSTOMER: Grade.CONFIRMED, Role.SERVICE: Grade.CONTAINED}
    return by_role.get(role, Grade.ASSUMED)


def followed(before: Case, after: Case, role: Role, now: datetime) -> Case:
    """The new state with what a change of status brings about by itself, and nothing else can."""
    follows: dict[str, object] = {"solved_at": before.solved_at, "reopened": before.reopened}
    if after.is_open and not before.is_open:
        follows = {"solved_at": None, "reopened": before.reopened + 1, "grade": None}
    elif after.status is not before.status and not after.is_open:
        follows["solved_at"] = before.solved_at or now
        follows["grade"] = grade_at_end(after, role)
    return after.model_copy(update=follows)
