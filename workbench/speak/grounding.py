"""The grounding check: a text may state the facts of its statements, under their names, only.

Three questions are put to every text, whoever wrote it:

    ungrounded    is every figure, date, number word and reference a fact of the statements?
    mislabelled   is it called what it is? The nearest naming word must be the fact's own.
    misplaced     is it said of the record that it belongs to?

A sentence or list line that is word for word what the phrase catalogue says needs no question.
Doubt counts against the text: a reply that is not sent is replaced by the template's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from workbench.records.base import Record
from workbench.records.evidence import MoneyValue, Statement, Value
from workbench.speak.catalogue import Catalogue, catalogue
from workbench.speak.spellings import Kind, kind_of, plain, spellings
from workbench.speak.values import speak
from workbench.speak.writer import lines_of


class Finding(Record):
    """Something in a text that its statements do not bear out."""

    problem: Literal["ungrounded", "mislabelled", "misplaced"]
    text: str
    """The words complained about, as they stand in the text."""

    def __str__(self) -> str:
        return f"{self.problem}: {self.text}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A place in the text where a fact's value is written."""

    start: int
    end: int
    kind: Kind
    origins: frozenset[tuple[int, str]]
    """(statement, placeholder) of every fact with this value."""

    @property
    def names(self) -> frozenset[str]:
        return frozenset(placeholder for _, placeholder in self.origins)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text where a word names a kind of fact."""

    start: int
    end: int
    names: frozenset[str]
    """Placeholders that it names outright: `total`, `outstanding`."""
    hints: frozenset[str]
    """Placeholders that it fits, as a preposition does; a hint never speaks against a value."""


@dataclass(frozen=True, slots=True)
class Page:
    """A text with what was found in it."""

    text: str
    statements: Sequence[Statement]
    words: Catalogue
    claims: tuple[Claim, ...]
    """In order of appearance."""
    rest: str
    """The text with a sign for each claim and line ends for the catalogue's own sentences."""

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Start and end of every stretch of text that the catalogue does not say itself."""
        start = 0
        for stop in _SENTENCE_END.finditer(self.rest):
            yield start, stop.start()
            start = stop.end()
        yield start, len(self.rest)

    def claims_in(self, start: int, end: int) -> list[Claim]:
        return [claim for claim in self.claims if start <= claim.start and claim.end <= end]


_VALUE = "\ufffc"
_SENTENCE_END = re.compile(rf"\n+|(?<=[.!?])\s+(?=[^\W\d_a-zß-ÿ]|[¿¡“„«{_VALUE}])")
_SENTENCE_BEFORE = re.compile(r"(?:^|\n|[.!?…)”“»] )$")
_CLAUSE_END = re.compile(r"[,;]")


def check(text: str, statements: Sequence[Statement], language: str) -> tuple[Finding, ...]:
    """Everything in `text` that the statements do not bear out; empty when it may be sent."""
    page = _read(text, statements, catalogue(language))
    return (*_ungrounded(page), *_mislabelled(page), *_misplaced(page))


def _read(text: str, statements: Sequence[Statement], words: Catalogue) -> Page:
    text = plain(text)
    known = _exact(text, statements, words)
    claims = _claims(text, statements, words)
    rest = _blanked(text, [(claim.start, claim.end) for claim in claims], _VALUE)
    rest = _blanked(rest, known, "\n")
    open_to_doubt = tuple(claim for claim in claims if claim.kind is not Kind.WORDS)
    return Page(text, statements, words, open_to_doubt, rest)


def _blanked(text: str, spans: Sequence[tuple[int, int]], filler: str) -> str:
    for start, end in spans:
        text = text[:start] + filler * (end - start) + text[end:]
    return text


def _exact(text: str, statements: Sequence[Statement], words: Catalogue) -> list[tuple[int, int]]:
    """Where the text says, word for word, what the phrase catalogue says."""
    found = []
    for statement in statements:
        lines = [plain(line) for line in lines_of(statement, words)]
        for line in dict.fromkeys(lines):
            is_row = line.startswith("- ")
            whole = [
                (start, start + len(line))
                for start in _places(text, line)
                if _is_whole(text[:start], text[start + len(line) :], is_row)
            ]
            # A row said more often than it is there stands where another one belongs.
            found += whole[: lines.count(line)] if is_row else whole
    return found


def _is_whole(before: str, after: str, is_row: bool) -> bool:
    """Whether a row stands on a line of its own, a sentence between others."""
    if is_row:
        return before[-1:] in ("", "\n") and after[:1] in ("", "\n")
    return _SENTENCE_BEFORE.search(before) is not None and after[:1] in ("", "\n", " ")


def _places(text: str, part: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + len(part))


# Where facts are written


def _claims(text: str, statements: Sequence[Statement], words: Catalogue) -> list[Claim]:
    """Every place where a fact's value is written; the longest spelling takes it."""
    taken = bytearray(len(text))
    claims = []
    for spelling, (kind, origins) in _spelled(statements, words).items():
        for start in _places(text, spelling):
            end = start + len(spelling)
            if not any(taken[start:end]) and _stands_alone(text, start, end, kind, words):
                taken[start:end] = b"x" * (end - start)
                claims.append(Claim(start, end, kind, frozenset(origins)))
    return sorted(claims, key=lambda claim: claim.start)


