"""The policy of the pilot, applied to whole columns at once."""

from __future__ import annotations

from functools import cache, reduce
from importlib.resources import as_file, files
from typing import Any

import numpy as np

from workbench.decide import Policy, load_policy
from workbench.decide.conditions import COMPARE, Condition, Operator
from workbench.decide.rules import Rule
from workbench.sample.arrays import Bools, Ints
from workbench.sample.columns import Column, Columns

NO_RULE = -1


@cache
def launch_policy() -> Policy:
    """The policy under which the history was decided."""
    with as_file(files("workbench.sample").joinpath("launch_policy.toml")) as path:
        return load_policy(path)


def first_matching_rule(policy: Policy, situations: Columns) -> Ints:
    """For each row the position of the rule that decides it, or `NO_RULE`.

    Says the same as `Policy.decide`, row by row; rules with `@threshold` or `@limit` are not for
    this reader.
    """
    size = len(next(iter(situations.values())).values)
    decided = np.full(size, NO_RULE)
    for position in reversed(range(len(policy.rules))):
        decided[_matches(policy.rules[position], situations, size)] = position
    return decided


def _matches(rule: Rule, situations: Columns, size: int) -> Bools:
    groups = [
        reduce(np.logical_or, [_holds(c, situations[c.field]) for c in clause.conditions])
        for clause in rule.when
    ]
    return reduce(np.logical_and, groups, np.ones(size, dtype=bool))


def _holds(condition: Condition, column: Column) -> Bools:
    if condition.op is Operator.IS_NULL:
        return ~column.known
    return column.known & _holds_where_known(condition, column)


def _holds_where_known(condition: Condition, column: Column) -> Bools:
    match condition.op:
        case Operator.NOT_NULL:
            return column.known
        case Operator.IS_TRUE:
            return column.values.astype(bool)
        case Operator.IS_FALSE:
            return ~column.values.astype(bool)
        case _ if column.labels is not None:
            return _compare_labels(condition, column)
        case Operator.IN | Operator.NOT_IN:
            return np.isin(column.values, condition.value, invert=condition.op is Operator.NOT_IN)
    compared: Any = COMPARE[condition.op](column.values, condition.value)
    return np.asarray(compared, dtype=bool)


def _compare_labels(condition: Condition, column: Column) -> Bools:
    """Compare each label once, then look the answer up for every row."""
    labels = column.labels or ()
    answers = np.array([COMPARE[condition.op](label, condition.value) for label in labels])
    looked_up: Bools = answers[column.values]
    return looked_up
