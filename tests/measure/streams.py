"""Simulated contacts of two arms, with a known difference between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.measure.experiments.observations import Observations

Rng = np.random.Generator


def observed(
    customer: Any, treated: Any, numerator: Any, denominator: Any | None = None
) -> Observations:
    """Observations from plain arrays; every contact counts where no denominator is given."""
    size = len(customer)
    return Observations(
        customer=np.asarray(customer, dtype=np.int64),
        treated=np.asarray(treated, dtype=bool),
        numerator=np.asarray(numerator, dtype=np.float64),
        denominator=np.ones(size) if denominator is None else np.asarray(denominator, float),
        day=np.zeros(size, dtype="datetime64[D]"),
    )


def shares(rng: Rng, contacts: int, control: float, arm: float) -> Observations:
    """Contacts of a customer each, right or wrong."""
    treated = rng.random(contacts) < 0.5
    hits = rng.random(contacts) < np.where(treated, arm, control)
    return observed(np.arange(contacts), treated, hits)


def clustered_shares(rng: Rng, contacts: int, effect: float = 0.0) -> Observations:
    """Contacts of 120 customers, each with a chance of its own."""
    customer, treated = _customers(rng, contacts, 120)
    own = rng.beta(3, 3, 120)[customer] * (1 - abs(effect)) + effect * treated * (effect > 0)
    return observed(customer, treated, rng.random(contacts) < own)


def handle_times(rng: Rng, contacts: int, effect: float = 0.0) -> Observations:
    """Seconds of work, lognormal with a long tail (mean 305 s), for four contacts in ten.

    `effect` seconds are added to the arm's contacts; the mean is over contacts with any work.
    """
    customer, treated = _customers(rng, contacts, 400)
    worked = rng.random(contacts) < 0.4
    seconds = np.exp(rng.normal(5.0, 1.2, contacts)) + effect * treated
    return observed(customer, treated, seconds * worked, worked)


def costs(rng: Rng, contacts: int) -> Observations:
    """Money per contact in nanos, mostly next to nothing and now and then very much."""
    customer, treated = _customers(rng, contacts, 300)
    nanos = np.exp(rng.normal(20.0, 1.5, contacts)) * (rng.random(contacts) < 0.3) + 2e6
    return observed(customer, treated, nanos)


def _customers(rng: Rng, contacts: int, number: int) -> tuple[Any, Any]:
    """Some customers get in touch far more often than others."""
    weights = rng.gamma(1.0, 1.0, number)
    customer = rng.choice(number, contacts, p=weights / weights.sum())
    return customer, (rng.random(number) < 0.5)[customer]
