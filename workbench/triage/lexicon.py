"""Phrases kept as data, found in a message in time linear in its length.

A phrase is a row of words as people write them, folded (no accents, no apostrophes):

    talk|speak to|with ~ human|person     `|` alternatives, `~` up to three words in between
    my? lawyer*                           `?` may be missing, `*` any ending
    ^ human please? $                     `^` and `$` are the ends of a sentence

Nothing matches across the end of a sentence. A phrase does not count where a phrase of `unless`
overlaps it, nor, unless the topic says `negated = false`, behind or around a negation
("I don't want to talk to a person").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from workbench.triage.words import fold

LONGEST_TEXT = 40_000
"""Characters in which phrases are looked for."""

_TOKEN = re.compile(r"[^\W_]+(?:'(?:t|s|m|d|ll|re|ve)\b)?|[.!?;:\n]+|,")
_END = "."
_GAP = 3
"""Words that `~` may skip."""
_NEGATION_REACH = 3
"""Words before a phrase in which a negation undoes it."""


def tokens(text: str) -> list[str]:
    """Folded words of a text; `.` for the end of a sentence, `,` for a comma."""
    found = []
    for token in _TOKEN.findall(fold(text[:LONGEST_TEXT])):
        if token[0] in ".!?;:\n":
            found.append(_END)
        else:
            found.append(token.replace("'", ""))
    return found


@dataclass(frozen=True)
class Slot:
    """One place of a phrase."""

    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    optional: bool = False
    kind: str = "word"
    """`word`, `gap`, `start` or `end`."""

    def takes(self, token: str) -> bool:
        return token in self.words or (bool(self.beginnings) and token.startswith(self.beginnings))


_KINDS = {"~": "gap", "^": "start", "$": "end"}


def _slot(text: str) -> Slot:
    if text in _KINDS:
        return Slot(kind=_KINDS[text])
    choices = text.removesuffix("?").split("|")
    return Slot(
        words=frozenset(c for c in choices if not c.endswith("*")),
        beginnings=tuple(c[:-1] for c in choices if c.endswith("*")),
        optional=text.endswith("?"),
    )


@dataclass(frozen=True)
class Phrase:
    """A parsed phrase of a topic."""

    topic: str
    slots: tuple[Slot, ...]
    cancels: bool = False
    """Whether it undoes the topic's phrases that it overlaps."""


def parse(topic: str, text: str, cancels: bool = False) -> Phrase:
    """Read the notation above."""
    return Phrase(topic, tuple(_slot(part) for part in text.split()), cancels)


@dataclass(frozen=True)
class Match:
    """Where a phrase was found: tokens `start` to `end`, exclusive."""

    phrase: Phrase
    start: int
    end: int
    skipped: tuple[int, ...] = ()
    """Tokens that gaps passed over."""


@dataclass
class Lexicon:
    """All phrases, indexed by what their first word may be."""

    negations: frozenset[str]
    never_negated: frozenset[str]
    _by_word: dict[str, list[Phrase]] = field(default_factory=dict)
    _by_beginning: dict[str, list[Phrase]] = field(default_factory=dict)
    _lengths: tuple[int, ...] = ()

    def add(self, phrase: Phrase) -> None:
        """Index a phrase under every word that may come first."""
        for slot in phrase.slots:
            if slot.kind == "start":
                continue
            for word in slot.words:
                self._by_word.setdefault(word, []).append(phrase)
            for beginning in slot.beginnings:
                self._by_beginning.setdefault(beginning, []).append(phrase)
            if not slot.optional:
                break
        self._lengths = tuple(sorted({len(b) for b in self._by_beginning}))

    def topics(self, text: str) -> frozenset[str]:
        """Topics of which at least one phrase counts."""
        return frozenset(match.phrase.topic for match in self.matches(tokens(text)))

    def matches(self, words: Sequence[str]) -> list[Match]:
        """Every phrase that counts, in the order of the text."""
        found = [m for i in range(len(words)) for m in self._starting_at(words, i)]
        cancelling = [m for m in found if m.phrase.cancels]
        return [
            m
            for m in found
            if not m.phrase.cancels
            and not any(_undoes(other, m) for other in cancelling)
            and not self._negated(words, m)
        ]

    def _starting_at(self, words: Sequence[str], at: int) -> Iterator[Match]:
        token = words[at]
        for phrase in self._candidates(token):
            first = _anchor(words, at)
            match = _match(phrase, words, at, first)
            if match:
                yield match

    def _candidates(self, token: str) -> Iterable[Phrase]:
        yield from self._by_word.get(token, ())
        for length in self._lengths:
            if length > len(token):
                break
            yield from self._by_beginning.get(token[:length], ())

    def _negated(self, words: Sequence[str], match: Match) -> bool:
        if match.phrase.topic in self.never_negated:
            return False
        if any(words[i] in self.negations for i in match.skipped):
            return True
        for i in range(match.start - 1, max(match.start - 1 - _NEGATION_REACH, -1), -1):
            if words[i] in (_END, ","):
                return False
            if words[i] in self.negations:
                return True
        return False


