"""What a text may not say, or must: brand voice, forbidden topics, regulation; rules with owners.

    [[voice]]
    name = "no excuses"
    owner = "head of communication"
    because = "We name the cause, we do not excuse it."
    forbids.en = ["not our fault"]

Phrases are matched as whole words, whatever their case; a `*` at the end stands for any ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from pydantic import ValidationError, model_validator

from workbench.config import config_error, read_toml
from workbench.records.base import Record


class Rule(Record):
    """One rule: phrases that a text may not have, or of which it must have one."""

    name: str
    owner: str
    because: str
    intents: tuple[str, ...] = ()
    """Where it holds; empty: everywhere."""
    forbids: Mapping[str, tuple[str, ...]] = {}
    """Language -> phrases."""
    requires: Mapping[str, tuple[str, ...]] = {}
    """Language -> phrases; a language that is not named requires nothing."""

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.forbids and not self.requires:
            raise ValueError(f"rule {self.name!r} needs `forbids` or `requires`")
        return self

    def objections(self, text: str, language: str) -> tuple[str, ...]:
        """Why the text breaks the rule, with the words; empty when it keeps it."""
        said = _found(text, self.forbids.get(language, ()))
        wanted = self.requires.get(language, ())
        reasons = [f"it says “{words}”" for words in said]
        if wanted and not _found(text, wanted):
            reasons.append(f"it does not say “{wanted[0]}”")
        return tuple(f"{self.name} ({self.owner}): {why}. {self.because}" for why in reasons)


class Macro(Record):
    """A text of the team; its placeholders are filled from facts or it is not offered."""

    name: str
    owner: str
    intents: tuple[str, ...]
    text: Mapping[str, str]
    """Language -> text with `{placeholders}`."""


class DeskRules(Record):
    """All that a team lays down for its desk in `desk.toml`."""

    macro: tuple[Macro, ...] = ()
    voice: tuple[Rule, ...] = ()
    topic: tuple[Rule, ...] = ()
    """What nobody speaks about with customers."""
    regulation: tuple[Rule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return (*self.regulation, *self.topic, *self.voice)


def load_desk_rules(path: Path) -> DeskRules:
    """The rules of a file; none where there is no such file. Raises `ConfigError`."""
    if not path.exists():
        return DeskRules()
    try:
        return DeskRules.model_validate(read_toml(path))
    except ValidationError as error:
        raise config_error(path, error) from error


def objections(
    text: str, rules: Sequence[Rule], *, language: str, intent: str = ""
) -> tuple[str, ...]:
    """What stands against a text, by every rule that holds for the intent."""
    holding = [rule for rule in rules if not rule.intents or intent in rule.intents]
    return tuple(why for rule in holding for why in rule.objections(text, language))


def _found(text: str, phrases: Iterable[str]) -> list[str]:
    return [phrase for phrase in phrases if _pattern(phrase).search(text)]


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    words = re.escape(phrase.removesuffix("*")).replace(r"\ ", r"\s+")
    end = "" if phrase.endswith("*") else r"(?!\w)"
    return re.compile(rf"(?<!\w){words}{end}", re.IGNORECASE)
