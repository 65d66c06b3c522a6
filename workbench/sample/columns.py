"""A column of contact facts in memory: values, and which of them are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.sample.arrays import Bools, Ints


@dataclass(frozen=True)
class Column:
    """Values with a mask. With `labels`, values are positions among them."""

    values: NDArray[Any]
    known: Bools
    labels: tuple[str, ...] | None = None


Columns = dict[str, Column]


def plain(values: NDArray[Any], known: Bools | None = None) -> Column:
    """Numbers, flags or times; NaN is unknown unless `known` says more."""
    if known is None:
        is_float = np.issubdtype(values.dtype, np.floating)
        known = ~np.isnan(values) if is_float else np.ones(len(values), dtype=bool)
    return Column(values, known)


def labelled(codes: Ints, labels: Sequence[str]) -> Column:
    """Texts as positions among `labels`; negative positions are unknown."""
    return Column(codes, codes >= 0, tuple(labels))


def flag(codes: Ints) -> Column:
    """A flag from 1 and 0; negative values are unknown."""
    return Column(codes == 1, codes >= 0)
