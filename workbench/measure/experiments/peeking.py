"""Why a test for one look must not be looked at every day: both ways on arms that are equal."""

from __future__ import annotations

import numpy as np

from workbench.measure.experiments.observations import Observations, running
from workbench.measure.experiments.planning import percent
from workbench.measure.experiments.sequences import FROM_CUSTOMERS, difference
from workbench.measure.intervals import z_score
from workbench.records.base import Record


class Peeking(Record):
    """How often equal arms are called different, when looked at after every contact."""

    runs: int
    contacts: int
    share: float
    alpha: float
    naive: float
    """Share of the runs in which a test for one look called them different at some look."""
    naive_at_the_end: float
    """The same test, looked at once, at the end."""
    always_valid: float
    """Share of the runs in which the confidence sequence ever left zero."""

    def __str__(self) -> str:
        return (
            f"{self.runs:,} experiments with two equal arms ({percent(self.share)} each, "
            f"{self.contacts:,} contacts), looked at after every contact:\n"
            f"  a usual test calls {percent(self.naive)} of them different at some look "
            f"({percent(self.naive_at_the_end)} when looked at once, at the end)\n"
            f"  the confidence sequence calls {percent(self.always_valid)} of them different "
            f"(promised: at most {percent(self.alpha)})"
        )


def peek(
    runs: int = 500,
    contacts: int = 3000,
    *,
    share: float = 0.3,
    effect: float = 0.05,
    alpha: float = 0.05,
    seed: int = 1,
) -> Peeking:
    """Simulate experiments with equal arms, each contact a customer of its own."""
    rng = np.random.default_rng(seed)
    found = np.array([_one_run(rng, contacts, share, effect, alpha) for _ in range(runs)])
    naive, at_the_end, always_valid = found.mean(axis=0)
    return Peeking(
        runs=runs,
        contacts=contacts,
        share=share,
        alpha=alpha,
        naive=float(naive),
        naive_at_the_end=float(at_the_end),
        always_valid=float(always_valid),
    )


def _one_run(
    rng: np.random.Generator, contacts: int, share: float, effect: float, alpha: float
) -> tuple[bool, bool, bool]:
    drawn = rng.random((2, contacts)) < [[0.5], [share]]
    seen = Observations(
        customer=np.arange(contacts),
        treated=drawn[0],
        numerator=drawn[1].astype(np.float64),
        denominator=np.ones(contacts),
        day=np.arange(contacts).astype("datetime64[D]"),
    )
    outside = naive_outside(seen, alpha)
    sequence = difference(seen, effect, alpha, share=True)
    left_zero = (sequence.low > 0) | (sequence.high < 0)
    return bool(outside.any()), bool(outside[-1]), bool(left_zero.any())


def naive_outside(seen: Observations, alpha: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where a usual two-sided test, made for one look, would call the arms different."""
    control, arm = running(seen, ~seen.treated), running(seen, seen.treated)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (arm.ratio - control.ratio) / np.sqrt(arm.variance + control.variance)
    enough = np.minimum(control.customers, arm.customers) >= FROM_CUSTOMERS
    outside: np.ndarray[tuple[int], np.dtype[np.bool_]] = enough & (np.abs(z) > z_score(1 - alpha))
    return outside
