"""Days and months in a message, written the English, German, French or Spanish way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from workbench.triage.wording import once, read_lexicon, says
from workbench.triage.words import fold

_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMERIC = re.compile(r"(?<![\d.,/])(\d{1,2})([./])(\d{1,2})(?:\2(\d{4}|\d{2}))?\.?(?![\d/])")


def read_dates(text: str, today: date) -> tuple[tuple[date, ...], str]:
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
    return once(found), text


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


def read_months(text: str, today: date) -> tuple[tuple[tuple[int | None, int], ...], str]:
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
    return once(found), rest


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
    if says(words, "last_month"):
        year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
        yield year, month
    elif says(words, "this_month"):
        yield today.year, today.month
