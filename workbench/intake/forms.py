"""How a text becomes a value. Strict: what can be read in two ways is not read at all.

Every function takes the text of one cell, already stripped and not empty, and raises `InputError`
with what is wrong, what was expected and what to write into the mapping.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workbench.errors import InputError

LARGEST = Decimal(10) ** 15
"""Amounts reach up to a quadrillion: sums of them stay exact in 28 digits."""
_MOST_DECIMALS = 12
_FINEST = Decimal(1).scaleb(-_MOST_DECIMALS)
_LONGEST_IDENTIFIER = 200

_PLAIN = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)
_COMPUTED = re.compile(r"\d(\.\d+)?[eE][+-]\d{1,3}", re.ASCII)
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+\d+", re.ASCII)
_WHOLE_TAIL = re.compile(r"(\d+)\.0*", re.ASCII)
_FRACTION = re.compile(r"\d+\.\d+", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})([T ]00:00(:00(\.0+)?)?)?", re.ASCII)
_SHORT_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*", re.ASCII)
_SPREADSHEET_ERROR = re.compile(r"#(DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|FORMULA!)")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_YES = {"true", "yes", "y", "t", "1", "1.0"}
_NO = {"false", "no", "n", "f", "0", "0.0"}
_NO_NUMBER = {"nan", "inf", "+inf", "-inf", "infinity", "-infinity", "null", "none", "n/a", "-"}


class Form(StrEnum):
    """What a value is, beyond its type."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    AMOUNT = "amount"
    WHOLE = "whole number"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "time"
    YES_NO = "yes or no"
    CHOICE = "choice"
    CURRENCY = "currency"
    LANGUAGE = "language"
    ZONE = "time zone"
    EMAIL = "e-mail address"


def check_storable(text: str) -> str:
    """Text that every store can keep: no NUL, no half of a character pair, no Excel error."""
    if "\0" in text:
        raise InputError("The cell contains a NUL character", next_step="Export the file again.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError("The cell contains half of a character (a lone surrogate)") from error
    if _SPREADSHEET_ERROR.fullmatch(text):
        raise InputError(
            f"The cell is {text}, a formula without a usable result",
            next_step="Repair the formula, or open and save the workbook in Excel.",
        )
    return text


def identifier(text: str) -> str:
    """An identifier as it stands: never a number, so zeros in front survive."""
    if not text.isprintable() or len(text) > _LONGEST_IDENTIFIER:
        raise InputError(
            "The identifier has line breaks or control characters, or is too long",
            expected=f"at most {_LONGEST_IDENTIFIER} printable characters",
        )
    if _ROUNDED.fullmatch(text):
        raise InputError(
            f"{text} is an identifier that a spreadsheet rounded; its digits are lost",
            next_step="Export the column as text.",
        )
    return text


def whole_text(text: str) -> str:
    """`17850.0` as `17850`; text that is no such number stays as it is, `00123` too."""
    found = _WHOLE_TAIL.fullmatch(text)
    if found:
        return found[1]
    if _FRACTION.fullmatch(text):
        raise InputError(f"{text} has a fraction", expected="a whole number such as 17850.0")
    return text


def amount(text: str, *, decimal: str = ".", thousands: str = "", symbol: str = "") -> Decimal:
    """An exact amount. `(12.50)`, `12.50-` and `-12.50` are negative.

    Signs of thousands must stand before every three digits; a currency symbol must be announced.
    """
    sign, digits = _signed(text.strip().replace("\u2212", "-"), symbol)
    plain = _without_thousands(digits, decimal, thousands)
    if plain is not None:
        plain = plain.replace(decimal, ".")
    if plain is None or not (_PLAIN.fullmatch(plain) or _COMPUTED.fullmatch(plain)):
        raise _no_amount(text, decimal, thousands, symbol)
    return exact(Decimal(plain) * sign, text)


def exact(value: Decimal, text: str) -> Decimal:
    """The amount, if it is one that sums keep exact: below `LARGEST`, with 12 decimals at most."""
    if abs(value) >= LARGEST or value.adjusted() < -_MOST_DECIMALS - 1:
        raise InputError(f"{text} is too large or too small", expected=f"less than {LARGEST:,}")
    if value != value.quantize(_FINEST):
        raise InputError(
            f"{text} has more than {_MOST_DECIMALS} digits behind the point",
            next_step="Round it in the source, or add `round = 2` to the column.",
        )
    return value if value else Decimal(0)  # no negative zero


def _signed(text: str, symbol: str) -> tuple[int, str]:
    """Sign and digits, without brackets and the announced currency symbol."""
    if text.startswith("(") and text.endswith(")"):
        return -1, _without_symbol(text[1:-1].strip(), symbol)
    text = _without_symbol(text, symbol)
    if text.endswith("-"):
        return -1, text[:-1].rstrip()
    if text[:1] in ("-", "+"):
        return -1 if text[0] == "-" else 1, _without_symbol(text[1:].lstrip(), symbol)
    return 1, text


def _without_symbol(text: str, symbol: str) -> str:
    return text.removeprefix(symbol).removesuffix(symbol).strip() if symbol else text


def _without_thousands(digits: str, decimal: str, thousands: str) -> str | None:
    """Digits without their separators; None when these stand in the wrong places."""
    if thousands:
        spaces = {" ", "\u00a0", "\u202f"}
        if thousands in spaces:
            digits = "".join(thousands if c in spaces else c for c in digits)
        first, *groups = digits.partition(decimal)[0].split(thousands)
        if groups and not (1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)):
            return None
        digits = digits.replace(thousands, "")
    wrong = "." if decimal != "." else ","
    return None if wrong in digits else digits


