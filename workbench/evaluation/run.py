"""A run: everything in one version, tried on one set of cases. It never changes afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from workbench.evaluation.candidate import Versions
from workbench.evaluation.cases import Case, Outcome
from workbench.evaluation.paired import mean_interval
from workbench.evaluation.scorers import Score, Scorer, Unit
from workbench.records.base import Instant, Record
from workbench.scenarios.results import pass_k

Attempt = Callable[[Case, int], Outcome]
"""Tries a case for the n-th time."""


class Trial(Record):
    """One try of a case with its scores by scorer."""

    outcome: Outcome
    scores: dict[str, Score]


class CaseResult(Record):
    """A case with all its trials."""

    case: Case
    trials: tuple[Trial, ...]

    def value(self, scorer: str) -> float | None:
        """Mean score over the trials in which the question arose."""
        values = [v for t in self.trials if (v := t.scores[scorer].value) is not None]
        return fmean(values) if values else None

    def why(self, scorer: str) -> str:
        """The first reason for a lower score."""
        return next((t.scores[scorer].why for t in self.trials if t.scores[scorer].why), "")

    @property
    def outcome(self) -> Outcome:
        """Of the first trial."""
        return self.trials[0].outcome

    @property
    def confidence(self) -> float:
        """Highest confidence with which an intent of the first message was read."""
        return max((s.confidence for s in self.outcome.first.intents), default=0.0)


class Total(Record):
    """One scorer over all groups; groups in which its question never arose do not count."""

    scorer: str
    question: str
    unit: Unit
    judges: bool
    groups: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


class Summary(Record):
    """What a run was and what it came to, without its cases."""

    id: str
    name: str
    """Where the cases come from, in words."""
    versions: Versions
    at: Instant
    by: str
    cases: int
    totals: tuple[Total, ...]
    pass_k: float | None = None
    """Chance that k tries of a group's cases all pass, averaged over groups; k is the repeat."""

    def total(self, scorer: str) -> Total:
        return next(total for total in self.totals if total.scorer == scorer)


class Runs(Record):
    """What several runs came to."""

    runs: tuple[Summary, ...]
    """The latest first."""

    def __len__(self) -> int:
        return len(self.runs)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `workbench evaluate list --json`."""
        return self.model_dump(mode="json")

    def __str__(self) -> str:
        from workbench.evaluation.tables import runs_text

        return runs_text(self)


class EvaluationRun(Record):
    """A whole run."""

    summary: Summary
    results: tuple[CaseResult, ...]
    repeated: bool = False
    """This very run had been made before; nothing was tried again."""

    @property
    def id(self) -> str:
        return self.summary.id

    @property
    def scorers(self) -> tuple[str, ...]:
        return tuple(total.scorer for total in self.summary.totals)

    def result(self, case_id: str) -> CaseResult:
        return next(result for result in self.results if result.case.id == case_id)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `workbench evaluate run` and `show`."""
        return {
            **self.summary.model_dump(mode="json"),
            "repeated": self.repeated,
            "results": [_plain(result, self.scorers) for result in self.results],
        }

    def __str__(self) -> str:
        from workbench.evaluation.tables import run_text

        return run_text(self)

    def _repr_html_(self) -> str:
        from workbench.evaluation.tables import run_html

        return run_html(self)


def _plain(result: CaseResult, scorers: Sequence[str]) -> dict[str, Any]:
    return {
        "case": result.case.id,
        "says": list(result.case.says),
        "outcome": str(result.outcome),
        "confidence": round(result.confidence, 4),
        "scores": {name: result.value(name) for name in scorers},
    }


def try_all(
    cases: Sequence[Case], attempt: Attempt, scorers: Sequence[Scorer], repeat: int
) -> tuple[CaseResult, ...]:
    """Every case tried `repeat` times and scored each time."""
    return tuple(_tried(case, attempt, scorers, repeat) for case in cases)


def _tried(case: Case, attempt: Attempt, scorers: Sequence[Scorer], repeat: int) -> CaseResult:
    outcomes = (attempt(case, trial) for trial in range(repeat))
    trials = tuple(
        Trial(outcome=outcome, scores={s.name: s.score(case, outcome) for s in scorers})
        for outcome in outcomes
    )
    return CaseResult(case=case, trials=trials)


def totals_of(
    results: Sequence[CaseResult], scorers: Sequence[Scorer], seed: int
) -> tuple[Total, ...]:
    """Each scorer's mean over groups with its 95 % interval."""
    return tuple(_total(results, scorer, seed) for scorer in scorers)


def _total(results: Sequence[CaseResult], scorer: Scorer, seed: int) -> Total:
    values = list(group_values(results, scorer.name).values())
    known: dict[str, float] = {}
    if values:
        mean, interval = mean_interval(values, seed, share=scorer.unit == "share")
        known = {"value": mean, "low": interval.low, "high": interval.high}
    return Total(
        scorer=scorer.name,
        question=scorer.question,
        unit=scorer.unit,
        judges=scorer.judges,
        groups=len(values),
        **known,
    )


def group_values(results: Sequence[CaseResult], scorer: str) -> dict[str, float]:
    """Group -> mean score of its cases, in the order of the cases."""
    values = defaultdict[str, list[float]](list)
    for result in results:
        value = result.value(scorer)
        if value is not None:
            values[result.case.group].append(value)
    return {group: fmean(found) for group, found in values.items()}


def pass_k_of(results: Sequence[CaseResult], scorer: str, k: int) -> dict[str, float]:
    """Group -> chance that k of its trials, drawn at random, all have the full score.

    A trial in which the question did not arise does not count.
    """
    passes = defaultdict[str, list[bool]](list)
    for result in results:
        for trial in result.trials:
            value = trial.scores[scorer].value
            if value is not None:
                passes[result.case.group].append(value == 1)
    return {group: pass_k(sum(held), len(held), k) for group, held in passes.items()}
