"""Routing rules as data: which queue a matter goes to, by which rule, and why.

    [[rule]]
    id = "legal"
    owner = "General Counsel"
    since = 2026-05-04
    why = "Nobody but counsel speaks about a legal threat."
    to = "legal"
    stays = true
    when = { reason = ["legal_or_regulatory_matter"] }

Rules are tried from top to bottom; the first one whose conditions all hold decides, and no match
means the default queue. What moved once already goes up, never sideways, unless its rule says that
it stays.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, model_validator

from workbench.config import QueueSettings, config_error, read_toml
from workbench.decide.rules import Name
from workbench.records.base import Record
from workbench.records.decisions import HandOffReason

NO_RULE = "no-rule"
"""The rule id of a matter that no rule covers."""
SECOND_TRANSFER = "second-transfer-goes-up"
"""The rule id of what had been handed off before."""


class Matter(Record):
    """What routing may look at. An empty value is unknown and meets no condition on it."""

    reason: HandOffReason | None = None
    flow: str = ""
    intent: str = ""
    segment: str = ""
    language: str = ""
    hops: int = 0
    """Hand-offs before this one."""
    sla_minutes_left: float | None = None
    """Until the promise on the matter runs out; None: nothing was promised yet."""


class When(Record):
    """The conditions of a rule: all that are given must hold, each for one of its values."""

    reason: tuple[HandOffReason, ...] = ()
    flow: tuple[Name, ...] = ()
    intent: tuple[Name, ...] = ()
    segment: tuple[Name, ...] = ()
    language: tuple[Name, ...] = ()
    sla_minutes_below: float | None = None

    def holds(self, matter: Matter) -> bool:
        listed = all(getattr(matter, name) in values for name, values in self._lists())
        if self.sla_minutes_below is None:
            return listed
        left = matter.sla_minutes_left
        return listed and left is not None and left < self.sla_minutes_below

    def covers(self, other: When) -> bool:
        """Whether this holds whenever `other` does."""
        lists = all(
            (narrower := getattr(other, name)) and set(narrower) <= set(values)
            for name, values in self._lists()
        )
        if self.sla_minutes_below is None:
            return lists
        return lists and (other.sla_minutes_below or float("inf")) <= self.sla_minutes_below

    def _lists(self) -> list[tuple[str, tuple[str, ...]]]:
        names = ("reason", "flow", "intent", "segment", "language")
        return [(name, getattr(self, name)) for name in names if getattr(self, name)]


class RoutingRule(Record):
    """Matters of one kind and the queue whose people have the skill or the authority for them."""

    id: Name
    owner: Name
    since: date
    why: Name
    """The rule in its owner's own sentence."""
    to: Name
    """The queue."""
    stays: bool = False
    """It goes there however often it moved before, and never overflows."""
    when: When


class Overflow(Record):
    """Where new matters of a queue go while too many wait at it."""

    id: Name
    owner: Name
    since: date
    why: Name
    queue: Name
    to: Name
    waiting_per_person: float = Field(gt=0)
    """From so many waiting for each person on duty."""


class Person(Record):
    """Somebody who takes matters over: what for, in which languages, how many at once."""

    name: Name
    queues: tuple[Name, ...] = Field(min_length=1)
    """Skills and authority, as the queues that they work for."""
    languages: tuple[Name, ...] = ()
    """Empty: whatever comes, with a translation at hand."""
    at_once: int = Field(default=1, ge=1)
    """Contacts that they handle at the same time."""

    def speaks(self, language: str) -> bool:
        return not self.languages or not language or language in self.languages


class RoutingHead(Record):
    """Who answers for the file, and what holds beside its rules."""

    owner: Name
    since: date
    default: Name
    """Queue of what no rule covers."""
    next_level: Name
    """Queue of what was handed off before."""
    more_authority: tuple[HandOffReason, ...] = ()
    """Reasons for which more authority is needed, not another skill."""


class Route(Record):
    """Where a matter goes, by which rule, and why."""

    queue: str
    rule_id: str
    why: str
    up: bool
    """More authority, not another skill."""
    stays: bool = False
    from_queue: str = ""
    """The queue that overflowed into this one."""

    def __str__(self) -> str:
        came = f", overflowing from {self.from_queue}" if self.from_queue else ""
        return f"{self.queue}{came}\n  by rule {self.rule_id}: {self.why}"


