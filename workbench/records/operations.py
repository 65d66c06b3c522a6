"""What every write needs: the parameters of each operation, and `plan`, which makes an `Action`.

    plan(TakeHandOff(packet_id="PKT-1"), key="take:PKT-1:ana")

A class here is the one description of an operation's parameters; the store refuses others.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any, ClassVar

from workbench.records.actions import Action
from workbench.records.base import Instant, Record
from workbench.records.cases import Case, Priority, SlaClock, Subscription
from workbench.records.customers import ContactPoint
from workbench.records.evidence import Packet
from workbench.records.invoices import Dispute
from workbench.records.money import Money
from workbench.records.proposals import ChangeEvidence
from workbench.records.signals import Stakes


class Parameters(Record):
    """Parameters of one operation."""

    operation: ClassVar[str]
    stakes: ClassVar[Stakes] = Stakes.LOW

    @property
    def moved(self) -> Money | None:
        """Money that the action moves."""
        return None

    def recorded(self) -> dict[str, Any]:
        """What the ledger keeps of the parameters; big values that lie elsewhere are left out."""
        return self.model_dump(mode="json")


def sealed(text: str) -> str:
    """Proof of a text that customers must not read in the ledger of their conversation."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" if text else ""


def plan(parameters: Parameters, key: str) -> Action:
    """The action that the store performs once under `key`."""
    return Action(
        operation=parameters.operation,
        key=key,
        parameters=parameters.model_dump(mode="json"),
        stakes=parameters.stakes,
        amount=parameters.moved,
    )


class OpenCase(Parameters):
    operation = "case.open"

    case: Case
    text: str = ""
    """First public entry."""
    internal: str = ""
    """First internal entry."""

    def recorded(self) -> dict[str, Any]:
        return super().recorded() | {"internal": sealed(self.internal)}


class AppendToCase(Parameters):
    operation = "case.append"

    case_id: str
    text: str
    internal: bool = False
    answer: SlaClock | None = None
    """The promise to respond that a customer's word starts, unless one runs already."""

    def recorded(self) -> dict[str, Any]:
        return super().recorded() | ({"text": sealed(self.text)} if self.internal else {})


class ChangeCase(Parameters):
    """Result: `revision`. `Conflict` when the case no longer has `before_revision`."""

    operation = "case.change"

    before_revision: int
    after: Case
    activity: str = ""
    """What happened, as a key; empty: taken from the change of status."""


class MergeCases(Parameters):
    """One case takes over another of the same customer, which is closed and linked to it.

    The survivor has the requests, promises and hold of both, the higher priority and of each
    kind the clock that runs out first. Result: `revision` of the survivor.
    """

    operation = "case.merge"

    kept_id: str
    kept_revision: int
    merged_id: str
    merged_revision: int


class UnmergeCases(Parameters):
    """Both cases as they were before the merge; what was written to them since stays.

    `Conflict` when the survivor has changed since. Result: `kept_id`, `merged_id`.
    """

    operation = "case.unmerge"

    merged_id: str
    """The case that was taken over."""


class CasePart(Record):
    """A concern that leaves its case and becomes one of its own."""

    id: str
    subject: str
    title: str
    queue: str
    requests: tuple[str, ...]
    """Of the case that is split, word for word."""
    promises: tuple[str, ...] = ()
    """Likewise."""


class SplitCase(Parameters):
    """Concerns become cases of their own, linked to this one, with its clocks running on.

    Result: `case_ids`, `revision`. `Conflict` when the case no longer has `before_revision`.
    """

    operation = "case.split"

    case_id: str
    before_revision: int
    parts: tuple[CasePart, ...]


class OpenDispute(Parameters):
    """Result: `dispute_id`, `still_due`. The amount is checked again when it is performed."""

    operation = "dispute.open"
    stakes = Stakes.MEDIUM

    dispute: Dispute

    @property
    def moved(self) -> Money:
        return self.dispute.money


class IssueCredit(Parameters):
    """Result: `credit_note`. A line that was credited once is never credited again."""

    operation = "credit.issue"
    stakes = Stakes.HIGH

    number: str
    """Of the invoice."""
    line: int | None = None
    """None: on the whole invoice."""
    amount: Money
    reason: str
    credit_note: str
    """Number of the new credit note."""

    @property
    def moved(self) -> Money:
        return self.amount


class SendCopy(Parameters):
    """A copy of an invoice to a verified contact point on file, nowhere else."""

    operation = "copy.send"

    number: str
    to: ContactPoint


