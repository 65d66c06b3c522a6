"""Customers as arrays: who they are, and what happened to each month's invoice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.records.money import currency_digits
from workbench.sample.arrays import Bools, Floats, Ints, Rng, pick
from workbench.sample.calendar import INVOICE_MONTHS
from workbench.sample.needs import needs
from workbench.sample.world import world

FIRST_CUSTOMER = 2001
FIRST_INVOICE = 20001
_VULNERABLE = 0.03
_MONTHLY_BILL = 260.0
"""Median monthly bill of a standard customer in euros, tax included."""


@dataclass(frozen=True)
class Population:
    """One position per customer; the tables have one column per invoice month."""

    first: int
    """Position of the first customer among all customers of the data set."""
    country: Ints
    segment: Ints
    vulnerable: Bools
    activity: Floats
    """How often a customer gets in touch, compared with others."""
    invoice_day: Ints
    """customer x month: day of the month on which the invoice went out."""
    happening: Ints
    """customer x month: what happened to it, as a position in `Needs.happenings`."""
    amount: Floats
    """customer x month: total in the customer's currency, major units."""

    def __len__(self) -> int:
        return len(self.country)

    @property
    def first_number(self) -> int:
        """The digits of the first customer's number."""
        return FIRST_CUSTOMER + self.first

    def customer_number(self, customer: Ints) -> Ints:
        """The digits of `C-2001`, ..."""
        return self.first_number + customer

    def invoice_number(self, customer: Ints, month: Ints) -> Ints:
        """The digits of `INV-20001`, ...: invoices are numbered month by month per customer."""
        return FIRST_INVOICE + (self.first + customer) * len(INVOICE_MONTHS) + month


def draw_population(rng: Rng, size: int, first: int = 0) -> Population:
    """`size` customers; `first` counts those of earlier blocks."""
    countries, segments = world().countries, world().segments
    country = pick(rng, np.array([c.share for c in countries]), size)
    segment = pick(rng, np.array([s.share for s in segments]), size)
    months = (size, len(INVOICE_MONTHS))
    return Population(
        first=first,
        country=country,
        segment=segment,
        vulnerable=rng.random(size) < _VULNERABLE,
        activity=np.array([s.activity for s in segments])[segment] * rng.gamma(3.0, 1 / 3, size),
        invoice_day=rng.integers(1, 13, months),
        happening=pick(rng, needs().happening_share, size * months[1]).reshape(months),
        amount=_draw_amounts(rng, country, segment),
    )


def _draw_amounts(rng: Rng, country: Ints, segment: Ints) -> Floats:
    """Lognormal totals, scaled by segment and price level, rounded to the currency's digits."""
    level = np.array([float(c.per_euro) for c in world().countries])[country]
    size = np.array([s.size for s in world().segments])[segment]
    digits = np.array([currency_digits(c.currency) for c in world().countries])[country]
    spread = np.exp(rng.normal(0, 0.6, (len(country), len(INVOICE_MONTHS))))
    unit = 10.0 ** digits[:, None]
    amount: Floats = np.round(_MONTHLY_BILL * (level * size)[:, None] * spread * unit) / unit
    return amount
