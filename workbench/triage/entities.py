"""What a message names: numbers, dates, amounts, places in a list, reasons, wishes.

Plain rules for English, German, French and Spanish, the same result for the same text. What is
found is data to look records up with; nothing here is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache

from workbench.config import ReferenceSettings
from workbench.records.base import Record
from workbench.triage.amounts import read_amounts
from workbench.triage.dates import read_dates, read_months
from workbench.triage.places import counted, line_numbers, ordinals, quiet_hours
from workbench.triage.wording import dispute_reason, named, once, remedy, says
from workbench.triage.words import fold


class Entities(Record):
    """Everything that a message names. Lists keep the order of the text, each entry once."""

    invoice_numbers: tuple[str, ...] = ()
    """In capitals, as the pattern of the POC finds them."""
    case_numbers: tuple[str, ...] = ()
    order_numbers: tuple[str, ...] = ()
    customer_numbers: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    """Other tokens with digits that may be a reference: `536365`, `C548695`."""
    dates: tuple[date, ...] = ()
    months: tuple[tuple[int | None, int], ...] = ()
    """(year or None, month 1-12)."""
    amounts: tuple[tuple[Decimal, str | None], ...] = ()
    """(amount, ISO 4217 currency or None)."""
    currencies: tuple[str, ...] = ()
    missing: Decimal | None = None
    """How many pieces are said not to have come."""
    received: Decimal | None = None
    """How many pieces are said to have come."""
    ordinals: tuple[int, ...] = ()
    """Places in a list: 1 first, 2 second, -1 last."""
    line_numbers: tuple[int, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    iban: bool = False
    dispute_reason: str | None = None
    """One of `DisputeReason`."""
    status: str | None = None
    """`overdue`, `paid` or `partly_paid`, where an invoice is picked by how it stands."""
    remedy: str | None = None
    """`credit` or `fulfilment`, where the customer says which."""
    channel: str | None = None
    """`email` or `phone`, where the customer names one."""
    language: str | None = None
    """A language that is wished for, as BCP 47 tag."""
    quiet_hours: tuple[int, int] | None = None
    """(from, until), hours of the customer's day."""
    wants_call: bool = False
    takes_back: bool = False
    """The customer withdraws what was just asked for."""
    whole_account: bool = False
    """All that is owed is meant, not one invoice."""
    standstill: bool = False
    """A whole business or plant stands still, many people cannot work."""


def read_entities(text: str, references: ReferenceSettings, today: date) -> Entities:
    """Read a message.

    Args:
        today: Gives `last month` and days without a year their year. 3/5 is 3 May, as everywhere
            but in the US; 3/25 can only be March 25th.
    """
    rest = text
    numbers: dict[str, tuple[str, ...]] = {}
    for kind, pattern in _reference_patterns(references):
        numbers[kind] = _upper(pattern.findall(rest))
        rest = pattern.sub(" ", rest)
    emails = once(_EMAIL.findall(rest))
    rest = _EMAIL.sub(" ", rest)
    dates, rest = read_dates(rest, today)
    months, rest = read_months(rest, today)
    amounts, rest = read_amounts(rest)
    words = fold(text)
    return Entities(
        invoice_numbers=numbers["invoice"],
        case_numbers=numbers["case"],
        order_numbers=numbers["order"],
        customer_numbers=numbers["customer"],
        emails=emails,
        dates=dates,
        months=months,
        amounts=amounts,
        currencies=once([c for _, c in amounts if c] + list(named(words, "currency"))),
        phones=_phones(rest),
        postcodes=_postcodes(rest),
        iban=bool(_IBAN.search(text)),
        line_numbers=line_numbers(words),
        ordinals=ordinals(words),
        missing=counted(words, "missing"),
        received=counted(words, "received"),
        candidates=_candidates(rest),
        dispute_reason=dispute_reason(words),
        status=next(named(words, "status"), None),
        remedy=remedy(words),
        channel=next(named(words, "channel"), None),
        language=next(named(words, "language"), None),
        quiet_hours=quiet_hours(words),
        wants_call=says(words, "wants_call"),
        takes_back=says(words, "takes_back"),
        whole_account=says(words, "whole_account"),
        standstill=says(words, "standstill"),
    )


def _upper(found: Iterable[str]) -> tuple[str, ...]:
    return once(number.upper() for number in found)


# References and contacts

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)?\d[\d ()/-]{6,18}\d(?![\w.])")
_POSTCODE_WORD = re.compile(
    r"(?:post ?codes?|zip(?: code)?|plz|postleitzahl|code postal|codigo postal|c\.p\.)"
    r"[\s:=]*(?:is|ist|est|es|lautet)?[\s:=]*([a-z]{0,4}[\s-]?\d[a-z0-9]{1,6}(?:[\s-]\d?[a-z0-9]{2,4})?)",
    re.IGNORECASE,
)
_UK = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE)
_SHORT_CODE = re.compile(r"(?<![\w.,-])(?:[A-Z]{1,2}-)?\d{4,5}(?:-\d{3,4})?(?![\w-]|[.,]\d)")
_TOKEN = re.compile(r"(?<![\w.,-])(?=[\w-]*\d{3})[A-Za-z]{0,4}-?\d[\w-]{2,18}(?![\w-]|[.,]\d)")


@cache
def _reference_patterns(references: ReferenceSettings) -> tuple[tuple[str, re.Pattern[str]], ...]:
    named = zip(("invoice", "case", "order", "customer"), references.patterns, strict=True)
    # The customer's pattern may be as loose as five digits; the others get the first look.
    return tuple(named)


def _phones(text: str) -> tuple[str, ...]:
    found = (match.group() for match in _PHONE.finditer(text))
    return once("".join(c for c in phone if c.isdigit() or c == "+") for phone in found)


def _postcodes(text: str) -> tuple[str, ...]:
    told = [match.group(1).strip() for match in _POSTCODE_WORD.finditer(text)]
    return once([*told, *_UK.findall(text), *_SHORT_CODE.findall(text)])


def _candidates(text: str) -> tuple[str, ...]:
    return once(match.group().upper() for match in _TOKEN.finditer(text))
