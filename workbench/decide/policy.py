"""A policy: ordered rules that decide who acts. The first rule that matches decides.

No match means that a person decides. A policy is a frozen value: changing a threshold or switching
a rule off gives another policy with another version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import (
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from workbench.decide.adapting import Adapting, check_adapting, objection
from workbench.decide.authority import PeopleLimits
from workbench.decide.ceilings import Ceiling, capped, uncapped
from workbench.decide.competence import CompetenceLimits
from workbench.decide.conditions import Bounds, Test
from workbench.decide.promise import GivenPromise, check_promises
from workbench.decide.reading import read_document
from workbench.decide.rules import (
    NO_MATCH,
    UNCOVERED_REASON,
    Header,
    Limits,
    Rule,
    Thresholds,
    check_order,
    limit_of,
)
from workbench.decide.scope import Scope
from workbench.errors import InputError
from workbench.records.adapting import Stage
from workbench.records.authority import Authority
from workbench.records.base import Record
from workbench.records.decisions import Alternative, Decision, HandOffReason, Level
from workbench.records.signals import Situation, Stakes

UNCOVERED = "No rule of the policy covers this situation, so a person decides."
_HASH_CHARACTERS = 12


def load_policy(path: Path) -> Policy:
    """Read a policy file; `ConfigError` names file, line, key and what is allowed."""
    return read_document(Path(path), Policy)


class DecisionMapRow(Record):
    """One rule as its owner reads it."""

    rule_id: str
    when: str
    level: Level
    reason: HandOffReason | None
    why: str
    owner: str
    since: date

    def __str__(self) -> str:
        outcome = f"{self.level}, {self.reason}" if self.reason else str(self.level)
        return f"{self.rule_id}: {outcome} when {self.when}\n     {self.why} ({self.owner})"


class Policy(Record):
    """Rules, thresholds and limits, with `decide` to apply them to one situation."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    header: Header = Field(alias="policy")
    thresholds: Thresholds
    limits: Limits = {}
    people: PeopleLimits | None = None
    competence: CompetenceLimits | None = None
    promises: tuple[GivenPromise, ...] = Field(default=(), alias="promise")
    ceilings: tuple[Ceiling, ...] = Field(default=(), alias="ceiling")
    adapting: tuple[Adapting, ...] = ()
    rules: tuple[Rule, ...] = Field(alias="rule")
    """Those of the file, and those that the ceilings become."""

    @field_validator("rules")
    @classmethod
    def _can_decide(cls, rules: tuple[Rule, ...], info: ValidationInfo) -> tuple[Rule, ...]:
        check_order(rules)
        return capped(rules, info.data.get("ceilings", ()))

    @model_validator(mode="after")
    def _keeps_its_promises(self) -> Self:
        check_promises(self.promises, self.thresholds)
        check_adapting(self.adapting, self.thresholds, self.promises, self.ceilings)
        return self

    @property
    def name(self) -> str:
        return self.header.name

    @cached_property
    def version(self) -> str:
        """Name and hash of the content; comments, spacing and key order do not matter."""
        told = self.model_dump(mode="json", by_alias=True)
        # What a file need not have does not count while it is absent.
        optional = ("people", "competence", "promise", "ceiling", "adapting")
        absent = {name for name in optional if not told[name]}
        content = json.dumps({k: v for k, v in told.items() if k not in absent}, sort_keys=True)
        return f"{self.name}-{hashlib.sha256(content.encode()).hexdigest()[:_HASH_CHARACTERS]}"

    @property
    def authority(self) -> Authority:
        """What people may decide alone, and what the assistant may do by decision only.

        Without a `[people]` table no amount limits people.
        """
        limited = {"of_assistant": frozenset(self.limits), "policy_version": self.version}
        found = self.people.authority() if self.people else Authority()
        return found.model_copy(update=limited)

    @cached_property
    def _compiled(self) -> tuple[tuple[Rule, tuple[Test, ...], tuple[bool, ...]], ...]:
        """Each rule with its conditions ready to run, and which of them may be a near miss."""
        return tuple(
            (rule, tuple(each.test() for each in rule.when), rule.near_misses)
            for rule in self.rules
        )

    def decide(self, situation: Situation) -> Decision:
        """Who acts on this situation, by which rule, and which rules were one condition short."""
        bounds = self.bounds(situation)
        close: list[Alternative] = []
        for rule, tests, near in self._compiled:
            missed = [i for i, holds in enumerate(tests) if not holds(situation, bounds)]
            if not missed:
                return self._decision(rule, bounds, close)
            if len(missed) == 1 and near[missed[0]]:
                missing = rule.when[missed[0]].miss(situation, bounds)
                close.append(Alternative(rule_id=rule.id, level=rule.level, missing=missing))
        return self._uncovered(bounds, close)

    def bounds(self, situation: Situation) -> Bounds:
        """What `@threshold` and `@limit` stand for in this situation."""
        threshold_name, threshold = self.thresholds.resolve(situation.intent, situation.stakes)
        limit_name, limit = limit_of(self.limits, situation.action, situation.currency)
        return Bounds(threshold, threshold_name, limit, limit_name)

    @cached_property
    def intents(self) -> tuple[str, ...]:
        """The intents that the policy names, in a threshold or in a condition."""
        named = set(self.thresholds.intent)
        for rule in self.rules:
            named |= rule.values_of("intent")
        return tuple(sorted(named))

    def with_thresholds(
        self,
        default: float | None = None,
        stakes: Mapping[str, float] | None = None,
        intent: Mapping[str, float] | None = None,
    ) -> Self:
        """This policy with other confidence thresholds (0-1).

        A promise whose threshold moves is left out: nothing says any more that it is kept.
        """
        try:
            thresholds = self.thresholds.changed(default, stakes, intent)
        except ValidationError as error:
            problem = error.errors()[0]
            raise InputError(
                f"threshold {'.'.join(map(str, problem['loc']))}: {problem['input']!r}",
                expected="a number from 0 to 1 and stakes of low, medium or high",
            ) from error
        return self._with(
            thresholds=thresholds,
            promises=tuple(one for one in self.promises if one.is_kept_by(thresholds)),
        )

    def with_promises(self, given: Iterable[GivenPromise]) -> Self:
        """This policy with the thresholds that keep these promises; they replace earlier ones."""
        new = tuple(given)
        settings = {one.setting for one in new}
        policy = self._with_numbers([(one, one.threshold) for one in new])
        kept = tuple(one for one in policy.promises if one.setting not in settings)
        return policy._with(promises=(*kept, *new))

    def under_load(self, stages: Mapping[str, Stage]) -> Self:
        """This policy as it decides at these stages, by the names of the thresholds.

        A threshold that has moved moves no further; one that no stage is given for is as usual.
        """
        moving = [
            one for one in self.adapting if stages.get(one.setting, Stage.USUAL) is not Stage.USUAL
        ]
        numbers = [(one, one.threshold(stages[one.setting], self.thresholds)) for one in moving]
        still = tuple(one for one in self.adapting if one not in moving)
        return self._with_numbers(numbers)._with(adapting=still) if moving else self

    def _with_numbers(self, numbers: Iterable[tuple[Scope, float]]) -> Self:
        """This policy with one threshold replaced for each scope."""
        given = tuple(numbers)
        return self.with_thresholds(
            next((number for one, number in given if one.setting == "confidence"), None),
            stakes={one.stakes: number for one, number in given if one.stakes},
            intent={one.intent: number for one, number in given if one.intent},
        )

    def with_settings(self, settings: Mapping[str, object]) -> Self:
        """This policy with settings replaced: `confidence`, `threshold.intent.invoice_copy`,
        `threshold.stakes.high`, `limit.credit.issue.EUR`, `ceiling.intent.invoice_copy` (a
        level; `automate` lifts it), `load.stakes.high` (a stage, for a threshold that follows the
        load), `rule.ID` (`on` or `off`)."""
        policy = self
        for key, value in settings.items():
            if key not in self.setting_keys:
                raise InputError(
                    f"{key!r} is not a setting of policy {self.version}",
                    expected="one of " + ", ".join(self.setting_keys),
                )
            policy = policy._with_setting(key, value)
        return policy

    @cached_property
    def setting_keys(self) -> tuple[str, ...]:
        """The keys that `with_settings` takes."""
        return (
            "confidence",
            *(f"threshold.stakes.{stakes}" for stakes in Stakes),
            *(f"threshold.intent.{intent}" for intent in self.intents),
            *(f"limit.{action}.{cur}" for action, row in self.limits.items() for cur in row),
            *(f"ceiling.intent.{intent}" for intent in self.intents),
            *(_load_key(one) for one in self.adapting),
            *(f"rule.{rule.id}" for rule in uncapped(self.rules)),
        )

    def _with_setting(self, key: str, value: object) -> Self:
        group, _, name = key.partition(".")
        if group == "rule":
            return self if _switch(key, value) else self._without(name)
        if group == "ceiling":
            return self._capped_at(name.removeprefix("intent."), _level(key, value))
        if group == "load":
            stage = _stage(key, value)
            return self.under_load({o.setting: stage for o in self.adapting if _load_key(o) == key})
        number = _number(key, value)
        if group == "limit":
            action, _, currency = name.rpartition(".")
            row = {**self.limits[action], currency: number}
            return self._with(limits={**self.limits, action: row})
        if group == "confidence":
            return self.with_thresholds(float(number))
        part, _, name = name.partition(".")
        special = {name: float(number)}
        if part == "stakes":
            return self.with_thresholds(stakes=special)
        return self.with_thresholds(intent=special)

    def _without(self, rule_id: str) -> Self:
        return self._with(rules=tuple(rule for rule in self.rules if rule.id != rule_id))

    def _capped_at(self, intent: str, level: Level) -> Self:
        """This policy with what an intent is granted at most, in the name of the policy's owner."""
        others = tuple(one for one in self.ceilings if one.intent != intent)
        if level is Level.AUTOMATE:
            return self._with(ceilings=others)
        ceiling = Ceiling(
            intent=intent,
            level=level,
            owner=self.header.owner,
            since=self.header.since,
            why=f"Requests of this kind are granted {level} at most.",
        )
        return self._with(ceilings=(*others, ceiling))

    def _with(self, **changed: object) -> Self:
        """A checked copy with some fields replaced; limits that do not stand any more are gone."""
        fields = {name: getattr(self, name) for name in type(self).model_fields} | changed
        beside = fields["thresholds"], fields["promises"], fields["ceilings"]
        standing = tuple(one for one in fields["adapting"] if not objection(one, *beside))
        return type(self)(**{**fields, "rules": uncapped(fields["rules"]), "adapting": standing})

    def __copy__(self) -> Self:
        # Without what was worked out from the content: a changed copy works it out anew.
        return self._with()

    def decision_map(self) -> tuple[DecisionMapRow, ...]:
        """Which rule decides what, when and for whom; in the order in which they are tried."""
        return tuple(
            DecisionMapRow(
                rule_id=rule.id,
                when=" and ".join(each.describe() for each in rule.when) or "always",
                level=rule.level,
                reason=rule.reason,
                why=rule.why,
                owner=rule.owner,
                since=rule.since,
            )
            for rule in self.rules
        )

    def explain(self) -> str:
        """The whole policy as readable text."""
        lines = [f"Policy {self.version}, owned by {self.header.owner}, since {self.header.since}"]
        lines += [f"Confidence needed: {self.thresholds.describe()}"]
        for action, amounts in self.limits.items():
            limits = ", ".join(f"{amount} {currency}" for currency, amount in amounts.items())
            lines.append(f"Authority limit for {action}: {limits}; no other currency")
        lines += self.people.explain() if self.people else []
        lines += [f"Promise about {promise}" for promise in self.promises]
        lines += [f"Follows the load, {one}" for one in self.adapting]
        for number, row in enumerate(self.decision_map(), 1):
            lines.append(f"{number:>3}. {row}")
        lines.append(f"Otherwise: {Level.ESCALATE}. {UNCOVERED}")
        return "\n".join(lines)

    def _decision(self, rule: Rule, bounds: Bounds, close: list[Alternative]) -> Decision:
        return Decision(
            level=rule.level,
            rule_id=rule.id,
            reason=rule.reason,
            why=rule.why,
            policy_version=self.version,
            threshold=bounds.threshold,
            thresholds=rule.numbers(bounds),
            alternatives=tuple(close),
        )

    def _uncovered(self, bounds: Bounds, close: list[Alternative]) -> Decision:
        return Decision(
            level=Level.ESCALATE,
            rule_id=NO_MATCH,
            reason=UNCOVERED_REASON,
            why=UNCOVERED,
            policy_version=self.version,
            threshold=bounds.threshold,
            alternatives=tuple(close),
        )


def _number(key: str, value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise InputError(f"{key} = {value!r}", expected="a number that is not negative, e.g. 0.8")
    return number


def _level(key: str, value: object) -> Level:
    if value not in tuple(Level):
        raise InputError(f"{key} = {value!r}", expected="automate, assist or escalate")
    return Level(str(value))


def _load_key(one: Adapting) -> str:
    return f"load.{one.setting.removeprefix('threshold.')}"


def _stage(key: str, value: object) -> Stage:
    if value not in tuple(Stage):
        raise InputError(f"{key} = {value!r}", expected="quiet, usual or busy")
    return Stage(str(value))


def _switch(key: str, value: object) -> bool:
    if value not in ("on", "off"):
        raise InputError(f"{key} = {value!r}", expected="on or off")
    return value == "on"
