"""The replay of one policy in polars: texts as categories, one lazy query over all contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from workbench.decide import Policy
from workbench.decide.conditions import COMPARE, FIELDS, LIMIT, THRESHOLD, Condition, Operator
from workbench.records.decisions import Level

LEVELS = tuple(Level)
ALONE = LEVELS.index(Level.AUTOMATE)


def replay(frame: pl.DataFrame, policy: Policy, filters: Mapping[str, Any]) -> Sequence[int]:
    """Contacts per level, judged and wrong automated answers, seconds of people, other cost."""
    chosen = [
        pl.col(name).is_in(value if isinstance(value, list) else [value])
        for name, value in filters.items()
    ]
    query = frame.lazy().filter(*chosen).with_columns(level(policy).alias("decided"))
    return query.select(*sums()).collect().row(0)


def sums() -> list[pl.Expr]:
    alone = pl.col("decided") == ALONE
    was_alone = (pl.col("level") == "automate").fill_null(False)
    known_wrong = pl.col("judged") & pl.col("wrong")
    idle = ~alone & was_alone & (pl.col("human_s") == 0)
    spared = alone & ~was_alone & ~known_wrong
    low = pl.when(spared).then(0).when(idle).then(pl.col("usual_low")).otherwise(pl.col("human_s"))
    high = pl.when(idle).then(pl.col("usual_high")).otherwise(pl.col("human_s"))
    return [
        *((pl.col("decided") == n).sum().alias(level) for n, level in enumerate(LEVELS)),
        (alone & pl.col("judged")).sum().alias("judged_alone"),
        (alone & known_wrong).sum().alias("wrong_alone"),
        low.cast(pl.Int64).sum().alias("low"),
        high.cast(pl.Int64).sum().alias("high"),
        pl.col("other_micros").sum(),
    ]


def level(policy: Policy) -> pl.Expr:
    """Position in `LEVELS` of the level that the first matching rule gives."""
    chain: Any = pl
    for rule in policy.rules:
        clauses = [
            reduce(or_, (holds(each, policy) for each in clause.conditions)) for clause in rule.when
        ]
        when = reduce(and_, clauses, pl.lit(True))
        chain = chain.when(when).then(pl.lit(LEVELS.index(rule.level), pl.Int8))
    return chain.otherwise(pl.lit(LEVELS.index(Level.ESCALATE), pl.Int8))


def holds(condition: Condition, policy: Policy) -> pl.Expr:
    column = pl.col(condition.field)
    match condition.op:
        case Operator.IS_NULL:
            return column.is_null()
        case Operator.NOT_NULL:
            return column.is_not_null()
        case Operator.IS_TRUE:
            return column.eq(True)
        case Operator.IS_FALSE:
            return column.eq(False)
        case Operator.IN:
            return column.is_in(list(condition.value))
        case Operator.NOT_IN:
            return ~column.is_in(list(condition.value))
    return COMPARE[condition.op](column, operand(condition, policy))


def operand(condition: Condition, policy: Policy) -> Any:
    if condition.value == THRESHOLD:
        return threshold(policy)
    if condition.value == LIMIT:
        return limit(policy)
    value = condition.value
    return float(value) if FIELDS[condition.field].name == "AMOUNT" else value


def threshold(policy: Policy) -> pl.Expr:
    own = policy.thresholds
    chain: Any = pl
    for name, values in (("intent", own.intent), ("stakes", own.stakes)):
        for text, value in values.items():
            chain = chain.when(pl.col(name) == str(text)).then(value)
    return chain.otherwise(own.default) if chain is not pl else pl.lit(own.default)


def limit(policy: Policy) -> pl.Expr:
    chain: Any = pl
    for action, amounts in policy.limits.items():
        for currency, amount in amounts.items():
            both = (pl.col("action") == action) & (pl.col("currency") == currency)
            chain = chain.when(both).then(float(amount))
    return chain.otherwise(0.0) if chain is not pl else pl.lit(0.0)
