"""Disputing an invoice or a line: check the claim, offer a remedy, record it, say what is due."""

from __future__ import annotations

from decimal import Decimal

from workbench.errors import NotFound
from workbench.flows import facts
from workbench.flows.finding import the_invoice, the_line
from workbench.flows.invoice_claims import (
    ask_approval,
    case_facts,
    decide_credit,
    draft,
    issue_credit,
    record,
)
from workbench.flows.invoice_verdicts import have_judged, judged
from workbench.flows.turn import Turn
from workbench.records.cases import Degree
from workbench.records.decisions import HandOffReason, Level
from workbench.records.evidence import Fact, Source
from workbench.records.invoices import (
    DisputeReason,
    DisputeState,
    InvoiceAccount,
    InvoiceLine,
    Order,
    OrderLine,
)
from workbench.records.money import Money
from workbench.systems.ports import CaseDraft

_CHECKED_AGAINST_DELIVERY = (DisputeReason.NOT_RECEIVED, DisputeReason.QUANTITY)


def dispute(turn: Turn) -> None:
    """The disputed amount never exceeds what is open; the undisputed rest stays due."""
    _keep_what_was_said(turn)
    found = the_invoice(turn)
    line = the_line(turn, found)
    if line and judged(turn, found, line):
        return
    if _already_disputed(turn, found, line):
        return
    disputable = found.open_on(line) if line else found.undisputed
    if line and found.credited_on(line.line) and _already_credited(turn, found, line):
        return
    if not disputable:
        _nothing_open(turn, found, line)
        return
    reason = _the_reason(turn)
    ordered = _order_line(turn, found, line)
    if ordered and line and reason in _CHECKED_AGAINST_DELIVERY:
        _against_delivery(turn, found, line, reason, *ordered)
    elif ordered and line and reason is DisputeReason.PRICE and _overcharged(line, ordered[1]):
        _against_agreement(turn, found, line, *ordered)
    else:
        amount = _amount(turn, disputable, found, line)
        record(turn, found, line, reason, amount)
        if ordered and line:
            have_judged(turn, found, line, reason, amount, delivery(*ordered))


def _keep_what_was_said(turn: Turn) -> None:
    """Reason and count are often told before the line; they are not asked again."""
    said = turn.entities
    if said.dispute_reason:
        turn.remember("reason", said.dispute_reason)
    elif not turn.known("reason") and (said.missing or said.received is not None):
        turn.remember("reason", DisputeReason.QUANTITY.value)
    for name, count in (("missing", said.missing), ("received", said.received)):
        if count is not None:
            turn.remember(name, str(count))


def _claimed(turn: Turn, line: InvoiceLine) -> Decimal:
    """Pieces of the line that the customer says did not come; all of it when no count was told."""
    missing, received = turn.known("missing"), turn.known("received")
    if missing is not None:
        return min(Decimal(missing), line.quantity)
    if received is not None and Decimal(received) < line.quantity:
        return line.quantity - Decimal(received)
    return line.quantity


def _share(line: InvoiceLine, pieces: Decimal, currency: str) -> Money:
    """The gross amount of some pieces of a line."""
    part = pieces / line.quantity if line.quantity else Decimal(0)
    return (line.gross(currency) * part).rounded()


def _already_disputed(turn: Turn, found: InvoiceAccount, line: InvoiceLine | None) -> bool:
    """One dispute per line: a second claim is added to the case of the first."""
    position = line.line if line else None
    earlier = [d for d in found.disputes if d.state is DisputeState.OPEN and d.line == position]
    if not earlier:
        return False
    source = Source(system="billing", record=f"dispute {earlier[0].id}", field="amount")
    disputed = facts.money("disputed amount", earlier[0].money, source)
    case, _ = turn.open_case(draft(turn, found, line, earlier[0].reason))
    spoken = facts.about(found, turn.today()) | {"disputed": disputed}
    turn.say("dispute.exists", **spoken, **facts.about_case(case, turn.customer.time_zone))
    return True


