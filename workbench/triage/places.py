"""Places in a list, lines of an invoice, counted pieces, hours of the day."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from workbench.triage.wording import any_word, once, read_lexicon

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


def line_numbers(words: str) -> tuple[int, ...]:
    words = _NEGATED_LINE.sub(" ", words)
    spelled = [
        place
        for match in _LINE_WORD.finditer(words)
        for place in ordinals(words[max(0, match.start() - 12) : match.end() + 8])
    ]
    return once([int(m[1]) for m in _LINE.finditer(words)] + spelled)


def ordinals(words: str) -> tuple[int, ...]:
    table: dict[str, list[str]] = read_lexicon()["ordinals"]
    found = [int(place) for place, names in table.items() if any_word(words, tuple(names))]
    digits = [int(m[1] or m[2]) for m in _ORDINAL_DIGIT.finditer(words)]
    alone = _ONLY_DIGIT.match(words)
    return once([*found, *digits, *([int(alone[1])] if alone else [])])


def counted(words: str, what: str) -> Decimal | None:
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


def quiet_hours(words: str) -> tuple[int, int] | None:
    match = _HOURS.search(words) or _CLOCKS.search(words)
    if not match:
        return None
    start, end = _hour(match[1], match[3]), _hour(match[4], match[6])
    return (start, end) if start < 24 and end < 24 else None


def _hour(digits: str, half: str | None) -> int:
    hour = int(digits)
    return hour + 12 if half == "pm" and hour < 12 else hour
