"""The replay of one policy in vectorised pandas and numpy, prepared as far as that goes.

Texts are categories, flags are bytes (-1 unknown, 0, 1), the usual times of people stand beside
each contact. A rule is a mask, the first that holds is found by `numpy.select`. For a change of the
threshold alone, levels and seconds above and below it are worked out in advance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.decide import Policy
from workbench.decide.conditions import (
    COMPARE,
    FIELDS,
    LIMIT,
    THRESHOLD,
    Condition,
    Kind,
    Operator,
)
from workbench.records.decisions import Level

LEVELS = tuple(Level)
Arrays = tuple[np.ndarray, np.ndarray]


def by_policy(frame: pd.DataFrame, policy: Policy, filters: Mapping[str, Any]) -> Sequence[int]:
    """The whole question: rules first, then the sums."""
    chosen = frame[kept(frame, filters)] if filters else frame
    level = levels(chosen, policy, confidence_passes(chosen, policy))
    low, high = human_seconds(chosen, level)
    return sums(chosen, level, low, high)


def kept(frame: pd.DataFrame, filters: Mapping[str, Any]) -> np.ndarray:
    masks = [
        frame[name].isin(value if isinstance(value, list) else [value]).to_numpy()
        for name, value in filters.items()
    ]
    return np.logical_and.reduce(masks)


@dataclass(frozen=True)
class Prepared:
    """Everything that does not depend on the threshold, worked out in advance."""

    frame: pd.DataFrame
    levels: Arrays
    """Level above and below the threshold."""
    seconds: tuple[Arrays, Arrays]
    """The same for low and high seconds of people."""


def prepare(frame: pd.DataFrame, policy: Policy) -> Prepared:
    known = frame.confidence.notna().to_numpy()
    above = levels(frame, policy, (known, np.zeros_like(known)))
    below = levels(frame, policy, (np.zeros_like(known), known))
    seconds = tuple(zip(human_seconds(frame, above), human_seconds(frame, below), strict=True))
    return Prepared(frame, (above, below), (seconds[0], seconds[1]))


def by_prepared(prepared: Prepared, policy: Policy, filters: Mapping[str, Any]) -> Sequence[int]:
    """The question when only the threshold is new."""
    passes, _ = confidence_passes(prepared.frame, policy)
    level, low, high = (np.where(passes, *pair) for pair in (prepared.levels, *prepared.seconds))
    if not filters:
        return sums(prepared.frame, level, low, high)
    mask = kept(prepared.frame, filters)
    return sums(prepared.frame[mask], level[mask], low[mask], high[mask])


def confidence_passes(frame: pd.DataFrame, policy: Policy) -> Arrays:
    """Where confidence passes its threshold, and where it does not; neither where unknown."""
    own = policy.thresholds
    by_intent = frame.intent.map(own.intent).to_numpy(dtype=float, na_value=np.nan)
    by_stakes = frame.stakes.map(own.stakes).to_numpy(dtype=float, na_value=np.nan)
    threshold = np.where(np.isnan(by_stakes), own.default, by_stakes)
    threshold = np.where(np.isnan(by_intent), threshold, by_intent)
    confidence = frame.confidence.to_numpy()
    return confidence >= threshold, confidence < threshold


def levels(frame: pd.DataFrame, policy: Policy, passes: Arrays) -> np.ndarray:
    """Position in `LEVELS` of the level that the policy gives each row."""
    conditions = [
        np.logical_and.reduce(
            [
                np.logical_or.reduce([holds(frame, each, policy, passes) for each in group])
                for group in (clause.conditions for clause in rule.when)
            ]
        )
        for rule in policy.rules
    ]
    found = [LEVELS.index(rule.level) for rule in policy.rules]
    return np.select(conditions, found, LEVELS.index(Level.ESCALATE))


def holds(frame: pd.DataFrame, each: Condition, policy: Policy, passes: Arrays) -> np.ndarray:
    column, kind = frame[each.field], FIELDS[each.field]
    if each.value == THRESHOLD:
        return passes[0 if each.op is Operator.AT_LEAST else 1]
    if each.value == LIMIT:
        within = column.to_numpy() <= authority_limits(frame, policy)
        return within if each.op is Operator.AT_MOST else ~within & column.notna().to_numpy()
    match each.op:
        case Operator.IS_NULL | Operator.NOT_NULL:
            known = column >= 0 if kind is Kind.FLAG else column.notna()
            return known.eq(each.op is Operator.NOT_NULL).to_numpy()
        case Operator.IS_TRUE | Operator.IS_FALSE:
            return column.eq(each.op is Operator.IS_TRUE).to_numpy()
        case Operator.IN | Operator.NOT_IN:
            found = column.isin(each.value).to_numpy()
            return found if each.op is Operator.IN else ~found & column.notna().to_numpy()
    compared: pd.Series[bool] = COMPARE[each.op](column, each.value)
    return compared.to_numpy(dtype=bool, na_value=False)


def authority_limits(frame: pd.DataFrame, policy: Policy) -> np.ndarray:
    limit = np.zeros(len(frame))
    for action, amounts in policy.limits.items():
        own = frame.currency.map({name: float(amount) for name, amount in amounts.items()})
        known = own.to_numpy(dtype=float, na_value=0.0)
        limit = np.where(frame.action == action, known, limit)
    return limit


def human_seconds(frame: pd.DataFrame, level: np.ndarray) -> Arrays:
    """Seconds of people by the hopeful and by the cautious account."""
    spent = frame.human_s.to_numpy()
    alone = level == LEVELS.index(Level.AUTOMATE)
    was_alone = (frame.level == "automate").to_numpy()
    known_wrong = (frame.judged & frame.wrong).to_numpy()
    idle = ~alone & was_alone & (spent == 0)
    low = np.where(alone & ~was_alone & ~known_wrong, 0, spent)
    return np.where(idle, frame.usual_low, low), np.where(idle, frame.usual_high, spent)


def sums(
    frame: pd.DataFrame, level: np.ndarray, low: np.ndarray, high: np.ndarray
) -> Sequence[int]:
    """Contacts per level, judged and wrong automated answers, seconds of people, other cost."""
    judged = (level == LEVELS.index(Level.AUTOMATE)) & frame.judged.to_numpy()
    wrong = judged & frame.wrong.to_numpy()
    other = frame.other_micros
    counts = np.bincount(level, minlength=len(LEVELS))
    return [
        int(n) for n in (*counts, judged.sum(), wrong.sum(), low.sum(), high.sum(), other.sum())
    ]
