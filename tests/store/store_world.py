"""A small world for store tests: two tenants, a few customers, people of every role."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from workbench.records.actions import Action
from workbench.records.cases import Case, CaseStatus
from workbench.records.customers import ContactPoint, Customer, Delegate, PointKind
from workbench.records.decisions import HandOffReason
from workbench.records.events import EventKind, NewEvent
from workbench.records.evidence import Packet
from workbench.records.invoices import (
    Dispute,
    DisputeReason,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Payment,
)
from workbench.records.money import Money
from workbench.records.operations import IssueCredit, OpenCase, QueueHandOff, plan
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store import Committed, Store, Transaction

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ANNA = customer_principal("C-100", proven=True)
BORIS = customer_principal("C-200", proven=True)


def person(role: Role, name: str = "", tenant: str = "main") -> Principal:
    return Principal(id=f"{role.value}:{name or role.value}", role=role, tenant=tenant)


AGENT = person(Role.HUMAN_AGENT, "ana")
SUPERVISOR = person(Role.SUPERVISOR, "sam")
ADMIN = person(Role.ADMIN)
ANALYST = person(Role.ANALYST)
SERVICE = person(Role.SERVICE)


def customer(customer_id: str, secret: str = "") -> Customer:
    return Customer(
        id=customer_id,
        name=f"Name {secret or customer_id}",
        postcode="10115",
        contact_points=(
            ContactPoint(kind=PointKind.EMAIL, value=f"{customer_id.lower()}@example.com"),
            ContactPoint(kind=PointKind.PHONE, value="+49 30 1234567", verified=False),
        ),
        delegates=(Delegate(name="Dora", customer_id="C-300", scope="invoices"),),
    )


def invoice(number: str, customer_id: str, secret: str = "") -> Invoice:
    """Two lines of 100.00 and 50.00 EUR with 19 % tax: 178.50 EUR."""
    return Invoice(
        number=number,
        customer_id=customer_id,
        issued_on=date(2026, 4, 1),
        due_on=date(2026, 5, 1),
        currency="EUR",
        purchase_order=secret,
        stated_total=Decimal("178.50"),
        lines=(
            InvoiceLine(
                line=1,
                product="A1",
                description=f"Lamp {secret}",
                unit_price=Decimal("100.00"),
                tax_rate=Decimal(19),
            ),
            InvoiceLine(
                line=2,
                product="B2",
                quantity=Decimal(2),
                unit_price=Decimal("25.00"),
                tax_rate=Decimal(19),
            ),
        ),
    )


def order(order_id: str, customer_id: str) -> Order:
    return Order(
        id=order_id,
        customer_id=customer_id,
        placed_on=date(2026, 3, 20),
        currency="EUR",
        lines=(OrderLine(product="A1", ordered=Decimal(1), delivered=Decimal(1)),),
    )


def payment(payment_id: str, customer_id: str, number: str, amount: str) -> Payment:
    return Payment(
        id=payment_id,
        customer_id=customer_id,
        invoice_number=number,
        received_on=date(2026, 4, 20),
        amount=Decimal(amount),
        currency="EUR",
    )


def fill(store: Store) -> None:
    """C-100 with INV-1 and INV-2, C-200 with INV-3, C-300 with nothing."""
    records: dict[str, list[Any]] = {
        "customers": [customer("C-100"), customer("C-200"), customer("C-300")],
        "invoices": [
            invoice("INV-1", "C-100"),
            invoice("INV-2", "C-100"),
            invoice("INV-3", "C-200"),
        ],
        "orders": [order("ORD-1", "C-100")],
        "payments": [payment("PAY-1", "C-100", "INV-2", "78.50")],
    }
    for kind, rows in records.items():
        store.import_records(ADMIN, kind, rows, "world")


def case(case_id: str = "CASE-22222222", customer_id: str = "C-100", **changes: Any) -> Case:
    given: dict[str, Any] = {
        "id": case_id,
        "customer_id": customer_id,
        "topic": "complaint",
        "subject": f"customer:{customer_id}:complaint",
        "title": "A complaint",
        "status": CaseStatus.OPEN,
        "opened_at": NOON,
        "updated_at": NOON,
    }
    return Case(**{**given, **changes})


def dispute(amount: str, line: int | None = 1, number: str = "INV-1", name: str = "1") -> Dispute:
    return Dispute(
        id=f"DSP-{name}",
        customer_id="C-100",
        invoice_number=number,
        line=line,
        reason=DisputeReason.QUALITY,
        amount=Decimal(amount),
        currency="EUR",
        opened_at=NOON,
    )


def credit(amount: str, line: int | None = 1, number: str = "INV-1", key: str = "cr-1") -> Action:
    wish = IssueCredit(
        number=number,
        line=line,
        amount=Money.of(amount, "EUR"),
        reason="quality",
        credit_note=f"CN-{key}",
    )
    return plan(wish, key)


def packet(conversation_id: str, packet_id: str = "PKT-1", queue: str = "billing") -> Packet:
    return Packet(
        id=packet_id,
        conversation_id=conversation_id,
        customer_id="C-100",
        reason=HandOffReason.CUSTOMER_REQUEST,
        queue=queue,
        created_at=NOON,
    )


def started(customer_id: str) -> NewEvent:
    data = {"customer_id": customer_id, "channel": "chat", "language": "en"}
    return NewEvent(kind=EventKind.CONVERSATION_STARTED, data=data)


def said(text: str) -> NewEvent:
    return NewEvent(kind=EventKind.MESSAGE_RECEIVED, data={"text": text, "speaker": "customer"})


def begin(store: Store, principal: Principal = ANNA, stream: str = "conv-1") -> Committed:
    """A conversation with one message."""
    return store.commit(
        Transaction(
            principal=principal,
            stream=stream,
            request_id=f"begin-{stream}",
            events=(started(principal.customer_id or ""), said("hello")),
        )
    )


def act(
    store: Store,
    principal: Principal,
    *actions: Action,
    stream: str = "conv-1",
    request_id: str = "",
    events: tuple[NewEvent, ...] = (),
) -> Committed:
    """Perform actions in an existing stream."""
    name = request_id or "+".join(action.key for action in actions)
    return store.commit(
        Transaction(
            principal=principal, stream=stream, request_id=name, actions=actions, events=events
        )
    )


def open_case(store: Store, new: Case | None = None, **texts: str) -> Case:
    new = new or case()
    act(store, AGENT, plan(OpenCase(case=new, **texts), key=f"open-{new.id}"))
    return new


def queue(store: Store, packet_id: str = "PKT-1") -> None:
    wish = QueueHandOff(packet=packet("conv-1", packet_id))
    act(store, ANNA, plan(wish, key=f"queue-{packet_id}"))
