"""What the flows may ask of systems of record and action. Adapters implement these protocols.

A READ returns records or raises `NotFound` (also for somebody else's), `NotAllowed` or
`Unavailable`. A WRITE changes nothing: it checks the principal and returns the `Action` that the
store performs, once, in the transaction of the turn.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from workbench.records.actions import Action
from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry, Degree, Subscription
from workbench.records.customers import ContactPoint, Customer
from workbench.records.evidence import Source
from workbench.records.invoices import (
    CreditNote,
    Dispute,
    ExchangeRate,
    InvoiceAccount,
    Order,
    Payment,
)
from workbench.records.money import Money
from workbench.records.principals import Principal


class IdentityCheck(Record):
    """Which of the given identifiers belong to the claimed account."""

    matched: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class Passage(Record):
    """A passage of a knowledge article that answers a question."""

    text: str
    title: str
    source: Source
    score: float
    """0-1, comparable between questions."""
    language: str = "en"


class CaseDraft(Record):
    """What a new case is made of; number and clocks are added by the ticketing system."""

    topic: str
    subject: str
    title: str
    text: str = ""
    """First public entry: the customer's words, masked."""
    internal: str = ""
    """First internal entry: what the assistant found; never shown to the customer."""
    impact: Degree = Degree.LOW
    urgency: Degree = Degree.LOW
    queue: str = "general"
    requests: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    parent_id: str = ""
    conversation_id: str = ""
    legal_hold: bool = False


class Billing(Protocol):
    """Invoices and what is owed on them. All READs need a proven customer or a person's role."""

    def accounts(self, principal: Principal, customer_id: str) -> tuple[InvoiceAccount, ...]:
        """All invoices of a customer with credits, payments, disputes; oldest first."""
        ...

    def account(self, principal: Principal, number: str) -> InvoiceAccount:
        """One invoice by its number."""
        ...

    def credit_notes(self, principal: Principal, customer_id: str) -> tuple[CreditNote, ...]:
        """All credit notes of a customer, also those without an invoice."""
        ...

    def moved_alone(
        self, principal: Principal, operation: str, customer_id: str, currency: str
    ) -> Money:
        """What an operation moved for a customer lately without a second person."""
        ...

    def payments(self, principal: Principal, customer_id: str) -> tuple[Payment, ...]:
        """All payments of a customer, unapplied and in transit ones included."""
        ...

    def rate(self, principal: Principal, base: str, quote: str, on: date) -> ExchangeRate:
        """The latest known rate on or before a day."""
        ...

    def open_dispute(self, principal: Principal, dispute: Dispute, key: str) -> Action:
        """Plan to record a dispute; its amount leaves dunning."""
        ...

    def issue_credit(
        self,
        principal: Principal,
        number: str,
        line: int | None,
        amount: Money,
        reason: str,
        key: str,
    ) -> Action:
        """Plan a credit note; a line is never credited twice."""
        ...

    def send_copy(self, principal: Principal, number: str, to: ContactPoint, key: str) -> Action:
        """Plan to send a copy to a verified contact point on file."""
        ...


class Crm(Protocol):
    """Customers and who may speak for them."""

    def customer(self, principal: Principal, customer_id: str) -> Customer: ...

    def check_identity(
        self, principal: Principal, customer_id: str, claims: dict[str, str]
    ) -> IdentityCheck:
        """Compare identifiers (kind -> value) with the record; needs no proof, tells no value."""
        ...

    def may_speak_for(self, principal: Principal, customer_id: str, scope: str) -> bool:
        """Whether the principal's own account is a registered delegate of another one."""
        ...


class Ticketing(Protocol):
    """Cases."""

    def cases(self, principal: Principal, customer_id: str) -> tuple[Case, ...]:
        """All cases of a customer, newest first."""
        ...

    def case(self, principal: Principal, case_id: str) -> Case: ...

    def entries(self, principal: Principal, case_id: str) -> tuple[CaseEntry, ...]:
        """History of a case; a customer gets public entries only."""
        ...

    def open_case(
        self, principal: Principal, customer_id: str, draft: CaseDraft, key: str
    ) -> tuple[Case, Action]:
        """Plan a new case; the record shows number and due times already."""
        ...

    def append(
        self, principal: Principal, case: Case, text: str, key: str, *, internal: bool = False
    ) -> Action: ...

    def change(self, principal: Principal, before: Case, after: Case, key: str) -> Action:
        """Plan a change of state; performed only if the case still has `before`'s revision."""
        ...

    def subscribe(self, principal: Principal, wish: Subscription, key: str) -> Action: ...


class Orders(Protocol):
    """Orders and deliveries."""

    def order(self, principal: Principal, order_id: str) -> Order: ...

    def orders(self, principal: Principal, customer_id: str) -> tuple[Order, ...]: ...


class Knowledge(Protocol):
    """Articles that may be cited."""

    def search(self, question: str, *, language: str = "en", limit: int = 3) -> tuple[Passage, ...]:
        """Passages that answer the question, best first; empty when nothing does."""
        ...


class Systems(Protocol):
    """All systems a flow may use."""

    @property
    def billing(self) -> Billing: ...

    @property
    def crm(self) -> Crm: ...

    @property
    def ticketing(self) -> Ticketing: ...

    @property
    def orders(self) -> Orders: ...

    @property
    def knowledge(self) -> Knowledge: ...
