"""Weekly exchange rates: a small random walk that ends at the world's table."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import numpy as np

from workbench.records.invoices import ExchangeRate
from workbench.sample.arrays import Floats, Rng
from workbench.sample.calendar import END, WEEKS
from workbench.sample.world import world

SOURCE = "Nordlicht treasury rate"
_WEEKLY_MOVE = 0.004
"""Standard deviation of a week's relative change."""


def exchange_rates(seed: int) -> list[ExchangeRate]:
    """One rate per Friday and ordered pair of currencies, six digits, oldest first."""
    rng = np.random.default_rng([seed, 7])
    per_euro = {"EUR": np.ones(WEEKS)} | {
        code: float(rate) * _walk_to_one(rng) for code, rate in world().rates.items()
    }
    return [
        _rate(base, quote, week, per_euro[quote][week] / per_euro[base][week])
        for week in range(WEEKS)
        for base, quote in permutations(per_euro, 2)
    ]


def _walk_to_one(rng: Rng) -> Floats:
    """Factors that wander and end at exactly 1."""
    steps = rng.normal(0, _WEEKLY_MOVE, WEEKS - 1)
    factors: Floats = np.exp(np.append(np.cumsum(steps[::-1])[::-1], 0.0))
    return factors


def _rate(base: str, quote: str, week: int, rate: float) -> ExchangeRate:
    day: date = END - timedelta(days=3) - timedelta(weeks=WEEKS - 1 - week)
    return ExchangeRate(base=base, quote=quote, on=day, rate=Decimal(f"{rate:.6f}"), source=SOURCE)