def _already_credited(turn: Turn, found: InvoiceAccount, line: InvoiceLine) -> bool:
    """A line that was credited for this is not credited again; the credit note is named."""
    ordered = _order_line(turn, found, line)
    missing = line.quantity - ordered[1].delivered if ordered else line.quantity
    if found.credited_on(line.line) < _share(line, missing, found.invoice.currency):
        return False
    note = next(n for n in found.credit_notes for c in n.lines if c.invoice_line == line.line)
    source = Source(system="billing", record=f"credit note {note.number}")
    turn.say(
        "invoice.credited",
        **facts.about(found, turn.today())
        | {
            "credited": facts.money("credited amount", note.total, source),
            "credit_note": facts.reference("credit note", note.number, source),
        },
    )
    return True


def _nothing_open(turn: Turn, found: InvoiceAccount, line: InvoiceLine | None) -> None:
    """A paid line cannot be disputed, but the claim for money back is not lost: it is a case."""
    spoken = facts.about(found, turn.today())
    if line:
        spoken |= facts.about_line(found, line)
    turn.say("dispute.nothing_open", **spoken)
    where = f":line:{line.line}" if line else ""
    case, new = turn.open_case(
        CaseDraft(
            topic="credit_request",
            subject=f"invoice:{found.invoice.number}{where}",
            title=f"Claim on invoice {found.invoice.number}, on which nothing is open",
            text=turn.request.text,
            impact=Degree.MEDIUM,
            urgency=Degree.LOW,
            queue="billing",
        )
    )
    turn.say(
        "case.opened" if new else "case.exists", **facts.about_case(case, turn.customer.time_zone)
    )


def _the_reason(turn: Turn) -> DisputeReason:
    known = turn.known("reason") or turn.entities.dispute_reason
    if known:
        turn.remember("reason", str(known))
        return DisputeReason(known)
    source = facts.from_settings("dispute reasons")
    rows = tuple({"reason": facts.term("reason", reason.value, source)} for reason in DisputeReason)
    turn.ask("reason", "dispute.ask_reason", rows)


def _amount(
    turn: Turn, disputable: Money, found: InvoiceAccount, line: InvoiceLine | None
) -> Money:
    """What the customer disputes: an amount named, never above what is open; else all of it."""
    currency = found.invoice.currency
    own = [a for a, named in turn.entities.amounts if named in (None, currency)]
    stated = {found.invoice.stated_total}
    if line:
        stated |= {line.unit_price, line.gross(currency).amount, line.net(currency).amount}
    named = [Money(amount=a, currency=currency) for a in own if a not in stated and a > 0]
    if not named:
        return disputable
    if disputable < named[0]:
        spoken = facts.about(found, turn.today())
        if line:
            spoken |= facts.about_line(found, line)
        source = facts.from_invoice(found.invoice, "balance")
        turn.say(
            "dispute.too_large",
            disputable=facts.money("disputable amount", disputable, source),
            **spoken,
        )
        return disputable
    return named[0]


# The claim against what was ordered and delivered


def _order_line(
    turn: Turn, found: InvoiceAccount, line: InvoiceLine | None
) -> tuple[Order, OrderLine] | None:
    order_id = (line.order_id if line else "") or found.invoice.order_id
    if not order_id or line is None:
        return None
    try:
        order = turn.read(
            "order.read", lambda: turn.systems.orders.order(turn.principal, order_id), order_id
        )
    except NotFound:
        return None
    hit = next((item for item in order.lines if item.product == line.product), None)
    return (order, hit) if hit else None