def _no_amount(text: str, decimal: str, thousands: str, symbol: str) -> InputError:
    hint = "Correct the cell."
    if text.lower() in _NO_NUMBER:
        hint = "Leave the cell empty, or correct it."
    elif not symbol and re.search(r"[^\d\s.,()+\-'eE]", text):
        hint = "A currency symbol is announced in the mapping: symbol = '€'."
    elif re.search(r"[.,' \u00a0]", text):
        hint = f"The mapping says decimal = '{decimal}', thousands = '{thousands}'; correct it."
    return InputError(
        f"{text!r} is not an amount", expected=f"digits such as 1234{decimal}50", next_step=hint
    )


def day(text: str, pattern: str = "") -> date:
    """A calendar day: ISO `2026-05-04`, or as the pattern of the mapping says."""
    if pattern:
        return _in_range(_by_pattern(text, pattern), text).date()
    found = _ISO_DATE.fullmatch(text)
    if found is None:
        raise InputError(
            f"{text!r} is not an ISO date", expected="2026-05-04", next_step=_date_hint(text)
        )
    try:
        return _in_range(datetime.fromisoformat(found[1]), text).date()
    except ValueError as error:
        raise InputError(f"{text!r} is not a day of the calendar") from error


def _date_hint(text: str) -> str:
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return "It looks like a spreadsheet's day number; format the column as a date."
    if _SHORT_DATE.fullmatch(text):
        return "Which part is the day? Say so in the mapping: date = '%d/%m/%Y' or '%m/%d/%Y'."
    return "Say in the mapping how dates are written, e.g. date = '%Y-%m-%d %H:%M:%S'."


def instant(text: str, pattern: str = "", zone: str = "") -> datetime:
    """A point in time in UTC. Text without an offset is read in `zone`.

    Of the hour that occurs twice in autumn, the first is meant; an hour that spring leaves out is
    refused.
    """
    try:
        found = _by_pattern(text, pattern) if pattern else datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{text!r} is not an ISO time",
            expected="2026-05-04 10:30:00 or 2026-05-04T10:30:00+02:00",
            next_step="Say in the mapping how times are written: datetime = '%d.%m.%Y %H:%M'.",
        ) from error
    return _in_range(found if found.tzinfo else _in_zone(found, text, zone), text).astimezone(UTC)


def _in_zone(local: datetime, text: str, zone: str) -> datetime:
    if not zone:
        raise InputError(
            f"{text!r} has no time zone",
            next_step="Name it in the mapping: zone = 'Europe/London' (or 'UTC').",
        )
    aware = local.replace(tzinfo=ZoneInfo(zone))
    if aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local:
        raise InputError(
            f"{text!r} never happened in {zone}: clocks were put forward over it",
            next_step="The times are probably of another zone; correct `zone` in the mapping.",
        )
    return aware


def _by_pattern(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is added by the caller
    except ValueError as error:
        raise InputError(
            f"{text!r} does not have the form {pattern!r}",
            expected=datetime(2026, 5, 24, 13, 5, tzinfo=UTC).strftime(pattern),
        ) from error


def _in_range(value: datetime, text: str) -> datetime:
    if not 1900 <= value.year <= 2199:
        raise InputError(f"{text!r} lies in the year {value.year}", expected="1900 to 2199")
    return value


def yes_no(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise InputError(
        f"{text!r} is neither yes nor no",
        expected="true/false, yes/no or 1/0",
        next_step="Translate it in the mapping: map = { ja = 'yes', nein = 'no' }.",
    )


def choice(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise InputError(
            f"{text!r} is not on the list",
            expected="one of " + ", ".join(choices),
            next_step="Translate it in the mapping: map = { 'yours' = 'ours' }.",
        )
    return text


def currency(text: str) -> str:
    code = text.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise InputError(
            f"{text!r} is not a currency code",
            expected="ISO 4217, e.g. EUR",
            next_step="Translate it in the mapping: map = { '€' = 'EUR' }.",
        )
    return code


def language(text: str) -> str:
    """The primary tag of a language: `de` for `de-AT`, `DE` or `de_AT`."""
    tag = re.split(r"[-_]", text.lower())[0]
    if not (2 <= len(tag) <= 3 and tag.isascii() and tag.isalpha()):
        raise InputError(
            f"{text!r} is not a language tag",
            expected="a tag such as en or de-AT",
            next_step="Translate it in the mapping: map = { German = 'de' }.",
        )
    return tag


def zone_name(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"{text!r} is not a time zone", expected="an IANA name such as Europe/Berlin"
        ) from error
    return text


def email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise InputError(f"{text!r} is not an e-mail address", expected="name@example.com")
    return text
