"""Solved cases that are like another concern: how they were solved, and how long it took.

Likeness is a plain sum, so that a person can see why a case is shown: words as TF-IDF weighted
letters of title and requests (Salton and Buckley 1988), the topic, and what kind of thing it is
about. Titles and requests were masked before they were stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry
from workbench.records.evidence import Packet
from workbench.records.invoices import InvoiceAccount
from workbench.records.principals import Principal
from workbench.store.store import Store
from workbench.triage.similar import Likeness

_WORDS, _TOPIC, _KIND = 0.6, 0.3, 0.1
_LEAST = 0.25
"""Below that, two concerns share no more than common words."""


class Concern(Record):
    """What a case or a packet is about, as far as others can be compared with it."""

    text: str
    topic: str = ""
    """Empty: nobody has said yet."""
    kind: str = ""
    """Of the thing about: `invoice`, `order`, `conversation`, ..."""
    case_id: str = ""


class SimilarCase(Record):
    """A case that was solved, and why it is shown."""

    case: Case
    likeness: float
    """Share of what is known of the concern that the case has too, 0-1."""
    shared: tuple[str, ...]
    """What both have in common: `words`, `topic`, `kind`."""
    outcome: str = ""
    """What became of the money in question, where there was any."""
    last_word: str = ""
    """Of a person, to the customer."""

    @property
    def took(self) -> timedelta:
        """From opening to solution, by the calendar; zero where no solution was recorded."""
        solved_at = self.case.solved_at or self.case.opened_at
        return solved_at - self.case.opened_at


def of_case(case: Case) -> Concern:
    kind = case.subject.partition(":")[0]
    text = " ".join((case.title, *case.requests))
    return Concern(text=text, topic=case.topic, kind=kind, case_id=case.id)


def of_packet(packet: Packet) -> Concern:
    """What a packet says of a concern that has no case."""
    return Concern(text=" ".join(packet.requests))


def similar_cases(
    store: Store, principal: Principal, concern: Concern, most: int = 3, latest: int = 1000
) -> tuple[SimilarCase, ...]:
    """The solved cases most like a concern, with how each was solved; the most alike first.

    They are looked for among the `latest` cases of all customers that were changed.

    Raises `NotAllowed` for a principal who may not read the cases of all customers.
    """
    solved = [case for case in store.all_cases(principal, latest) if not case.is_open]
    return tuple(_told(store, principal, one) for one in most_alike(concern, solved, most))


def most_alike(concern: Concern, solved: Sequence[Case], most: int = 3) -> tuple[SimilarCase, ...]:
    """The cases that share most with a concern; ties go to the case that was solved last.

    The concern's own case and those that were merged into another are left out.
    """
    others = [case for case in solved if case.id != concern.case_id and not case.merged_into]
    if not others or not concern.text.strip():
        return ()
    alike = Likeness([of_case(case).text for case in others]).to(concern.text)
    found = [_compared(concern, case, float(a)) for case, a in zip(others, alike, strict=True)]
    ranked = sorted(found, key=lambda one: (one.likeness, one.case.updated_at, one.case.id))
    return tuple(one for one in reversed(ranked[-most:]) if one.likeness >= _LEAST)


def _compared(concern: Concern, case: Case, words: float) -> SimilarCase:
    other = of_case(case)
    topic = bool(concern.topic) and concern.topic == other.topic
    kind = bool(concern.kind) and concern.kind == other.kind
    shared = {"words": words >= _LEAST, "topic": topic, "kind": kind}
    known = _WORDS + _TOPIC * bool(concern.topic) + _KIND * bool(concern.kind)
    likeness = (_WORDS * words + _TOPIC * topic + _KIND * kind) / known
    return SimilarCase(
        case=case,
        likeness=min(round(likeness, 4), 1.0),
        shared=tuple(name for name, is_so in shared.items() if is_so),
    )


def _told(store: Store, principal: Principal, found: SimilarCase) -> SimilarCase:
    case = found.case
    accounts = store.accounts(principal, case.customer_id)
    entries = store.entries(principal, case.id)
    told = {"outcome": _outcome(case, accounts), "last_word": _last_word(entries)}
    return found.model_copy(update=told)


def _outcome(case: Case, accounts: Sequence[InvoiceAccount]) -> str:
    about = [d for account in accounts for d in account.disputes if d.case_id == case.id]
    return ", ".join(f"{d.money} {d.state.value}" for d in about)


def _last_word(entries: Sequence[CaseEntry]) -> str:
    said = [e.text for e in entries if not e.internal and not e.actor.startswith("customer")]
    return said[-1] if said else ""
