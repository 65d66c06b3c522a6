"""A promise rehearsed: how often it would break if the judged answers were all answers there are.

Small samples are drawn from them at random, a threshold is chosen on each, and what it promises is
compared with what all of them say. The same is done with the naive threshold: the lowest at which
the sample itself has few enough errors.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.decide.promise import Promise
from workbench.errors import InputError
from workbench.measure.trust.evidence import Evidence
from workbench.measure.trust.guarantee import GRID, keep
from workbench.records.base import Record

if TYPE_CHECKING:
    import numpy as np


class PromiseRehearsal(Record):
    """What came of choosing a threshold many times."""

    promise: Promise
    judged: int
    """Judged answers in each sample."""
    draws: int
    kept_broken: float
    """Share of samples whose threshold breaks the promise, chosen by its guarantee."""
    kept_automated: float
    """Mean share of answers at or above it; 0 where there was none."""
    naive_broken: float
    """The same two for the naive threshold."""
    naive_automated: float

    def __str__(self) -> str:
        lines = [f"{self.draws:,} samples of {self.judged:,} judged answers, {self.promise}:"]
        for name, broken, automated in (
            ("naive threshold", self.naive_broken, self.naive_automated),
            ("with guarantee", self.kept_broken, self.kept_automated),
        ):
            lines.append(
                f"  {name:<16} broken in {broken * 100:.1f} %, "
                f"automates {automated * 100:.1f} % on average"
            )
        return "\n".join(lines)

    __repr__ = __str__


def rehearse(
    promise: Promise, evidence: Evidence, judged: int, draws: int, seed: int = 0
) -> PromiseRehearsal:
    """Choose thresholds on `draws` random samples of `judged` answers; repeatable by its seed."""
    import numpy as np

    if not len(evidence.wrong):
        raise InputError(
            f"Nothing was judged about {promise.subject}", next_step="Judge some answers first."
        )
    random = np.random.default_rng(seed)
    chosen: list[tuple[float | None, float | None]] = []
    for _ in range(draws):
        sample = _sample(evidence, judged, random)
        chosen.append((keep(promise, sample).threshold, _naive(promise, sample)))
    kept, naive = zip(*chosen, strict=True)
    return PromiseRehearsal(
        promise=promise,
        judged=judged,
        draws=draws,
        kept_broken=_broken(promise, evidence, kept),
        kept_automated=_automated(evidence, kept),
        naive_broken=_broken(promise, evidence, naive),
        naive_automated=_automated(evidence, naive),
    )


def _sample(evidence: Evidence, judged: int, random: np.random.Generator) -> Evidence:
    drawn = random.integers(0, len(evidence.wrong), judged)
    scouts = random.choice(evidence.confidence, max(judged, 200))
    return replace(evidence.only(drawn), scouts=scouts)


def _naive(promise: Promise, sample: Evidence) -> float | None:
    fine = [step for step in GRID if _error(sample, step) <= promise.error]
    return min(fine, default=None)


def _error(evidence: Evidence, threshold: float) -> float:
    judged, wrong = evidence.at(threshold)
    return wrong / judged if judged else 1.0


def _broken(promise: Promise, population: Evidence, chosen: tuple[float | None, ...]) -> float:
    broken = [t is not None and _error(population, t) > promise.error for t in chosen]
    return sum(broken) / len(broken)


def _automated(population: Evidence, chosen: tuple[float | None, ...]) -> float:
    """Among the judged answers, which are the population here."""
    total = len(population.wrong)
    shares = [0.0 if t is None else population.at(t)[0] / total for t in chosen]
    return sum(shares) / len(shares)
