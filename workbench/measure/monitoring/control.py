"""Control charts: a small shift that lasts is seen long before any single week is unusual.

Page's cumulative sum (Biometrika 41, 1954) of log-likelihood ratios between the in-control rate
and that rate plus the smallest shift that matters, over binomial counts per week.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, log
from typing import Any

import numpy as np

from workbench.measure.intervals import clopper_pearson_upper
from workbench.measure.monitoring.compare import Floats

_PATHS, _STEPS, _TABLE = 3000, 150, 1 << 17
_LEAST = 1.0
"""Decision interval where an unchanged process never leaves zero: the odds of e to one."""
_ROUNDING = 1e-9
_SURE = 0.9
"""How sure the in-control rate is to be no higher than assumed."""


@dataclass(frozen=True)
class Design:
    """What a chart needs to know before the first week."""

    usual: float
    """In-control rate."""
    shifted: float
    """Rate that it is to find."""

    @classmethod
    def of(cls, hits: int, n: int, shift: float) -> Design:
        """A chart for a shift of at least `shift`, from the counts of the reference.

        The in-control rate is an upper bound, so that an estimate that happens to be low does not
        ring for years: Gandy and Kvaloy, Scandinavian Journal of Statistics 40 (2013) 647-668.
        """
        usual = min(max(clopper_pearson_upper(hits, n, _SURE), 1e-4), 0.98)
        return cls(usual, min(usual + shift, 0.995))

    def step(self, hits: Any, n: float) -> Any:
        """What one week adds: the log-likelihood ratio of its counts."""
        up = log(self.shifted / self.usual)
        down = log((1 - self.shifted) / (1 - self.usual))
        return hits * up + (n - hits) * down

    def limit(self, n: float, average_run_length: float) -> float:
        """The decision interval for weeks of `n` contacts; rates and sizes on a grid of 5 %."""
        return decision_interval(
            _on_grid(self.usual), _on_grid(self.shifted), ceil(_on_grid(n)), average_run_length
        )


def _on_grid(value: float) -> float:
    return exp(round(log(value) / 0.05) * 0.05)


@lru_cache(maxsize=4096)
def decision_interval(
    usual: float, shifted: float, n: int, average_run_length: float, seed: int = 1
) -> float:
    """The limit that an unchanged process exceeds at most once in `average_run_length` weeks.

    By simulation: run lengths are nearly exponential, so of many paths of T weeks the share
    1 - exp(-T / average_run_length) exceeds the limit. Counts are whole, so sums are too: of those
    in reach the limit is the one that keeps the promise.
    """
    draws = np.random.default_rng(seed)
    steps = min(_STEPS, ceil(average_run_length))
    highest, total = np.zeros(_PATHS), np.zeros(_PATHS)
    for gained in _steps(draws, Design(usual, shifted), n, steps):
        total = np.maximum(total + gained, 0)
        highest = np.maximum(highest, total)
    reached = np.quantile(highest, exp(-steps / average_run_length), method="higher")
    return max(float(reached), _LEAST) + _ROUNDING


def _steps(draws: np.random.Generator, design: Design, n: int, steps: int) -> Floats:
    """Steps x paths of an unchanged process; counts are looked up in a table of quantiles."""
    from scipy.special import bdtr

    cumulative = bdtr(np.arange(n + 1), n, design.usual)
    hits = np.minimum(np.searchsorted(cumulative, (np.arange(_TABLE) + 0.5) / _TABLE), n)
    gains: Floats = design.step(hits, n)
    return gains[draws.integers(0, _TABLE, (steps, _PATHS), dtype=np.uint32)]
