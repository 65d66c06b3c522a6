"""Two readings that lie close: a person tells them apart, the assistant keeps the conversation.

The policy decides about it as about every act: `intent.judge` at level assist has a person asked
privately; `intent.assume` at level automate goes on with the likelier reading where nobody answers
in time. Without such rules the request goes its usual way, to a question back or to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from workbench.config import ReviewSettings
from workbench.decide.policy import Policy
from workbench.flows import facts
from workbench.flows.conversation import verdict_slot
from workbench.flows.turn import Turn
from workbench.people.verdicts import Question
from workbench.records.conversations import Request
from workbench.records.decisions import Decision, HandOffReason, Level
from workbench.records.evidence import Fact, Source
from workbench.records.intents import IntentRow
from workbench.records.signals import SOMETHING_ELSE, IntentScore, Situation
from workbench.records.verdicts import Choice

REQUEST, JUDGE, ASSUME = "request", "intent.judge", "intent.assume"
"""What is decided: who takes the request, who tells its readings apart, who assumes one."""
ABOUT = "intent"
"""Key of the question; the labels that its answers give have the same."""
_UNCLEAR, _LIKELIER = "unclear", "likelier"


def close_readings(score: IntentScore | None, review: ReviewSettings) -> tuple[str, ...]:
    """The readings that come into question, the likelier first; empty where one stands out."""
    if score is None or SOMETHING_ELSE in (score.intent, *score.runners_up[:1]):
        return ()
    near = score.confidence - score.runner_up <= review.readings_within
    plausible = score.runner_up >= review.readings_above
    return (score.intent, *score.runners_up) if near and plausible else ()


def told_apart(request: Request, intents: Mapping[str, IntentRow]) -> Request:
    """The request with the reading that a person has chosen, once they have."""
    row = intents.get(_verdict(request))
    if row is None:
        return request
    return request.model_copy(
        update={"intent": _verdict(request), "flow": row.flow, "confidence": 1.0}
    )


def decide(
    policy: Policy, request: Request, situation: Situation, likely: tuple[str, ...]
) -> tuple[Decision, str]:
    """What is done with a request, and which of the three questions that answers."""
    decision, verdict = policy.decide(situation), _verdict(request)
    if decision.reason is not HandOffReason.LOW_CONFIDENCE:
        return decision, REQUEST
    if verdict == _LIKELIER and _allows(policy, situation, ASSUME, Level.AUTOMATE):
        return _act(policy, situation, ASSUME), ASSUME
    if likely and not verdict and _allows(policy, situation, JUDGE, Level.ASSIST):
        return _act(policy, situation, JUDGE), JUDGE
    return decision, REQUEST


def ask_which(turn: Turn, score: IntentScore, likely: tuple[str, ...]) -> None:
    """Ask a person privately which reading the customer means."""
    policy = turn.around.policy
    guesses = _allows(policy, turn.situation, ASSUME, Level.AUTOMATE)
    turn.ask_person(
        Question(
            about=ABOUT,
            text="What does the customer ask for?",
            choices=(*map(_reading, likely), *((_GO_ON,) if guesses else ()), _CANNOT_TELL),
            suggested=likely[0],
            fallback=_LIKELIER if guesses else _UNCLEAR,
            evidence=_evidence(turn, score),
        )
    )


_GO_ON = Choice(key=_LIKELIER, means="Go on with the likelier reading, without being sure.")
_CANNOT_TELL = Choice(
    key=_UNCLEAR, means="The words do not tell: ask the customer, or hand over if that was done."
)


def _reading(intent: str) -> Choice:
    return Choice(key=intent, means=f"The customer means: {intent.replace('_', ' ')}.")


def _evidence(turn: Turn, score: IntentScore) -> tuple[Fact, ...]:
    """How sure the assistant is of either reading; the words themselves lie beside the question."""
    source = Source(system="triage", record=f"request {turn.request.id}")
    sure = ((score.intent, score.confidence), (score.runners_up[0], score.runner_up))
    return tuple(
        facts.number(intent, round(Decimal(confidence) * 100), source, "%")
        for intent, confidence in sure
    )


def _verdict(request: Request) -> str:
    return str(request.slots.get(verdict_slot(ABOUT), ""))


def _act(policy: Policy, situation: Situation, action: str) -> Decision:
    return policy.decide(situation.model_copy(update={"action": action}))


def _allows(policy: Policy, situation: Situation, action: str, level: Level) -> bool:
    return _act(policy, situation, action).level is level
