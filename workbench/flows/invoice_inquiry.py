"""Invoice inquiry: identity first, then the invoice that is meant, then what is asked about it."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.errors import NotFound
from workbench.flows import facts
from workbench.flows.finding import accounts, line_named, the_invoice, the_invoices
from workbench.flows.invoice_charges import credit_status, duplicate_charge, payment_not_shown
from workbench.flows.invoice_disputes import dispute
from workbench.flows.invoice_standing import standing
from workbench.flows.turn import Turn
from workbench.records.cases import Degree
from workbench.records.customers import ContactPoint
from workbench.records.decisions import HandOffReason, Level
from workbench.records.evidence import Fact, Source
from workbench.records.invoices import InvoiceAccount
from workbench.records.money import Money, total
from workbench.systems.ports import CaseDraft

_SHOWN = 10
"""Open invoices listed at once; the totals count all of them."""


def invoice_inquiry(turn: Turn) -> None:
    """What is owed and why, copies, terms, disputes, double charges, payments that do not show."""
    if turn.request.intent == "bank_details_change":
        turn.hand_off(HandOffReason.FRAUD_OR_SECURITY_CONCERN)
    turn.need_identity()
    _ASKED[turn.request.intent](turn)


def amount(turn: Turn) -> None:
    """How much, how it stands, is it paid."""
    if turn.entities.line_numbers:
        explain(turn)
        return
    if not _picks_one(turn):
        _summary(turn)
        return
    for found in the_invoices(turn):
        if any(c != found.invoice.currency for c in turn.entities.currencies):
            _convert(turn, found)
            continue
        _check_total(turn, found)
        turn.say("invoice.amount", **facts.about(found, turn.today()))
        standing(turn, found)


def explain(turn: Turn) -> None:
    """Why the invoice is as high as it is, line by line, with totals computed from the lines."""
    found = the_invoice(turn)
    line = line_named(turn, found)
    if line is not None:
        turn.say("invoice.line", **facts.about_line(found, line))
    else:
        _lines(turn, found)
    _check_total(turn, found)
    if line is None:
        standing(turn, found)


def copy(turn: Turn) -> None:
    """A copy goes to a contact on file; any other address is a change request."""
    found = the_invoice(turn)
    points = [point for point in turn.customer.contact_points if point.verified]
    others = [mail for mail in turn.entities.emails if not _on_file(mail, points)]
    if others:
        _other_address(turn, others[0])
        return
    to = _preferred(points, turn.entities.emails)
    if to is None:
        case, _ = turn.open_case(
            CaseDraft(
                topic="invoice_copy",
                subject=f"invoice:{found.invoice.number}:copy",
                title=f"Copy of invoice {found.invoice.number}: no confirmed contact on file",
                text=turn.request.text,
                queue="billing",
            )
        )
        turn.say("copy.no_contact")
        turn.say("case.opened", **facts.about_case(case, turn.customer.time_zone))
        return
    key = f"{turn.conversation.id}:copy:{found.invoice.number}:{to.value}"
    turn.act(turn.systems.billing.send_copy(turn.principal, found.invoice.number, to, key))
    file = turn.customer_source("contact point")
    turn.say(
        "copy.sent",
        to=facts.wording("contact on file", facts.veiled(to.value), file),
        **facts.about(found, turn.today()),
    )


def terms(turn: Turn) -> None:
    """Due date, payment terms and late fee, as the record says; what it does not say is said."""
    found = the_invoice(turn)
    invoice, about = found.invoice, facts.about(found, turn.today())
    if found.open and invoice.due_on:
        standing(turn, found)
    elif invoice.due_on:
        turn.say("terms.due", **about)
    if invoice.terms:
        source = facts.from_invoice(invoice, "terms")
        turn.say("terms.terms", terms=facts.wording("terms", invoice.terms, source), **about)
    if invoice.late_fee_rate is not None:
        source = facts.from_invoice(invoice, "late_fee_rate")
        fee = facts.number("late fee", invoice.late_fee_rate, source, "%")
        turn.say("terms.late_fee", late_fee=fee, **about)
    if not turn.statements:
        turn.say("terms.unknown", **about)


def tax_certificate(turn: Turn) -> None:
    found = the_invoice(turn)
    about = facts.about(found, turn.today())
    if not found.invoice.tax_certificate:
        turn.say("tax.none", **about)
        return
    source = facts.from_invoice(found.invoice, "tax_certificate")
    held = facts.reference("tax certificate", found.invoice.tax_certificate, source)
    turn.say("tax.certificate", certificate=held, **about)


def purchase_order(turn: Turn) -> None:
    found = the_invoice(turn)
    about = facts.about(found, turn.today())
    if not found.invoice.purchase_order:
        turn.say("po.none", **about)
        return
    source = facts.from_invoice(found.invoice, "purchase_order")
    number = facts.reference("purchase order", found.invoice.purchase_order, source)
    turn.say("po.number", purchase_order=number, **about)


def conversion(turn: Turn) -> None:
    """An amount in another currency, with rate, day and source named."""
    _convert(turn, the_invoice(turn))


def _convert(turn: Turn, found: InvoiceAccount) -> None:
    invoice, about = found.invoice, facts.about(found, turn.today())
    own = facts.reference("currency", invoice.currency, facts.from_invoice(invoice, "currency"))
    target = next((c for c in turn.entities.currencies if c != invoice.currency), None)
    if target is None:
        turn.say("invoice.amount", **about)
        return
    try:
        rate = turn.read(
            "rate.read",
            lambda: turn.systems.billing.rate(
                turn.principal, invoice.currency, target, turn.today()
            ),
        )
    except NotFound:
        wanted = facts.reference("currency", target, Source(system="customer", record="message"))
        turn.say("conversion.no_rate", currency=own, target=wanted)
        return
    source = Source(system="billing", record=f"rate {rate.base}/{rate.quote} {rate.on}")
    converted = Money(amount=invoice.stated_total * rate.rate, currency=target)
    turn.say(
        "conversion",
        amount=facts.money("total", invoice.total, facts.from_invoice(invoice, "stated_total")),
        converted=facts.money("converted amount", converted, source),
        rate=facts.number("exchange rate", rate.rate, source),
        rate_date=facts.day("rate date", rate.on, source),
        rate_source=facts.wording("rate source", rate.source, source),
        currency=own,
    )


_ASKED = {
    "invoice_amount": amount,
    "invoice_explain": explain,
    "invoice_dispute": dispute,
    "duplicate_charge": duplicate_charge,
    "invoice_copy": copy,
    "payment_not_shown": payment_not_shown,
    "payment_terms": terms,
    "tax_certificate": tax_certificate,
    "purchase_order": purchase_order,
    "currency_conversion": conversion,
    "credit_status": credit_status,
}


# Lines and totals


def _lines(turn: Turn, found: InvoiceAccount) -> None:
    invoice = found.invoice
    rows = tuple(facts.about_line(found, line) for line in invoice.lines)
    turn.say("invoice.lines", rows, **facts.about(found, turn.today()))
    if not invoice.adds_up:
        return
    source = facts.from_invoice(invoice, "lines")
    currency = invoice.currency
    net = total([line.net(currency) for line in invoice.lines], currency)
    tax = total([line.tax(currency) for line in invoice.lines], currency)
    turn.say(
        "invoice.totals",
        net=facts.money("net amount", net, source),
        tax=facts.money("tax", tax, source),
        total=facts.money("total", invoice.computed_total, source),
    )


def _check_total(turn: Turn, found: InvoiceAccount) -> None:
    """Lines that do not add up to the total are said so and become a case."""
    invoice = found.invoice
    if invoice.adds_up:
        return
    case, _ = turn.open_case(
        CaseDraft(
            topic="totals_mismatch",
            subject=f"invoice:{invoice.number}",
            title=f"Lines of invoice {invoice.number} do not give its total",
            text=turn.request.text,
            internal=f"lines give {invoice.computed_total}, document says {invoice.total}",
            impact=Degree.MEDIUM,
            urgency=Degree.MEDIUM,
            queue="billing",
        )
    )
    turn.say(
        "invoice.mismatch",
        computed=facts.money(
            "sum of lines", invoice.computed_total, facts.from_invoice(invoice, "lines")
        ),
        **facts.about(found, turn.today()),
        **facts.about_case(case, turn.customer.time_zone),
    )


# The whole account


def _picks_one(turn: Turn) -> bool:
    """Whether the words, or the talk so far, single out invoices."""
    said = turn.entities
    if said.whole_account and not said.invoice_numbers:
        return False
    named = said.invoice_numbers or said.candidates or said.dates or said.months or said.amounts
    newest = -1 in said.ordinals
    return bool(
        named or newest or turn.known("invoice") or turn.known("choices") or _talked_about(turn)
    )


def _talked_about(turn: Turn) -> bool:
    return any(r.slots.get("invoice") for r in turn.conversation.requests)


def _summary(turn: Turn) -> None:
    """What is open, each currency by itself."""
    every = accounts(turn)
    due = [a for a in every if a.open]
    if not due:
        turn.say("invoice.nothing_open")
        return
    rows = tuple(facts.about(a, turn.today()) for a in due[:_SHOWN])
    turn.say("invoice.account_summary", rows)
    currencies = sorted({a.invoice.currency for a in due})
    if len(due) > 1:
        turn.say(
            "invoice.total_by_currency", tuple(_owed(due, currency) for currency in currencies)
        )


def _owed(due: Sequence[InvoiceAccount], currency: str) -> dict[str, Fact]:
    own = [a for a in due if a.invoice.currency == currency]
    source = Source(system="billing", record="open invoices", field=currency)
    return {
        "open": facts.money("open balance", total([a.open for a in own], currency), source),
        "count": facts.number("count", len(own), source, "invoices"),
    }


# Copies


def _on_file(mail: str, points: Sequence[ContactPoint]) -> bool:
    return any(point.value.casefold() == mail.casefold() for point in points)


def _preferred(points: Sequence[ContactPoint], mails: Sequence[str]) -> ContactPoint | None:
    named = [p for p in points if _on_file(p.value, points) and p.value in mails]
    mail = [p for p in points if p.kind == "email"]
    return next(iter([*named, *mail, *points]), None)


def _other_address(turn: Turn, address: str) -> None:
    """An address from the chat changes nothing by itself: a person checks the request."""
    decision = turn.decide("detail_change.request")
    case, _ = turn.open_case(
        CaseDraft(
            topic="detail_change",
            subject=f"customer:{turn.customer.id}:address:{address.casefold()}",
            title="Copy asked for to an address that is not on file",
            text=turn.request.text,
            internal=f"address from the chat, unverified: {address}",
            queue="identity",
        )
    )
    turn.say("copy.other_address", **facts.about_case(case, turn.customer.time_zone))
    if decision.level is not Level.AUTOMATE:
        turn.hand_off(decision.reason or HandOffReason.FRAUD_OR_SECURITY_CONCERN)
