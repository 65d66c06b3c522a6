"""Two runs over the same cases: case by case first, then totals with what chance may do.

A case is worse when a judging scorer fell on it, better when one rose and none fell. Amounts
(turns, cost, time) and descriptions are shown and never judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from workbench.errors import InputError
from workbench.evaluation.paired import difference_interval, holm, sign_test
from workbench.evaluation.run import CaseResult, EvaluationRun, Summary, Total, group_values
from workbench.evaluation.scorers import Unit
from workbench.records.base import Record

SIGNIFICANT = 0.05
"""Share of comparisons without any difference that may still be called worse or better."""

Change = Literal["worse", "better", "same"]
CHANGES: tuple[Change, ...] = ("worse", "better", "same")
"""In the order in which they are looked at."""


class CaseChange(Record):
    """One case in both runs."""

    case_id: str
    change: Change
    says: tuple[str, ...]
    before: str
    """The outcome in one line; `after` likewise."""
    after: str
    moved: dict[str, tuple[float, float]] = {}
    """Judging scorer -> its value before and after, where they differ."""
    why: str = ""
    """Why the scores that fell are lower now."""
    differs: bool = False
    """Whether the outcome is another, whatever the scores say."""
    conversation_id: str = ""


class Difference(Record):
    """One scorer in both runs, over the groups in which both ask its question."""

    scorer: str
    question: str
    unit: Unit
    judges: bool
    groups: int
    before: float
    after: float
    change: float
    low: float
    """95 % interval of the change."""
    high: float
    better: int
    """Groups in which the value rose."""
    worse: int
    p: float
    """Exact p-value of better against worse groups, corrected for the number of scorers."""

    @property
    def beyond_noise(self) -> bool:
        """Whether chance alone would bring this about less than once in twenty comparisons."""
        return self.judges and self.p < SIGNIFICANT


class Comparison(Record):
    """Two runs over the same cases."""

    before: Summary
    after: Summary
    versions: dict[str, tuple[str, str]]
    """What differs between the two: name -> before, after."""
    cases: tuple[CaseChange, ...]
    """Worse ones first, then better ones, then the same."""
    totals: tuple[Difference, ...]

    def count(self, change: Change) -> int:
        return sum(case.change == change for case in self.cases)

    @property
    def worse(self) -> bool:
        """Whether a judging score fell by more than chance explains."""
        return any(total.beyond_noise and total.worse > total.better for total in self.totals)

    @property
    def verdict(self) -> str:
        counts = ", ".join(f"{self.count(change):,} {change}" for change in CHANGES)
        told = "worse beyond noise" if self.worse else "not worse beyond noise"
        return f"{len(self.cases):,} cases: {counts}; {told}"

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `workbench evaluate compare --json`."""
        return {
            "before": self.before.id,
            "after": self.after.id,
            "versions": self.versions,
            "worse_beyond_noise": self.worse,
            "counts": {change: self.count(change) for change in CHANGES},
            "cases": [case.model_dump(mode="json") for case in self.cases],
            "totals": [
                total.model_dump(mode="json") | {"beyond_noise": total.beyond_noise}
                for total in self.totals
            ],
        }

    def __str__(self) -> str:
        from workbench.evaluation.tables import comparison_text

        return comparison_text(self)

    def _repr_html_(self) -> str:
        from workbench.evaluation.tables import comparison_html

        return comparison_html(self)


def compare(before: EvaluationRun, after: EvaluationRun) -> Comparison:
    """Hold two runs against each other.

    Raises `InputError` when they are not over the same cases: their totals would then differ for
    reasons that nobody could name.
    """
    _check_same_cases(before, after)
    later = {result.case.id: result for result in after.results}
    pairs = [(result, later[result.case.id]) for result in before.results]
    judging = [total.scorer for total in _common(before, after) if total.judges]
    cases = [_case(one, other, judging) for one, other in pairs]
    return Comparison(
        before=before.summary,
        after=after.summary,
        versions=after.summary.versions.changed_from(before.summary.versions),
        cases=tuple(sorted(cases, key=lambda case: (CHANGES.index(case.change), not case.differs))),
        totals=_totals(before, after),
    )


def _check_same_cases(before: EvaluationRun, after: EvaluationRun) -> None:
    mine, others = ({r.case.id: r.case.digest for r in run.results} for run in (before, after))
    if mine == others:
        return
    common = [name for name in mine if others.get(name) == mine[name]]
    raise InputError(
        f"{before.id} has {len(mine):,} cases and {after.id} has {len(others):,}; "
        f"{len(common):,} are the same",
        expected="two runs over the same cases",
        next_step="Run both on the same scenarios, file, contacts or conversations.",
    )


def _common(before: EvaluationRun, after: EvaluationRun) -> list[Total]:
    """The scorers that both runs have, in the order of the first."""
    return [total for total in before.summary.totals if total.scorer in after.scorers]


def _case(before: CaseResult, after: CaseResult, judging: Sequence[str]) -> CaseChange:
    moved = {
        name: (old, new)
        for name in judging
        if (old := before.value(name)) is not None
        and (new := after.value(name)) is not None
        and new != old
    }
    fell = [name for name, (old, new) in moved.items() if new < old]
    told = str(before.outcome), str(after.outcome)
    return CaseChange(
        case_id=before.case.id,
        change="worse" if fell else "better" if moved else "same",
        says=before.case.says,
        before=told[0],
        after=told[1],
        moved=moved,
        why="; ".join(dict.fromkeys(after.why(name) for name in fell)),
        differs=told[0] != told[1],
        conversation_id=before.case.conversation_id,
    )


def _totals(before: EvaluationRun, after: EvaluationRun) -> tuple[Difference, ...]:
    rows = [row for total in _common(before, after) if (row := _difference(before, after, total))]
    judging = [row for row in rows if row.judges]
    adjusted = dict(
        zip((row.scorer for row in judging), holm([row.p for row in judging]), strict=True)
    )
    return tuple(row.model_copy(update={"p": adjusted.get(row.scorer, row.p)}) for row in rows)


def _difference(before: EvaluationRun, after: EvaluationRun, total: Total) -> Difference | None:
    old, new = (group_values(run.results, total.scorer) for run in (before, after))
    both = [group for group in old if group in new]
    if not both:
        return None
    first, second = [old[group] for group in both], [new[group] for group in both]
    change, interval = difference_interval(
        first, second, before.summary.versions.seed, share=total.unit == "share"
    )
    better = sum(b > a for a, b in zip(first, second, strict=True))
    worse = sum(b < a for a, b in zip(first, second, strict=True))
    return Difference(
        scorer=total.scorer,
        question=total.question,
        unit=total.unit,
        judges=total.judges,
        groups=len(both),
        before=sum(first) / len(both),
        after=sum(second) / len(both),
        change=change,
        low=interval.low,
        high=interval.high,
        better=better,
        worse=worse,
        p=sign_test(better, worse),
    )
