"""A rule, the thresholds and the limits: the parts a policy is made of, as their file has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from workbench.decide.conditions import LIMIT, THRESHOLD, Bounds, Clause, Condition
from workbench.records.base import Record
from workbench.records.decisions import HandOffReason, Level
from workbench.records.signals import Stakes

Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
Limits = dict[str, dict[str, Amount]]
"""Authority limits: action -> currency -> the largest amount the assistant may decide alone."""

NO_MATCH = "no-match"
"""The rule id of a decision that no rule made."""
CEILING = "ceiling."
"""What the ids of rules begin with that ceilings become; those of a file must not."""
UNCOVERED_REASON = HandOffReason.POLICY_RESTRICTION
"""Its reason: no rule gave the assistant the right to act."""


class Header(Record):
    """Which policy this is, and who answers for it."""

    name: Name
    owner: Name
    since: date


class Thresholds(Record):
    """The confidence that is needed; the most specific one applies: intent, stakes, default."""

    default: Share
    stakes: dict[Stakes, Share] = {}
    intent: dict[str, Share] = {}

    def resolve(self, intent: str | None, stakes: str | None) -> tuple[str, float]:
        """The name and the value of the threshold that applies."""
        if intent is not None and intent in self.intent:
            return f"threshold.intent.{intent}", self.intent[intent]
        for name, value in self.stakes.items():
            if name == stakes:
                return f"threshold.stakes.{name}", value
        return "confidence", self.default

    def changed(
        self,
        default: float | None = None,
        stakes: Mapping[str, float] | None = None,
        intent: Mapping[str, float] | None = None,
    ) -> Self:
        """These thresholds with some of them replaced."""
        return self.model_validate(
            {
                "default": self.default if default is None else default,
                "stakes": {**self.stakes, **(stakes or {})},
                "intent": {**self.intent, **(intent or {})},
            }
        )

    def describe(self) -> str:
        """`0.75; stakes high 0.9; intent greeting 0.5`."""
        special = [f"stakes {name} {value:g}" for name, value in self.stakes.items()]
        special += [f"intent {name} {value:g}" for name, value in self.intent.items()]
        return "; ".join([f"{self.default:g}", *special])


def limit_of(limits: Limits, action: str | None, currency: str | None) -> tuple[str, Decimal]:
    """The name and the value of an authority limit; a currency without one has limit 0."""
    limit = limits.get(action or "", {}).get(currency or "", Decimal(0))
    return f"limit.{action}.{currency}", limit


class Rule(Record):
    """When all its conditions hold and no rule above it matched, this rule decides."""

    id: Name
    owner: Name
    since: date
    level: Level
    reason: HandOffReason | None = None
    """Why a person is involved; required unless the level is automate."""
    why: Name
    """The rule in its owner's own sentence."""
    when: tuple[Clause, ...]
    """All of these; an empty list matches always."""

    @model_validator(mode="after")
    def _reason_fits_level(self) -> Self:
        if self.level is Level.AUTOMATE and self.reason:
            raise ValueError("`reason` says why a person is involved; leave it out for automate")
        if self.level is not Level.AUTOMATE and not self.reason:
            reasons = ", ".join(HandOffReason)
            raise ValueError(f"`reason` is required for {self.level}; allowed: {reasons}")
        if self.id == NO_MATCH:
            raise ValueError(f"{NO_MATCH!r} is the id of decisions that no rule made")
        return self

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All conditions, those of groups included."""
        return tuple(each for clause in self.when for each in clause.conditions)

    def values_of(self, field: str) -> set[str]:
        """The texts that this rule compares a field with."""
        named: set[str] = set()
        for condition in self.conditions:
            if condition.field == field and condition.value is not None:
                named.update(
                    [condition.value] if isinstance(condition.value, str) else condition.value
                )
        return named

    def numbers(self, bounds: Bounds) -> dict[str, float]:
        """The thresholds and limits that this rule compares with, by name."""
        named = {each.value for each in self.conditions}
        numbers = {}
        if THRESHOLD in named:
            numbers[bounds.threshold_name] = bounds.threshold
        if LIMIT in named:
            numbers[bounds.limit_name] = float(bounds.limit)
        return numbers

    @property
    def near_misses(self) -> tuple[bool, ...]:
        """Per condition of `when`: whether missing that one alone makes this rule close.

        Not the only condition, unless it is a number to tune, since every rule of one condition is
        always one short; and not the act, since another act is another question.
        """
        tuned = any(each.value in (THRESHOLD, LIMIT) for each in self.conditions)
        return tuple(
            (tuned or len(self.when) > 1)
            and all(each.field != "action" for each in clause.conditions)
            for clause in self.when
        )


class PlacedProblem(ValueError):
    """What cannot stand where it stands in the file; `index` counts such tables from 0."""

    def __init__(self, table: str, index: int, key: str, message: str) -> None:
        super().__init__(message)
        self.location = (table, index, key)


def check_order(rules: tuple[Rule, ...]) -> None:
    """Raise `PlacedProblem` for an id that is taken or a rule that can never decide."""
    for index, rule in enumerate(rules):
        if rule.id.startswith(CEILING):
            message = f"ids that begin with {CEILING!r} are for ceilings"
            raise PlacedProblem("rule", index, "id", message)
        for above in rules[:index]:
            if above.id == rule.id:
                message = f"{rule.id!r} is the id of an earlier rule"
                raise PlacedProblem("rule", index, "id", message)
            if set(above.when) <= set(rule.when):
                message = f"rule {rule.id!r} can never decide: {above.id!r} matches first"
                raise PlacedProblem("rule", index, "id", message)
