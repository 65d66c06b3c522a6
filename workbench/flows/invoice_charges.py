"""Charges and payments that seem wrong: double charges, payments that do not show, credits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from workbench.flows import facts
from workbench.flows.finding import accounts, the_invoice
from workbench.flows.invoice_standing import standing
from workbench.flows.turn import Turn
from workbench.records.cases import Degree
from workbench.records.evidence import Fact, Source
from workbench.records.invoices import CreditNote, InvoiceAccount, Payment, PaymentState
from workbench.systems.ports import CaseDraft

Pair = TypeVar("Pair")

_SAME_CHARGE_DAYS = timedelta(days=10)
"""Two invoices with the same lines this close together are taken for one charge made twice."""


# Double charges


def duplicate_charge(turn: Turn) -> None:
    """Duplicate invoice, duplicate payment and recurring charge are told apart; one case; no
    automatic refund."""
    every = accounts(turn)
    meant = _meant(turn, every)
    twins = _first(_twin_invoices(a, every) for a in meant)
    twice = _first(_paid_twice(a) for a in meant)
    again = _first(_recurring(a, every) for a in meant)
    if twins:
        _say_twins(turn, *twins)
        _one_case(turn, twins[1], "invoice issued twice")
    elif twice:
        _say_paid_twice(turn, *twice)
        _one_case(turn, twice[0], "paid twice")
    elif again:
        _say_recurring(turn, *again)
    else:
        single = facts.about(meant[0], turn.today()) if len(meant) == 1 else {}
        turn.say("duplicate.none", **single)
        if single:
            standing(turn, meant[0])


def _meant(turn: Turn, every: Sequence[InvoiceAccount]) -> list[InvoiceAccount]:
    """The invoices named, or all of the last months, newest first."""
    named = {n.casefold() for n in (*turn.entities.invoice_numbers, *turn.entities.candidates)}
    hits = [a for a in every if a.invoice.number.casefold() in named]
    if turn.entities.invoice_numbers and not hits:
        return [the_invoice(turn)]
    return hits or sorted(every, key=lambda a: a.invoice.issued_on, reverse=True)[:12]


def _twin_invoices(
    one: InvoiceAccount, every: Sequence[InvoiceAccount]
) -> tuple[InvoiceAccount, InvoiceAccount] | None:
    """Another invoice with the same goods, sum and period, issued within days."""
    for other in every:
        a, b = sorted((one.invoice, other.invoice), key=lambda i: (i.issued_on, i.number))
        if a.number == b.number or other.invoice.cancelled or one.invoice.cancelled:
            continue
        close = b.issued_on - a.issued_on <= _SAME_CHARGE_DAYS
        if close and a.total == b.total and _charged(one) == _charged(other):
            return (one, other) if one.invoice.number == a.number else (other, one)
    return None


def _charged(a: InvoiceAccount) -> list[tuple[object, ...]]:
    return sorted(
        (line.product, line.description, line.quantity, line.unit_price, str(line.period_start))
        for line in a.invoice.lines
    )


def _paid_twice(a: InvoiceAccount) -> tuple[InvoiceAccount, Payment, Payment] | None:
    """Two payments of the same amount that together exceed what was charged."""
    booked = [p for p in a.payments if p.state in (PaymentState.APPLIED, PaymentState.UNAPPLIED)]
    for i, first in enumerate(booked):
        for second in booked[i + 1 :]:
            if first.money == second.money and a.customer_credit >= second.money:
                return a, first, second
    return None


def _recurring(
    one: InvoiceAccount, every: Sequence[InvoiceAccount]
) -> tuple[InvoiceAccount, InvoiceAccount] | None:
    """The same contract line billed for another period."""
    for other in sorted(every, key=lambda a: a.invoice.issued_on, reverse=True):
        if other.invoice.number == one.invoice.number:
            continue
        for line in one.invoice.lines:
            for twin in other.invoice.lines:
                same = line.recurring and twin.recurring and line.product == twin.product
                if same and line.period_start and line.period_start != twin.period_start:
                    pair = sorted((one, other), key=lambda a: a.invoice.issued_on)
                    return pair[0], pair[1]
    return None


def _first(found: Iterable[Pair | None]) -> Pair | None:
    return next((pair for pair in found if pair), None)


def _say_twins(turn: Turn, one: InvoiceAccount, other: InvoiceAccount) -> None:
    source = facts.from_invoice(other.invoice, "number")
    turn.say(
        "duplicate.invoice",
        other=facts.reference("other invoice", other.invoice.number, source),
        amount=facts.money("total", one.invoice.total, facts.from_invoice(one.invoice)),
        **facts.about(one, turn.today()),
    )


def _say_paid_twice(turn: Turn, a: InvoiceAccount, first: Payment, second: Payment) -> None:
    about = facts.about(a, turn.today())
    turn.say("duplicate.payment", **about | _payment(first) | _payment(second, "_again"))


def _payment(payment: Payment, suffix: str = "") -> dict[str, Fact]:
    source = Source(system="billing", record=f"payment {payment.id}")
    return {
        f"paid{suffix}": facts.money("paid amount", payment.money, source),
        f"received{suffix}": facts.day("payment date", payment.received_on, source),
        "in_transit": facts.money("payment in transit", payment.money, source),
        "unapplied": facts.money("unapplied payment", payment.money, source),
    }


def _say_recurring(turn: Turn, one: InvoiceAccount, other: InvoiceAccount) -> None:
    first = next(line for line in one.invoice.lines if line.recurring)
    second = next(line for line in other.invoice.lines if line.recurring)
    later = facts.about_line(other, second)
    spoken = facts.about_line(one, first)
    spoken["other"] = facts.reference(
        "other invoice", other.invoice.number, facts.from_invoice(other.invoice)
    )
    for bound in ("start", "end"):
        if f"period_{bound}" in later:
            spoken[f"other_{bound}"] = later[f"period_{bound}"]
    turn.say("duplicate.recurring", **spoken)


def _one_case(turn: Turn, a: InvoiceAccount, what: str) -> None:
    """Asking twice makes no second case, and nothing is refunded before a person looked."""
    case, new = turn.open_case(
        CaseDraft(
            topic="duplicate_charge",
            subject=f"invoice:{a.invoice.number}",
            title=f"Invoice {a.invoice.number}: {what}",
            text=turn.request.text,
            internal=what,
            impact=Degree.MEDIUM,
            urgency=Degree.MEDIUM,
            queue="billing",
        )
    )
    key = "duplicate.case_opened" if new else "duplicate.case_exists"
    turn.say(key, **facts.about_case(case, turn.customer.time_zone))


# Payments that do not show


def payment_not_shown(turn: Turn) -> None:
    """In transit, unapplied, booked or not there: no date is promised that no record gives."""
    found = the_invoice(turn)
    if turn.answering == "text":
        turn.say("case.updated", **_trace(turn, found, "remittance advice from the customer"))
        return
    about = facts.about(found, turn.today())
    on_way = [p for p in found.payments if p.state is PaymentState.IN_TRANSIT]
    loose = _unmatched(turn, found)
    booked = [p for p in found.payments if p.state is PaymentState.APPLIED]
    if on_way:
        turn.say("payment.in_transit", **about | _payment(on_way[-1]))
    elif loose:
        case = _trace(turn, found, "payment received but not matched to an invoice")
        turn.say("payment.unapplied", **about | _payment(loose[-1]) | case)
    elif booked:
        turn.say("payment.applied", **about | _payment(booked[-1]))
        standing(turn, found)
    else:
        case = _trace(turn, found, "customer says paid, no payment on record")
        turn.ask("text", "payment.not_found", **about | case)


def _unmatched(turn: Turn, found: InvoiceAccount) -> list[Payment]:
    """Cash of this customer that no invoice has got yet, in the invoice's currency."""
    every = turn.read(
        "payment.list", lambda: turn.systems.billing.payments(turn.principal, turn.customer.id)
    )
    return [
        p
        for p in every
        if p.state is PaymentState.UNAPPLIED
        and p.currency == found.invoice.currency
        and p.invoice_number in (None, found.invoice.number)
    ]


