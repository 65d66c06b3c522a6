"""Whole numbers by rank: the k-th smallest of many, without putting all of them in order.

Quantiles do not add up as sums do. What adds up are counts, so sorted runs (the values of one day
and slice each) carry the places where they cross common edges: the counts between two edges tell
where a rank lies, and only the values between those two are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

BINS = (16, 512)
"""Parts of the range of values, at least and at most; about as many values are in each. Within
these, few enough that the crossings take less room than the values."""

_RUN = 2**32
"""Values are below this, so run and value together make one sortable number."""


class Ranked(Protocol):
    """Values that can be asked for by rank."""

    def __len__(self) -> int: ...

    def at(self, ranks: Sequence[int]) -> list[float]:
        """The values at these ranks, counted from 1, each at most the number of values."""


@dataclass(frozen=True)
class Values:
    """Values in no order."""

    values: NDArray[Any]

    def __len__(self) -> int:
        return len(self.values)

    def at(self, ranks: Sequence[int]) -> list[float]:
        import numpy as np

        if not ranks:
            return []
        ordered = np.partition(self.values, [rank - 1 for rank in ranks])
        return [float(ordered[rank - 1]) for rank in ranks]


@dataclass(frozen=True)
class Runs:
    """Sorted runs, one after the other."""

    lowest: int
    """What is to be added to each value."""
    values: NDArray[np.uint32]
    cuts: NDArray[np.uint32]
    """Run x edge: the position of the run's first value that is not below the edge."""

    @classmethod
    def of(cls, values: Ints, lengths: Ints) -> Runs:
        """From values run by run, in no order within a run; they spread over less than 2^32."""
        import numpy as np

        lowest = int(values.min(initial=0))
        first = np.arange(len(lengths), dtype=np.int64) * _RUN
        keys = np.repeat(first, lengths) + (values - lowest)
        keys.sort()
        ordered = (keys % _RUN).astype(np.uint32)
        bins = int(np.clip(len(values) // (4 * max(len(lengths), 1)), *BINS))
        shares = np.linspace(0, 1, bins + 1)[1:-1]
        inner = np.quantile(ordered, shares, method="lower") if len(ordered) else ordered
        edges = np.concatenate([[0], np.unique(inner), [_RUN]]).astype(np.int64)
        cuts = np.searchsorted(keys, first[:, None] + edges).astype(np.uint32)
        return cls(lowest, ordered, cuts)

    def chosen(self, runs: Ints) -> ChosenRuns:
        return ChosenRuns(self.lowest, self.values, self.cuts[runs])


@dataclass(frozen=True)
class ChosenRuns:
    """The values of some runs."""

    lowest: int
    values: NDArray[np.uint32]
    cuts: NDArray[np.uint32]

    @cached_property
    def below(self) -> Ints:
        """How many values lie below each edge."""
        import numpy as np

        positions = self.cuts.sum(0, dtype=np.int64)
        found: Ints = positions - positions[0]
        return found

    def __len__(self) -> int:
        return int(self.below[-1])

    def at(self, ranks: Sequence[int]) -> list[float]:
        import numpy as np

        parts = (np.searchsorted(self.below, ranks) - 1).tolist()
        places = [rank - 1 - int(self.below[part]) for rank, part in zip(ranks, parts, strict=True)]
        ordered = {
            part: np.partition(
                self._between_edges(part),
                [place for place, own in zip(places, parts, strict=True) if own == part],
            )
            for part in dict.fromkeys(parts)
        }
        return [
            float(ordered[part][place]) + self.lowest
            for part, place in zip(parts, places, strict=True)
        ]

    def _between_edges(self, part: int) -> NDArray[np.uint32]:
        """The values from one edge to the next, in no order."""
        import numpy as np

        first, end = self.cuts[:, part].astype(np.int64), self.cuts[:, part + 1].astype(np.int64)
        lengths = end - first
        before = np.cumsum(lengths) - lengths
        places: Ints = np.arange(lengths.sum()) + np.repeat(first - before, lengths)
        return self.values.take(places)
