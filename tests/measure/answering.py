"""Populations of answers whose true error rate is known at every threshold, and samples of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.measure.trust.evidence import Evidence

SCOUTS = 1_000


@dataclass(frozen=True)
class Population:
    """Every answer there is: its confidence, and whether it is wrong."""

    confidence: NDArray[np.float64]
    wrong: NDArray[np.bool_]

    def error(self, threshold: float) -> float:
        above = self.confidence >= threshold
        return float(self.wrong[above].mean()) if above.any() else 0.0

    def automated(self, threshold: float) -> float:
        return float((self.confidence >= threshold).mean())

    def samples(self, judged: int, count: int, seed: int = 0) -> Iterator[Evidence]:
        """Independent samples: judged answers, and contacts that nobody judged."""
        random = np.random.default_rng(seed)
        for _ in range(count):
            chosen = random.integers(0, len(self.wrong), judged)
            scouts = random.integers(0, len(self.wrong), SCOUTS)
            yield Evidence(
                confidence=self.confidence[chosen],
                wrong=self.wrong[chosen],
                intents=np.full(judged, "any"),
                scouts=self.confidence[scouts],
                contacts=judged + SCOUTS,
            )


def honest(size: int = 20_000) -> Population:
    """Confidence means what it says."""
    random = np.random.default_rng(1)
    confidence = random.beta(14, 1, size)
    return Population(confidence, random.random(size) > confidence)


def confident_but_wrong(size: int = 20_000) -> Population:
    """The surest answers are the worst ones; below them all is well."""
    random = np.random.default_rng(2)
    confidence = random.beta(6, 1, size)
    error = np.where(confidence > 0.985, 0.06, (1 - confidence) * 0.35)
    return Population(confidence, random.random(size) < error)


def barely_broken(size: int = 20_000) -> Population:
    """A hair too many errors at every threshold: whatever is promised is broken."""
    random = np.random.default_rng(3)
    wrong = np.zeros(size, dtype=bool)
    wrong[: int(size * 0.0205)] = True
    return Population(random.random(size), random.permutation(wrong))
