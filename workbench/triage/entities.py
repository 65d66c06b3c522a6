"""What a message names: numbers, dates, amounts, places in a list, reasons, wishes.

Plain rules for English, German, French and Spanish, the same result for the same text. What is
found is data to look records up with; nothing here is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from workbench.config import ReferenceSettings, read_toml
from workbench.records.base import Record
from workbench.records.invoices import DisputeReason
from workbench.triage.words import fold

_LEXICON = Path(__file__).parent / "lexicon" / "entities.toml"


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
    emails = _once(_EMAIL.findall(rest))
    rest = _EMAIL.sub(" ", rest)
    dates, rest = _dates(rest, today)
    months, rest = _months(rest, today)
    amounts, rest = _amounts(rest)
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
        currencies=_once([c for _, c in amounts if c] + list(_named(words, "currency"))),
        phones=_phones(rest),
        postcodes=_postcodes(rest),
        iban=bool(_IBAN.search(text)),
        line_numbers=_line_numbers(words),
        ordinals=_ordinals(words),
        missing=_counted(words, "missing"),
        received=_counted(words, "received"),
        candidates=_candidates(rest),
        dispute_reason=_reason(words),
        status=next(_named(words, "status"), None),
        remedy=next(_named(_NO_MONEY.sub(" ", words), "remedy"), None),
        channel=next(_named(words, "channel"), None),
        language=next(_named(words, "language"), None),
        quiet_hours=_quiet_hours(words),
        wants_call=_says(words, "wants_call"),
        takes_back=_says(words, "takes_back"),
        whole_account=_says(words, "whole_account"),
        standstill=_says(words, "standstill"),
    )


def _once(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(found))


def _upper(found: Iterable[str]) -> tuple[str, ...]:
    return _once(number.upper() for number in found)


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
    return _once("".join(c for c in phone if c.isdigit() or c == "+") for phone in found)


def _postcodes(text: str) -> tuple[str, ...]:
    told = [match.group(1).strip() for match in _POSTCODE_WORD.finditer(text)]
    return _once([*told, *_UK.findall(text), *_SHORT_CODE.findall(text)])


def _candidates(text: str) -> tuple[str, ...]:
    return _once(match.group().upper() for match in _TOKEN.finditer(text))


# Dates and months

_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMERIC = re.compile(r"(?<![\d.,/])(\d{1,2})([./])(\d{1,2})(?:\2(\d{4}|\d{2}))?\.?(?![\d/])")


def _dates(text: str, today: date) -> tuple[tuple[date, ...], str]:
    found: list[date] = []

    def keep(match: re.Match[str], day: date | None) -> str:
        if day is None:
            return match.group()
        found.append(day)
        return " "

    text = _ISO.sub(lambda m: keep(m, _day(int(m[1]), int(m[2]), int(m[3]))), text)
    text = _NUMERIC.sub(lambda m: keep(m, _numeric(m, today)), text)
    for pattern in _written_dates():
        text = pattern.sub(lambda m: keep(m, _written(m, today)), text)
    return _once(found), text


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numeric(match: re.Match[str], today: date) -> date | None:
    """15.03.2026, 15/03/26; 3/25 is month first because there is no month 25."""
    first, mark, second, year = int(match[1]), match[2], int(match[3]), match[4]
    if year is None and mark == "." and not match.group().endswith("."):
        return None  # 12.5 is a number, 12.5. is a day.
    month_first = mark == "/" and (second > 12 >= first)
    day, month = (second, first) if month_first else (first, second)
    return _with_year(_full_year(year), month, day, today)


def _full_year(year: str | None) -> int | None:
    if year is None:
        return None
    return int(year) + (2000 if len(year) == 2 else 0)


def _with_year(year: int | None, month: int, day: int, today: date) -> date | None:
    """A day without a year is the nearest one: not more than half a year ahead."""
    if year is not None:
        return _day(year, month, day)
    found = _day(today.year, month, day)
    if found and (found - today).days > 183:
        return _day(today.year - 1, month, day)
    return found


@cache
def _written_dates() -> tuple[re.Pattern[str], ...]:
    names = "|".join(sorted(_months_by_name(), key=len, reverse=True))
    ending = r"(?:st|nd|rd|th|er|\.)?"
    year = r"(?:,? ?(?:de |del )?(?P<year>\d{4}))?"
    return (
        re.compile(
            rf"\b(?P<day>\d{{1,2}}){ending} ?(?:of |de )?(?P<month>{names})\.?{year}\b",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\b(?P<month>{names})\.? (?P<day>\d{{1,2}}){ending}(?!\d){year}\b", re.IGNORECASE
        ),
    )


def _written(match: re.Match[str], today: date) -> date | None:
    month = _months_by_name()[match["month"].casefold()]
    year = int(match["year"]) if match["year"] else None
    return _with_year(year, month, int(match["day"]), today)


@cache
def _months_by_name() -> dict[str, int]:
    table: dict[str, list[str]] = read_lexicon()["months"]
    return {name.casefold(): int(number) for number, names in table.items() for name in names}


@cache
def _month_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(_months_by_name(), key=len, reverse=True))
    return re.compile(rf"\b({names})\b\.?(?: ?(?:de |del )?((?:19|20)\d\d))?", re.IGNORECASE)


def _months(text: str, today: date) -> tuple[tuple[tuple[int | None, int], ...], str]:
    found: list[tuple[int | None, int]] = []
    ambiguous = set(read_lexicon()["ambiguous_months"]["words"])

    def keep(match: re.Match[str]) -> str:
        word = match[1].casefold()
        unsure = word in ambiguous and not match[2] and not _near_bill(text, match)
        if unsure or _is_a_name(text, match) or _NOT.search(text[: match.start()]):
            return match.group()
        found.append((int(match[2]) if match[2] else None, _months_by_name()[word]))
        return " "

    rest = _month_pattern().sub(keep, text)
    found += _relative_months(fold(text), today)
    return _once(found), rest


_NOT = re.compile(r"\b(?:not|nicht|pas|no)\s+(?:the |der |im |in |en |de )?$", re.IGNORECASE)


def _is_a_name(text: str, match: re.Match[str]) -> bool:
    """`April Summers` is a person, `April invoice` and `April Rechnung` are not."""
    after = text[match.end() :]
    words = read_lexicon()["ambiguous_months"]["after"]
    surname = re.match(r" [A-ZÀ-Þ][a-zß-ÿ]+", after)
    return bool(surname) and not after.strip().casefold().startswith(tuple(words))


def _near_bill(text: str, match: re.Match[str]) -> bool:
    """`May` is a month beside a word for a bill or after a preposition of time."""
    before, after = text[: match.start()].casefold(), text[match.end() :].casefold()
    words = read_lexicon()["ambiguous_months"]
    return before.rstrip().endswith(tuple(f" {w}" for w in words["before"])) or after.lstrip(
        " '’s"
    ).startswith(tuple(words["after"]))


def _relative_months(words: str, today: date) -> Iterator[tuple[int | None, int]]:
    if _says(words, "last_month"):
        year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
        yield year, month
    elif _says(words, "this_month"):
        yield today.year, today.month


# Amounts

_NUMBER = r"\d{1,3}(?:[.,' ’]\d{3})+(?:[.,]\d{1,3})?|\d+(?:[.,]\d{1,3})?"
_SYMBOLS = {"€": "EUR", "£": "GBP", "¥": "JPY", "$": "USD"}
_AMOUNT = re.compile(
    rf"(?P<sign>[€£¥$])\s?(?P<a>{_NUMBER})|(?<![\w.,-])(?P<b>{_NUMBER})\s?(?P<after>[€£¥$])"
    rf"|\b(?P<code>[A-Z]{{3}})\s?(?P<c>{_NUMBER})(?![\w-])"
    rf"|(?<![\w.,-])(?P<d>{_NUMBER})\s?(?P<name>[A-Za-zÀ-ÿ]{{2,10}})\b"
)
_BARE = re.compile(r"(?<![\w.,/-])(\d{1,3}(?:[.,]\d{3})*[.,]\d{2})(?![\w/-]|[.,]\d)")


def _amounts(text: str) -> tuple[tuple[tuple[Decimal, str | None], ...], str]:
    found: list[tuple[Decimal, str | None]] = []

    def keep(match: re.Match[str]) -> str:
        currency = _currency_of(match)
        number = next(match[g] for g in "abcd" if match[g])
        amount = decimal_of(number) if currency else None
        if amount is None:
            return match.group()
        found.append((amount, currency))
        return " "

    def bare(match: re.Match[str]) -> str:
        amount = decimal_of(match[1])
        found.extend([(amount, None)] if amount is not None else [])
        return " "

    rest = _AMOUNT.sub(keep, text)
    rest = _BARE.sub(bare, rest)
    return _once(found), rest


def _currency_of(match: re.Match[str]) -> str | None:
    sign = match["sign"] or match["after"]
    if sign:
        return _SYMBOLS[sign]
    names = _currency_names()
    if match["code"]:
        return match["code"] if match["code"].casefold() in names else None
    return names.get(match["name"].casefold()) if match["name"] else None


@cache
def _currency_names() -> dict[str, str]:
    table: dict[str, list[str]] = read_lexicon()["currency"]
    return {name: code for code, names in table.items() for name in (code.casefold(), *names)}


def decimal_of(text: str) -> Decimal | None:
    """A number written in any of the four languages: 1,234.50, 1.234,50, 1 234,50, 1234.5.

    One mark with three digits behind it groups thousands, unless the part before it is 0.
    """
    digits = re.sub(r"[ '’]", "", text)
    marks = [c for c in digits if c in ".,"]
    if len(set(marks)) == 2:
        group = "," if digits.rfind(".") > digits.rfind(",") else "."
        digits = digits.replace(group, "").replace(",", ".")
    elif marks:
        head, _, tail = digits.rpartition(marks[0])
        groups = len(marks) > 1 or (len(tail) == 3 and head != "0")
        digits = digits.replace(marks[0], "" if groups else ".")
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


# Places, lines, quantities

_LINE = re.compile(
    r"\b(?:line|item|pos(?:ition)?|zeile|posten|ligne|linea|article|lineas?)\.? ?"
    r"(?:no\.? ?|nr\.? ?|n ?)?(\d{1,3})\b"
)
_LINE_WORD = re.compile(r"\b(?:line|item|position|zeile|posten|ligne|linea)\b")
_ORDINAL_DIGIT = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|re|eme|e|o|a|\.)(?= |$)|(?:^|\s)#(\d{1,2})\b"
)
_ONLY_DIGIT = re.compile(r"^\W*(\d{1,2})\W*$")
_NEGATED_LINE = re.compile(
    r"\b(?:not|nicht|pas|no)\s+(?:the |die |la )?(?:line|item|position|zeile|posten|ligne|linea)"
    r"\.? ?\d{1,3}\b"
)


def _line_numbers(words: str) -> tuple[int, ...]:
    words = _NEGATED_LINE.sub(" ", words)
    spelled = [
        place
        for match in _LINE_WORD.finditer(words)
        for place in _ordinals(words[max(0, match.start() - 12) : match.end() + 8])
    ]
    return _once([int(m[1]) for m in _LINE.finditer(words)] + spelled)


def _ordinals(words: str) -> tuple[int, ...]:
    table: dict[str, list[str]] = read_lexicon()["ordinals"]
    found = [int(place) for place, names in table.items() if _any_word(words, tuple(names))]
    digits = [int(m[1] or m[2]) for m in _ORDINAL_DIGIT.finditer(words)]
    alone = _ONLY_DIGIT.match(words)
    return _once([*found, *digits, *([int(alone[1])] if alone else [])])


def _counted(words: str, what: str) -> Decimal | None:
    """How many pieces are missing or came: `2 of 12 missing`, `only got eight`."""
    match = _count_pattern(what).search(words)
    if not match:
        return None
    number = next(group for group in match.groups() if group)
    spelled: dict[str, list[str]] = read_lexicon()["numbers"]
    value = next((n for n, names in spelled.items() if number in names), number)
    return Decimal(value)


@cache
def _count_pattern(what: str) -> re.Pattern[str]:
    """A number near words for missing or received goods, in any order."""
    lexicon = read_lexicon()
    names = [name for row in lexicon["numbers"].values() for name in row]
    number = (
        rf"(?<![\w.,:-])(\d{{1,6}}|{'|'.join(sorted(names, key=len, reverse=True))})(?![\w.,:]*\d)"
    )
    plain = rf"(?:\d{{1,6}}|{'|'.join(names)})"
    row: dict[str, list[str]] = lexicon["counted"][what]
    before = "|".join(row["before"])
    after = "|".join(row["after"])
    share = rf"(?:\s+(?:out of|of|von|sur|de|der|des)\s+(?:the |den |les |las |los )?{plain})?"
    return re.compile(
        rf"(?:\b(?:{before})\s+(?:the |die |les |las |los )?{number})"
        rf"|(?:{number}{share}(?:\s+[^\W\d]+){{0,4}}?[\s,]+(?:{after})\b)"
    )


_NO_MONEY = re.compile(
    r"\b(?:no|not (?:the |a )?|forget the|instead of (?:the |a )?|keine?|nicht das|pas d.|sin)\s?"
    r"(?:credit(?: note)?|money|refund|gutschrift|geld|avoir|argent|abono|dinero)\b"
)
_HOURS = re.compile(
    r"(?:between|from|zwischen|von|entre|desde|de|nachts)\s(?:las )?"
    r"(\d{1,2})(?:[:h.](\d\d))?\s?(am|pm|uhr|h)?"
    r"\s(?:and|to|until|und|bis|et|a|y|hasta|till)\s(?:las )?"
    r"(\d{1,2})(?:[:h.](\d\d))?\s?(am|pm|uhr|h|o.clock)?"
)


_CLOCKS = re.compile(
    r"(?<!\d)(\d{1,2})([:h.]\d\d)\s?(am|pm|uhr|h)?\s?(?:-|to|until|bis|a)\s?"
    r"(\d{1,2})([:h.]\d\d)?\s?(am|pm|uhr|h)?(?!\d)"
)


def _quiet_hours(words: str) -> tuple[int, int] | None:
    match = _HOURS.search(words) or _CLOCKS.search(words)
    if not match:
        return None
    start, end = _hour(match[1], match[3]), _hour(match[4], match[6])
    return (start, end) if start < 24 and end < 24 else None


def _hour(digits: str, half: str | None) -> int:
    hour = int(digits)
    return hour + 12 if half == "pm" and hour < 12 else hour


# Words of the lexicon


@cache
def read_lexicon() -> dict[str, Any]:
    """The word lists, by purpose."""
    return read_toml(_LEXICON)


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for phrases; `*` stands for the rest of a word."""
    parts = (re.escape(p).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for p in phrases)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def _any_word(words: str, phrases: tuple[str, ...]) -> bool:
    return bool(phrases) and bool(_pattern(phrases).search(words))


def _says(words: str, wish: str) -> bool:
    row = read_lexicon()["wishes"][wish]
    return _any_word(words, tuple(row["says"])) and not _any_word(words, tuple(row.get("not", ())))


def _named(words: str, table: str) -> Iterator[str]:
    """The values of a table whose words appear, in order of the text."""
    rows: dict[str, list[str]] = read_lexicon()[table]
    hits = []
    for value, names in rows.items():
        spoken = (value.casefold(), *names) if table == "currency" else tuple(names)
        match = _pattern(spoken).search(words) if spoken else None
        if match:
            hits.append((match.start(), value))
    return (value for _, value in sorted(hits))


def _reason(words: str) -> str | None:
    """The dispute reason whose words weigh most; the closed list's order breaks ties."""
    rows: dict[str, list[str]] = read_lexicon()["dispute_reason"]
    scores = {
        reason.value: len(_pattern(tuple(rows[reason.value])).findall(words))
        for reason in DisputeReason
        if rows.get(reason.value)
    }
    best = max(scores, key=lambda reason: scores[reason])
    return best if scores[best] else None
