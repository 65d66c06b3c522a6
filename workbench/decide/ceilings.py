"""Ceilings: the most that the owner of an intent grants it, whatever the confidence.

    [[ceiling]]
    intent = "payment_not_shown"
    level = "assist"
    owner = "Head of Billing"
    since = 2026-05-04
    why = "Cash that waits unapplied is taken for not paid."

A ceiling becomes ordinary rules: before each rule that would give a request more, one of the same
conditions and this intent gives what is granted. So it decides alike in Python and in SQL, stands
in the decision map, can be nearly met, and replays. It never raises a level, and rules about acts
(asking for help among them) stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from workbench.decide.conditions import Condition, Operator
from workbench.decide.rules import CEILING, Name, Rule
from workbench.records.base import Record
from workbench.records.decisions import HandOffReason, Level

_ORDER = (Level.ESCALATE, Level.ASSIST, Level.AUTOMATE)


class Ceiling(Record):
    """What requests with this intent are granted at most."""

    intent: Name
    level: Level
    owner: Name
    since: date
    why: Name


def capped(rules: tuple[Rule, ...], ceilings: tuple[Ceiling, ...]) -> tuple[Rule, ...]:
    """The rules of a file with those of the ceilings among them."""
    return tuple(_with_ceilings(rules, ceilings))


def uncapped(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules as a file has them."""
    return tuple(rule for rule in rules if not rule.id.startswith(CEILING))


def _with_ceilings(rules: tuple[Rule, ...], ceilings: tuple[Ceiling, ...]) -> Iterator[Rule]:
    named: set[str] = set()
    for rule in rules:
        for ceiling in ceilings:
            if _gives_more(rule, ceiling):
                first = ceiling.intent not in named
                named.add(ceiling.intent)
                yield _lowered(rule, ceiling, "" if first else f".{rule.id}")
        yield rule


def _gives_more(rule: Rule, ceiling: Ceiling) -> bool:
    """Whether the rule may give a request with that intent more than it is granted."""
    higher = _ORDER.index(rule.level) > _ORDER.index(ceiling.level)
    return higher and not _is_about_acts(rule) and _may_match(rule, ceiling.intent)


def _is_about_acts(rule: Rule) -> bool:
    """Whether it needs an act to decide on, and so never takes a request."""
    return any(
        isinstance(clause, Condition)
        and clause.field == "action"
        and clause.op is not Operator.IS_NULL
        for clause in rule.when
    )


def _may_match(rule: Rule, intent: str) -> bool:
    wanted = [
        clause
        for clause in rule.when
        if isinstance(clause, Condition) and clause.field == "intent"
        if clause.op in (Operator.EQUAL, Operator.IN)
    ]
    return all(intent in _values(clause) for clause in wanted)


def _values(clause: Condition) -> tuple[str, ...]:
    return (clause.value,) if isinstance(clause.value, str) else clause.value


def _lowered(rule: Rule, ceiling: Ceiling, suffix: str) -> Rule:
    """The rule for this intent alone, giving what the ceiling grants."""
    only = Condition(field="intent", op=Operator.EQUAL, value=ceiling.intent)
    return Rule(
        id=f"{CEILING}{ceiling.intent}{suffix}",
        owner=ceiling.owner,
        since=ceiling.since,
        level=ceiling.level,
        reason=HandOffReason.POLICY_RESTRICTION,
        why=ceiling.why,
        when=(only, *rule.when),
    )
