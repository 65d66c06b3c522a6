"""Reading records: each method names its operation and asks the role table before it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from workbench.govern.identity import comparable, matches
from workbench.govern.roles import Access, Owner, access, authorise, operation
from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry, CaseStatus, Subscription
from workbench.records.customers import Customer
from workbench.records.invoices import CreditNote, ExchangeRate, InvoiceAccount, Order, Payment
from workbench.records.principals import Principal, Role
from workbench.store import accounts
from workbench.store.engine import Database
from workbench.store.rows import (
    CASE_ENTRIES,
    CASES,
    CREDIT_NOTES,
    CUSTOMERS,
    EXCHANGE_RATES,
    INVOICES,
    ORDERS,
    PAYMENTS,
    SUBSCRIPTIONS,
    Kind,
    R,
)
from workbench.store.work import whose

_CUSTOMER_READ = operation("customer.read")
_IDENTITY_CHECK = operation("identity.check")
_INVOICE_READ = operation("invoice.read")
_INVOICE_LIST = operation("invoice.list")
_PAYMENT_LIST = operation("payment.list")
_CREDIT_LIST = operation("credit.list")
_ORDER_READ = operation("order.read")
_RATE_READ = operation("rate.read")
_CASE_READ = operation("case.read")
_CASE_LIST = operation("case.list")
_ENDED = CASES.table.c.status.in_([CaseStatus.SOLVED.value, CaseStatus.CLOSED.value])


@dataclass(frozen=True)
class Look:
    """One principal's look into one snapshot."""

    connection: Connection
    principal: Principal

    @property
    def tenant(self) -> str:
        return self.principal.tenant

    def admit(self, name: str, customer_id: str | None, what: str) -> None:
        """Pass, or raise `NotAllowed` or `NotFound`. `customer_id` None: there is no `what`."""
        owner = None
        if customer_id is not None:
            owner = whose(self.connection, self.principal, customer_id, operation(name).scope)
        authorise(self.principal, name, owner, what)

    def admit_all(self, name: str) -> None:
        """Pass if the principal may see such records of every customer."""
        authorise(self.principal, name, Owner.OTHER_CUSTOMER, "such list")

    def admit_customer(self, name: str, customer_id: str) -> None:
        """Pass if the principal may do this with an existing customer's things."""
        there = CUSTOMERS.one(self.connection, self.tenant, customer_id)
        self.admit(name, there.id if there else None, f"customer {customer_id}")


