"""Small vectorised draws that the generator is made of."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
Ints: TypeAlias = NDArray[np.integer[Any]]
Bools: TypeAlias = NDArray[np.bool_]
Rng: TypeAlias = np.random.Generator


def pick(rng: Rng, weights: Floats, size: int) -> Ints:
    """`size` positions, each drawn with a chance proportional to its weight."""
    edges = np.cumsum(weights)
    drawn: Ints = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return drawn


def pick_by_row(rng: Rng, weights: Floats, rows: Ints) -> Ints:
    """For each entry of `rows` one column of that row of `weights`, drawn by weight."""
    edges = np.cumsum(weights, axis=1)
    edges = edges / edges[:, -1:]
    # One sorted list for all rows: row r owns the interval [r, r + 1).
    flat = (edges + np.arange(len(edges))[:, None]).ravel()
    found = np.searchsorted(flat, rows + rng.random(len(rows)), side="right")
    column: Ints = np.minimum(found - rows * edges.shape[1], edges.shape[1] - 1)
    return column


def lognormal(rng: Rng, median: Floats, sigma: float) -> Floats:
    """Positive draws with the given medians."""
    return median * np.exp(rng.normal(0.0, sigma, len(median)))


def beta(rng: Rng, mean: Floats, weight: float) -> Floats:
    """Draws in 0-1 with the given means; a larger `weight` spreads less."""
    centre = np.clip(mean, 0.01, 0.99)
    return rng.beta(centre * weight, (1.0 - centre) * weight)


def chance(rng: Rng, share: Floats | float, size: int) -> Bools:
    """True with the given share."""
    drawn: Bools = rng.random(size) < share
    return drawn


def sample_exactly(rng: Rng, weights: Floats, count: int) -> Ints:
    """Exactly `count` distinct positions, drawn without replacement by weight.

    The `count` smallest of exponential draws divided by their weights (Efraimidis and Spirakis,
    2006). Positions of weight zero are never drawn.
    """
    with np.errstate(divide="ignore", over="ignore"):
        keys = rng.exponential(size=len(weights)) / weights
    return np.sort(np.argpartition(keys, count)[:count])


def join(parts: list[Any]) -> Any:
    """One dataclass of arrays out of several of the same type."""
    kind = type(parts[0])
    names = kind.__dataclass_fields__
    return kind(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
