"""Why a test for one look must not be looked at every day: both ways on arms that are equal."""

from __future__ import annotations

import numpy as np

from workbench.measure.experiments.observations import Bools, Ints, Observations, running
from workbench.measure.experiments.sequences import FROM_CUSTOMERS, difference
from workbench.measure.intervals import z_score
from workbench.measure.tables import percent
from workbench.records.base import Record


class Peeking(Record):
    """How often equal arms are called different, when looked at several times."""

    runs: int
    contacts: int
    looks: int
    """Evenly spaced, the last one at the end."""
    share: float
    alpha: float
    naive: float
    """Share of the runs in which a test for one look called the arms different at some look."""
    always_valid: float
    """Share of the runs in which the confidence sequence left zero at some look."""

    def __str__(self) -> str:
        return (
            f"{self.runs:,} experiments with two equal arms ({percent(self.share)} each, "
            f"{self.contacts:,} contacts), {self.looks:,} looks: a usual test calls "
            f"{percent(self.naive)} of them different, the confidence sequence "
            f"{percent(self.always_valid)} (promised: at most {percent(self.alpha)})."
        )


def peek(
    runs: int = 500,
    contacts: int = 3000,
    *,
    looks: int | None = None,
    share: float = 0.3,
    effect: float = 0.05,
    alpha: float = 0.05,
    seed: int = 1,
) -> Peeking:
    """Simulate experiments with equal arms, each contact a customer of its own.

    Args:
        looks: how many, evenly spaced; after every contact by default.
        effect: the smallest effect that matters, for which the sequence is made.
    """
    rng = np.random.default_rng(seed)
    count = looks or contacts
    at = np.linspace(0, contacts, count + 1)[1:].astype(np.int64) - 1
    found = np.array([_one_run(rng, contacts, at, share, effect, alpha) for _ in range(runs)])
    naive, always_valid = found.mean(axis=0)
    return Peeking(
        runs=runs,
        contacts=contacts,
        looks=count,
        share=share,
        alpha=alpha,
        naive=float(naive),
        always_valid=float(always_valid),
    )


def _one_run(
    rng: np.random.Generator, contacts: int, looks: Ints, share: float, effect: float, alpha: float
) -> tuple[bool, bool]:
    drawn = rng.random((2, contacts)) < [[0.5], [share]]
    seen = Observations(
        customer=np.arange(contacts),
        treated=drawn[0],
        numerator=drawn[1].astype(np.float64),
        denominator=np.ones(contacts),
        day=np.arange(contacts).astype("datetime64[D]"),
    )
    sequence = difference(seen, effect, alpha, share=True).at(looks)
    left_zero = (sequence.low > 0) | (sequence.high < 0)
    return bool(naive_outside(seen, alpha)[looks].any()), bool(left_zero.any())


def naive_outside(seen: Observations, alpha: float) -> Bools:
    """Where a usual two-sided test, made for one look, would call the arms different."""
    control, arm = running(seen, ~seen.treated), running(seen, seen.treated)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (arm.ratio - control.ratio) / np.sqrt(arm.variance + control.variance)
    enough = np.minimum(control.customers, arm.customers) >= FROM_CUSTOMERS
    outside: Bools = enough & (np.abs(z) > z_score(1 - alpha))
    return outside
