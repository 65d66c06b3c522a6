"""Which cause explains the symptoms of a week: scores from one table, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from workbench.config import read_toml
from workbench.measure.monitoring.symptom import Symptom
from workbench.records.base import Record

Kind = Literal["process", "model", "customers", "unclear"]


class Cause(Record):
    """One row of `causes.toml`."""

    name: str
    kind: Kind
    title: str
    decisive: tuple[str, ...]
    weights: dict[str, float]
    lasting: bool = True
    advice: str

    def explains(self, symptom: Symptom, where: frozenset[str]) -> bool:
        """Whether it accounts for a symptom, given the intents that the cause itself touches."""
        apart = where and symptom.intents and not where & set(symptom.intents)
        return symptom.name in self.weights and not (apart and symptom.name in LOCAL)


LOCAL = {"tool_failures", "missing_articles", "confidence"}
"""Symptoms that show where their cause is: elsewhere they need another one."""


@dataclass(frozen=True)
class Finding:
    """A cause with what speaks for it."""

    cause: Cause
    symptoms: tuple[Symptom, ...]
    """The decisive one first, then by strength."""
    score: float

    @property
    def decisive(self) -> Symptom:
        return self.symptoms[0]

    @property
    def intents(self) -> tuple[str, ...]:
        return self.decisive.intents


@cache
def causes() -> dict[str, Cause]:
    """The table in `causes.toml`, in its order."""
    table = read_toml(Path(__file__).with_name("causes.toml"))
    return {name: Cause.model_validate({"name": name, **row}) for name, row in table.items()}


def explain(symptoms: tuple[Symptom, ...], surely: float) -> tuple[Finding, ...]:
    """Causes until no alarm is left unexplained.

    Args:
        surely: A symptom whose chance is below this is an alarm; others only support.
    """
    left, found = symptoms, []
    while best := max(_candidates(left, surely), key=lambda one: one.score, default=None):
        found.append(best)
        left = tuple(one for one in left if one not in best.symptoms)
    return tuple(found)


def _candidates(left: tuple[Symptom, ...], surely: float) -> list[Finding]:
    alarms = [one for one in left if one.p_value < surely]
    return [
        _finding(cause, alarm, left)
        for cause in causes().values()
        for alarm in alarms
        if alarm.name in cause.decisive
    ]


def _finding(cause: Cause, decisive: Symptom, left: tuple[Symptom, ...]) -> Finding:
    where = frozenset(decisive.intents)
    others = [one for one in left if one is not decisive and cause.explains(one, where)]
    others.sort(key=lambda one: -one.strength)
    symptoms = (decisive, *others)
    return Finding(cause, symptoms, sum(s.strength * cause.weights[s.name] for s in symptoms))
