"""A dashboard question in polars, over numerators and denominators that are columns already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from workbench.measure.metrics import Formula

Item = tuple[tuple[Any, ...], float | None]


def answer(frame: pl.DataFrame, formulas: Sequence[Formula], question: Any) -> Iterator[Item]:
    asked = [one for one in formulas if one.metric.name in question.metrics]
    kept = [pl.col(column) == value for column, value in question.conditions.items()]
    kept += [pl.col("day") >= question.since] if question.since else []
    query = frame.lazy().filter(*kept) if kept else frame.lazy()
    sums = [expression for one in asked for expression in _asked(one)]
    by = list(question.by)
    found = (query.group_by(by).agg(sums) if by else query.select(sums)).collect()
    for row in found.iter_rows(named=True):
        key = tuple(row[name] for name in by)
        for one in asked:
            yield (one.metric.name, *key), _value(row, one)


def _asked(formula: Formula) -> list[pl.Expr]:
    name, share = formula.metric.name, formula.metric.quantile
    if share:
        return [pl.col(f"v_{name}").quantile(share, interpolation="equiprobable")]
    return [pl.col(f"{part}_{name}").sum() for part in "nd"]


def _value(row: dict[str, Any], formula: Formula) -> float | None:
    name = formula.metric.name
    if formula.metric.quantile:
        found: float | None = row[f"v_{name}"]
        return found
    top, bottom = row[f"n_{name}"], row[f"d_{name}"]
    return top / bottom * formula.metric.scale if bottom else None
