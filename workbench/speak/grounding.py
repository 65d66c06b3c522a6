"""The grounding check: a text may state the facts of its statements, under their names, only.

Three questions are put to every text, whoever wrote it:

    ungrounded    is every figure, date, number word and reference a fact of the statements?
    mislabelled   is it called what it is? The nearest naming word must be the fact's own.
    misplaced     is it said of the record that it belongs to?

A fourth one, `left_out`, is put to texts that have to say everything; a fifth one, `invented`, to
texts about a customer, which must name nobody and claim nothing beside their facts.

A sentence or list line that is word for word what the phrase catalogue says needs no question.
Doubt counts against the text: a reply that is not sent is replaced by the template's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

from workbench.records.base import Record
from workbench.records.evidence import Statement
from workbench.speak.catalogue import any_of, catalogue
from workbench.speak.naming import mislabelled
from workbench.speak.page import VALUE, Claim, Page, read
from workbench.speak.spellings import Kind, kind_of, plain
from workbench.speak.values import speak


class Finding(Record):
    """Something in a text that its statements do not bear out."""

    problem: Literal["ungrounded", "mislabelled", "misplaced", "left_out", "invented"]
    text: str
    """The words complained about, as they stand in the text."""

    def __str__(self) -> str:
        return f"{self.problem}: {self.text}"


def check(text: str, statements: Sequence[Statement], language: str) -> tuple[Finding, ...]:
    """Everything in `text` that the statements do not bear out; empty when it may be sent."""
    page = read(text, statements, catalogue(language))
    return (
        *(Finding(problem="ungrounded", text=found) for found in _ungrounded(page)),
        *(Finding(problem="mislabelled", text=page.around(claim)) for claim in mislabelled(page)),
        *(Finding(problem="misplaced", text=page.around(claim)) for claim in _misplaced(page)),
    )


def left_out(text: str, statements: Sequence[Statement], language: str) -> tuple[Finding, ...]:
    """The figures, dates and references that the statements must say and `text` does not."""
    words = catalogue(language)
    page = read(text, statements, words)
    said = {origin for claim in page.claims for origin in claim.origins}
    return tuple(
        Finding(problem="left_out", text=f"{statement.key}: {name}")
        for index, statement in enumerate(statements)
        for name, fact in statement.facts.items()
        if name in words.phrase(statement.key).spoken(statement.facts.keys())
        and kind_of(fact.value) is not Kind.WORDS
        and (index, name) not in said
    )


def invented(text: str, statements: Sequence[Statement], language: str) -> tuple[Finding, ...]:
    """Sentences that state no fact at all, and names that neither a fact nor a phrase has."""
    page = read(text, statements, catalogue(language))
    known = _vocabulary(page.words.language)
    return tuple(
        Finding(problem="invented", text=found)
        for start, end in page.sentences()
        for found in _beside_the_facts(page.text[start:end], page.rest[start:end], known)
    )


def _beside_the_facts(sentence: str, rest: str, known: frozenset[str]) -> Iterator[str]:
    """What a sentence says without a fact, given also without the values of its facts."""
    if rest.strip() and VALUE not in rest:
        yield sentence.strip()
    yield from (name for name in _NAME.findall(rest) if name.casefold() not in known)


_NAME = re.compile(r"\b[^\W\d_a-zß-ÿ][\w’'-]+")


@cache
def _vocabulary(language: str) -> frozenset[str]:
    """All words that the phrase catalogue uses, without regard to case."""
    words = catalogue(language)
    texts = [phrase.text for phrase in words.phrases.values()]
    texts += [text for terms in words.terms.values() for text in terms.values()]
    texts += [
        text for labels in words.labels.values() for group in labels.values() for text in group
    ]
    return frozenset(_WORD.findall(plain(" ".join(texts)).casefold()))


_WORD = re.compile(r"[^\W\d_][\w’'-]*")


def _ungrounded(page: Page) -> Iterator[str]:
    """Figures, number words, references and addresses that no fact accounts for."""
    pattern = _suspects(page.words.language)
    known = {name.lower() for name in _calendar_names(page)}
    for found in pattern.finditer(page.rest):
        if found.lastgroup != "calendar" or found[0].lower() not in known:
            yield found[0].strip()


@cache
def _suspects(language: str) -> re.Pattern[str]:
    """What must not be left in a text once its facts are taken out."""
    words = catalogue(language)
    numbers = any_of((*words.numerals.counting, *words.numerals.parts))
    joints = any_of(words.numerals.joints)
    calendar = any_of((*words.format.months, *words.format.weekdays))
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


def _misplaced(page: Page) -> Iterator[Claim]:
    """Claims that the text makes about another record than the one that they belong to."""
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
) -> Iterator[Claim]:
    """Values whose reference in the text is not one of the statements that hold them."""
    for value in values:
        before = [anchor for anchor in here if anchor.end <= value.start][-1:]
        after = [anchor for anchor in here if anchor.start >= value.end][:1]
        ordered = (*before, *after) if way == "before" else (*after, *before)
        anchor = next(iter((*ordered, *carried)), None)
        if not any(_belongs(page, index, anchor) for index, _ in value.origins):
            yield value


def _belongs(page: Page, index: int, anchor: Claim | None) -> bool:
    """Whether a statement speaks of the record that the text refers to."""
    facts = page.statements[index].facts
    if anchor is None:
        return not (facts.keys() & _rival_references(page.statements))
    told = facts.keys() & anchor.names
    return not told or any((index, placeholder) in anchor.origins for placeholder in told)
