"""The ways in which running text may write a fact's value: the check accepts these and no other.

To list what is allowed is safer than to parse what is written: a spelling that nobody foresaw is
refused, and the reply falls back to the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from workbench.records.evidence import (
    DateValue,
    MoneyValue,
    NameValue,
    NumberValue,
    PassageValue,
    ReferenceValue,
    TermValue,
    TimeValue,
    Value,
)
from workbench.records.money import Money
from workbench.speak.catalogue import Catalogue
from workbench.speak.values import (
    amount_text,
    decimal_text,
    neutral,
    speak,
    speak_date,
    speak_money,
)


class Kind(StrEnum):
    """Values that can be mistaken for one another."""

    MONEY = "money"
    DAY = "day"
    NUMBER = "number"
    SHARE = "share"
    REFERENCE = "reference"
    WORDS = "words"


# Spaces that do not break and the typographic minus; each is one character, so positions stay.
_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u2011": "-"})


def plain(text: str) -> str:
    """The text with ordinary spaces and hyphens, character for character."""
    return text.translate(_PLAIN)


def kind_of(value: Value) -> Kind:
    match value:
        case MoneyValue():
            return Kind.MONEY
        case DateValue() | TimeValue():
            return Kind.DAY
        case NumberValue():
            return Kind.SHARE if value.unit == "%" else Kind.NUMBER
        case ReferenceValue():
            return Kind.REFERENCE
        case _:
            return Kind.WORDS


def spellings(value: Value, words: Catalogue, placeholder: str) -> frozenset[str]:
    """Every accepted way to write the value, in plain characters; none for our own terms."""
    return frozenset(plain(text) for text in _spellings(value, words, placeholder) if text)


def _spellings(value: Value, words: Catalogue, placeholder: str) -> Iterator[str]:
    match value:
        case NameValue():
            yield from _of_name(speak(value, words), placeholder)
            return
        case TermValue():
            return
        case MoneyValue():
            yield from _of_money(value.value, words)
        case DateValue():
            yield from _of_date(value.value, words)
        case TimeValue():
            yield from _of_time(value, words)
        case NumberValue():
            yield from _of_number(value, words)
        case PassageValue():
            yield from _of_passage(value.value)
        case ReferenceValue():
            pass
    yield speak(value, words, placeholder)


# Names that the catalogue says without quotation marks.
_BARE_NAMES = ("assistant", "company", "name", "to")


def _of_name(name: str, placeholder: str) -> Iterator[str]:
    """A name that holds figures counts in quotation marks only: it vouches for no other text."""
    if placeholder in _BARE_NAMES or not any(char.isnumeric() for char in name):
        yield name
    else:
        yield from (f"“{name}”", f"„{name}“", f"« {name} »", f"«{name}»", f'"{name}"')


def _of_money(money: Money, words: Catalogue) -> Iterator[str]:
    """With sign or code, code before or after, with or without grouping and empty cents."""
    sign = "-" if money.amount < 0 else ""
    full = amount_text(money, words)
    texts = {full, full.replace(words.format.group, "")}
    if money.amount == money.amount.to_integral_value():
        texts |= {text.partition(words.format.decimal)[0] for text in texts}
    for text in texts:
        yield f"{sign}{money.currency} {text}"
        yield f"{sign}{text} {money.currency}"
        yield speak_money(money, words).replace(full, text)


def _of_date(day: date, words: Catalogue) -> Iterator[str]:
    yield day.isoformat()
    yield speak_date(day, words)
    month = words.format.months[day.month - 1]
    parts = {"month": month, "year": day.year, "day": day.day, "d": day.day, "m": day.month}
    for pattern in words.format.other_dates:
        yield pattern.format(**parts, dd=f"{day.day:02}", mm=f"{day.month:02}")


def _of_time(time: TimeValue, words: Catalogue) -> Iterator[str]:
    """The date and the clock also on their own: text may put words between them."""
    local = time.value.astimezone(ZoneInfo(time.zone))
    yield from _of_date(local.date(), words)
    zone = speak(time, words).rpartition(" ")[2]
    for pattern in {words.format.clock, "{hour:02}:{minute:02}"}:
        clock = pattern.format(hour=local.hour, minute=local.minute)
        yield from (clock, f"{clock} {zone}")


def _of_number(number: NumberValue, words: Catalogue) -> Iterator[str]:
    digits = decimal_text(number.value, words)
    if number.unit == "%":
        yield from (pattern.format(n=digits) for pattern in words.format.other_percent)
        return
    yield digits
    place = number.value - 2
    if place in map(Decimal, range(len(words.numerals.counting))):
        spelled = words.numerals.counting[int(place)]
        yield from (spelled, spelled.capitalize())


_SENTENCE_CHARS = 25


def _of_passage(text: str) -> Iterator[str]:
    """The passage and each of its sentences, word for word; no scrap that fits anywhere."""
    whole = neutral(text)
    yield whole
    yield from (part for part in re.split(r"(?<=[.!?]) ", whole) if len(part) >= _SENTENCE_CHARS)
