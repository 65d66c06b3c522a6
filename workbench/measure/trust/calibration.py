"""Whether confidence means what it says: reliability of judged answers, with exact intervals."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.measure.charts import CalibrationBin
from workbench.measure.intervals import clopper_pearson
from workbench.measure.sums import Scope, contacts_source, last_known_time

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Between them lie the bins: narrow where most confidences are."""


def reliability(
    connection: DuckDBPyConnection, where: Mapping[str, Any] | None = None
) -> tuple[CalibrationBin, ...]:
    """Mean confidence against the share that was right, bin by bin; empty bins are left out.

    Intervals are exact (Clopper & Pearson), 95 % two-sided.
    """
    condition, values = Scope(where=where or {}).sql()
    source = contacts_source(connection, last_known_time(connection))
    judged = connection.execute(
        f"SELECT confidence, wrong FROM {source.sql} "
        f"WHERE judged AND confidence IS NOT NULL AND {condition}",
        values,
    ).fetchall()
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(len(EDGES) + 1)]
    for confidence, wrong in judged:
        bins[bisect_right(EDGES, confidence)].append((confidence, wrong))
    return tuple(_bin(answers) for answers in bins if answers)


def _bin(answers: Sequence[tuple[float, bool]]) -> CalibrationBin:
    n, right = len(answers), sum(not mistaken for _, mistaken in answers)
    interval = clopper_pearson(right, n)
    return CalibrationBin(
        confidence=sum(confidence for confidence, _ in answers) / n,
        accuracy=right / n,
        n=n,
        low=interval.low,
        high=interval.high,
    )