def _spelled(
    statements: Sequence[Statement], words: Catalogue
) -> dict[str, tuple[Kind, set[tuple[int, str]]]]:
    """Spelling -> kind and origins, longest first. Rows are left out: they are said verbatim."""
    found: dict[str, tuple[Kind, set[tuple[int, str]]]] = {}
    for index, statement in enumerate(statements):
        for placeholder, fact in statement.facts.items():
            for spelling in spellings(fact.value, words, placeholder):
                kind_and_origins = found.setdefault(spelling, (kind_of(fact.value), set()))
                kind_and_origins[1].add((index, placeholder))
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


_NOT_BEFORE = re.compile(r"(?:\w|\w[-./:@]|\d,|[-–+~#€£$₹])$")
_NOT_AFTER = re.compile(r"\w|[.,:/]\d|[-–]\w")
# A currency, a per cent sign or a zone beside a figure makes it another figure.
_NOT_BEFORE_FIGURE = re.compile(r"(?:[€£$₹¥] ?|\b[A-Z]{3} )$")
_NOT_AFTER_FIGURE = re.compile(r" ?[%‰€£$₹¥]| [A-Z]{3,4}\b")


def _stands_alone(text: str, start: int, end: int, kind: Kind, words: Catalogue) -> bool:
    """Whether the value is written here as a whole, not as a part of something larger."""
    before, after = text[max(0, start - 16) : start], text[end : end + 8]
    if _NOT_BEFORE.search(before) or _NOT_AFTER.match(after):
        return False
    if kind in (Kind.REFERENCE, Kind.WORDS):
        return True
    if _NOT_BEFORE_FIGURE.search(before) or _NOT_AFTER_FIGURE.match(after):
        return False
    return not before.lower().rstrip().endswith(tuple(words.numerals.minus))


# Question 1: is it a fact?


def _ungrounded(page: Page) -> Iterator[Finding]:
    pattern = _suspects(page.words.language)
    known = {name.lower() for name in _calendar_names(page)}
    for found in pattern.finditer(page.rest):
        if found.lastgroup != "calendar" or found[0].lower() not in known:
            yield Finding(problem="ungrounded", text=found[0].strip())


@cache
def _suspects(language: str) -> re.Pattern[str]:
    """What must not be left in a text once its facts are taken out."""
    words = catalogue(language)
    numbers = _any_of((*words.numerals.counting, *words.numerals.parts))
    joints = _any_of(words.numerals.joints)
    calendar = _any_of((*words.format.months, *words.format.weekdays))
    return re.compile(
        rf"""
        (?P<figure>\S*[\d½⅓⅔¼¾⅛²³¹⁰-₉①-⓿Ⅰ-ⅿ〇一二三四五六七八九十百千万]\S*)
        | (?P<address>\S+@\S+ | \b\w+://\S+ | \bwww\.\S+)
        | (?P<reference>\b[A-Z]{{1,6}}-[A-Z0-9]{{3,}}\b)
        | (?P<number>\b(?i:(?:{joints})*{numbers}(?:{numbers}|{joints})*)\b)
        | (?P<calendar>\b{calendar}\b)
        """,
        re.VERBOSE,
    )


