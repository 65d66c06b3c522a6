"""Cases, outcomes and runs made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workbench.evaluation.candidate import Versions
from workbench.evaluation.cases import Case, Expected, Heard, Outcome, digest_of_cases
from workbench.evaluation.run import CaseResult, EvaluationRun, Summary, Trial, totals_of
from workbench.evaluation.scorers import Scorer, built_in
from workbench.records.signals import IntentScore


def case(name: str = "one", **changes: Any) -> Case:
    given: dict[str, Any] = {
        "id": name,
        "source": "labelled",
        "group": name,
        "title": name,
        "says": (f"message {name}",),
        "expected": (Expected(intents=("invoice_copy",)),),
        "digest": f"digest of {name}",
    }
    return Case(**{**given, **changes})


def heard(intent: str = "invoice_copy", confidence: float = 0.9, **changes: Any) -> Heard:
    given: dict[str, Any] = {
        "intents": (IntentScore(intent=intent, confidence=confidence),),
        "level": "automate",
        "rule": "confident",
    }
    return Heard(**{**given, **changes})


def outcome(*steps: Heard, **changes: Any) -> Outcome:
    return Outcome(heard=steps or (heard(),), **{"milliseconds": 1.0, **changes})


def versions(cases: str = "c", **changes: Any) -> Versions:
    given: dict[str, Any] = {
        "cases": cases, "policy": "p-1", "prompts": ("write.v1#a",), "triage": "t-1",
        "model": "template", "articles": "a", "settings": "s", "scorers": "x", "package": "0+1",
        "seed": 0, "repeat": 1,
    }  # fmt: skip
    return Versions(**{**given, **changes})


def run_of(
    read: Mapping[str, str | Outcome],
    *,
    scorers: tuple[Scorer, ...] | None = None,
    cases: Mapping[str, Case] | None = None,
    **changes: Any,
) -> EvaluationRun:
    """A run in which each case was read as the given intent, or came to the given outcome."""
    chosen = scorers or built_in()
    results = []
    for name, told in read.items():
        one = (cases or {}).get(name) or case(name)
        came = told if isinstance(told, Outcome) else outcome(heard(told))
        scores = {scorer.name: scorer.score(one, came) for scorer in chosen}
        results.append(CaseResult(case=one, trials=(Trial(outcome=came, scores=scores),)))
    made = versions(digest_of_cases(r.case for r in results), **changes)
    summary = Summary(
        id=made.id,
        name="made by hand",
        versions=made,
        at=datetime(2026, 5, 4, 10, tzinfo=UTC),
        by="analyst:ana",
        cases=len(results),
        totals=totals_of(results, chosen, made.seed),
    )
    return EvaluationRun(summary=summary, results=tuple(results))
