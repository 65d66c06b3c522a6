"""A symptom: something in one week that is no longer as it was."""

from __future__ import annotations

from collections.abc import Iterable
from math import log10

from workbench.measure.monitoring.vocabulary import NewTerm
from workbench.records.base import Record

_STRONGEST = 50.0


class Symptom(Record):
    """Something that is no longer as it was."""

    name: str
    p_value: float
    """Chance of this if nothing changed, corrected for everything that was looked at with it."""
    first_week: int
    """The week from which on it looks unusual, counted from 0."""
    intents: tuple[str, ...] = ()
    """Where it shows; empty: over all of them alike."""
    now: float
    usual: float
    n: int
    reference_n: int
    terms: tuple[NewTerm, ...] = ()
    chart: bool = False
    """Found by its control chart, not in a single look."""

    @property
    def strength(self) -> float:
        """Decimal orders of surprise, at most 50."""
        return min(-log10(max(self.p_value, 1e-300)), _STRONGEST)


def surest(found: Iterable[Symptom | None]) -> Symptom | None:
    """The symptom that chance explains least; None where there is none."""
    return min((one for one in found if one), key=lambda one: one.p_value, default=None)
