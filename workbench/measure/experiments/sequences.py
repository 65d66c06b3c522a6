"""Confidence sequences: with 95 %, the truth lies inside at every look, however often one looks.

Asymptotic confidence sequences of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas ("Time-uniform
central limit theory and asymptotic confidence sequences", Annals of Statistics 52, 2024): Robbins'
normal mixture over a running mean whose variance is estimated. Written for an estimate with
variance V at the look and a mixture with standard deviation `scale`:

    radius = sqrt( V (V + scale^2) / scale^2  x  log( (V + scale^2) / (V alpha^2) ) )

which is their (11) with rho = scale / sigma and V = sigma^2 / n. `scale` must be fixed before the
data; with the smallest effect that matters the sequence is narrowest about where that effect can
just be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.measure.experiments.observations import (
    Bools,
    Floats,
    Ints,
    Observations,
    Running,
    running,
)

FROM_CUSTOMERS = 30
"""Customers in each arm before a sequence begins; with fewer the normal limit is no guide."""
FROM_CASES = 10
"""For shares also: contacts that count, and contacts that do not, in each arm."""


@dataclass(frozen=True)
class Sequence:
    """A difference, arm minus control, at each look; ends are infinite where nothing is known."""

    estimate: Floats
    low: Floats
    high: Floats

    def at(self, looks: Ints) -> Sequence:
        return Sequence(self.estimate[looks], self.low[looks], self.high[looks])

    def scaled(self, factor: float) -> Sequence:
        return Sequence(self.estimate * factor, self.low * factor, self.high * factor)


def mixture_radius(variance: Any, scale: float, alpha: float) -> Any:
    """Half the width of the sequence where the estimate has this variance; infinite at zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        together = variance + scale * scale
        log = np.log(together / variance) - 2 * np.log(alpha)
        radius = np.sqrt(variance * together / (scale * scale) * log)
    return np.where(np.asarray(variance) > 0, radius, np.inf)


def difference(seen: Observations, scale: float, alpha: float, *, share: bool) -> Sequence:
    """The difference of two ratios of sums after every contact, clustered by customer.

    Linearised (delta method: Deng, Knoblich & Lu, KDD 2018) with customers as clusters, as
    `intervals.ratio_variance` has it. A customer's later contacts add to the customer's own sums,
    so contacts that resemble one another widen the sequence and never narrow it.

    Args:
        scale: standard deviation of the mixture, in the metric's raw unit.
        share: whether the numerator counts contacts, so that cases can be asked for.
    """
    control, arm = running(seen, ~seen.treated), running(seen, seen.treated)
    estimate, variance = arm.ratio - control.ratio, arm.variance + control.variance
    ready = _ready(control, share) & _ready(arm, share)
    radius = np.where(ready, mixture_radius(np.where(ready, variance, 1.0), scale, alpha), np.inf)
    return Sequence(estimate, estimate - radius, estimate + radius)


def _ready(arm: Running, share: bool) -> Bools:
    enough = arm.customers >= FROM_CUSTOMERS
    if share:
        enough &= np.minimum(arm.numerator, arm.denominator - arm.numerator) >= FROM_CASES
    return enough
