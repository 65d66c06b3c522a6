"""Payment card numbers and their security codes in free text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from re import Pattern
from typing import NamedTuple

CARD = "card"
SECURITY_CODE = "security_code"


class Span(NamedTuple):
    """A piece of a text and what it is."""

    start: int
    end: int
    kind: str


class Own:
    """Where the company's own numbers stand; every look-up takes logarithmic time."""

    def __init__(self, text: str, patterns: Sequence[Pattern[str]]) -> None:
        spans = sorted(match.span() for pattern in patterns for match in pattern.finditer(text))
        self._starts = [start for start, _ in spans]
        self._ends = list(accumulate((end for _, end in spans), max))

    def covers(self, span: Span) -> bool:
        """Whether an own number begins no later and some own number ends no earlier."""
        before = bisect_right(self._starts, span.start)
        return bool(before) and self._ends[before - 1] >= span.end

    def touches(self, span: Span) -> bool:
        before = bisect_left(self._starts, span.end)
        return bool(before) and self._ends[before - 1] > span.start


# Payment cards: ISO/IEC 7812, 12 to 19 digits with a Luhn check digit

_BETWEEN = r"[\s.,\-\u2010-\u2015\u2212_\u00b7\u2022/\\|\u200b-\u200f\u2060\ufeff\ufe0f\u20e3]{0,4}"
"""What people put between digits, invisible characters included."""
_DIGITS = re.compile(rf"\d(?:{_BETWEEN}\d){{11,}}")
_GROUP = re.compile(r"\d+")
_NETWORK = re.compile(r"4|5[0-8]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[0-9]|6[0-9]|9792")
"""First digits that card networks use (Visa, Maestro, Mastercard, Amex, Diners, JCB, ...)."""
_PRINTED = frozenset(
    [(4, 6, 5), (4, 6, 4), (4, 4, 5), (4, 4, 4, 1), (4, 4, 4, 2), (4, 4, 4, 3)]
    + [(4,) * n for n in (3, 4)]
    + [(4, 4, 4, 4, n) for n in (1, 2, 3)]
)
"""How card numbers are printed."""
_TYPED = frozenset(
    [(1,) * 15, (1,) * 16, (2,) * 8, (8, 8), (4, 12), (12, 4), (4, 4, 8), (4, 8, 4), (8, 4, 4)]
    + [(6, 10), (10, 6), (5, 5, 6), (5, 6, 5), (6, 5, 5)]
)
"""How else people type them; these count only where the network fixes the length."""
_BY_FIRST_GROUP = {
    first: sorted((lay for lay in _PRINTED | _TYPED if lay[0] == first), key=sum, reverse=True)
    for first in {layout[0] for layout in _PRINTED | _TYPED}
}
"""First group -> layouts that begin so, the longest number first."""
_FIXED_LENGTH = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}"
)


def card_numbers(text: str, own: Own) -> Iterator[Span]:
    """Numbers with a right check digit that are written as cards are, and are not our own."""
    for run in _DIGITS.finditer(text):
        groups = [Span(g.start(), g.end(), CARD) for g in _GROUP.finditer(text, *run.span())]
        sizes = tuple(group.end - group.start for group in groups)
        at = 0
        while at < len(groups):
            size = _card_at(text, groups, sizes, at, own)
            if size:
                yield Span(groups[at].start, groups[at + size - 1].end, CARD)
            at += size or 1


def _card_at(text: str, groups: Sequence[Span], sizes: tuple[int, ...], at: int, own: Own) -> int:
    """How many groups of digits, from `at` on, make a card number; 0 for none."""
    if 12 <= sizes[at] <= 19 and _is_unbroken_card(text, groups[at], own):
        return 1
    for layout in _BY_FIRST_GROUP.get(sizes[at], ()):
        many = len(layout)
        if sizes[at : at + many] == layout and _is_spaced_card(
            text, groups[at : at + many], layout, own
        ):
            return many
    return 0


def _plain(digits: str) -> str:
    """Digits of any script as ASCII; anything else is left out."""
    found = "".join(_GROUP.findall(digits))
    return found if found.isascii() else "".join(str(int(c)) for c in found)


def _is_unbroken_card(text: str, group: Span, own: Own) -> bool:
    """12 to 19 digits in a row; glued to letters only where the network fixes the length."""
    digits = _plain(text[group.start : group.end])
    if not luhn(digits) or own.covers(group):
        return False
    glued = (
        text[group.start - 1 : group.start].isalpha() or text[group.end : group.end + 1].isalpha()
    )
    return not glued or bool(_FIXED_LENGTH.fullmatch(digits))


def _is_spaced_card(text: str, groups: Sequence[Span], layout: tuple[int, ...], own: Own) -> bool:
    whole = Span(groups[0].start, groups[-1].end, CARD)
    digits = _plain(text[whole.start : whole.end])
    if not _NETWORK.match(digits) or not luhn(digits):
        return False
    if own.covers(whole) or all(own.covers(group) for group in groups):
        return False
    known = layout in _PRINTED
    return known or (bool(_FIXED_LENGTH.fullmatch(digits)) and not own.touches(whole))


_VALUES = dict(zip("0123456789", range(10), strict=True))
_DOUBLED = dict(zip("0123456789", (0, 2, 4, 6, 8, 1, 3, 5, 7, 9), strict=True))


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    plain, doubled = digits[-1::-2], digits[-2::-2]
    return (
        sum(map(_VALUES.__getitem__, plain)) + sum(map(_DOUBLED.__getitem__, doubled))
    ) % 10 == 0


# Security codes: beside their word, or right behind a card and its date

_CODE_WORD = (
    r"(?:cvv2?|cvc2?|csc|cvn|cid|security ?code"
    r"|card ?(?:security|verification) ?(?:code|number|value)"
    r"|card ?code|(?:karten)?pr[uü]f(?:nummer|ziffer|zahl)|sicherheits(?:code|nummer)"
    r"|cryptogramme|code de s[eé]curit[eé]|c[oó]digo de (?:seguridad|verificaci[oó]n))"
)
_CODE_AFTER = re.compile(
    rf"\b{_CODE_WORD}\b[^\d\n]{{0,24}}(\d(?:[ \-.]?\d){{2,3}})(?!\d)", re.IGNORECASE
)
_CODE_BEFORE = re.compile(
    rf"(?<!\d)(\d(?:[ \-.]?\d){{2,3}})\W{{0,3}}"
    rf"(?:(?:is|ist|est|es|as|als|my|mein|the)\W){{0,3}}{_CODE_WORD}\b",
    re.IGNORECASE,
)
_BEHIND_CARD = re.compile(
    r"\W{0,4}(?:[a-z]{2,12}\W{1,3}){0,3}(?:\d{1,2}\s?[/.\-]\s?\d{2,4}\W{1,4})?"
    r"(?:[a-z]{2,12}\W{1,3}){0,2}(\d{3,4})(?![\d/.\-]\d|\d)",
    re.IGNORECASE,
)


def security_codes(text: str, cards: Sequence[Span]) -> Iterator[Span]:
    """Three or four digits beside the word for them, or behind a card number and its date."""
    for pattern in (_CODE_AFTER, _CODE_BEFORE):
        for match in pattern.finditer(text):
            yield Span(*match.span(1), SECURITY_CODE)
    for card in cards:
        behind = _BEHIND_CARD.match(text, card.end)
        if behind:
            yield Span(*behind.span(1), SECURITY_CODE)
