"""What can be imported, and which values each kind takes: read off the records themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from workbench.errors import InputError
from workbench.intake.forms import Form, exact
from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry
from workbench.records.contacts import Contact
from workbench.records.customers import ContactPoint, Customer, PointKind
from workbench.records.invoices import (
    CreditLine,
    CreditNote,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Payment,
)
from workbench.records.money import Money, total


class Label(Record):
    """A person's judgement: what a message, or a contact on file, was about."""

    text: str = ""
    """The message; empty when `contact_id` names a contact instead."""
    contact_id: str = ""
    label: str
    """An intent of the POC, or `something_else`."""
    language: str = ""


@dataclass(frozen=True)
class Target:
    """A value of a record that a column can give."""

    name: str
    form: Form
    required: bool = False
    choices: tuple[str, ...] = ()
    meaning: str = ""


Values = dict[str, Any]
Build = Callable[[Values, list[Values]], tuple[Record, ...]]


@dataclass(frozen=True)
class Kind:
    """One kind of input: its record, its lines, and how values become records."""

    name: str
    record: type[Record]
    build: Build
    line: type[Record] | None = None
    worked_out: frozenset[str] = frozenset()
    """Required values of the record that follow from the others when no column gives them."""
    added: tuple[Target, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Closed lists that the record's own types do not spell out."""

    @property
    def targets(self) -> dict[str, Target]:
        return {
            t.name: t for t in (*_targets(self.record, self.worked_out, self.choices), *self.added)
        }

    @property
    def line_targets(self) -> dict[str, Target]:
        if self.line is None:
            return {}
        return {
            t.name: t
            for t in _targets(self.line, frozenset({"line"}), {})
            if t.name != "case_id"  # a line's own case is the one that it is a line of
        }


def _targets(
    record: type[Record], worked_out: frozenset[str], choices: Mapping[str, tuple[str, ...]]
) -> Iterator[Target]:
    for name, info in record.model_fields.items():
        form = _form(name, info, name in choices)
        if form is None or name in {"revision", "tenant"}:
            continue
        required = info.is_required() and name not in worked_out
        listed = choices.get(name) or _enum_values(info)
        yield Target(name, form, required, listed, (info.description or "").replace("\n", " "))


_FORMS: dict[Any, Form] = {
    Decimal: Form.AMOUNT,
    int: Form.WHOLE,
    float: Form.NUMBER,
    date: Form.DATE,
    datetime: Form.INSTANT,
    bool: Form.YES_NO,
}
_NAMED_FORMS = {
    "currency": Form.CURRENCY,
    "language": Form.LANGUAGE,
    "time_zone": Form.ZONE,
    "id": Form.IDENTIFIER,
    "number": Form.IDENTIFIER,
    "product": Form.IDENTIFIER,
    "purchase_order": Form.IDENTIFIER,
    "subject": Form.IDENTIFIER,
}


def _form(name: str, info: FieldInfo, listed: bool) -> Form | None:
    """How a field is written in a cell; None for fields that no single cell can give."""
    kind = _plain_type(info.annotation)
    if kind is str:
        if listed:
            return Form.CHOICE
        is_reference = name.endswith(("_id", "_number"))
        return _NAMED_FORMS.get(name, Form.IDENTIFIER if is_reference else Form.TEXT)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Form.CHOICE
    return _FORMS.get(kind)


def _plain_type(annotation: Any) -> Any:
    """The type without `None` and without validators attached to it."""
    if get_origin(annotation) in (UnionType, Union):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _enum_values(info: FieldInfo) -> tuple[str, ...]:
    kind = _plain_type(info.annotation)
    is_enum = isinstance(kind, type) and issubclass(kind, Enum)
    return tuple(member.value for member in kind) if is_enum else ()


def make(record: type[Record], values: Values) -> Any:
    """A record from typed values; its own refusals become `InputError`."""
    try:
        return record.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise InputError(f"`{place}`: {problem['msg']}") from error


def _build_customer(values: Values, _: list[Values]) -> tuple[Record, ...]:
    points = tuple(
        ContactPoint(kind=kind, value=values.pop(kind.value))
        for kind in PointKind
        if values.get(kind.value)
    )
    rest = {name: value for name, value in values.items() if name not in set(PointKind)}
    return (make(Customer, rest | {"contact_points": points}),)


def _numbered(lines: list[Values]) -> list[Values]:
    return [{"line": place} | line for place, line in enumerate(lines, 1)]


def _build_invoice(values: Values, lines: list[Values]) -> tuple[Record, ...]:
    """An invoice; without a stated total, the total is the sum of its lines."""
    made = [make(InvoiceLine, line) for line in _numbered(lines)]
    added_up = _sum_of_lines(made, values["currency"])
    if "stated_total" not in values:
        if not made:
            raise InputError("The invoice has neither a stated total nor lines")
        values = values | {"stated_total": added_up.amount}
    _check_digits(values, "stated_total")
    return (make(Invoice, values | {"lines": tuple(made)}),)


def _sum_of_lines(lines: list[InvoiceLine], currency: str) -> Money:
    try:
        added_up = total([line.gross(currency) for line in lines], currency)
    except ArithmeticError as error:
        raise InputError("A line's quantity x price is beyond any invoice") from error
    exact(added_up.amount, f"The sum of the lines, {added_up.amount:f},")
    return added_up


def _build_credit_note(values: Values, lines: list[Values]) -> tuple[Record, ...]:
    """A credit note; without an amount of its own, it credits the sum of its lines."""
    made = [make(CreditLine, line) for line in lines]
    if "amount" not in values:
        values = values | {"amount": sum((line.amount for line in made), Decimal(0))}
    _check_digits(values, "amount")
    _check_not_negative("amount", values["amount"], *(line.amount for line in made))
    return (make(CreditNote, values | {"lines": tuple(made)}),)


def _build_payment(values: Values, _: list[Values]) -> tuple[Record, ...]:
    _check_digits(values, "amount")
    _check_not_negative("amount", values["amount"])
    return (make(Payment, values),)


def _build_order(values: Values, lines: list[Values]) -> tuple[Record, ...]:
    return (make(Order, values | {"lines": tuple(make(OrderLine, line) for line in lines)}),)


def _build_case(values: Values, lines: list[Values]) -> tuple[Record, ...]:
    """A case and its history in the order in which it happened."""
    history = sorted(
        (make(CaseEntry, line | {"case_id": values["id"]}) for line in lines),
        key=lambda entry: entry.at,
    )
    known = {
        "topic": "general",
        "subject": f"case:{values['id']}",
        "title": f"Case {values['id']}",
        "updated_at": history[-1].at if history else values["opened_at"],
    }
    return (make(Case, known | values), *history)


def _build_contact(values: Values, _: list[Values]) -> tuple[Record, ...]:
    """A contact of the time before launch, unless a column says otherwise."""
    for name, (low, high) in _CONTACT_RANGES.items():
        value = values.get(name)
        if value is not None and not low <= value <= high:
            raise InputError(f"`{name}` is {value}", expected=f"{low} to {high}")
    if "amount" in values and values["amount"] != round(values["amount"], 3):
        raise InputError("`amount` has more than three digits behind the point")
    return (make(Contact, {"phase": "baseline"} | values),)


def _build_label(values: Values, _: list[Values]) -> tuple[Record, ...]:
    if bool(values.get("text")) == bool(values.get("contact_id")):
        raise InputError("A label belongs to a text or to a contact", expected="one of the two")
    return (make(Label, values),)


def _check_digits(values: Values, name: str) -> None:
    money = Money(amount=values[name], currency=values["currency"])
    if money.amount != money.rounded().amount:
        raise InputError(
            f"`{name}` is {money.amount:f}, finer than the smallest unit of {money.currency}",
            next_step="Round it in the source, or add `round = 2` to the column.",
        )


def _check_not_negative(name: str, *amounts: Decimal) -> None:
    if min(amounts) < 0:
        raise InputError(
            f"`{name}` is negative",
            expected="what is given back or paid, as a positive amount",
            next_step="Add `negate = true` to the column if the source writes it with a minus.",
        )


_CONTACT_RANGES: dict[str, tuple[int, int]] = {
    "confidence": (0, 1),
    "out_of_scope": (0, 1),
    "urgency": (0, 1),
    "sentiment": (-1, 1),
    "sentiment_change": (-2, 2),
    "csat": (1, 5),
    "nps": (0, 10),
} | dict.fromkeys(
    (
        "talk_s hold_s wrap_s assistant_s auth_s first_response_s resolution_s human_agents turns"
    ).split(),
    (0, 10**9),
)
_LEVELS = ("automate", "assist", "escalate")
_GRADES = ("contained", "assumed", "confirmed", "durable")

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "customers",
            Customer,
            _build_customer,
            added=(
                Target("email", Form.EMAIL, meaning="Verified e-mail address on file."),
                Target("phone", Form.TEXT, meaning="Verified telephone number on file."),
                Target("postal", Form.TEXT, meaning="Postal address on file, in one line."),
            ),
        ),
        Kind("invoices", Invoice, _build_invoice, InvoiceLine, frozenset({"stated_total"})),
        Kind("credit_notes", CreditNote, _build_credit_note, CreditLine, frozenset({"amount"})),
        Kind("payments", Payment, _build_payment),
        Kind(
            "orders",
            Order,
            _build_order,
            OrderLine,
            choices={"status": ("placed", "shipped", "delivered", "cancelled")},
        ),
        Kind(
            "cases",
            Case,
            _build_case,
            CaseEntry,
            frozenset({"topic", "subject", "title", "updated_at"}),
        ),
        Kind(
            "contacts",
            Contact,
            _build_contact,
            choices={
                "level": _LEVELS,
                "resolution": _GRADES,
                "phase": ("baseline", "pilot"),
                "handoff_kind": ("requested", "policy", "failure"),
            },
        ),
        Kind("labels", Label, _build_label),
    )
}


def kind_named(name: str) -> Kind:
    if name not in KINDS:
        raise InputError(f"Nothing called {name!r} can be imported", expected=" | ".join(KINDS))
    return KINDS[name]
