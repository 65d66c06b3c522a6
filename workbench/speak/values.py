"""How a value is said in a language: money, dates, times, numbers, names, terms, passages."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from workbench.records.base import Instant
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
from workbench.records.money import Money, currency_digits
from workbench.speak.catalogue import Catalogue

# Only signs that mean one currency; `$`, `kr` and `¥` do not, so these speak their ISO code.
SYMBOLS = {"EUR": "€", "GBP": "£", "INR": "₹"}

_NAME_CHARS = 90
_REFERENCE_CHARS = 60
_PASSAGE_CHARS = 900


def speak(value: Value, words: Catalogue, placeholder: str = "") -> str:
    """The value as the language says it; terms are looked up in the list of their placeholder."""
    match value:
        case MoneyValue():
            return speak_money(value.value, words)
        case DateValue():
            return speak_date(value.value, words)
        case TimeValue():
            return speak_time(value.value, value.zone, words)
        case NumberValue():
            return speak_number(value.value, value.unit, words)
        case ReferenceValue():
            return shortened(neutral(value.value), _REFERENCE_CHARS)
        case NameValue():
            return shortened(neutral(value.value), _NAME_CHARS)
        case TermValue():
            return speak_term(value.value, placeholder, words)
        case PassageValue():
            return speak_passage(value, words)


def speak_money(money: Money, words: Catalogue) -> str:
    """`£139.12`, `139,12 €`, `USD 5.00`: never an ambiguous sign."""
    digits = amount_text(money, words)
    symbol = SYMBOLS.get(money.currency)
    pattern = words.format.money_symbol if symbol else words.format.money_code
    text = pattern.format(symbol=symbol, code=money.currency, amount=digits)
    return f"-{text}" if money.amount < 0 else text


def amount_text(money: Money, words: Catalogue) -> str:
    """The amount without sign: the currency's digits, or more where a unit price has more."""
    fraction = -int(money.amount.normalize().as_tuple().exponent)
    return decimal_text(
        abs(money.amount), words, places=max(currency_digits(money.currency), fraction)
    )


def decimal_text(number: Decimal, words: Catalogue, places: int | None = None) -> str:
    """A number with the language's marks; without `places`, trailing zeros are dropped."""
    text = f"{number:f}" if places is None else f"{number:.{places}f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0") if places is None else fraction
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    if len(whole) >= words.format.group_from:
        whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", words.format.group, whole)
    return sign + whole + (words.format.decimal + fraction if fraction else "")


def speak_date(day: date, words: Catalogue) -> str:
    """`4 May 2026`: the month in words, so that day and month cannot be mistaken."""
    form = words.format
    number = form.first_day if day.day == 1 else str(day.day)
    return form.date.format(day=number, month=form.months[day.month - 1], year=day.year)


def speak_time(at: Instant, zone: str, words: Catalogue) -> str:
    """`Monday, 4 May 2026, 14:30 CEST`: in the customer's zone, with the weekday."""
    local = at.astimezone(ZoneInfo(zone))
    name = local.tzname() or "UTC"
    return words.format.time.format(
        weekday=words.format.weekdays[local.weekday()],
        date=speak_date(local.date(), words),
        clock=words.format.clock.format(hour=local.hour, minute=local.minute),
        zone=name if name[0].isalpha() else f"UTC{name}",
    )


def speak_number(number: Decimal, unit: str, words: Catalogue) -> str:
    """`12.5`, `19%`, `3 days`; a unit that the language does not know is said as it stands."""
    digits = decimal_text(number, words)
    if unit == "%":
        return words.format.percent.format(n=digits)
    if unit in words.units:
        one, several = words.units[unit]
        return (one if abs(number) == 1 else several).format(n=digits)
    return f"{digits} {neutral(unit)}".strip()


def speak_term(term: str, placeholder: str, words: Catalogue) -> str:
    """A word of a closed list; one that the list does not have is said as it stands."""
    return words.terms.get(placeholder, {}).get(term) or neutral(term.replace("_", " "))


def speak_passage(passage: PassageValue, words: Catalogue) -> str:
    """The passage word for word, in quotes, with the title of its article."""
    text = shortened(neutral(passage.value), _PASSAGE_CHARS)
    if not passage.title:
        return text
    return words.format.passage.format(text=text, title=neutral(passage.title))


# Characters that could close a quotation or start a link, a tag, code or a table, each with a
# look-alike: a name stays readable but can be nothing but text.
_HARMLESS = str.maketrans(
    {"<": "‹", ">": "›", "[": "(", "]": ")", "`": "'", "|": "/"} | dict.fromkeys("“”„«»", "'")
)
_LINK = re.compile(r"(?i)\b(?:https?|ftp|javascript|data)\s*:(?://)?|\bwww\.")


def neutral(text: str) -> str:
    """Foreign text as plain data on one line: no control characters, markup, links or quotes."""
    visible = "".join(" " if _is_space(char) else char for char in text if not _is_hidden(char))
    harmless = visible.translate(_HARMLESS)
    harmless = _LINK.sub(lambda found: re.sub(r"[:/.]", "", found[0]) + " ", harmless)
    return " ".join(harmless.split())


def is_plain(text: str) -> bool:
    """Whether a text is one line without markup and control characters."""
    return not set("<>[]{}`|\n") & set(text) and not any(map(_is_hidden, text))


def _is_space(char: str) -> bool:
    return char in "\t\n\r\v\f\x85" or unicodedata.category(char) in ("Zs", "Zl", "Zp")


def _is_hidden(char: str) -> bool:
    """Control, format (zero-width, bidirectional), private-use and surrogate characters."""
    return unicodedata.category(char)[0] == "C" and not _is_space(char)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a space where one is near, marked with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > limit // 2 else cut).rstrip(" ,;.") + "…"
