"""Disputes that no record settles: a person judges, the assistant keeps the conversation."""

from __future__ import annotations

from workbench.flows import facts
from workbench.flows.invoice_claims import (
    ask_approval,
    case_facts,
    decide_credit,
    issue_credit,
)
from workbench.flows.turn import Turn
from workbench.people.verdicts import Question
from workbench.records.decisions import HandOffReason, Level
from workbench.records.evidence import Fact, Source
from workbench.records.invoices import (
    Dispute,
    DisputeReason,
    DisputeState,
    InvoiceAccount,
    InvoiceLine,
)
from workbench.records.money import Money
from workbench.records.verdicts import HAND_OFF, Choice

JUDGED_BY_PEOPLE = (DisputeReason.QUALITY, DisputeReason.NOT_AS_DESCRIBED)
"""What goods were like stands in no order; only whether they came does."""

_CREDIT, _REJECT = "credit", "reject"
_CHOICES = (
    Choice(key=_CREDIT, means="The claim is justified: credit the disputed amount."),
    Choice(key=_REJECT, means="The claim is not justified: nothing is credited."),
    Choice(key=HAND_OFF, means="I want to speak with the customer myself."),
)


def have_judged(
    turn: Turn,
    found: InvoiceAccount,
    line: InvoiceLine,
    reason: DisputeReason,
    amount: Money,
    delivered: dict[str, Fact],
) -> None:
    """Where the policy says so, ask a person about the claim that has just been recorded."""
    if reason not in JUDGED_BY_PEOPLE:
        return
    decision = turn.decide("dispute.judge", amount=amount.amount, currency=amount.currency)
    if decision.level is not Level.ASSIST:
        return
    source = Source(system="customer", record="message", field="disputed amount")
    evidence = facts.about_line(found, line) | delivered
    evidence["disputed"] = facts.money("disputed amount", amount, source)
    evidence["reason"] = facts.term("reason", reason.value, source)
    turn.ask_person(
        Question(
            about=_about(found, line),
            text=f"Is the claim on line {line.line} of invoice {found.invoice.number} justified?",
            choices=_CHOICES,
            # Delivered as ordered and billed as agreed: records alone would not support a credit.
            suggested=_REJECT,
            fallback=HAND_OFF,
            evidence=tuple(evidence.values()),
        )
    )


def judged(turn: Turn, found: InvoiceAccount, line: InvoiceLine) -> bool:
    """Do what a person chose about the claim on this line, if one was asked and has chosen."""
    choice = turn.verdict(_about(found, line))
    claim = next(
        (d for d in found.disputes if d.line == line.line and d.state is DisputeState.OPEN), None
    )
    if not choice or claim is None:
        return False
    turn.case = next((c for c in turn.cases() if c.id == claim.case_id), None)
    if choice == HAND_OFF:
        turn.hand_off(
            HandOffReason.DISPUTED_AMOUNT,
            next_step=f"Judge the claim on line {line.line} of invoice {found.invoice.number}.",
        )
    if choice == _CREDIT:
        _credit(turn, found, line, claim)
    else:
        turn.say("verdict.rejected", **_told(turn, found, line, claim))
    return True


def _credit(turn: Turn, found: InvoiceAccount, line: InvoiceLine, claim: Dispute) -> None:
    """The verdict settles the claim, not the authority: above the limit it is approved first."""
    credit = min(claim.money, found.creditable(line.line))
    decision = decide_credit(turn, found, credit)
    source = facts.from_invoice(found.invoice, f"line {line.line}")
    spoken = _told(turn, found, line, claim) | {"amount": facts.money("credit", credit, source)}
    if decision.level is Level.AUTOMATE:
        issue_credit(turn, found, line, credit, claim.reason, spoken)
        return
    ask_approval(turn, found, line, credit, claim.reason, found.invoice.revision)
    turn.say("credit.needs_person", **spoken)
    turn.hand_off(decision.reason or HandOffReason.AUTHORITY_LIMIT)


def _told(turn: Turn, found: InvoiceAccount, line: InvoiceLine, claim: Dispute) -> dict[str, Fact]:
    source = Source(system="billing", record=f"dispute {claim.id}")
    disputed = facts.money("disputed amount", claim.money, source)
    return facts.about_line(found, line) | {"disputed": disputed} | case_facts(turn)


def _about(found: InvoiceAccount, line: InvoiceLine) -> str:
    return f"claim:{found.invoice.number}:{line.line}"