def _against_delivery(
    turn: Turn,
    found: InvoiceAccount,
    line: InvoiceLine,
    reason: DisputeReason,
    order: Order,
    item: OrderLine,
) -> None:
    missing = line.quantity - item.delivered
    spoken = facts.about_line(found, line) | delivery(order, item)
    if missing <= 0:
        turn.say("dispute.delivery_contradicts", **spoken)
        claim = _share(line, _claimed(turn, line), found.invoice.currency)
        record(turn, found, line, reason, min(claim, found.open_on(line)))
        turn.hand_off(
            HandOffReason.DISPUTED_AMOUNT,
            next_step=f"Compare the claim with the delivery of order {order.id}.",
        )
    credit = _share(line, missing, found.invoice.currency)
    _remedy(turn, found, line, reason, min(credit, found.open_on(line)), spoken)


def delivery(order: Order, item: OrderLine) -> dict[str, Fact]:
    source = Source(system="orders", record=f"order {order.id}", field=item.product)
    spoken = {
        "ordered": facts.number("ordered quantity", item.ordered, source),
        "delivered": facts.number("delivered quantity", item.delivered, source),
        "order": facts.reference("order", order.id, source),
    }
    if order.delivered_on:
        spoken["delivered_on"] = facts.day("delivery date", order.delivered_on, source)
    return spoken


def _overcharged(line: InvoiceLine, item: OrderLine) -> bool:
    return item.agreed_price is not None and line.unit_price > item.agreed_price


def _against_agreement(
    turn: Turn, found: InvoiceAccount, line: InvoiceLine, order: Order, item: OrderLine
) -> None:
    """More was charged than agreed: the difference with its tax is offered as a credit."""
    agreed = item.agreed_price or line.unit_price
    currency = found.invoice.currency
    cheaper = line.model_copy(update={"unit_price": agreed})
    credit = line.gross(currency) - cheaper.gross(currency)
    source = Source(system="orders", record=f"order {order.id}", field=f"{item.product} price")
    spoken = facts.about_line(found, line)
    spoken["agreed_price"] = facts.price(
        "agreed price", Money(amount=agreed, currency=currency), source
    )
    _remedy(turn, found, line, DisputeReason.PRICE, min(credit, found.open_on(line)), spoken)


def _remedy(
    turn: Turn,
    found: InvoiceAccount,
    line: InvoiceLine,
    reason: DisputeReason,
    credit: Money,
    spoken: dict[str, Fact],
) -> None:
    """Offer credit or fulfilment within the authority limit; above it a person decides."""
    source = facts.from_invoice(found.invoice, f"line {line.line}")
    spoken = spoken | {"amount": facts.money("credit", credit, source)}
    decision = decide_credit(turn, found, credit)
    if decision.level is not Level.AUTOMATE:
        record(turn, found, line, reason, credit)
        # The dispute recorded in the same turn moves the invoice on by one revision.
        ask_approval(turn, found, line, credit, reason, found.invoice.revision + 1)
        turn.say("credit.needs_person", **spoken, **case_facts(turn))
        turn.hand_off(decision.reason or HandOffReason.AUTHORITY_LIMIT)
    wish = _wish(turn)
    if wish == "none":
        turn.say("request.dropped", intent=facts.term("request", turn.request.intent, source))
    elif wish == "credit":
        issue_credit(turn, found, line, credit, reason, spoken)
    elif wish == "fulfilment":
        turn.open_case(draft(turn, found, line, reason))
        turn.say("fulfilment.promised_case", **case_facts(turn))
    elif reason is DisputeReason.PRICE:
        turn.ask("remedy", "dispute.price_supports", **spoken)
    else:
        turn.ask("remedy", "dispute.delivery_supports", **spoken)


def _wish(turn: Turn) -> str:
    """Credit or fulfilment, once the customer has been offered both."""
    known = turn.known("remedy")
    if known or turn.answering != "remedy":
        return str(known or "")
    answer = {True: "credit", False: "none", None: ""}[turn.signals.affirmation]
    wish = turn.entities.remedy or answer
    if wish:
        turn.remember("remedy", wish)
    return wish
