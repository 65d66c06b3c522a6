"""Claims on an invoice: recorded as a dispute with its case, credited, or put up for approval."""

from __future__ import annotations

from workbench.flows import facts
from workbench.flows.turn import Turn
from workbench.records.actions import Action
from workbench.records.cases import Case, Degree
from workbench.records.decisions import Decision, HandOffReason, Level
from workbench.records.evidence import Fact, Source
from workbench.records.invoices import Dispute, DisputeReason, InvoiceAccount, InvoiceLine
from workbench.records.money import Money
from workbench.records.operations import IssueCredit, OpenDispute
from workbench.systems.ports import CaseDraft


def record(
    turn: Turn,
    found: InvoiceAccount,
    line: InvoiceLine | None,
    reason: DisputeReason,
    amount: Money,
) -> None:
    """Record the claim with its case; above a limit that the policy sets, a person does."""
    if OpenDispute.operation in turn.around.policy.limits:
        decision = _decide_sum(turn, OpenDispute.operation, amount)
        if decision.level is not Level.AUTOMATE:
            turn.hand_off(decision.reason or HandOffReason.AUTHORITY_LIMIT)
    case, _ = turn.open_case(draft(turn, found, line, reason))
    position = line.line if line else None
    key = turn.key("dispute", found.invoice.number, str(position))
    claim = Dispute(
        id=f"DSP-{case.id.removeprefix('CASE-')}",
        customer_id=turn.customer.id,
        invoice_number=found.invoice.number,
        line=position,
        reason=reason,
        amount=amount.amount,
        currency=amount.currency,
        case_id=case.id,
        opened_at=turn.now(),
    )
    turn.act(turn.systems.billing.open_dispute(turn.principal, claim, key))
    source = Source(system="billing", record=f"dispute {claim.id}")
    spoken = facts.about(found, turn.today())
    if line:
        spoken["line"] = facts.number("line", line.line, source)
    spoken["disputed"] = facts.money("disputed amount", amount, source)
    spoken["reason"] = facts.term("reason", reason.value, source)
    rest = found.open - found.disputed - amount
    spoken["undisputed"] = facts.money("undisputed rest", rest, source)
    turn.say("dispute.opened", **spoken, **case_facts(turn))


def draft(
    turn: Turn, found: InvoiceAccount, line: InvoiceLine | None, reason: DisputeReason
) -> CaseDraft:
    where = f":line:{line.line}" if line else ""
    number = found.invoice.number
    return CaseDraft(
        topic="invoice_dispute",
        subject=f"invoice:{number}{where}",
        title=f"Dispute on invoice {number}" + (f", line {line.line}" if line else ""),
        text=turn.request.text,
        internal=f"reason: {reason.value}",
        impact=Degree.MEDIUM,
        urgency=Degree.MEDIUM,
        queue="billing",
        requests=(turn.request.text,),
    )


def case_facts(turn: Turn) -> dict[str, Fact]:
    case: Case | None = turn.case
    return facts.about_case(case, turn.customer.time_zone) if case else {}


def decide_credit(turn: Turn, found: InvoiceAccount, credit: Money) -> Decision:
    """Whether the assistant may credit this alone; earlier credits on the invoice count."""
    return _decide_sum(turn, IssueCredit.operation, credit, found.credited)


def _decide_sum(turn: Turn, operation: str, amount: Money, before: Money | None = None) -> Decision:
    """Whether the assistant may move this alone.

    What moved before counts, for this customer lately without a second person or as given, so that
    no limit is passed in small steps.
    """
    billing, currency = turn.systems.billing, amount.currency
    lately = turn.read(
        "credit.list",
        lambda: billing.moved_alone(turn.principal, operation, turn.customer.id, currency),
    )
    together = amount + (max(before, lately) if before else lately)
    return turn.decide(operation, amount=together.amount, currency=currency)


def issue_credit(
    turn: Turn,
    found: InvoiceAccount,
    line: InvoiceLine,
    credit: Money,
    reason: DisputeReason,
    spoken: dict[str, Fact],
) -> None:
    turn.act(_credit(turn, found, line, credit, reason))
    left = found.open - credit
    source = facts.from_invoice(found.invoice, "balance")
    turn.say("credit.issued", open=facts.money("open balance", left, source), **spoken)


def ask_approval(
    turn: Turn,
    found: InvoiceAccount,
    line: InvoiceLine,
    credit: Money,
    reason: DisputeReason,
    revision: int,
) -> None:
    """Ask a person to approve exactly this credit on exactly this revision of the invoice."""
    wanted = _credit(turn, found, line, credit, reason)
    turn.request_approval(wanted, f"invoice {found.invoice.number}", revision)


def _credit(
    turn: Turn, found: InvoiceAccount, line: InvoiceLine, credit: Money, reason: DisputeReason
) -> Action:
    number = found.invoice.number
    key = turn.key("credit", number, str(line.line))
    billing = turn.systems.billing
    return billing.issue_credit(turn.principal, number, line.line, credit, reason.value, key)
