"""The phrase catalogue: all that the assistant can say by itself, one TOML file per language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from workbench.config import config_error, read_toml
from workbench.errors import InputError
from workbench.records.base import Record

_FOLDER = Path(__file__).parent / "phrases"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_INNERMOST_PART = re.compile(r"\[([^\[\]]*)\]")
REFERENCE_LANGUAGE = "en"


class Phrase(Record):
    """A text with `{placeholders}`; a `[part]` falls away when one of its facts is missing."""

    text: str

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """Every fact that the phrase can speak."""
        return frozenset(_PLACEHOLDER.findall(self.text))

    @cached_property
    def required(self) -> frozenset[str]:
        """The facts without which the phrase makes no sense."""
        return self.spoken(())

    def wording(self, names: Collection[str]) -> str:
        """The text that is left when only the facts in `names` are known, still unfilled."""
        text, count = self.text, 1
        while count:
            text, count = _INNERMOST_PART.subn(lambda part: _kept(part[1], names), text)
        return text

    def spoken(self, names: Collection[str]) -> frozenset[str]:
        """The facts that are really said when those in `names` are known."""
        return frozenset(_PLACEHOLDER.findall(self.wording(names)))

    def fill(self, words: Mapping[str, str]) -> str:
        """The phrase with every placeholder replaced by its words, which are never read again."""
        return _PLACEHOLDER.sub(lambda name: words[name[1]], self.wording(words))


def _kept(part: str, names: Collection[str]) -> str:
    return part if set(_PLACEHOLDER.findall(part)) <= set(names) else ""


class Format(Record):
    """How a language writes values."""

    decimal: str
    group: str
    group_from: int
    """Digits before the decimal mark from which they are grouped in threes."""
    money_symbol: str
    """With the currency's own sign, where that sign is unambiguous."""
    money_code: str
    """With the ISO 4217 code."""
    percent: str
    other_percent: tuple[str, ...]
    date: str
    other_dates: tuple[str, ...]
    time: str
    clock: str
    passage: str
    """A quotation with the title of its article."""
    first_day: str
    """The first day of a month, where a language says `1er`."""
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    """Monday first."""


class Numerals(Record):
    """How a language says numbers in words."""

    counting: tuple[str, ...]
    """Two to twelve."""
    parts: tuple[str, ...]
    """The other words, or parts of compound words, that say a number."""
    joints: tuple[str, ...]
    """What may stand between parts in one word: German `und`."""
    minus: tuple[str, ...]


class Catalogue(Record):
    """Everything that belongs to one language."""

    language: str
    phrases: dict[str, Phrase]
    openings: dict[str, str]
    """Tone -> opening sentence."""
    terms: dict[str, dict[str, str]]
    """Placeholder -> word of a closed list -> how it is said."""
    units: dict[str, tuple[str, str]]
    """Unit -> text for one and text for several."""
    format: Format
    numerals: Numerals
    labels: dict[str, dict[str, tuple[str, ...]]]
    """Kind of value -> placeholder -> words that name it in running text; `*` is any ending."""

    @model_validator(mode="before")
    @classmethod
    def _texts(cls, data: Any) -> Any:
        texts = {key: {"text": text} for key, text in data.get("phrases", {}).items()}
        return data | {"phrases": texts}

    def phrase(self, key: str) -> Phrase:
        """The phrase of a key; an unknown key raises `InputError`."""
        try:
            return self.phrases[key]
        except KeyError:
            raise InputError(
                f"the phrase catalogue ({self.language}) has no key {key!r}",
                next_step=f"Add it to {_FOLDER.name}/*.toml in every language.",
            ) from None


def languages() -> tuple[str, ...]:
    """The languages that can be spoken, the reference language first."""
    found = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return (REFERENCE_LANGUAGE, *(name for name in found if name != REFERENCE_LANGUAGE))


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; one that is not spoken answers in the reference language."""
    name = language if language in languages() else REFERENCE_LANGUAGE
    path = _FOLDER / f"{name}.toml"
    try:
        return Catalogue.model_validate(read_toml(path) | {"language": name})
    except ValidationError as error:
        raise config_error(path, error) from error


def differences(language: str) -> tuple[str, ...]:
    """Where a language's catalogue does not say the same things as the reference language's."""
    reference, other = catalogue(REFERENCE_LANGUAGE), catalogue(language)
    return tuple(_differences(reference, other))


def _differences(reference: Catalogue, other: Catalogue) -> Iterator[str]:
    wanted, given = _keys(reference), _keys(other)
    for section, key in sorted(wanted ^ given):
        verb = "misses" if (section, key) in wanted else "adds"
        yield f"{other.language}: [{section}] {verb} {key!r}"
    for key in sorted(reference.phrases.keys() & other.phrases.keys()):
        one, two = reference.phrases[key], other.phrases[key]
        if (one.placeholders, one.required) != (two.placeholders, two.required):
            yield f"{other.language}: [phrases] {key!r} has other placeholders"


def _keys(words: Catalogue) -> set[tuple[str, str]]:
    """Every (section, key) of a catalogue."""
    sections: dict[str, Collection[str]] = {
        "phrases": words.phrases,
        "openings": words.openings,
        "units": words.units,
    }
    sections |= {f"terms.{group}": terms for group, terms in words.terms.items()}
    sections |= {f"labels.{kind}": labels for kind, labels in words.labels.items()}
    return {(section, key) for section, keys in sections.items() for key in keys}


def any_of(words: Collection[str]) -> str:
    """A pattern for any of the words, longest first; `*` at the end stands for any ending."""
    longest_first = sorted(words, key=len, reverse=True)
    texts = (
        re.escape(word.removesuffix("*")) + r"\w*" * word.endswith("*") for word in longest_first
    )
    return f"(?:{'|'.join(texts)})"
