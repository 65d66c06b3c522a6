"""The same policy as SQL, so that it decides millions of past situations as it decides one.

Every rule becomes a branch of a CASE over columns named as the fields of `Situation`. No condition
is ever negated, so SQL's unknown behaves as Python's None here: it fails the comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlglot import exp

from workbench.decide.conditions import (
    FIELDS,
    LIMIT,
    THRESHOLD,
    AnyOf,
    Condition,
    Kind,
    Operator,
)
from workbench.decide.policy import Policy
from workbench.decide.rules import NO_MATCH, UNCOVERED_REASON, Rule
from workbench.records.decisions import Level

_COMPARISONS: dict[Operator, type[exp.Binary]] = {
    Operator.EQUAL: exp.EQ,
    Operator.UNEQUAL: exp.NEQ,
    Operator.BELOW: exp.LT,
    Operator.AT_MOST: exp.LTE,
    Operator.ABOVE: exp.GT,
    Operator.AT_LEAST: exp.GTE,
}


Codes = Mapping[str, Mapping[Any, int]]
"""Field -> text or number -> the whole number that stands for it, in the same order."""


@dataclass(frozen=True)
class PolicySql:
    """SQL expressions over columns named as the fields of `Situation`."""

    level: str
    rule_id: str
    reason: str
    """NULL for automate."""
    position: str
    """Which rule decided, counted from 1; 0 when none did. Cheaper to group by than its id."""


def policy_sql(
    policy: Policy,
    dialect: str = "duckdb",
    *,
    confident: bool | None = None,
    codes: Codes | None = None,
) -> PolicySql:
    """The policy as expressions of a dialect: `duckdb`, `spark` or `postgres`.

    Args:
        confident: what to take for granted of every known confidence: that it passes its
            threshold, that it does not; None compares.
        codes: fields whose columns hold whole numbers instead. Of a number field the codes have
            every number that the policy compares with.
    """
    writer = _Writer(policy, confident, codes or {})
    conditions = [writer.all_of(rule).sql(dialect) for rule in policy.rules]

    def column(outcomes: Iterable[exp.Expr], otherwise: exp.Expr) -> str:
        pairs = zip(conditions, outcomes, strict=True)
        branches = [f"WHEN {when} THEN {outcome.sql(dialect)}" for when, outcome in pairs]
        last = otherwise.sql(dialect)
        return f"CASE {' '.join(branches)} ELSE {last} END" if branches else last

    rules = policy.rules
    return PolicySql(
        level=column((_text(rule.level) for rule in rules), _text(Level.ESCALATE)),
        rule_id=column((_text(rule.id) for rule in rules), _text(NO_MATCH)),
        reason=column(
            (_text(rule.reason) if rule.reason else exp.null() for rule in rules),
            _text(UNCOVERED_REASON),
        ),
        position=column(
            (exp.Literal.number(number) for number in range(1, len(rules) + 1)),
            exp.Literal.number(0),
        ),
    )


def level_at(policy: Policy, position: str) -> str:
    """The level as SQL, from a column that holds the position of the rule that decided."""
    by_level = {
        level: [n for n, rule in enumerate(policy.rules, 1) if rule.level is level]
        for level in (Level.AUTOMATE, Level.ASSIST)
    }
    branches = [
        f"WHEN {position} IN ({', '.join(map(str, numbers))}) THEN '{level}'"
        for level, numbers in by_level.items()
        if numbers
    ]
    last = f"'{Level.ESCALATE}'"
    return f"CASE {' '.join(branches)} ELSE {last} END" if branches else last


@dataclass(frozen=True)
class _Writer:
    """Writes the conditions of one policy."""

    policy: Policy
    confident: bool | None
    codes: Codes

    def all_of(self, rule: Rule) -> exp.Expr:
        clauses = [
            exp.paren(
                exp.or_(*(self.condition(each) for each in clause.any), copy=False), copy=False
            )
            if isinstance(clause, AnyOf)
            else self.condition(clause)
            for clause in rule.when
        ]
        return exp.and_(*clauses, copy=False) if clauses else exp.true()

    def condition(self, condition: Condition) -> exp.Expr:
        column = exp.column(condition.field)
        match condition.op:
            case Operator.IS_NULL:
                return column.is_(exp.null())
            case Operator.NOT_NULL:
                return column.is_(exp.null()).not_()
            case Operator.IS_TRUE:
                return column.is_(exp.true())
            case Operator.IS_FALSE:
                return column.is_(exp.false())
            case Operator.IN | Operator.NOT_IN:
                field, values = condition.field, condition.value
                found = column.isin(*(_literal(field, each, self.codes) for each in values))
                return found if condition.op is Operator.IN else found.not_()
        if condition.value == THRESHOLD and self.confident is not None:
            holds = self.confident is (condition.op is Operator.AT_LEAST)
            return column.is_(exp.null()).not_() if holds else exp.false()
        return _COMPARISONS[condition.op](this=column, expression=self._operand(condition))

    def _operand(self, condition: Condition) -> exp.Expr:
        if condition.value == THRESHOLD:
            return self._threshold()
        if condition.value == LIMIT:
            return self._limit()
        return _literal(condition.field, condition.value, self.codes)

    def _threshold(self) -> exp.Expr:
        own = self.policy.thresholds
        case = exp.Case(default=_number(own.default))
        for field, values in (("intent", own.intent), ("stakes", own.stakes)):
            for name, value in values.items():
                when = exp.column(field).eq(_literal(field, name, self.codes))
                case = case.when(when, _number(value), copy=False)
        return case if case.args.get("ifs") else _number(own.default)

    def _limit(self) -> exp.Expr:
        case = exp.Case(default=_literal("amount", Decimal(0), self.codes))
        for action, amounts in self.policy.limits.items():
            for currency, amount in amounts.items():
                acts = exp.column("action").eq(_literal("action", action, self.codes))
                pays = exp.column("currency").eq(_literal("currency", currency, self.codes))
                limit = _literal("amount", amount, self.codes)
                case = case.when(acts & pays, limit, copy=False)
        return case if case.args.get("ifs") else case.args["default"]


def _literal(field: str, value: Any, codes: Codes) -> exp.Expr:
    if field in codes:
        # A text that no row holds gets the next number, which no row holds either.
        return exp.Literal.number(codes[field].get(value, len(codes[field])))
    match FIELDS[field]:
        case Kind.TEXT:
            return _text(value)
        case Kind.SHARE:
            return _number(value)
        case Kind.AMOUNT:
            return _decimal(value)
    return exp.Literal.number(value)


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(str(value))


def _number(value: float) -> exp.Expr:
    # Through text: `0.1` alone is a decimal in most dialects, and not the same number.
    return exp.cast(exp.Literal.string(repr(value)), "double")


def _decimal(value: Decimal) -> exp.Expr:
    return exp.Literal.number(f"{value:f}")
