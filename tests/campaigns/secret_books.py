"""Books in which every secret of every customer carries a mark that says whose it is.

A mark is a word such as `namesecretmain9002`: area, tenant, customer. An amount is marked too: that
of customer 9002 is 90027.31, in any spelling. Customers are numbered from 9000.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from workbench import Workbench
from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry, CaseStatus
from workbench.records.customers import ContactPoint, Customer, PointKind
from workbench.records.invoices import (
    CreditLine,
    CreditNote,
    Dispute,
    DisputeReason,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Payment,
    PaymentState,
)

_MARK = re.compile(r"([a-z]+)secret([a-z]+)(\d{4})")
_NUMBER = re.compile(r"\d(?:[.,'\u00a0\u202f ]?\d)*")
_OPENED = datetime(2026, 4, 27, 9, tzinfo=UTC)
# The numbers of a case use no letter or digit that can be misread.
_SPELLED = str.maketrans("01", "ZY")


@dataclass(frozen=True)
class Owner:
    """One customer of one tenant, with the numbers of what they have."""

    number: int
    tenant: str = "main"

    @property
    def id(self) -> str:
        return f"C-{self.number}"

    @property
    def invoice(self) -> str:
        return f"INV-{self.number}"

    @property
    def order(self) -> str:
        return f"ORD-{self.number}"

    @property
    def case(self) -> str:
        return f"CASE-AAAA{self.number}".translate(_SPELLED)

    @property
    def email(self) -> str:
        return f"{self.mark('mail')}@{self.mark('domain')}.example"

    @property
    def postcode(self) -> str:
        return f"N{self.number % 10} {self.number // 10 % 10}QA"

    @property
    def amount(self) -> Decimal:
        return Decimal(f"{self.number}7.31")

    def mark(self, area: str) -> str:
        return f"{area}secret{self.tenant}{self.number}"


def marks_in(text: str) -> set[tuple[str, str]]:
    """Tenant and customer number of every mark in a text, amounts included (tenant `?`)."""
    words = {(tenant, number) for _, tenant, number in _MARK.findall(text.casefold())}
    digits = {re.sub(r"\D", "", number) for number in _NUMBER.findall(text)}
    amounts = {d[:4] for d in digits if re.fullmatch(r"90\d\d731", d)}
    return words | {("?", number) for number in amounts}


def foreign_marks(text: str, owner: Owner) -> set[tuple[str, str]]:
    """Marks in a text that are not the owner's."""
    own = {(owner.tenant, str(owner.number)), ("?", str(owner.number))}
    return marks_in(text) - own


def books(owner: Owner) -> dict[str, list[Record]]:
    """One customer with one of everything, ordered as they have to be brought in."""
    return {
        "customers": [_customer(owner)],
        "orders": [_order(owner)],
        "invoices": [_invoice(owner)],
        "credit_notes": [_credit_note(owner)],
        "payments": [_payment(owner)],
        "cases": [_case(owner)],
        "case_entries": _entries(owner),
        "disputes": [_dispute(owner)],
    }


def bring_in(workbench: Workbench, books: dict[str, list[Record]], digest: str = "books") -> None:
    for kind, records in books.items():
        workbench.store.import_records(workbench.service, kind, records, digest)


def _customer(owner: Owner) -> Customer:
    return Customer(
        id=owner.id,
        name=f"Vera {owner.mark('name')}",
        company=f"{owner.mark('company')} Ltd",
        country="GB",
        time_zone="Europe/London",
        postcode=owner.postcode,
        contact_points=(
            ContactPoint(kind=PointKind.EMAIL, value=owner.email, holder=owner.mark("holder")),
            ContactPoint(kind=PointKind.POSTAL, value=f"1 {owner.mark('street')} Road, London"),
        ),
    )


def _order(owner: Owner) -> Order:
    line = OrderLine(
        product="DESK",
        description=owner.mark("ordered"),
        ordered=Decimal(1),
        delivered=Decimal(1),
        agreed_price=owner.amount,
    )
    return Order(
        id=owner.order,
        customer_id=owner.id,
        placed_on=date(2026, 4, 1),
        currency="GBP",
        lines=(line,),
        delivered_on=date(2026, 4, 8),
    )


def _invoice(owner: Owner) -> Invoice:
    line = InvoiceLine(
        line=1,
        product="DESK",
        description=owner.mark("line"),
        unit_price=owner.amount,
        order_id=owner.order,
    )
    return Invoice(
        number=owner.invoice,
        customer_id=owner.id,
        issued_on=date(2026, 4, 10),
        due_on=date(2026, 5, 10),
        currency="GBP",
        lines=(line,),
        stated_total=owner.amount,
        order_id=owner.order,
        purchase_order=owner.mark("purchase"),
        terms=owner.mark("terms"),
        tax_certificate=owner.mark("certificate"),
    )


def _credit_note(owner: Owner) -> CreditNote:
    given: dict[str, Any] = {"amount": Decimal("2.00")}
    return CreditNote(
        number=f"CN-{owner.number}",
        customer_id=owner.id,
        invoice_number=owner.invoice,
        issued_on=date(2026, 4, 15),
        currency="GBP",
        lines=(CreditLine(description=owner.mark("credit"), **given),),
        reason=owner.mark("reason"),
        **given,
    )


def _payment(owner: Owner) -> Payment:
    return Payment(
        id=f"PAY-{owner.number}",
        customer_id=owner.id,
        received_on=date(2026, 4, 20),
        amount=Decimal("5.00"),
        currency="GBP",
        state=PaymentState.UNAPPLIED,
        reference=owner.mark("reference"),
        deduction_reason=owner.mark("deduction"),
    )


def _case(owner: Owner) -> Case:
    return Case(
        id=owner.case,
        customer_id=owner.id,
        topic="complaint",
        subject=f"customer:{owner.id}:complaint",
        title=f"Complaint {owner.mark('title')}",
        status=CaseStatus.OPEN,
        requests=(owner.mark("request"),),
        opened_at=_OPENED,
        updated_at=_OPENED,
    )


def _entries(owner: Owner) -> list[Record]:
    return [
        CaseEntry(
            case_id=owner.case, at=_OPENED, actor="human_agent:ana", text=owner.mark("public")
        ),
        CaseEntry(
            case_id=owner.case,
            at=_OPENED,
            actor="human_agent:ana",
            text=owner.mark("internal"),
            internal=True,
        ),
    ]


def _dispute(owner: Owner) -> Dispute:
    return Dispute(
        id=f"DSP-{owner.number}",
        customer_id=owner.id,
        invoice_number=owner.invoice,
        line=1,
        reason=DisputeReason.QUALITY,
        amount=Decimal("3.00"),
        currency="GBP",
        case_id=owner.case,
        opened_at=_OPENED,
    )
