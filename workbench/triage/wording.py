"""Wishes, reasons and names told by words alone; the words lie in a file of the lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from workbench.config import read_toml
from workbench.records.invoices import DisputeReason

_LEXICON = Path(__file__).parent / "lexicon" / "entities.toml"


@cache
def read_lexicon() -> dict[str, Any]:
    """The word lists, by purpose."""
    return read_toml(_LEXICON)


@cache
def pattern_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for phrases; `*` stands for the rest of a word."""
    parts = (re.escape(p).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for p in phrases)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def once(found: Iterable[Any]) -> tuple[Any, ...]:
    """Each entry once, in order of appearance."""
    return tuple(dict.fromkeys(found))


def any_word(words: str, phrases: tuple[str, ...]) -> bool:
    return bool(phrases) and bool(pattern_of(phrases).search(words))


def says(words: str, wish: str) -> bool:
    row = read_lexicon()["wishes"][wish]
    return any_word(words, tuple(row["says"])) and not any_word(words, tuple(row.get("not", ())))


def named(words: str, table: str) -> Iterator[str]:
    """The values of a table whose words appear, in order of the text."""
    rows: dict[str, list[str]] = read_lexicon()[table]
    hits = []
    for value, names in rows.items():
        spoken = (value.casefold(), *names) if table == "currency" else tuple(names)
        match = pattern_of(spoken).search(words) if spoken else None
        if match:
            hits.append((match.start(), value))
    return (value for _, value in sorted(hits))


def dispute_reason(words: str) -> str | None:
    """The dispute reason whose words weigh most; the closed list's order breaks ties."""
    rows: dict[str, list[str]] = read_lexicon()["dispute_reason"]
    scores = {
        reason.value: len(pattern_of(tuple(rows[reason.value])).findall(words))
        for reason in DisputeReason
        if rows.get(reason.value)
    }
    best = max(scores, key=lambda reason: scores[reason])
    return best if scores[best] else None


_NO_MONEY = re.compile(
    r"\b(?:no|not (?:the |a )?|forget the|instead of (?:the |a )?|keine?|nicht das|pas d.|sin)\s?"
    r"(?:credit(?: note)?|money|refund|gutschrift|geld|avoir|argent|abono|dinero)\b"
)


def remedy(words: str) -> str | None:
    """`credit` or `fulfilment`; money that is not wanted does not count."""
    return next(named(_NO_MONEY.sub(" ", words), "remedy"), None)
