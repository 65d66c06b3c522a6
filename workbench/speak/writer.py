"""Writing a reply from statements: the template writer, which every other writer falls back to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from workbench.errors import InputError
from workbench.records.evidence import Fact, NameValue, Reply, Source, Statement, TimeValue
from workbench.speak.catalogue import Catalogue, Phrase, catalogue
from workbench.speak.values import speak


class Tone(StrEnum):
    """How a reply opens. It changes no fact and no decision."""

    PLAIN = "plain"
    APOLOGETIC = "apologetic"
    WARM = "warm"


def tone_for(sentiment: float) -> Tone:
    """The tone for a message's sentiment (-1..1)."""
    if sentiment <= -0.35:
        return Tone.APOLOGETIC
    return Tone.WARM if sentiment >= 0.6 else Tone.PLAIN


class Writer(Protocol):
    """Turns statements into what the customer reads."""

    def write(
        self,
        statements: Sequence[Statement],
        *,
        language: str = "en",
        tone: str = Tone.PLAIN,
        zone: str = "",
        company: str = "",
    ) -> Reply:
        """A reply that states the facts of `statements` and nothing else.

        Args:
            language: BCP 47 primary tag; one that is not spoken answers in English.
            tone: A `Tone`.
            zone: IANA zone in which times are spoken; empty: each fact's own.
            company: Name that fills `{company}` where a statement brings none.
        """
        ...


class TemplateWriter:
    """Fills the phrase catalogue: no model, same input, same words."""

    def write(
        self,
        statements: Sequence[Statement],
        *,
        language: str = "en",
        tone: str = Tone.PLAIN,
        zone: str = "",
        company: str = "",
    ) -> Reply:
        words = catalogue(language)
        said = tuple(in_context(statement, words, zone, company) for statement in statements)
        text = "\n\n".join(paragraphs(said, words, tone))
        return Reply(text=text, language=words.language, statements=said)


def in_context(statement: Statement, words: Catalogue, zone: str, company: str) -> Statement:
    """The statement as it is said here: only the facts that its phrase speaks, times in the
    customer's zone, the company's name filled in.
    """
    facts = dict(statement.facts)
    if company and "company" not in facts:
        source = Source(system="policy", record="settings", field="assistant.company")
        facts["company"] = Fact(name="company", value=NameValue(value=company), source=source)
    return Statement(
        key=statement.key,
        facts=_said(facts, words.phrase(statement.key), zone),
        rows=tuple(
            _said(row, words.phrase(f"{statement.key}.row"), zone) for row in statement.rows
        ),
    )


def _said(facts: dict[str, Fact], phrase: Phrase, zone: str) -> dict[str, Fact]:
    """The facts that a phrase says, with times in `zone`."""
    spoken = phrase.spoken(facts.keys())
    return {
        name: fact.model_copy(update={"value": fact.value.model_copy(update={"zone": zone})})
        if zone and isinstance(fact.value, TimeValue)
        else fact
        for name, fact in facts.items()
        if name in spoken
    }


def paragraphs(statements: Sequence[Statement], words: Catalogue, tone: str) -> list[str]:
    """One paragraph per topic; a list stands alone, one line per row."""
    opener = _opener(statements)
    paragraphs: list[str] = []
    before = ""
    for statement in statements:
        text = "\n".join(lines_of(statement, words))
        if statement is opener:
            text = f"{words.openings[tone]} {text}".strip()
        if statement.rows or not paragraphs or topic(statement) != before:
            paragraphs.append(text)
        else:
            paragraphs[-1] += f" {text}"
        before = "" if statement.rows else topic(statement)
    return paragraphs


# Where an opening sentence would be out of place: it says its own, or every word counts.
_NO_OPENING = {
    "greeting",
    "thanks",
    "are_you_human",
    "anything_else",
    "boundary",
    "legal",
    "safety",
    "vulnerable",
    "third_party",
}


def _opener(statements: Sequence[Statement]) -> Statement | None:
    """The statement that the tone's opening sentence goes before: the first after the AI notice."""
    if any(topic(statement) in _NO_OPENING for statement in statements):
        return None
    return next((s for s in statements if topic(s) != "notice"), None)


def topic(statement: Statement) -> str:
    """What a statement is about: the first part of its key."""
    return statement.key.partition(".")[0]


def lines_of(statement: Statement, words: Catalogue) -> list[str]:
    """A statement in words: its text, then one line for each row."""
    text = filled(statement.key, statement.facts, words)
    rows = [f"- {filled(f'{statement.key}.row', row, words)}" for row in statement.rows]
    # A list that turned out empty must not end in a colon that promises one.
    if not rows and text.endswith(":"):
        text = text.rstrip(":\u00a0") + "."
    return [text, *rows]


def filled(key: str, facts: Mapping[str, Fact], words: Catalogue) -> str:
    """The phrase of a key with its facts spoken; a missing one raises `InputError`."""
    phrase = words.phrase(key)
    missing = sorted(phrase.required - facts.keys())
    if missing:
        raise InputError(
            f"the phrase {key!r} cannot be said without {', '.join(missing)}",
            expected=f"facts for {', '.join(sorted(phrase.placeholders))}",
        )
    spoken = {
        name: speak(fact.value, words, name)
        for name, fact in facts.items()
        if name in phrase.placeholders
    }
    return phrase.fill(spoken)
