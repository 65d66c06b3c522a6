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
from functools import cache
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
    """The text without claims (spaces) and without the catalogue's own sentences (line ends)."""

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Start and end of every stretch of text that the catalogue does not say itself."""
        start = 0
        for stop in _SENTENCE_END.finditer(self.rest):
            yield start, stop.start()
            start = stop.end()
        yield start, len(self.rest)

    def claims_in(self, start: int, end: int) -> list[Claim]:
        return [claim for claim in self.claims if start <= claim.start and claim.end <= end]


_SENTENCE_END = re.compile(r"\n+|(?<=[.!?])\s+(?=[^\W\d_a-zß-ÿ]|[¿¡“„«\s])")


def check(text: str, statements: Sequence[Statement], language: str) -> tuple[Finding, ...]:
    """Everything in `text` that the statements do not bear out; empty when it may be sent."""
    page = _read(text, statements, catalogue(language))
    return (*_ungrounded(page), *_mislabelled(page), *_misplaced(page))


def _read(text: str, statements: Sequence[Statement], words: Catalogue) -> Page:
    text = plain(text)
    known = _exact(text, statements, words)
    claims = _claims(text, statements, words)
    rest = _blanked(text, [(claim.start, claim.end) for claim in claims], " ")
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
        for line in map(plain, lines_of(statement, words)):
            whole_line = line.startswith("- ")
            for start in _places(text, line):
                end = start + len(line)
                before, after = text[start - 1 : start], text[end : end + 1]
                free = "\n" if whole_line else " \n"
                if (not before or before in free) and (not after or after in free):
                    found.append((start, end))
    return found


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
    joints = _any_of(words.numerals.joints) if words.numerals.joints else "(?!)"
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
            for claim in _badly_named(alike, marks, page.statements):
                yield Finding(problem="mislabelled", text=_around(page.text, claim))


def _around(text: str, claim: Claim) -> str:
    return " ".join(text[max(0, claim.start - 30) : claim.end + 20].split())


def _marks(text: str, start: int, end: int, kind: Kind, language: str) -> list[Mark]:
    pattern, meanings = _naming(language, kind)
    return [
        Mark(found.start(), found.end(), *meanings[found.lastgroup or ""])
        for found in pattern.finditer(text, start, end)
    ]


Meaning = tuple[frozenset[str], frozenset[str]]


@cache
def _naming(language: str, kind: Kind) -> tuple[re.Pattern[str], dict[str, Meaning]]:
    """A pattern with one group per naming word, and what each word names or hints at."""
    named: dict[str, set[str]] = {}
    hinted: dict[str, set[str]] = {}
    for placeholder, texts in catalogue(language).labels.get(kind, {}).items():
        for text in texts:
            meaning = hinted if text.startswith("~") else named
            meaning.setdefault(text.removeprefix("~"), set()).add(placeholder)
    spelled = sorted(named.keys() | hinted.keys(), key=lambda text: (-len(text), text))
    groups = (f"(?P<w{i}>(?<!\\w){_any_of([text])}(?!\\w))" for i, text in enumerate(spelled))
    pattern = re.compile("|".join(groups) or "(?!)", re.IGNORECASE)
    return pattern, {
        f"w{i}": (frozenset(named.get(text, ())), frozenset(hinted.get(text, ())))
        for i, text in enumerate(spelled)
    }


def _badly_named(
    claims: Sequence[Claim], marks: Sequence[Mark], statements: Sequence[Statement]
) -> Iterator[Claim]:
    """Claims of one kind in one sentence whose nearest naming word is not their own.

    A word names one value, the one before or the one after it, never across another value.
    """
    used: set[Mark] = set()
    unnamed = []
    for claim, before, after in _with_gaps(claims, marks):
        nearest = [*[m for m in before if m.names][-1:], *[m for m in after if m.names][:1]]
        own = next((m for m in nearest if m.names & claim.names and m not in used), None)
        if own is not None:
            used.add(own)
        else:
            unnamed.append((claim, nearest, before[-1:]))
    for claim, nearest, hint in unnamed:
        rivals = _rivals(claim, statements)
        elsewhere = _names_of(statements) - rivals
        contradicted = any(mark.names - elsewhere for mark in nearest if mark not in used)
        hinted = any(mark.hints & claim.names for mark in hint)
        if contradicted or (rivals and not hinted and claim.kind is not Kind.REFERENCE):
            yield claim


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
