"""How values are written: one form for facts, every usual one for what must not be said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from workbench.records.evidence import (
    DateValue,
    MoneyValue,
    NumberValue,
    PassageValue,
    TimeValue,
    Value,
)
from workbench.records.money import Money
from workbench.speak.catalogue import Catalogue, catalogue, languages
from workbench.speak.values import amount_text, speak_date

_MONEY = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def canonical(value: Value) -> tuple[str, ...]:
    """The forms in which a scenario may name a fact's value, the plainest first."""
    match value:
        case MoneyValue():
            exact = f"{value.value.amount:f} {value.value.currency}"
            return (str(value.value), exact)
        case DateValue():
            return (value.value.isoformat(),)
        case TimeValue():
            local = value.value.astimezone(ZoneInfo(value.zone))
            return (f"{local:%Y-%m-%d %H:%M} {value.zone}", local.date().isoformat())
        case NumberValue():
            plain = plain_number(value.value)
            return (plain, f"{plain} {value.unit}")
        case PassageValue():
            return (value.value, value.title)
        case _:
            return (value.value,)


def plain_number(number: Decimal) -> str:
    """`19`, `1.1364`: without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def stands_in(forbidden: str, text: str) -> bool:
    """Whether a text holds the words, or the amount or date in any notation we speak."""
    return any(_alone(form).search(text) for form in _forms(forbidden))


def _alone(form: str) -> re.Pattern[str]:
    """The form as a whole: no digit may continue it."""
    start = r"(?<![\d.,])" if form[0].isdigit() else ""
    end = r"(?![\d]|[.,]\d)" if form[-1].isdigit() else ""
    return re.compile(start + re.escape(form) + end, re.IGNORECASE)


def _forms(forbidden: str) -> Iterator[str]:
    yield forbidden
    spoken = [catalogue(language) for language in languages()]
    if money := _MONEY.fullmatch(forbidden):
        amount = Money.of(money[1], money[2])
        yield money[1]
        yield from (amount_text(amount, words) for words in spoken)
    elif _DAY.fullmatch(forbidden):
        yield from (_spoken_day(forbidden, words) for words in spoken)


def _spoken_day(day: str, words: Catalogue) -> str:
    return speak_date(date.fromisoformat(day), words)
