"""Thresholds that follow the load on people, within limits that an owner has set.

    [[adapting]]
    owner = "Head of Customer Service"
    since = 2026-05-04
    stakes = "low"          # or intent = "invoice_copy"; neither: what has no threshold of its own
    why = "When many wait, a few more wrong answers cost less than an hour of waiting."
    measure = "waiting_per_person"      # or occupancy, wait_minutes
    queue = "billing"                   # left out: all queues together
    lowest = 0.35           # while people are busy:
    busy = { begins = 6, ends = 3 }     # from a load of 6 on until it is down to 3
    highest = 0.60          # while they are quiet:
    quiet = { begins = 0.2, ends = 0.5 }

The number in `[thresholds]` is the usual one and lies between the limits. `lowest` and `busy`, or
`highest` and `quiet`, may be left out; then the threshold never moves that way. A promise is a
floor: no `lowest` below it. What a ceiling takes from the assistant stays with people, so limits
for such an intent are refused.

A policy under load is another policy with another version (`Policy.under_load`), so it decides one
message in Python and history in SQL as any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.config import QueueSettings
from workbench.decide.ceilings import Ceiling
from workbench.decide.promise import GivenPromise
from workbench.decide.rules import Name, PlacedProblem, Share, Thresholds
from workbench.decide.scope import Scope
from workbench.records.adapting import Stage
from workbench.records.base import Record

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Measure(StrEnum):
    """What the load on people is measured by."""

    WAITING = "waiting_per_person"
    """Packets that nobody has taken / people on duty."""
    OCCUPANCY = "occupancy"
    """Contacts in hand / contacts that the people on duty handle at the same time."""
    WAIT = "wait_minutes"
    """Expected minutes until somebody takes a new packet."""


@dataclass(frozen=True)
class AtWork:
    """The people who are there, what they have in hand and what waits for them."""

    people: int
    at_once: int
    """Contacts that all of them together handle at the same time."""
    in_hand: int
    waiting: int
    """Packets that nobody has taken."""

    def load(self, measure: Measure, queues: QueueSettings) -> float | None:
        """What a measure comes to; None where nobody is there to carry it."""
        if not self.people:
            return None
        match measure:
            case Measure.OCCUPANCY:
                return self.in_hand / self.at_once
            case Measure.WAITING:
                return self.waiting / self.people
            case Measure.WAIT:
                return float(queues.expected_wait(self.waiting, self.people))


class Span(Record):
    """A stage begins at one load and ends at another, so that it does not flap between two."""

    begins: Amount
    ends: Amount


class Adapting(Scope):
    """How far one threshold may move, at which load, and who says so."""

    owner: Name
    since: date
    why: Name
    measure: Measure
    queue: str = ""
    """Whose people are looked at; empty: everybody."""
    lowest: Share | None = None
    busy: Span | None = None
    highest: Share | None = None
    quiet: Span | None = None

    @model_validator(mode="after")
    def _can_move(self) -> Self:
        if (self.lowest is None) != (self.busy is None):
            raise ValueError("`lowest` is for `busy` times; give both or neither")
        if (self.highest is None) != (self.quiet is None):
            raise ValueError("`highest` is for `quiet` times; give both or neither")
        if self.busy is None and self.quiet is None:
            raise ValueError("this never moves; give `lowest` and `busy`, `highest` and `quiet`")
        return self

    @model_validator(mode="after")
    def _does_not_flap(self) -> Self:
        if self.busy and self.busy.ends >= self.busy.begins:
            raise ValueError("`busy` must end at a lower load than it begins, or it would flap")
        if self.quiet and self.quiet.ends <= self.quiet.begins:
            raise ValueError("`quiet` must end at a higher load than it begins, or it would flap")
        if self.quiet and self.busy and self.quiet.ends > self.busy.ends:
            raise ValueError("`quiet` must have ended at the load at which `busy` ends")
        return self

    def next_stage(self, stage: Stage, load: float | None) -> Stage:
        """The stage at a load, coming from a stage. Without anybody there: the usual one."""
        if load is None:
            return Stage.USUAL
        busy, quiet = self.busy, self.quiet
        if busy and (load >= busy.begins or (stage is Stage.BUSY and load > busy.ends)):
            return Stage.BUSY
        if quiet and (load <= quiet.begins or (stage is Stage.QUIET and load < quiet.ends)):
            return Stage.QUIET
        return Stage.USUAL

    def threshold(self, stage: Stage, thresholds: Thresholds) -> float:
        """The number that decides at a stage; `thresholds` has the usual one."""
        usual = self.own_threshold(thresholds)
        assert usual is not None, "loading has checked that there is one"
        moved = {Stage.BUSY: self.lowest, Stage.QUIET: self.highest}.get(stage)
        return usual if moved is None else moved

    def limits(self, thresholds: Thresholds) -> tuple[float, float]:
        """The lowest and the highest that the threshold may become."""
        reached = [self.threshold(stage, thresholds) for stage in Stage]
        return min(reached), max(reached)

    def __str__(self) -> str:
        moves = []
        if self.busy:
            span = f"{self.busy.begins:g} until {self.busy.ends:g}"
            moves.append(f"down to {self.lowest:g} from {self.measure} {span}")
        if self.quiet:
            span = f"{self.quiet.begins:g} until {self.quiet.ends:g}"
            moves.append(f"up to {self.highest:g} from {self.measure} {span}")
        return f"{self.subject}: {', '.join(moves)} ({self.owner})"


def check_adapting(
    adapting: tuple[Adapting, ...],
    thresholds: Thresholds,
    promises: Iterable[GivenPromise],
    ceilings: Iterable[Ceiling],
) -> None:
    """Raise `PlacedProblem` for limits that are doubled, or that the policy does not bear."""
    promises, ceilings = tuple(promises), tuple(ceilings)
    for index, one in enumerate(adapting):
        if one.setting in {above.setting for above in adapting[:index]}:
            message = f"there are limits for {one.subject} already"
            raise PlacedProblem("adapting", index, "measure", message)
        if found := objection(one, thresholds, promises, ceilings):
            raise PlacedProblem("adapting", index, *found)


def objection(
    one: Adapting,
    thresholds: Thresholds,
    promises: Iterable[GivenPromise],
    ceilings: Iterable[Ceiling],
) -> tuple[str, str] | None:
    """Key and reason why these limits cannot stand beside the rest of a policy."""
    usual = one.own_threshold(thresholds)
    ceiling = next((each for each in ceilings if each.intent == one.intent), None)
    promise = next((each for each in promises if each.setting == one.setting), None)
    if usual is None:
        return "measure", f"[thresholds] has no number for {one.subject}; give it one first"
    if ceiling:
        return "intent", f"a ceiling grants {one.intent} {ceiling.level} at most, at any load"
    if promise and one.lowest is not None and one.lowest < promise.threshold:
        return "lowest", f"{one.lowest:g} is below {promise.threshold:g}, which was promised"
    if one.lowest is not None and one.lowest >= usual:
        return "lowest", f"{one.lowest:g} is not below the usual {usual:g} in [thresholds]"
    if one.highest is not None and one.highest <= usual:
        return "highest", f"{one.highest:g} is not above the usual {usual:g} in [thresholds]"
    return None
