"""Tenants whose every secret field carries a canary: its area, its tenant, its customer.

Also every read and write of the store, aimed at the things of one customer of one tenant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from store_world import NOON, case, dispute, invoice, order, packet, payment, person, said, started

from workbench.errors import WorkbenchError
from workbench.records.cases import Subscription
from workbench.records.customers import ContactPoint, Customer, Delegate, PointKind
from workbench.records.invoices import CreditNote
from workbench.records.money import Money
from workbench.records.operations import (
    AppendToCase,
    ChangeCase,
    HandBack,
    IssueCredit,
    OpenCase,
    OpenDispute,
    Parameters,
    QueueHandOff,
    ReportSecurity,
    RequestApproval,
    RequestCallback,
    RequestDetailChange,
    SendCopy,
    SetSubscription,
    TakeHandOff,
    plan,
)
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store import Store, Transaction

_CANARY = re.compile(r"CANARY-(\w+)-(\w+)-(C\d+)")
# What a conversation itself holds, the case opened in it included.
_TALK = ("talk", "case", "desk")
DELEGATE, PRINCIPAL = "C300", "C100"
"""C300 may speak for C100 about invoices, in every tenant."""

Target = tuple[str, str]
"""Tenant and customer."""


def canary(area: str, target: Target) -> str:
    return f"CANARY-{area}-{'-'.join(target)}"


def seen_in(outcome: str) -> set[tuple[str, ...]]:
    """(area, tenant, customer) of every canary in a text."""
    return set(_CANARY.findall(outcome))


def entitled(principal: Principal, area: str, tenant: str, customer_id: str) -> bool:
    """Whether the principal may see this canary."""
    if principal.tenant != tenant or principal.role is Role.ANALYST:
        return False
    if principal.role is not Role.CUSTOMER:
        return True
    if principal.customer_id == customer_id:
        return area in _TALK or (principal.proven and area in ("crm", "invoice", "case"))
    delegated = (principal.customer_id, customer_id) == (DELEGATE, PRINCIPAL)
    return delegated and principal.proven and area == "invoice"


def key(word: str, target: Target) -> str:
    """A key that anybody could guess: `INV-main-C100`."""
    return f"{word}-{'-'.join(target)}"


def populate(store: Store, target: Target) -> None:
    """One customer with one of everything."""
    tenant, customer_id = target
    for kind, record in _records(target).items():
        store.import_records(person(Role.SERVICE, tenant=tenant), kind, [record], "canaries")
    conversation = Transaction(
        principal=customer_principal(customer_id, tenant=tenant, proven=True),
        stream=key("conv", target),
        request_id="talk",
        events=(started(customer_id), said(canary("talk", target))),
    )
    store.commit(conversation)
    slip = packet(key("conv", target), key("PKT", target))
    wishes: list[Parameters] = [
        OpenCase(case=_case(target), text=canary("case", target), internal=canary("note", target)),
        QueueHandOff(packet=slip.model_copy(update={"customer_name": canary("desk", target)})),
        RequestCallback(customer_id=customer_id, reason=canary("desk", target)),
    ]
    desk = Transaction(
        principal=person(Role.HUMAN_AGENT, tenant=tenant),
        stream=key("conv", target),
        request_id="desk",
        actions=tuple(plan(wish, key(wish.operation, target)) for wish in wishes),
    )
    store.commit(desk)


def _case(target: Target) -> Any:
    return case(key("CASE", target), target[1], title=canary("case", target))


def _records(target: Target) -> dict[str, Any]:
    customer_id, secret = target[1], canary("invoice", target)
    delegate = Delegate(name=canary("crm", target), customer_id=DELEGATE)
    point = ContactPoint(kind=PointKind.EMAIL, value=canary("crm", target))
    number = key("INV", target)
    return {
        "customers": Customer(
            id=customer_id,
            name=canary("crm", target),
            company=canary("crm", target),
            postcode=canary("crm", target),
            contact_points=(point,),
            delegates=(delegate,) if customer_id == PRINCIPAL else (),
        ),
        "invoices": invoice(number, customer_id, secret),
        "orders": order(key("ORD", target), customer_id).model_copy(update={"status": secret}),
        "payments": payment(key("PAY", target), customer_id, number, "10").model_copy(
            update={"reference": secret}
        ),
        "credit_notes": CreditNote(
            number=key("CN", target),
            customer_id=customer_id,
            invoice_number=number,
            issued_on=date(2026, 4, 2),
            currency="EUR",
            amount=Decimal(1),
            reason=secret,
        ),
        "disputes": dispute("5.00", None, number, key("D", target)).model_copy(
            update={"customer_id": customer_id, "case_id": secret}
        ),
    }


Read = Callable[[Store, Principal, Target], object]

READS: dict[str, Read] = {
    "customer": lambda s, p, t: s.customer(p, t[1]),
    "customers": lambda s, p, t: s.customers(p),
    "identity": lambda s, p, t: s.check_identity(p, t[1], claims(t)),
    "delegate": lambda s, p, t: s.is_delegate(p, t[1], "cases"),
    "accounts": lambda s, p, t: s.accounts(p, t[1]),
    "account": lambda s, p, t: s.account(p, key("INV", t)),
    "credit notes": lambda s, p, t: s.credit_notes(p, t[1]),
    "payments": lambda s, p, t: s.payments(p, t[1]),
    "order": lambda s, p, t: s.order(p, key("ORD", t)),
    "orders": lambda s, p, t: s.orders(p, t[1]),
    "case": lambda s, p, t: s.case(p, key("CASE", t)),
    "cases": lambda s, p, t: s.cases(p, t[1]),
    "all cases": lambda s, p, t: s.all_cases(p),
    "entries": lambda s, p, t: s.entries(p, key("CASE", t)),
    "subscriptions": lambda s, p, t: s.subscriptions(p, key("CASE", t)),
    "conversation": lambda s, p, t: s.conversation(p, key("conv", t)),
    "conversations": lambda s, p, t: s.conversations(p),
    "conversations of": lambda s, p, t: s.conversations(p, customer_id=t[1]),
    "events": lambda s, p, t: s.events(p, key("conv", t)),
    "case events": lambda s, p, t: s.events(p, f"case:{key('CASE', t)}"),
    "all events": lambda s, p, t: s.events(p, after=max(0, len(t[1]) - 1)),
    "handoffs": lambda s, p, t: s.handoffs(p),
    "packet": lambda s, p, t: s.packet(p, key("PKT", t)),
    "approvals": lambda s, p, t: s.approvals(p),
    "outbox": lambda s, p, t: s.outbox(p),
    "outbox of": lambda s, p, t: s.outbox(p, t[1]),
    "admit": lambda s, p, t: s.admit(p, "case.open", t[1]),
    "verify": lambda s, p, t: s.verify(p),
}


def claims(target: Target) -> dict[str, str]:
    return {"postcode": canary("crm", target), "invoice_number": key("INV", target)}


def credit_on(target: Target) -> IssueCredit:
    return IssueCredit(
        number=key("INV", target),
        line=1,
        amount=Money.of("1.00", "EUR"),
        reason="x",
        credit_note="CN-NEW",
    )


WRITES: dict[str, Callable[[Target], Parameters]] = {
    "open case": lambda t: OpenCase(
        case=case("CASE-NEW", t[1], subject="something else", opened_at=NOON)
    ),
    "append": lambda t: AppendToCase(case_id=key("CASE", t), text="x"),
    "change": lambda t: ChangeCase(before_revision=1, after=_case(t)),
    "subscribe": lambda t: SetSubscription(
        subscription=Subscription(case_id=key("CASE", t), customer_id=t[1], channel="email")
    ),
    "dispute": lambda t: OpenDispute(
        dispute=dispute("1.00", 1, key("INV", t)).model_copy(update={"customer_id": t[1]})
    ),
    "credit": credit_on,
    "approval": lambda t: RequestApproval(
        action=plan(credit_on(t), "credit"), record=f"invoice {key('INV', t)}", record_revision=1
    ),
    "copy": lambda t: SendCopy(
        number=key("INV", t), to=ContactPoint(kind=PointKind.EMAIL, value=canary("crm", t))
    ),
    "call-back": lambda t: RequestCallback(customer_id=t[1], reason="x"),
    "details": lambda t: RequestDetailChange(customer_id=t[1], detail="email"),
    "hand off": lambda t: QueueHandOff(packet=packet(key("conv", t), "PKT-NEW")),
    "take": lambda t: TakeHandOff(packet_id=key("PKT", t)),
    "hand back": lambda t: HandBack(conversation_id=key("conv", t)),
    "report": lambda t: ReportSecurity(what="x", customer_id=t[1]),
}


def attempt_read(store: Store, principal: Principal, name: str, target: Target) -> str:
    """All that the principal gets to know, as text."""
    return _told(lambda: READS[name](store, principal, target))


def attempt_write(store: Store, principal: Principal, name: str, target: Target, own: str) -> str:
    """The same for a write, sent through a conversation of the principal's own."""
    action = plan(WRITES[name](target), f"attempt-{name}-{principal.id}-{target}")
    transaction = Transaction(
        principal=principal, stream=own, request_id=action.key, actions=(action,)
    )
    return _told(lambda: store.commit(transaction))


def _told(work: Callable[[], object]) -> str:
    try:
        return f"answer {work()!r}"
    except WorkbenchError as error:
        return f"{type(error).__name__} {error}"
