"""The databases that are to agree on cases, and the tenants and customers in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from workbench.records.base import SteppingClock
from workbench.records.customers import ContactPoint, Customer, Delegate, PointKind
from workbench.records.events import EventKind, NewEvent
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store import Store, Transaction

MONDAY = datetime(2026, 5, 4, 8, tzinfo=UTC)
CUSTOMERS = ("anna", "boris", "dora", "emil")
"""Dora may discuss the cases of Anna, Emil her invoices only."""


@dataclass
class Bench:
    """The databases that are to agree, one clock for all, and what has been counted."""

    stores: dict[str, Store]
    clock: SteppingClock
    promises: Any
    """The SLA clocks as the ticketing system plans them."""
    runs: int = 0
    tried: Counter[str] = field(default_factory=Counter)

    def tenants(self) -> tuple[str, str]:
        """Two tenants that nobody has used, with their customers."""
        self.runs += 1
        names = (f"north-{self.runs}", f"south-{self.runs}")
        for store in self.stores.values():
            for tenant in names:
                _fill(store, tenant)
        return names


def customer_of(tenant: str, name: str) -> str:
    return f"C-{name}-{tenant}"


def _fill(store: Store, tenant: str) -> None:
    admin = Principal(id="admin:adam", role=Role.ADMIN, tenant=tenant)
    friends = (
        Delegate(name="Dora", customer_id=customer_of(tenant, "dora"), scope="cases"),
        Delegate(name="Emil", customer_id=customer_of(tenant, "emil"), scope="invoices"),
    )
    rows = [
        Customer(
            id=customer_of(tenant, name),
            contact_points=(ContactPoint(kind=PointKind.EMAIL, value=f"{name}@example.com"),),
            delegates=friends if name == "anna" else (),
        )
        for name in CUSTOMERS
    ]
    store.import_records(admin, "customers", rows, tenant)
    for row in rows:
        data = {"customer_id": row.id, "channel": "chat", "language": "en"}
        store.commit(
            Transaction(
                principal=customer_principal(row.id, tenant=tenant, proven=True),
                stream=f"conv-{row.id}",
                request_id="begin",
                events=(NewEvent(kind=EventKind.CONVERSATION_STARTED, data=data),),
            )
        )
