"""Whether a person asks for something that the hand-off packet already holds.

The repeat-question rate counts hand-offs after which the person's first message does: that is
what a packet is there to prevent. How people ask lies in `asking.toml`, in four languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from workbench.config import ReferenceSettings, read_toml
from workbench.records.base import Record
from workbench.records.evidence import Packet
from workbench.triage.entities import Entities, read_entities

_FILE = Path(__file__).with_name("asking.toml")
_LANGUAGES = ("en", "de", "fr", "es")
_SENTENCE = re.compile(r"[^.?!\n]+[.?!]*")
_CUSTOMER = "customer: "


class Slot(Record):
    """Something that people ask customers for, and where a packet holds it."""

    identity: str = ""
    field: str = ""
    fact: str = ""
    said: str = ""
    en: tuple[str, ...]
    de: tuple[str, ...]
    fr: tuple[str, ...]
    es: tuple[str, ...]

    def held_by(self, packet: Packet, named: Entities) -> bool:
        """Whether the packet answers the question for it."""
        return (
            self.identity in packet.identity
            or bool(self.field and getattr(packet, self.field))
            or any(fact.name == self.fact for fact in packet.facts)
            or bool(self.said and getattr(named, self.said))
        )

    @property
    def phrases(self) -> tuple[str, ...]:
        return (*self.en, *self.de, *self.fr, *self.es)


def asks_again(
    text: str, packet: Packet, references: ReferenceSettings, today: date
) -> tuple[str, ...]:
    """The slots that a person's message asks for although the packet holds them, in order."""
    lines = (line for line in packet.transcript if line.startswith(_CUSTOMER))
    said = "\n".join(line.removeprefix(_CUSTOMER) for line in lines)
    named = read_entities(said, references, today)
    return tuple(slot for slot in asks_for(text) if _slots()[slot].held_by(packet, named))


def asks_for(text: str) -> tuple[str, ...]:
    """The slots that a message asks for, each once, in order."""
    asking = _either(phrase for phrases in _asking().values() for phrase in phrases)
    found: dict[str, None] = {}
    for sentence in _sentences(text):
        if sentence.endswith("?") or asking.search(sentence):
            found |= dict.fromkeys(_named(sentence))
    return tuple(found)


def _named(sentence: str) -> Iterator[str]:
    for name, slot in _slots().items():
        if _either(slot.phrases).search(sentence):
            yield name


def _sentences(text: str) -> list[str]:
    return [found[0].strip().lower() for found in _SENTENCE.finditer(text)]


@cache
def _slots() -> Mapping[str, Slot]:
    rows = read_toml(_FILE)["slots"]
    return {name: Slot.model_validate(row) for name, row in rows.items()}


@cache
def _asking() -> Mapping[str, tuple[str, ...]]:
    rows = read_toml(_FILE)["asks"]
    return {language: tuple(rows[language]) for language in _LANGUAGES}


def _either(phrases: Iterable[str]) -> re.Pattern[str]:
    return _compiled(tuple(phrases))


@cache
def _compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})")
