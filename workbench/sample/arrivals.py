"""When customers get in touch, who it is, and what they want."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np

from workbench.sample.arrays import Bools, Floats, Ints, Rng, chance, pick, pick_by_row
from workbench.sample.calendar import DAYS, FIRST_DAY, HOLIDAYS, INVOICE_MONTHS
from workbench.sample.needs import needs
from workbench.sample.planted import (
    MONDAYS,
    MONTH_START,
    NEW_WORDING,
    NEW_WORDING_SHARE,
    PRICE_CHANGE,
    Truth,
)
from workbench.sample.population import Population

_WEEKDAYS = (MONDAYS.size, 1.12, 1.0, 0.96, 0.88, 0.24, 0.14)
_HOLIDAY = 0.2
_OFFICE_HOURS = (1.0, 1.35, 1.30, 1.0, 0.8, 1.1, 1.15, 0.95)
"""Weights of the hours from 9 to 17."""
_OTHER_HOURS = {7: 0.8, 8: 1.5, 17: 1.4, 18: 1.2, 19: 1.1, 20: 1.0, 21: 0.7, 22: 0.3}
_PRICE_QUESTIONS = {
    "price_change": 6.0,
    "invoice_explain": 3.0,
    "invoice_amount": 1.0,
    "contract_cancel": 1.0,
}
"""Weights of what the price change makes customers ask."""
_MONTH_START_DAYS = 5


@dataclass(frozen=True)
class Arrivals:
    """One position per contact."""

    customer: Ints
    day: Ints
    """Days since the first day of the sample."""
    second: Ints
    """Seconds since midnight at the service desk."""
    month: Ints
    """Which month's invoice was the latest one."""
    intent: Ints
    """What the customer really wants."""
    channel: Ints
    new_words: Bools
    """Speaks in the words that triage has not learned."""
    follow_up: Bools
    """Comes back about an earlier contact that did not settle it."""

    def __len__(self) -> int:
        return len(self.customer)


def draw_arrivals(rng: Rng, population: Population, size: int) -> Arrivals:
    """First contacts: days by season, customers by activity, intents by what happened to them."""
    day = pick(rng, day_weights(), size)
    customer = pick(rng, population.activity, size)
    month = _latest_month(population, customer, day)
    intent = _draw_intents(rng, population.happening[customer, month], day)
    channel = _draw_channels(rng, population.vulnerable[customer], day)
    return Arrivals(
        customer=customer,
        day=day,
        second=draw_seconds(rng, channel),
        month=month,
        intent=intent,
        channel=channel,
        new_words=_uses_new_words(rng, intent, day),
        follow_up=np.zeros(size, dtype=bool),
    )


@cache
def day_weights() -> Floats:
    """Expected contacts of each day, relative to an ordinary Wednesday."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    weights = np.array([_WEEKDAYS[day.weekday()] for day in days])
    weights *= [MONTH_START.size if d.day <= _MONTH_START_DAYS else 1.0 for d in days]
    weights *= [_HOLIDAY if day in HOLIDAYS else 1.0 for day in days]
    weights[_within(PRICE_CHANGE, np.arange(DAYS))] *= 1 + PRICE_CHANGE.size
    return weights


def _within(truth: Truth, day: Ints) -> Bools:
    first, last = (truth.first_day - FIRST_DAY).days, (truth.last_day - FIRST_DAY).days
    return (first <= day) & (day <= last)


@cache
def _month_of_day() -> tuple[Ints, Ints]:
    """For each day: position of its month among the invoice months, and its day of the month."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    months = [(d.year - 2025) * 12 + d.month - INVOICE_MONTHS[0].month for d in days]
    return np.array(months), np.array([d.day for d in days])


def _latest_month(population: Population, customer: Ints, day: Ints) -> Ints:
    """The latest month whose invoice had gone out."""
    months, days_of_month = _month_of_day()
    month = np.minimum(months[day], len(INVOICE_MONTHS) - 1)
    is_out = (months[day] > month) | (population.invoice_day[customer, month] <= days_of_month[day])
    return month - ~is_out


def _draw_intents(rng: Rng, happening: Ints, day: Ints) -> Ints:
    tables, size = needs(), len(day)
    intent = pick(rng, tables.share, size)
    asks = np.maximum(tables.asks, 1e-12)
    caused = chance(rng, tables.pull[happening], size)
    intent[caused] = pick_by_row(rng, asks, happening[caused])
    extra = _within(PRICE_CHANGE, day)
    extra &= chance(rng, PRICE_CHANGE.size / (1 + PRICE_CHANGE.size), size)
    weights = np.array([_PRICE_QUESTIONS.get(name, 0.0) for name in tables.intents])
    intent[extra] = pick(rng, weights, int(extra.sum()))
    return intent


def _draw_channels(rng: Rng, vulnerable: Bools, day: Ints) -> Ints:
    """Vulnerable customers mostly call."""
    channel = pick(rng, needs().channel_share, len(day))
    channel[vulnerable & chance(rng, 0.6, len(day))] = needs().channels.index("phone")
    return _no_calls_when_closed(channel, day)


def _no_calls_when_closed(channel: Ints, day: Ints) -> Ints:
    """Nobody answers the phone at weekends and on holidays; such customers write."""
    phone, email = needs().channels.index("phone"), needs().channels.index("email")
    return np.where(closed_days()[day] & (channel == phone), email, channel)


@cache
def closed_days() -> Bools:
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    return np.array([day.weekday() >= 5 or day in HOLIDAYS for day in days])


def draw_seconds(rng: Rng, channel: Ints) -> Ints:
    """Time of day: mostly office hours, with peaks before noon and after lunch."""
    size = len(channel)
    office = 9 + pick(rng, np.array(_OFFICE_HOURS), size)
    other = np.array(list(_OTHER_HOURS))[pick(rng, np.array(list(_OTHER_HOURS.values())), size)]
    in_office = chance(rng, needs().office[channel], size)
    return np.where(in_office, office, other) * 3600 + rng.integers(0, 3600, size)


def _uses_new_words(rng: Rng, intent: Ints, day: Ints) -> Bools:
    touched = np.isin(intent, [needs().code(name) for name in NEW_WORDING.intents])
    return touched & _within(NEW_WORDING, day) & chance(rng, NEW_WORDING_SHARE, len(day))


def follow_ups(rng: Rng, first: Arrivals, parents: Ints) -> Arrivals:
    """The same customers come back about the same thing, most within two days.

    The second contact lies later on the parent's day or on a later day of the sample.
    """
    days = np.floor(np.exp(rng.normal(0.2, 1.1, len(parents)))).astype(np.int64)
    day = np.minimum(first.day[parents] + np.clip(days, 0, 13), DAYS - 1)
    channel = _no_calls_when_closed(first.channel[parents], day)
    second = draw_seconds(rng, channel)
    same_day = day == first.day[parents]
    later = first.second[parents] + rng.integers(1800, 3 * 3600, len(parents))
    second = np.where(same_day, np.minimum(later, 86_399), second)
    return Arrivals(
        customer=first.customer[parents],
        day=day,
        second=second,
        month=first.month[parents],
        intent=first.intent[parents],
        channel=channel,
        new_words=_uses_new_words(rng, first.intent[parents], day),
        follow_up=np.ones(len(parents), dtype=bool),
    )