class Reader:
    """What every reading part of the store is built on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def _look(self, principal: Principal) -> Iterator[Look]:
        with self._database.reading() as connection:
            yield Look(connection, principal)


class RecordReader(Reader):
    """Customers, invoices, orders and cases."""

    def may(self, principal: Principal, name: str, customer_id: str) -> bool:
        """Whether the principal may do an operation on things of this customer."""
        with self._look(principal) as look:
            owner = whose(look.connection, principal, customer_id, operation(name).scope)
            return access(principal, name, owner) is Access.ALLOWED

    def admit(self, principal: Principal, name: str, customer_id: str) -> None:
        """Like `may`, but raises `NotAllowed` or `NotFound`."""
        with self._look(principal) as look:
            look.admit_customer(name, customer_id)

    def customer(self, principal: Principal, customer_id: str) -> Customer:
        with self._look(principal) as look:
            return self._one(look, CUSTOMERS, _CUSTOMER_READ.name, "customer", customer_id)

    def customers(self, principal: Principal, limit: int = 1000) -> tuple[Customer, ...]:
        """Customers by id, for people who choose one from a list."""
        with self._look(principal) as look:
            look.admit_all(_CUSTOMER_READ.name)
            query = CUSTOMERS.select(look.tenant).limit(limit)
            return CUSTOMERS.records(look.connection, query)

    def check_identity(
        self, principal: Principal, customer_id: str, claims: Mapping[str, str]
    ) -> dict[str, bool]:
        """Kind of identifier -> whether the claim matches; a missing account matches nothing."""
        with self._look(principal) as look:
            owner = whose(look.connection, principal, customer_id, _IDENTITY_CHECK.scope)
            allowed = access(principal, _IDENTITY_CHECK.name, owner)
            if allowed is Access.REFUSED:
                authorise(principal, _IDENTITY_CHECK.name, owner, "account")
            customer = CUSTOMERS.one(look.connection, look.tenant, customer_id)
            if customer is None or allowed is Access.HIDDEN:
                return dict.fromkeys(claims, False)
            return {
                kind: comparable(kind) and matches(kind, claim, _on_file(look, customer, kind))
                for kind, claim in claims.items()
            }

    def is_delegate(self, principal: Principal, customer_id: str, scope: str) -> bool:
        """Whether the principal's own, proven account may speak for another one."""
        with self._look(principal) as look:
            owner = whose(look.connection, principal, customer_id, scope)
            return owner is Owner.DELEGATED

    def accounts(self, principal: Principal, customer_id: str) -> tuple[InvoiceAccount, ...]:
        """All invoices of a customer with what changed them, oldest first."""
        with self._look(principal) as look:
            look.admit_customer(_INVOICE_LIST.name, customer_id)
            return accounts.accounts(look.connection, look.tenant, customer_id)

    def account(self, principal: Principal, number: str) -> InvoiceAccount:
        with self._look(principal) as look:
            self._one(look, INVOICES, _INVOICE_READ.name, "invoice", number)
            found = accounts.account(look.connection, look.tenant, number)
            assert found is not None, "it was there in this snapshot"
            return found

    def credit_notes(self, principal: Principal, customer_id: str) -> tuple[CreditNote, ...]:
        with self._look(principal) as look:
            look.admit_customer(_CREDIT_LIST.name, customer_id)
            return CREDIT_NOTES.all(look.connection, look.tenant, customer_id=customer_id)

    def payments(self, principal: Principal, customer_id: str) -> tuple[Payment, ...]:
        with self._look(principal) as look:
            look.admit_customer(_PAYMENT_LIST.name, customer_id)
            return PAYMENTS.all(look.connection, look.tenant, customer_id=customer_id)

    def rate(self, principal: Principal, base: str, quote: str, on: date) -> ExchangeRate:
        """The latest rate on or before a day."""
        with self._look(principal) as look:
            table = EXCHANGE_RATES.table
            query = EXCHANGE_RATES.select(
                look.tenant, table.c.base == base, table.c.quote == quote, table.c.on <= on
            )
            latest = query.order_by(None).order_by(table.c.on.desc()).limit(1)
            found = EXCHANGE_RATES.records(look.connection, latest)
            look.admit(_RATE_READ.name, "" if found else None, f"rate from {base} to {quote}")
            return found[0]

    def order(self, principal: Principal, order_id: str) -> Order:
        with self._look(principal) as look:
            return self._one(look, ORDERS, _ORDER_READ.name, "order", order_id)

    def orders(self, principal: Principal, customer_id: str) -> tuple[Order, ...]:
        with self._look(principal) as look:
            look.admit_customer(_ORDER_READ.name, customer_id)
            return ORDERS.all(look.connection, look.tenant, customer_id=customer_id)

    def case(self, principal: Principal, case_id: str) -> Case:
        with self._look(principal) as look:
            return self._one(look, CASES, _CASE_READ.name, "case", case_id)

    def cases(self, principal: Principal, customer_id: str) -> tuple[Case, ...]:
        """All cases of a customer, newest first."""
        with self._look(principal) as look:
            look.admit_customer(_CASE_LIST.name, customer_id)
            found = CASES.all(look.connection, look.tenant, customer_id=customer_id)
            return tuple(sorted(found, key=lambda case: (case.opened_at, case.id), reverse=True))

    def all_cases(self, principal: Principal, limit: int = 1000) -> tuple[Case, ...]:
        """Cases of all customers, last changed first, for people."""
        with self._look(principal) as look:
            look.admit_all(_CASE_LIST.name)
            latest = CASES.select(look.tenant).order_by(None)
            latest = latest.order_by(CASES.table.c.updated_at.desc(), CASES.table.c.id)
            return CASES.records(look.connection, latest.limit(limit))

    def open_cases(self, principal: Principal, limit: int = 1000) -> tuple[Case, ...]:
        """Cases of all customers that somebody owes something, what falls due first in front."""
        with self._look(principal) as look:
            look.admit_all(_CASE_LIST.name)
            due = CASES.table.c.watch_at
            query = CASES.select(look.tenant, ~_ENDED).order_by(None)
            query = query.order_by(due.is_(None), due, CASES.table.c.id)
            return CASES.records(look.connection, query.limit(limit))

    def watched_cases(
        self, principal: Principal, now: datetime, due_by: datetime
    ) -> tuple[Case, ...]:
        """Cases that time may change: open with a promise due by then, or durably solved by now."""
        with self._look(principal) as look:
            look.admit_all(_CASE_LIST.name)
            watch_at = CASES.table.c.watch_at
            ripe = (watch_at <= now) | ~_ENDED
            return CASES.all(look.connection, look.tenant, watch_at <= due_by, ripe)

    def entries(self, principal: Principal, case_id: str) -> tuple[CaseEntry, ...]:
        """History of a case, oldest first; customers get public entries only."""
        with self._look(principal) as look:
            self._one(look, CASES, _CASE_READ.name, "case", case_id)
            found = CASE_ENTRIES.all(look.connection, look.tenant, case_id=case_id)
            customer = principal.role is Role.CUSTOMER
            return tuple(entry for entry in found if not (customer and entry.internal))

    def subscriptions(self, principal: Principal, case_id: str) -> tuple[Subscription, ...]:
        with self._look(principal) as look:
            self._one(look, CASES, _CASE_READ.name, "case", case_id)
            return SUBSCRIPTIONS.all(look.connection, look.tenant, case_id=case_id)

    def _one(self, look: Look, kind: Kind[R], name: str, word: str, key: str) -> R:
        """The record under the key if the principal may see it."""
        found = kind.one(look.connection, look.tenant, key)
        look.admit(name, None if found is None else _customer_of(found), f"{word} {key}")
        assert found is not None, "what is not there is not admitted"
        return found


def _customer_of(record: Record) -> str:
    return str(getattr(record, "id" if isinstance(record, Customer) else "customer_id"))


def _on_file(look: Look, customer: Customer, kind: str) -> list[str]:
    """The values that a claim of this kind may match."""
    if kind == "customer_number":
        return [customer.id]
    if kind == "postcode":
        return [customer.postcode]
    if kind in ("invoice_number", "order_number"):
        table = INVOICES.table if kind == "invoice_number" else ORDERS.table
        column = table.c.number if kind == "invoice_number" else table.c.id
        query = select(column).where(
            table.c.tenant == look.tenant, table.c.customer_id == customer.id
        )
        return list(look.connection.execute(query).scalars())
    return [p.value for p in customer.contact_points if p.kind == kind and p.verified]