def _undoes(cancelling: Match, match: Match) -> bool:
    same_topic = cancelling.phrase.topic == match.phrase.topic
    return same_topic and cancelling.start < match.end and match.start < cancelling.end


def _anchor(words: Sequence[str], at: int) -> bool:
    """Whether a sentence starts at this token."""
    return at == 0 or words[at - 1] == _END


def _match(phrase: Phrase, words: Sequence[str], at: int, first: bool) -> Match | None:
    slots = phrase.slots
    if slots[0].kind == "start":
        if not first:
            return None
        slots = slots[1:]
    found = _follow(slots, 0, words, at)
    if found is None:
        return None
    end, skipped = found
    return Match(phrase, at, end, skipped)


def _follow(
    slots: tuple[Slot, ...], index: int, words: Sequence[str], at: int
) -> tuple[int, tuple[int, ...]] | None:
    """Match slots from `index` on at token `at`; depth and branching are bounded by the phrase."""
    if index == len(slots):
        return at, ()
    slot = slots[index]
    if slot.kind == "end":
        done = at == len(words) or words[at] == _END
        return _follow(slots, index + 1, words, at) if done else None
    if slot.kind == "gap":
        return _over_gap(slots, index, words, at)
    if at < len(words) and words[at] == "," and index:
        at += 1
    if at < len(words) and slot.takes(words[at]):
        found = _follow(slots, index + 1, words, at + 1)
        if found:
            return found
    return _follow(slots, index + 1, words, at) if slot.optional else None


def _over_gap(
    slots: tuple[Slot, ...], index: int, words: Sequence[str], at: int
) -> tuple[int, tuple[int, ...]] | None:
    for skip in range(_GAP + 1):
        if skip and (at + skip > len(words) or words[at + skip - 1] == _END):
            return None
        found = _follow(slots, index + 1, words, at + skip)
        if found:
            return found[0], (*range(at, at + skip), *found[1])
    return None


# The files that ship with the package


@lru_cache(maxsize=1)
def service_lexicon() -> Lexicon:
    """The phrases of all languages in `lexicon/*.toml`."""
    folder = files("workbench.triage") / "lexicon"
    tables = [
        tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    ]
    return build(tables)


def build(tables: Sequence[dict[str, Any]]) -> Lexicon:
    """A lexicon from parsed files; topics of the same name are joined."""
    negations: set[str] = set()
    never: set[str] = set()
    phrases: list[Phrase] = []
    for table in tables:
        negations.update(str(table.get("negations", "")).split())
        for topic, rules in table.get("topic", {}).items():
            if rules.get("negated") is False:
                never.add(topic)
            phrases += [parse(topic, text) for text in rules.get("phrases", ())]
            phrases += [parse(topic, text, cancels=True) for text in rules.get("unless", ())]
    lexicon = Lexicon(frozenset(negations), frozenset(never))
    for phrase in phrases:
        lexicon.add(phrase)
    return lexicon
