"""A text laid open: where it says facts, and what is left of it without them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.records.evidence import Statement
from workbench.speak.catalogue import Catalogue
from workbench.speak.spellings import Kind, kind_of, plain, spellings
from workbench.speak.writer import lines_of


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

    def around(self, claim: Claim) -> str:
        """The words around a claim, for a finding."""
        return " ".join(self.text[max(0, claim.start - 30) : claim.end + 20].split())

    def claims_in(self, start: int, end: int) -> list[Claim]:
        """Claims that lie wholly in this stretch of text."""
        return [claim for claim in self.claims if start <= claim.start and claim.end <= end]


VALUE = "\ufffc"
"""Stands for every character of a fact's value in `Page.rest`."""
_SENTENCE_END = re.compile(rf"\n+|(?<=[.!?])\s+(?=[^\W\d_a-zß-ÿ]|[¿¡“„«{VALUE}])")
_SENTENCE_BEFORE = re.compile(r"(?:^|\n|[.!?…)”“»] )$")


def read(text: str, statements: Sequence[Statement], words: Catalogue) -> Page:
    """Lay a text open against what it may say."""
    text = plain(text)
    known = _exact(text, statements, words)
    claims = _claims(text, statements, words)
    rest = _blanked(text, [(claim.start, claim.end) for claim in claims], VALUE)
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
    return dict(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))


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
