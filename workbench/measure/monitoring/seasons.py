"""How many contacts a day should bring: weekday, first days of the month, holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from workbench.config import HoursSettings
from workbench.measure.monitoring.compare import Floats
from workbench.measure.monitoring.readings import Ints, Readings

_MONTH_START_DAYS = 5
_ROUNDS = 12
_DOUBT = 0.5
"""Prior standard deviation of the logarithm of an effect: factors of 0.6 to 1.6 are ordinary."""
_WEEKLY_SPREAD = 0.05
"""Standard deviation of whole weeks, as a share, that no calendar explains."""


@dataclass(frozen=True)
class Expected:
    """Contacts that some days should bring."""

    mean: float
    spread: float
    """Standard deviation: of the days' chance, and of what the reference does not know."""


def closed_days(readings: Readings, hours: HoursSettings) -> Ints:
    """Per day 1 where the service desk is closed, else 0."""
    days = [readings.day(number) for number in range(readings.days)]
    return np.array([int(_closed(day, hours)) for day in days], dtype=np.int64)


def _closed(day: date, hours: HoursSettings) -> bool:
    return day.weekday() not in hours.days or day in hours.holidays


def expected_contacts(
    readings: Readings, days: range, reference: Ints, hours: HoursSettings
) -> Expected:
    """Contacts that `days` should bring, from the days of the reference alone.

    A log-linear model, effects shrunk towards none, chance scattered as much as the reference
    scatters (quasi-Poisson). A holiday counts as a Sunday: most histories have too few to learn
    from.
    """
    table = _effects(readings, hours)
    known, counts = table[reference], readings.arrivals.sum(1)[reference]
    beta, doubt = _fit(known, counts)
    fitted = np.exp(known @ beta)
    freedom = max(len(reference) - known.shape[1], 1)
    scatter = max(1.0, float(((counts - fitted) ** 2 / fitted).sum() / freedom))
    rows = table[days.start : days.stop]
    mean = np.exp(rows @ beta)
    lean = mean @ rows
    variance = scatter * mean.sum() + scatter * lean @ doubt @ lean
    total = float(mean.sum())
    return Expected(total, float(np.sqrt(variance + (_WEEKLY_SPREAD * total) ** 2)))


def _effects(readings: Readings, hours: HoursSettings) -> Floats:
    """One row per day: level, weekday, start of the month."""
    days = [readings.day(number) for number in range(readings.days)]
    table = np.zeros((len(days), 9))
    for row, day in zip(table, days, strict=True):
        row[0] = 1
        row[1 + (6 if day in hours.holidays else day.weekday())] = 1
        row[8] = day.day <= _MONTH_START_DAYS
    return table


def _fit(table: Floats, counts: Ints) -> tuple[Floats, Floats]:
    """Poisson regression with a normal prior on all effects but the level; with its covariance."""
    prior = np.full(table.shape[1], 1 / _DOUBT**2)
    prior[0] = 1e-6
    prior[1:8] /= 4  # Sundays may well bring a tenth of a Monday.
    beta: Floats = np.zeros(table.shape[1])
    beta[0] = np.log(max(counts.mean(), 0.1))
    for _ in range(_ROUNDS):
        mean = np.exp(np.clip(table @ beta, -20, 20))
        curvature = (table * mean[:, None]).T @ table + np.diag(prior)
        beta = beta + np.linalg.solve(curvature, table.T @ (counts - mean) - prior * beta)
    doubt: Floats = np.linalg.inv(curvature)
    return beta, doubt
