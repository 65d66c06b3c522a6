"""A dashboard question in pandas, over numerators and denominators that are columns already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from workbench.measure.metrics import Formula

Item = tuple[tuple[Any, ...], float | None]


def answer(frame: pd.DataFrame, formulas: Sequence[Formula], question: Any) -> Iterator[Item]:
    asked = [one for one in formulas if one.metric.name in question.metrics]
    quantiles = [one for one in asked if one.metric.quantile]
    ratios = [one for one in asked if not one.metric.quantile]
    columns = [f"{part}_{one.metric.name}" for one in ratios for part in "nd"]
    columns += [f"v_{one.metric.name}" for one in quantiles]
    keep, by = _kept(frame, question), list(question.by)
    chosen = frame[[*by, *columns]] if keep is None else frame.loc[keep, [*by, *columns]]
    grouped = chosen.groupby(by, observed=True, dropna=False) if by else None
    if ratios:
        names = columns[: 2 * len(ratios)]
        sums = grouped[names].sum() if grouped is not None else chosen[names].sum().to_frame().T
        for key, row in zip(_keys(sums, by), sums.to_dict("records"), strict=True):
            for one in ratios:
                top, bottom = (row[f"{part}_{one.metric.name}"] for part in "nd")
                value = float(top) / float(bottom) * one.metric.scale if bottom else None
                yield (one.metric.name, *key), value
    for one in quantiles:
        column = (grouped if grouped is not None else chosen)[f"v_{one.metric.name}"]
        found = column.quantile(one.metric.quantile, interpolation="lower")
        values = found if by else pd.Series([found])
        for key, value in zip(_keys(values, by), values, strict=True):
            yield (one.metric.name, *key), None if pd.isna(value) else float(value)


def _kept(frame: pd.DataFrame, question: Any) -> Any:
    masks = [frame[column] == value for column, value in question.conditions.items()]
    if question.since:
        masks.append(frame["day"] >= pd.Timestamp(question.since))
    return pd.concat(masks, axis=1).all(axis=1) if masks else None


def _keys(found: Any, by: list[str]) -> list[tuple[Any, ...]]:
    if not by:
        return [()]
    return [tuple(map(_plain, k if isinstance(k, tuple) else (k,))) for k in found.index]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date()
    return None if pd.isna(value) else value