class RoutingRules(Record):
    """A routing file, checked."""

    head: RoutingHead = Field(alias="routing")
    rules: tuple[RoutingRule, ...] = Field(default=(), alias="rule")
    overflows: tuple[Overflow, ...] = Field(default=(), alias="overflow")
    people: tuple[Person, ...] = Field(default=(), alias="person")
    difficulty: dict[HandOffReason, float] = {}
    """How hard matters are by reason, where 1 is usual: nobody is to get all the hard ones."""

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        ids = [rule.id for rule in self.rules] + [each.id for each in self.overflows]
        _refuse_twice("rule or overflow", ids)
        _refuse_twice("person", [each.name for each in self.people])
        for index, rule in enumerate(self.rules):
            above = next((r for r in self.rules[:index] if r.when.covers(rule.when)), None)
            if above is not None:
                raise ValueError(f"rule {rule.id!r} can never decide: {above.id!r} matches first")
        return self

    def route(self, matter: Matter) -> Route:
        """The queue of a matter, overflow left aside."""
        rule = next((each for each in self.rules if each.when.holds(matter)), None)
        if matter.hops and not (rule and rule.stays):
            return self._to(self.head.next_level, SECOND_TRANSFER, _MOVED_BEFORE, matter)
        if rule is None:
            return self._to(self.head.default, NO_RULE, _UNCOVERED, matter)
        return self._to(rule.to, rule.id, rule.why, matter, stays=rule.stays)

    def _to(
        self, queue: str, rule_id: str, why: str, matter: Matter, *, stays: bool = False
    ) -> Route:
        up = matter.reason in self.head.more_authority or queue == self.head.next_level
        return Route(queue=queue, rule_id=rule_id, why=why, up=up, stays=stays)

    def weight(self, reason: str) -> float:
        """How hard a matter is, where 1 is usual."""
        return {each.value: weight for each, weight in self.difficulty.items()}.get(reason, 1.0)

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that something may go to, in the order of the file."""
        named = [rule.to for rule in self.rules] + [each.to for each in self.overflows]
        return tuple(dict.fromkeys([*named, self.head.default, self.head.next_level]))


_MOVED_BEFORE = "What was handed off before goes to somebody with more authority, not sideways."
_UNCOVERED = "No rule covers this matter, so it goes to the default queue."


def load_routing(path: Path, queues: QueueSettings) -> RoutingRules:
    """The rules of a routing file, or those that `[queues]` of the settings amount to.

    Raises `ConfigError` with file and key.
    """
    if not path.exists():
        return rules_of(queues)
    try:
        return RoutingRules.model_validate(read_toml(path))
    except ValidationError as error:
        raise config_error(path, error) from error


def rules_of(queues: QueueSettings) -> RoutingRules:
    """The rules of a POC without a routing file: grave reasons, key accounts, reasons, flows."""
    reasons = {HandOffReason(reason): queue for reason, queue in queues.by_reason.items()}
    grave = [_by_reason(reason, reasons[reason], True) for reason in _GRAVE if reason in reasons]
    others = [_by_reason(r, queue, False) for r, queue in reasons.items() if r not in _GRAVE]
    flows = [_shorthand(f"by_flow.{f}", q, When(flow=(f,))) for f, q in queues.by_flow.items()]
    key = _shorthand("key_account", queues.key_account, When(segment=("key_account",)))
    head = {
        "owner": _SHORTHAND_OWNER,
        "since": _SHORTHAND_SINCE,
        "default": queues.default,
        "next_level": queues.next_level,
        "more_authority": [HandOffReason.AUTHORITY_LIMIT, HandOffReason.ABUSIVE_CUSTOMER],
    }
    return RoutingRules.model_validate({"routing": head, "rule": [*grave, key, *others, *flows]})


# These have their own people, whoever the customer is and however often it moved.
_GRAVE = (
    HandOffReason.LEGAL_OR_REGULATORY_MATTER,
    HandOffReason.FRAUD_OR_SECURITY_CONCERN,
    HandOffReason.SAFETY_CONCERN,
    HandOffReason.VULNERABLE_CUSTOMER,
)
_SHORTHAND_OWNER = "owner of poc.toml"
_SHORTHAND_SINCE = date.min


def _by_reason(reason: HandOffReason, queue: str, stays: bool) -> RoutingRule:
    return _shorthand(f"by_reason.{reason}", queue, When(reason=(reason,)), stays)


def _shorthand(key: str, queue: str, when: When, stays: bool = False) -> RoutingRule:
    return RoutingRule(
        id=f"queues.{key}",
        owner=_SHORTHAND_OWNER,
        since=_SHORTHAND_SINCE,
        why=f"The settings say so: [queues] {key} = {queue!r}.",
        to=queue,
        stays=stays,
        when=when,
    )


def _refuse_twice(what: str, names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"there are two entries of {what} {twice!r}")
