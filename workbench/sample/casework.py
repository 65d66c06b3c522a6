"""Claims of customers as disputes and cases with their history, in business time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from workbench.config import HoursSettings, SlaSettings
from workbench.govern.case_life import followed
from workbench.records.base import short_code
from workbench.records.cases import Case, CaseEntry, CaseStatus, Degree, Grade
from workbench.records.invoices import Dispute, DisputeReason, DisputeState, Invoice, InvoiceLine
from workbench.records.principals import Role
from workbench.sample.arrays import Rng
from workbench.sample.booking import Bill, credit, due, receive
from workbench.sample.books import Books
from workbench.sample.calendar import HOLIDAYS, NOW, at
from workbench.systems.calendar import BusinessCalendar
from workbench.systems.clocks import Promises

_PEOPLE = ("ines", "marek", "sofie", "tomas")
_REPORTED = 0.6
"""Share of recent claims that the customer has already reported."""
_ACCEPTED = 0.8
_WORDS = {
    DisputeReason.NOT_RECEIVED: "{quantity:f} of {description} on {invoice} never arrived.",
    DisputeReason.PRICE: "{description} on {invoice} costs more than we agreed.",
}


@dataclass(frozen=True)
class Claim:
    """What a customer objects to, and when."""

    invoice: Invoice
    line: InvoiceLine
    reason: DisputeReason
    amount: Decimal
    words: str
    opened_at: datetime

    @property
    def subject(self) -> str:
        return f"invoice:{self.invoice.number}:line:{self.line.line}"


def settle_claim(
    rng: Rng,
    books: Books,
    bill: Bill,
    line: InvoiceLine,
    reason: DisputeReason,
    amount: Decimal,
    quantity: Decimal,
) -> None:
    """Recent claims are open, if reported at all; older ones were credited or rejected."""
    words = _WORDS[reason].format(
        quantity=quantity, description=line.description, invoice=bill.invoice.number
    )
    opened_at = _office_hour(rng, bill.invoice)
    claim = Claim(bill.invoice, line, reason, amount, words, opened_at)
    if bill.is_recent:
        if rng.random() < _REPORTED and opened_at < NOW:
            _dispute(books, claim, _answered(rng, books, _claim_case(books, claim)), "open")
        return
    accepted = rng.random() < _ACCEPTED
    case = _solved(rng, books, _answered(rng, books, _claim_case(books, claim)))
    _dispute(books, claim, case, "credited" if accepted else "rejected")
    if accepted:
        credit(books, bill.invoice, line, amount, words)
    rest = bill.invoice.stated_total - (amount if accepted else Decimal(0))
    receive(books, rng, bill.invoice, due(bill.invoice) + timedelta(days=3), rest)


def report_mismatch(rng: Rng, books: Books, invoice: Invoice) -> None:
    """A customer has noticed that the lines do not give the total."""
    case = _open(
        books,
        customer_id=invoice.customer_id,
        topic="totals_mismatch",
        subject=f"invoice:{invoice.number}",
        title=f"Total of {invoice.number}",
        words=f"The lines of {invoice.number} do not add up to its total.",
        opened_at=_office_hour(rng, invoice),
    )
    _answered(rng, books, case)


def _claim_case(books: Books, claim: Claim) -> Case:
    return _open(
        books,
        customer_id=claim.invoice.customer_id,
        topic="invoice_dispute",
        subject=claim.subject,
        title=f"{claim.line.description} on {claim.invoice.number}",
        words=claim.words,
        opened_at=claim.opened_at,
    )


def _dispute(books: Books, claim: Claim, case: Case, state: str) -> None:
    books.disputes.append(
        Dispute(
            id=f"D-{20001 + len(books.disputes)}",
            customer_id=claim.invoice.customer_id,
            invoice_number=claim.invoice.number,
            line=claim.line.line,
            reason=claim.reason,
            amount=claim.amount,
            currency=claim.invoice.currency,
            state=DisputeState(state),
            case_id=case.id,
            opened_at=claim.opened_at,
        )
    )


def _office_hour(rng: Rng, invoice: Invoice) -> datetime:
    """Some open moment in the second week after an invoice."""
    day = invoice.issued_on + timedelta(days=int(rng.integers(3, 12)))
    moment = at(day, hour=int(rng.integers(8, 15)), minute=int(rng.integers(60)))
    return _calendar().add(moment, 0)


@cache
def _calendar() -> BusinessCalendar:
    return BusinessCalendar(HoursSettings(holidays=HOLIDAYS))


@cache
def _promises() -> Promises:
    return Promises(_calendar(), SlaSettings())


def _open(
    books: Books,
    customer_id: str,
    topic: str,
    subject: str,
    title: str,
    words: str,
    opened_at: datetime,
) -> Case:
    """A case as it is at its first moment, with the customer's words as its first entry."""
    case = Case(
        id=f"CASE-{short_code(subject + topic)}",
        customer_id=customer_id,
        topic=topic,
        subject=subject,
        title=title,
        impact=Degree.LOW,
        urgency=Degree.MEDIUM,
        queue="billing",
        requests=(words,),
        opened_at=opened_at,
        updated_at=opened_at,
    )
    clocks = _promises().on_opening(case, opened_at)
    case = case.model_copy(update={"clocks": clocks})
    books.cases.append(case)
    books.case_entries.append(
        CaseEntry(case_id=case.id, at=opened_at, actor=f"customer:{customer_id}", text=words)
    )
    return case


def _answered(rng: Rng, books: Books, case: Case) -> Case:
    """A person has taken it and written a first answer, if there was time for one."""
    answered_at = _calendar().add(case.opened_at, float(rng.integers(20, 460)))
    if answered_at >= NOW:
        return case
    owner = _PEOPLE[int(rng.integers(len(_PEOPLE)))]
    actor = f"human_agent:{owner}"
    text = "Thank you, we are comparing the invoice with order and delivery."
    note = CaseEntry(
        case_id=case.id,
        at=answered_at + timedelta(minutes=4),
        actor=actor,
        text="Asked the warehouse for the delivery note.",
        internal=True,
    )
    books.case_entries += [
        CaseEntry(case_id=case.id, at=answered_at, actor=actor, text=text),
        note,
    ]
    return _at(books, case, answered_at, status=CaseStatus.OPEN, owner=owner)


def _solved(rng: Rng, books: Books, case: Case) -> Case:
    """Solved after some business days; closed once the reopening days have passed."""
    solved_at = _calendar().add(case.updated_at, float(rng.integers(300, 2600)))
    closed = NOW - solved_at > timedelta(days=SlaSettings().reopen_days)
    entry = CaseEntry(
        case_id=case.id,
        at=solved_at,
        actor=f"human_agent:{case.owner}",
        text="We have settled this with you and consider it solved.",
    )
    books.case_entries.append(entry)
    return _at(
        books,
        case,
        solved_at,
        status=CaseStatus.CLOSED if closed else CaseStatus.SOLVED,
        answered=case.requests,
        grade=Grade.DURABLE if closed else Grade.ASSUMED,
    )


def _at(books: Books, case: Case, when: datetime, **changes: object) -> Case:
    """The case after a change, with what follows for its clocks, in the place of the last one."""
    wished = case.model_copy(update={**changes, "updated_at": when, "revision": case.revision + 1})
    wished = followed(case, wished, Role.HUMAN_AGENT, when)
    changed = _promises().on_change(case, wished, when)
    books.cases[-1] = changed
    return changed
