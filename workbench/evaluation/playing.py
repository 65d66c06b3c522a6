"""Cases that are played from beginning to end: scenarios, and past conversations answered anew.

Each is played on a store of its own. A past conversation begins on the customer's records without
what the conversation itself brought about, at its own time of day.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path

from workbench.errors import InputError, NotFound
from workbench.evaluation.cases import (
    Case,
    Expected,
    Heard,
    Outcome,
    customer_lines,
    digest_of_text,
)
from workbench.flows.result import TurnResult
from workbench.records.conversations import Conversation, Speaker
from workbench.records.principals import Principal
from workbench.scenarios.expectations import Expectation
from workbench.scenarios.format import Scenario, load_scenarios
from workbench.scenarios.performance import Performance
from workbench.scenarios.seen import Moment
from workbench.scenarios.stage import Stage
from workbench.scenarios.writing import conversation_values
from workbench.store import Store


@dataclass(frozen=True)
class Played:
    """A case with the scenario that plays it, in one of its wordings."""

    case: Case
    scenario: Scenario
    variant: int = 0
    checked: bool = True
    """Whether the scenario's own expectations count."""


def scenario_cases(folder: Path, pattern: str) -> tuple[Played, ...]:
    """Every wording of the scenarios whose id matches a pattern such as `invoice-1*`."""
    chosen = [one for one in load_scenarios(folder) if fnmatch(one.id, pattern)]
    if not chosen:
        raise InputError(
            f"No scenario in {folder} has an id like {pattern!r}",
            expected="a pattern such as 'invoice-*'",
            next_step="`workbench scenarios` lists the ids.",
        )
    return tuple(_of_scenario(one, variant) for one in chosen for variant in range(one.variants))


def _of_scenario(scenario: Scenario, variant: int) -> Played:
    written = [turn for turn in scenario.turn if turn.say]
    case = Case(
        id=f"{scenario.id}#{variant + 1}",
        source="scenario",
        group=scenario.id,
        title=scenario.title,
        says=tuple(turn.wording(variant) for turn in written),
        expected=tuple(_expected(turn.expect) for turn in written),
        digest=digest_of_text(scenario.model_dump_json(), str(variant)),
    )
    return Played(case, scenario, variant)


def _expected(wish: Expectation) -> Expected:
    """What a scenario says of one message, as far as scorers ask for it."""
    return Expected(
        intents=wish.intents,
        levels=_choices(wish.level),
        language=wish.language if isinstance(wish.language, str) else "",
    )


def _choices(wish: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return wish if isinstance(wish, tuple) else (wish,) if wish else ()


def conversation_cases(
    conversations: Iterable[tuple[Conversation, Sequence[TurnResult]]],
    store: Store,
    reader: Principal,
) -> tuple[Played, ...]:
    """Past conversations of customers with the assistant; expected is what happened.

    Conversations in which a person spoke are left out: nobody can say again what that person said.
    """
    found = tuple(
        _of_conversation(conversation, turns, store, reader)
        for conversation, turns in conversations
        if turns and _with_assistant_only(conversation)
    )
    if not found:
        raise NotFound(
            "There is no past conversation of a customer with the assistant alone",
            next_step="Talk to it with `workbench chat --customer C-1001`, or evaluate scenarios.",
        )
    return found


def _with_assistant_only(conversation: Conversation) -> bool:
    people = {u.speaker for u in conversation.utterances} - {"customer", "assistant"}
    return conversation.speaker is Speaker.ASSISTANT and not people


def _of_conversation(
    conversation: Conversation, turns: Sequence[TurnResult], store: Store, reader: Principal
) -> Played:
    values = conversation_values(conversation, turns, store, reader)
    name = conversation.id.lower()
    scenario = Scenario.model_validate({**values, "id": name, "title": f"Conversation {name}"})
    scenario = scenario.model_copy(update={"turn": _with_waits(scenario, conversation)})
    expected = tuple(_happened(turn) for turn in turns)
    case = Case(
        id=conversation.id,
        source="conversation",
        group=conversation.id,
        title=f"Conversation of customer {conversation.customer_id}",
        says=customer_lines(conversation),
        expected=expected,
        happened=expected[0],
        conversation_id=conversation.id,
        digest=digest_of_text(scenario.model_dump_json(), *map(str, expected)),
    )
    return Played(case, scenario, checked=False)


def _with_waits(scenario: Scenario, conversation: Conversation) -> tuple[object, ...]:
    """The turns with the time that passed between the customer's messages."""
    times = [u.at for u in conversation.utterances if u.speaker == "customer"]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    first, *others = scenario.turn
    waited = [turn.model_copy(update={"wait": gap}) for turn, gap in zip(others, gaps, strict=True)]
    return (first, *waited)


def _happened(turn: TurnResult) -> Expected:
    return Expected(
        intents=tuple(score.intent for score in turn.intents),
        levels=(turn.level.value,),
        rule=turn.rule,
        language=turn.reply.language if turn.reply else "",
    )


@dataclass(frozen=True)
class Player:
    """Plays cases, each trial in a folder of its own."""

    stage: Stage
    played: Mapping[str, Played]
    seed: int

    def __call__(self, case: Case, trial: int) -> Outcome:
        one = self.played[case.id]
        folder = self.stage.scratch / f"{self.seed}-{one.scenario.id}-{one.variant}-{trial}"
        started = time.perf_counter()
        performance = Performance(self.stage, one.scenario, one.variant, folder)
        differences = tuple(performance.play())
        milliseconds = (time.perf_counter() - started) * 1000
        shutil.rmtree(folder)
        broken = differences if one.checked else [d for d in differences if d.where in _ALWAYS]
        return Outcome(
            heard=tuple(_heard(moment) for moment in performance.moments if moment.message),
            differences=tuple(map(str, broken)) if one.checked or broken else None,
            milliseconds=round(milliseconds, 1),
        )


_ALWAYS = ("run", "always")
"""Where a scenario finds what is never right, whatever it expects: a crash, a broken law."""


def _heard(moment: Moment) -> Heard:
    result = moment.result
    if result is None:
        return Heard(error=moment.error)
    return Heard(
        intents=result.intents,
        out_of_scope=result.signals.out_of_scope,
        language=result.signals.language,
        language_confidence=result.signals.language_confidence,
        level=result.level,
        rule=result.rule,
        reason=result.reason,
        reply=result.reply,
        packet_completeness=result.packet.completeness if result.packet else None,
    )
