"""The luck of each contact, drawn once, so that its outcome can be worked out again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.sample.arrays import Bools, Floats, Rng

_NAMES = (
    "abandon engage turn_back resolve grade transfer talk hold held wrap answer wait work examined "
    "reopen callback asked rates rating nps_asked nps judge see override suggest taken again "
    "authenticate label words next"
).split()


@dataclass(frozen=True)
class Luck:
    """One row of uniform draws per contact, one column per question that chance decides."""

    draws: NDArray[np.float32]

    def uniform(self, name: str) -> Floats:
        """Between 0 and 1, never exactly either."""
        drawn: Floats = np.clip(
            self.draws[:, _NAMES.index(name)].astype(np.float64), 1e-7, 1 - 1e-7
        )
        return drawn

    def happens(self, name: str, share: Floats | float) -> Bools:
        happened: Bools = self.uniform(name) < share
        return happened

    def normal(self, name: str) -> Floats:
        """Standard normal."""
        from scipy.special import ndtri

        drawn: Floats = ndtri(self.uniform(name))
        return drawn

    def lognormal(self, name: str, median: Floats | float, sigma: float) -> Floats:
        drawn: Floats = median * np.exp(sigma * self.normal(name))
        return drawn


def draw_luck(rng: Rng, size: int) -> Luck:
    return Luck(rng.random((size, len(_NAMES)), dtype=np.float32))
