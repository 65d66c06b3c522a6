"""The systems of a POC without systems: all ports, answered by the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from workbench.config import Settings
from workbench.errors import InputError
from workbench.records.actions import Action
from workbench.records.base import Clock, short_code
from workbench.records.customers import ContactPoint, Customer
from workbench.records.invoices import (
    CreditNote,
    Dispute,
    ExchangeRate,
    InvoiceAccount,
    Order,
    Payment,
)
from workbench.records.money import Money
from workbench.records.operations import IssueCredit, OpenDispute, SendCopy, plan
from workbench.records.principals import Principal
from workbench.store import Store
from workbench.systems.clocks import promises_of
from workbench.systems.local_cases import LocalTicketing
from workbench.systems.local_gate import Gate
from workbench.systems.ports import IdentityCheck, Knowledge, Passage


@dataclass(frozen=True)
class LocalSystems:
    """Implements `ports.Systems`."""

    billing: LocalBilling
    crm: LocalCrm
    ticketing: LocalTicketing
    orders: LocalOrders
    knowledge: LocalKnowledge


def local_systems(
    store: Store,
    settings: Settings,
    clock: Clock,
    knowledge: Knowledge,
    *,
    faults: Mapping[str, str] | None = None,
    deadline_seconds: float = 5.0,
) -> LocalSystems:
    """All systems on one store. `faults` maps a system to `unavailable` or `hang`."""
    gates = {
        name: Gate(name, deadline_seconds, {} if faults is None else faults)
        for name in ("billing", "crm", "ticketing", "orders", "knowledge")
    }
    promises = promises_of(settings)
    return LocalSystems(
        billing=LocalBilling(store, gates["billing"]),
        crm=LocalCrm(store, gates["crm"]),
        ticketing=LocalTicketing(store, gates["ticketing"], clock, promises),
        orders=LocalOrders(store, gates["orders"]),
        knowledge=LocalKnowledge(knowledge, gates["knowledge"]),
    )


@dataclass(frozen=True)
class LocalBilling:
    """Implements `ports.Billing`."""

    store: Store
    gate: Gate

    def accounts(self, principal: Principal, customer_id: str) -> tuple[InvoiceAccount, ...]:
        return self.gate.call(lambda: self.store.accounts(principal, customer_id))

    def account(self, principal: Principal, number: str) -> InvoiceAccount:
        return self.gate.call(lambda: self.store.account(principal, number))

    def credit_notes(self, principal: Principal, customer_id: str) -> tuple[CreditNote, ...]:
        return self.gate.call(lambda: self.store.credit_notes(principal, customer_id))

    def moved_alone(
        self, principal: Principal, operation: str, customer_id: str, currency: str
    ) -> Money:
        return self.gate.call(
            lambda: self.store.moved_alone(principal, operation, customer_id, currency)
        )

    def payments(self, principal: Principal, customer_id: str) -> tuple[Payment, ...]:
        return self.gate.call(lambda: self.store.payments(principal, customer_id))

    def rate(self, principal: Principal, base: str, quote: str, on: date) -> ExchangeRate:
        return self.gate.call(lambda: self.store.rate(principal, base, quote, on))

    def open_dispute(self, principal: Principal, dispute: Dispute, key: str) -> Action:
        found = self._admitted(principal, OpenDispute.operation, dispute.invoice_number)
        _check_amount(dispute.money, found.disputable(dispute.line), "disputed")
        return plan(OpenDispute(dispute=dispute), key)

    def issue_credit(
        self,
        principal: Principal,
        number: str,
        line: int | None,
        amount: Money,
        reason: str,
        key: str,
    ) -> Action:
        found = self._admitted(principal, IssueCredit.operation, number)
        _check_amount(amount, found.creditable(line), "credited")
        note = f"CN-{short_code(principal.tenant + key)}"
        wish = IssueCredit(number=number, line=line, amount=amount, reason=reason, credit_note=note)
        return plan(wish, key)

    def send_copy(self, principal: Principal, number: str, to: ContactPoint, key: str) -> Action:
        self._admitted(principal, SendCopy.operation, number)
        return plan(SendCopy(number=number, to=to), key)

    def _admitted(self, principal: Principal, operation: str, number: str) -> InvoiceAccount:
        """The invoice, if the principal may do the operation on it."""
        found = self.account(principal, number)
        self.gate.call(lambda: self.store.admit(principal, operation, found.invoice.customer_id))
        return found


@dataclass(frozen=True)
class LocalCrm:
    """Implements `ports.Crm`."""

    store: Store
    gate: Gate

    def customer(self, principal: Principal, customer_id: str) -> Customer:
        return self.gate.call(lambda: self.store.customer(principal, customer_id))

    def check_identity(
        self, principal: Principal, customer_id: str, claims: dict[str, str]
    ) -> IdentityCheck:
        results = self.gate.call(lambda: self.store.check_identity(principal, customer_id, claims))
        return IdentityCheck(
            matched=tuple(kind for kind, match in results.items() if match),
            failed=tuple(kind for kind, match in results.items() if not match),
        )

    def may_speak_for(self, principal: Principal, customer_id: str, scope: str) -> bool:
        return self.gate.call(lambda: self.store.is_delegate(principal, customer_id, scope))


@dataclass(frozen=True)
class LocalOrders:
    """Implements `ports.Orders`."""

    store: Store
    gate: Gate

    def order(self, principal: Principal, order_id: str) -> Order:
        return self.gate.call(lambda: self.store.order(principal, order_id))

    def orders(self, principal: Principal, customer_id: str) -> tuple[Order, ...]:
        return self.gate.call(lambda: self.store.orders(principal, customer_id))


@dataclass(frozen=True)
class LocalKnowledge:
    """Implements `ports.Knowledge`."""

    articles: Knowledge
    gate: Gate

    def search(self, question: str, *, language: str = "en", limit: int = 3) -> tuple[Passage, ...]:
        return self.gate.call(
            lambda: self.articles.search(question, language=language, limit=limit)
        )


def _check_amount(wanted: Money, most: Money, what: str) -> None:
    """Raises `InputError` for more than is open; the store checks again when it performs."""
    if wanted > most:
        raise InputError(f"{wanted} cannot be {what}", expected=f"at most {most}")