class SetSubscription(Parameters):
    operation = "subscription.set"

    subscription: Subscription


class RequestCallback(Parameters):
    """A person is to call the customer; goes to the outbox of the queue."""

    operation = "callback.request"

    customer_id: str
    reason: str
    queue: str = "general"
    conversation_id: str = ""
    phone: str = ""
    """Number given; empty: the one on file."""
    due_at: Instant | None = None


class RequestDetailChange(Parameters):
    """Somebody wants an address, contact or bank detail changed; a person checks it first."""

    operation = "detail_change.request"
    stakes = Stakes.HIGH

    customer_id: str
    detail: str
    """`bank_details`, `email`, `postal_address`, `phone`, ..."""
    value: str = ""
    """The wish as given, masked where it is secret."""
    conversation_id: str = ""


class QueueHandOff(Parameters):
    """Put a packet before the people of its queue and its conversation on wait."""

    operation = "handoff.queue"

    packet: Packet
    priority: Priority = Priority.P3
    due_at: Instant | None = None

    def recorded(self) -> dict[str, Any]:
        place = {"packet_id": self.packet.id, "queue": self.packet.queue}
        return place | self.model_dump(mode="json", exclude={"packet"})


class TakeHandOff(Parameters):
    """The principal takes the packet and speaks from now on; `Conflict` when somebody else has."""

    operation = "handoff.take"

    packet_id: str


class HandBack(Parameters):
    """The conversation goes back to the assistant; its packets are closed."""

    operation = "conversation.hand_back"

    conversation_id: str
    note: str = ""


class RequestApproval(Parameters):
    """Ask a second person for exactly this action on exactly this state of a record.

    Result: `approval_id`. The ledger gets an `approval_requested` event with it.
    """

    operation = "approval.request"
    stakes = Stakes.MEDIUM

    action: Action
    record: str
    """What the action changes: `invoice INV-1001` or `case CASE-...`."""
    record_revision: int
    """Revision of the record that the requester has seen."""
    limit: Money | None = None
    """The limit that the action exceeds."""
    reason: str = ""
    conversation_id: str = ""
    expires_at: Instant | None = None
    """When it counts as declined if nobody has decided; None: it waits."""


class DecideApproval(Parameters):
    """Approve or decline; approved, the action is performed in the same transaction.

    Result: `status` is `approved`, `declined` or `asked_again` (the record changed meanwhile:
    nothing was performed, `approval_id` names the new request). The ledger gets an
    `approval_decided` event.
    """

    operation = "approval.decide"
    stakes = Stakes.HIGH

    approval_id: str
    approved: bool
    fingerprint: str
    """Of the action that the person has seen."""
    reason: str = ""


class WithdrawApproval(Parameters):
    """Who asked, or a supervisor, takes the request back before anybody decided."""

    operation = "approval.withdraw"

    approval_id: str
    reason: str


class ExpireApproval(Parameters):
    """Nobody decided until `at`: the action is not performed."""

    operation = "approval.expire"

    approval_id: str
    at: Instant


class EscalationLabel(StrEnum):
    """What a person says afterwards about a hand-off."""

    NEEDED = "needed"
    NOT_NEEDED = "not_needed"
    TOO_LATE = "too_late"


class LabelEscalation(Parameters):
    """A person says afterwards whether a hand-off was right. `escalation_labelled` follows."""

    operation = "escalation.label"

    packet_id: str
    label: EscalationLabel
    note: str = ""

    def recorded(self) -> dict[str, Any]:
        return super().recorded() | {"note": sealed(self.note)}


class ProposeChange(Parameters):
    """A change of the policy that another person is to decide on. Result: `proposal_id`."""

    operation = "policy.propose"

    base: str
    """Version of the policy that it changes."""
    proposed: str
    """Version that it would give."""
    changes: dict[str, str]
    """Settings, as `replay --set` takes them."""
    reason: str
    evidence: ChangeEvidence | None = None


class DecideProposal(Parameters):
    """Approve or decline a proposed change; never one's own. Result: `proposal_id`."""

    operation = "policy.decide"
    stakes = Stakes.HIGH

    proposal_id: str
    approved: bool
    reason: str


class ReportSecurity(Parameters):
    """A security event that somebody must look at."""

    operation = "security.report"

    what: str
    """`foreign_record`, `injection`, `bank_details_change`, ..."""
    detail: str = ""
    record: str = ""
    """`invoice INV-...` or `case CASE-...` that was asked for: reported only if it is somebody
    else's. Whether it was, nobody learns from the result."""
    customer_id: str = ""
    conversation_id: str = ""
