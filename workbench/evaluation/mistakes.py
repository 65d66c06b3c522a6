"""Mistakes by kind, and the dangerous ones: confident and wrong all the same."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from workbench.evaluation.run import CaseResult, EvaluationRun
from workbench.evaluation.scorers import reading
from workbench.records.base import Record

CONFIDENT = 0.8
"""Confidence from which a wrong reading surprises."""


class ErrorKind(Record):
    """Messages of one intent that were taken for another."""

    expected: str
    read_as: str
    cases: tuple[str, ...]
    acted_alone: int
    """How many of them the assistant settled alone."""
    example: str


class ConfidentMistake(Record):
    """A case that was read, or answered, wrong with great confidence."""

    case_id: str
    says: str
    expected: str
    read_as: str
    confidence: float
    level: str
    why: str
    """Which question it fails."""
    conversation_id: str = ""

    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def error_kinds(run: EvaluationRun) -> tuple[ErrorKind, ...]:
    """Which intents are taken for which, the most frequent first."""
    found = defaultdict[tuple[str, str], list[CaseResult]](list)
    for result in run.results:
        for expected, read_as in _misread(result):
            found[expected, read_as].append(result)
    kinds = (
        ErrorKind(
            expected=expected,
            read_as=read_as,
            cases=tuple(result.case.id for result in results),
            acted_alone=sum(result.outcome.first.level == "automate" for result in results),
            example=results[0].case.says[0],
        )
        for (expected, read_as), results in found.items()
    )
    return tuple(sorted(kinds, key=lambda kind: (-len(kind.cases), kind.expected, kind.read_as)))


def _misread(result: CaseResult) -> set[tuple[str, str]]:
    """Pairs of an intent that was missed and what was read instead, over all messages."""
    return {
        (missed, ", ".join(reading(heard)))
        for wish, heard in zip(result.case.expected, result.outcome.heard, strict=False)
        for missed in wish.intents
        if missed not in reading(heard)
    }


def confident_mistakes(
    run: EvaluationRun, threshold: float = CONFIDENT
) -> tuple[ConfidentMistake, ...]:
    """Cases with confidence at or above the threshold that are wrong, the surest first.

    Wrong is what a scorer finds misread, what a scenario does not pass, and what a person called
    wrong at its time.
    """
    sure = [result for result in run.results if result.confidence >= threshold]
    wrong = [(result, why) for result in sure if (why := _fault(result))]
    wrong.sort(key=lambda pair: (-pair[0].confidence, pair[0].case.id))
    return tuple(_mistake(result, why) for result, why in wrong)


def _fault(result: CaseResult) -> str:
    if result.case.verdict == "wrong":
        return "a person called the answer wrong"
    for scorer in ("intent_right", "scenario_passed"):
        value = result.value(scorer)
        if value is not None and value < 1:
            return result.why(scorer)
    return ""


def _mistake(result: CaseResult, why: str) -> ConfidentMistake:
    case, heard = result.case, result.outcome.first
    return ConfidentMistake(
        case_id=case.id,
        says=case.says[0] if case.says else case.title,
        expected=", ".join(case.expected[0].intents) if case.expected else "",
        read_as=", ".join(reading(heard)),
        confidence=result.confidence,
        level=str(heard.level or ""),
        why=why,
        conversation_id=case.conversation_id,
    )
