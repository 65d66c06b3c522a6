"""Did customers fall to the arms as planned? If not, nothing else may be read from the data."""

from __future__ import annotations

import numpy as np

from workbench.measure.experiments.observations import Floats
from workbench.records.base import Record

ALARM = 0.001
"""Chance of a false alarm over the whole experiment, however often one looks."""
_CONCENTRATION = 20.0
"""Pseudo-customers per arm of the mixture: it looks for shares some points from the plan."""


class Split(Record):
    """Customers per arm against an even split."""

    customers: dict[str, int]
    p_value: float
    """Always valid: the smallest that was ever reached."""

    @property
    def alarm(self) -> bool:
        return self.p_value < ALARM

    @property
    def words(self) -> str:
        shares = ", ".join(f"{name} {count:,}" for name, count in self.customers.items())
        if self.alarm:
            return f"Not as planned: {shares} customers (p = {self.p_value:.1g})."
        return f"As planned: {shares} customers (p = {self.p_value:.2g})."


def split_of(arms: tuple[str, ...], dealt: list[str]) -> Split:
    """Check the split, for the arms of customers in the order in which they came."""
    codes = np.array([arms.index(arm) for arm in dealt], dtype=np.int64)
    counts = np.cumsum(codes[:, None] == np.arange(len(arms)), axis=0).astype(np.float64)
    customers = {arm: int((codes == code).sum()) for code, arm in enumerate(arms)}
    return Split(customers=customers, p_value=mismatch_p(counts) if dealt else 1.0)


def mismatch_p(counts: Floats) -> float:
    """Always-valid p value that arms are equally likely.

    Args:
        counts: customer x arm: customers so far in each arm.

    Lindon & Malek, "Anytime-valid inference for multinomial count data" (NeurIPS 2022): a Dirichlet
    mixture of shares against the planned ones, p = 1 / the largest Bayes factor so far.
    """
    from scipy.special import gammaln

    arms = counts.shape[1]
    prior = np.full(arms, _CONCENTRATION)
    total = counts.sum(axis=1)
    mixed = gammaln(counts + prior).sum(axis=1) - gammaln(total + prior.sum())
    start = gammaln(prior).sum() - gammaln(prior.sum())
    evidence = float((mixed - start + total * np.log(arms)).max(initial=0.0))
    return float(np.exp(-evidence))