def _trace(turn: Turn, found: InvoiceAccount, what: str) -> dict[str, Fact]:
    case, _ = turn.open_case(
        CaseDraft(
            topic="payment_trace",
            subject=f"invoice:{found.invoice.number}",
            title=f"Payment for invoice {found.invoice.number} does not show",
            text=turn.message_text,
            internal=what,
            impact=Degree.LOW,
            urgency=Degree.MEDIUM,
            queue="billing",
        )
    )
    return facts.about_case(case, turn.customer.time_zone)


# Credits


def credit_status(turn: Turn) -> None:
    """Credit notes with date, amount and the invoice they belong to."""
    notes = turn.read(
        "credit.list", lambda: turn.systems.billing.credit_notes(turn.principal, turn.customer.id)
    )
    named = {n.casefold() for n in (*turn.entities.invoice_numbers, *turn.entities.candidates)}
    hits = [n for n in notes if {n.number.casefold(), (n.invoice_number or "").casefold()} & named]
    shown = (hits or list(notes))[-5:]
    if not shown:
        _no_credit_yet(turn)
        return
    turn.say("credit.status", tuple(_note(note) for note in shown))
    linked = {note.invoice_number for note in shown}
    for a in accounts(turn):
        if a.invoice.number in linked:
            standing(turn, a)


def _no_credit_yet(turn: Turn) -> None:
    """No credit note exists; a claim that is still examined is named instead of denied."""
    claimed = [a for a in accounts(turn) if a.disputed]
    if not claimed:
        turn.say("credit.none")
    for a in claimed:
        turn.say("invoice.disputed", **facts.about(a, turn.today()))


def _note(note: CreditNote) -> dict[str, Fact]:
    source = Source(system="billing", record=f"credit note {note.number}")
    row = {
        "credit_note": facts.reference("credit note", note.number, source),
        "issued": facts.day("issue date", note.issued_on, source),
        "amount": facts.money("credit", note.total, source),
    }
    if note.invoice_number:
        row["number"] = facts.reference("invoice number", note.invoice_number, source)
    if note.reason:
        row["credit_reason"] = facts.wording("credit reason", note.reason, source)
    return row