def _any_of(words: Sequence[str]) -> str:
    """A pattern for any of the words, longest first; `*` at the end stands for any ending."""
    longest_first = sorted(words, key=len, reverse=True)
    texts = (
        re.escape(word.removesuffix("*")) + r"\w*" * word.endswith("*") for word in longest_first
    )
    return f"(?:{'|'.join(texts)})"


def _calendar_names(page: Page) -> Iterator[str]:
    """Months and weekdays that the facts bear out."""
    spoken = " ".join(
        plain(speak(fact.value, page.words))
        for statement in page.statements
        for fact in statement.facts.values()
        if kind_of(fact.value) is Kind.DAY
    )
    for name in (*page.words.format.months, *page.words.format.weekdays):
        if name in spoken:
            yield name


# Question 2: is it called what it is?


def _mislabelled(page: Page) -> Iterator[Finding]:
    for start, end in page.sentences():
        claims = page.claims_in(start, end)
        for kind in {claim.kind for claim in claims}:
            alike = [claim for claim in claims if claim.kind is kind]
            marks = _marks(page.rest, start, end, kind, page.words.language)
            wrong = {
                *_badly_named(alike, marks, page),
                *_said_too_often(alike),
                *_out_of_order(alike, page),
            }
            for claim in sorted(wrong, key=lambda claim: claim.start):
                yield Finding(problem="mislabelled", text=_around(page.text, claim))


def _around(text: str, claim: Claim) -> str:
    return " ".join(text[max(0, claim.start - 30) : claim.end + 20].split())


def _marks(text: str, start: int, end: int, kind: Kind, language: str) -> list[Mark]:
    return [
        Mark(found.start(), found.end(), *_meaning(found[0].lower(), kind, language))
        for found in _naming(kind, language).finditer(text, start, end)
    ]


@cache
def _naming(kind: Kind, language: str) -> re.Pattern[str]:
    """A pattern for every word that names a value of this kind."""
    labels = catalogue(language).labels.get(kind, {})
    words = {word.removeprefix("~") for texts in labels.values() for word in texts}
    return re.compile(rf"(?<!\w){_any_of(tuple(words))}(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def _meaning(word: str, kind: Kind, language: str) -> tuple[frozenset[str], frozenset[str]]:
    """The placeholders that a word names, and those that it hints at."""
    names: set[str] = set()
    hints: set[str] = set()
    for placeholder, texts in catalogue(language).labels[kind].items():
        for text in texts:
            if re.fullmatch(_any_of([text.removeprefix("~")]), word, re.IGNORECASE):
                (hints if text.startswith("~") else names).add(placeholder)
    return frozenset(names), frozenset(hints)


def _badly_named(claims: Sequence[Claim], marks: Sequence[Mark], page: Page) -> Iterator[Claim]:
    """Claims of one kind in one sentence whose nearest naming word is not their own.

    A word names one value, the one before or the one after it, never across another value.
    """
    used: set[Mark] = set()
    unnamed = []
    for claim, before, after in _with_gaps(claims, marks):
        left = next((m for m in reversed(before) if m.names and m not in used), None)
        right = next((m for m in after if m.names), None)
        nearest = sorted((m for m in (left, right) if m), key=lambda m: _apart(page, claim, m))
        own = next((m for m in nearest if m.names & claim.names), None)
        if own and _apart(page, claim, own) <= _apart(page, claim, nearest[0]):
            used |= {m for m in (*before, *after) if m.names & own.names & claim.names}
        else:
            unnamed.append((claim, nearest, before[-1:]))
    for claim, nearest, hint in unnamed:
        rivals = _rivals(claim, page.statements)
        elsewhere = _names_of(page.statements) - rivals
        contradicted = any(mark.names - elsewhere for mark in nearest if mark not in used)
        hinted = any(mark.hints & claim.names for mark in hint)
        if contradicted or (rivals and not hinted and claim.kind is not Kind.REFERENCE):
            yield claim


def _apart(page: Page, claim: Claim, mark: Mark) -> bool:
    """Whether a clause ends between a value and a word, so that they hardly belong together."""
    between = sorted((claim.start, claim.end, mark.start, mark.end))[1:3]
    return _CLAUSE_END.search(page.rest, *between) is not None


def _with_gaps(
    claims: Sequence[Claim], marks: Sequence[Mark]
) -> Iterator[tuple[Claim, list[Mark], list[Mark]]]:
    """Each claim with the marks between it and its neighbours."""
    ends = [0, *(claim.end for claim in claims)]
    starts = [*(claim.start for claim in claims[1:]), sys.maxsize]
    for claim, previous, following in zip(claims, ends, starts, strict=False):
        before = [m for m in marks if previous <= m.start and m.end <= claim.start]
        after = [m for m in marks if claim.end <= m.start and m.end <= following]
        yield claim, before, after


def _said_too_often(claims: Sequence[Claim]) -> Iterator[Claim]:
    """A value that one sentence states more often than there are facts with it."""
    for claim in claims:
        again = [other for other in claims if other.names == claim.names]
        if claim.kind is not Kind.REFERENCE and len(again) > len(claim.names):
            yield claim


# Facts that only their order tells apart: the second is never said first, nor twice.
_SECOND_TO = {
    "paid_again": "paid",
    "received_again": "received",
    "other_start": "period_start",
    "other_end": "period_end",
}


def _out_of_order(claims: Sequence[Claim], page: Page) -> Iterator[Claim]:
    """Claims of one kind in one sentence that stand where their twin belongs."""
    for second, first in _SECOND_TO.items():
        said = [claim for claim in claims if claim.names & {first, second}]
        if second not in _names_of(page.statements):
            continue
        orderly = len(said) == 2 and first in said[0].names and second in said[1].names
        if len(said) > 1 and not orderly:
            yield from said


def _rivals(claim: Claim, statements: Sequence[Statement]) -> set[str]:
    """Placeholders of the other facts that the value could be mistaken for."""
    (index, placeholder), *_ = claim.origins
    own = statements[index].facts[placeholder].value
    return {
        name
        for statement in statements
        for name, fact in statement.facts.items()
        if name not in claim.names and _alike(fact.value, own)
    }


def _alike(one: Value, other: Value) -> bool:
    """Whether two values could be mistaken for one another: amounts in one currency, two days."""
    if isinstance(one, MoneyValue) and isinstance(other, MoneyValue):
        return one.value.currency == other.value.currency
    return kind_of(one) is kind_of(other)


def _names_of(statements: Sequence[Statement]) -> set[str]:
    return {name for statement in statements for name in statement.facts}


# Question 3: is it said of the right record?


def _misplaced(page: Page) -> Iterator[Finding]:
    rivals = _rival_references(page.statements)
    if not rivals:
        return
    anchors = [c for c in page.claims if c.kind is Kind.REFERENCE and c.names & rivals]
    for start, end in page.sentences():
        values = [c for c in page.claims_in(start, end) if c.kind is not Kind.REFERENCE]
        here = [a for a in anchors if start <= a.start < end]
        carried = [a for a in anchors if a.end <= start][-1:]
        yield from min(
            (list(_wrong(page, values, here, carried, way)) for way in ("before", "after")),
            key=len,
        )


def _rival_references(statements: Sequence[Statement]) -> set[str]:
    """Placeholders under which the statements hold more than one reference."""
    values: dict[str, set[str]] = {}
    for statement in statements:
        for placeholder, fact in statement.facts.items():
            if kind_of(fact.value) is Kind.REFERENCE:
                values.setdefault(placeholder, set()).add(str(fact.value.value))
    return {placeholder for placeholder, found in values.items() if len(found) > 1}


def _wrong(
    page: Page, values: Sequence[Claim], here: Sequence[Claim], carried: Sequence[Claim], way: str
) -> Iterator[Finding]:
    """Values whose reference in the text is not one of the statements that hold them."""
    for value in values:
        before = [anchor for anchor in here if anchor.end <= value.start][-1:]
        after = [anchor for anchor in here if anchor.start >= value.end][:1]
        ordered = (*before, *after) if way == "before" else (*after, *before)
        anchor = next(iter((*ordered, *carried)), None)
        if not any(_belongs(page, index, anchor) for index, _ in value.origins):
            yield Finding(problem="misplaced", text=_around(page.text, value))


def _belongs(page: Page, index: int, anchor: Claim | None) -> bool:
    """Whether a statement speaks of the record that the text refers to."""
    facts = page.statements[index].facts
    if anchor is None:
        return not (facts.keys() & _rival_references(page.statements))
    told = facts.keys() & anchor.names
    return not told or any((index, placeholder) in anchor.origins for placeholder in told)
