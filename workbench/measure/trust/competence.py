"""Measured competence against declared stakes: which level each intent has earned.

Competence is how often judged answers are right among those at or above the confidence that the
policy asks for, whatever its other rules say. It is measured with exact one-sided bounds (Clopper
& Pearson), each as sure as the policy's table [competence] demands; that table also says how many
wrong answers are borne at which stakes. Where nobody judged an answer, people's labels tell at
least how often the intent itself was misread: enough to refuse automation, never to grant it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.decide.competence import CompetenceLimits
from workbench.decide.policy import Policy
from workbench.errors import InputError
from workbench.measure.intervals import clopper_pearson_lower, clopper_pearson_upper
from workbench.measure.tables import aligned, percent
from workbench.measure.trust.guarantee import fewest_judged
from workbench.records.base import Record
from workbench.records.decisions import Level
from workbench.records.signals import Stakes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class IntentCompetence(Record):
    """One intent: what was measured, and the level that it has earned."""

    intent: str
    stakes: Stakes
    threshold: float
    """Confidence that the policy asks of it."""
    judged: int
    """Judged answers at or above the threshold."""
    wrong: int
    error_low: float
    """The share wrong is at least this, as sure as demanded; exact. Likewise `error_high`."""
    error_high: float
    labelled: int
    """Contacts at or above the threshold with a person's label, but no judged answer."""
    misread: int
    """Of these, recognised as another intent than the label says."""
    limit: float
    """Share of wrong answers that is borne at these stakes."""
    recommended: Level
    reason: str
    label_more: int | None = None
    """Fewest further judgements, all of them right, before automation can be recommended."""
    granted: Level = Level.AUTOMATE
    """What the policy's ceiling grants at most."""

    @property
    def accuracy(self) -> float | None:
        """Right / judged; None when nothing was judged."""
        return 1 - self.wrong / self.judged if self.judged else None

    @property
    def evidence(self) -> dict[str, Any]:
        """What a decision was based on, for the record."""
        names = {"threshold", "judged", "wrong", "error_low", "error_high", "limit", "reason"}
        return self.model_dump(mode="json", include=names)


class CompetenceReport(Record):
    """All declared intents, the most at stake first."""

    rows: tuple[IntentCompetence, ...]
    policy_version: str
    confidence: float
    """How sure each bound is."""
    owner: str
    """Who answers for the limits."""

    def of(self, intent: str) -> IntentCompetence:
        """One intent. Raises `InputError` for one that is not declared."""
        found = next((row for row in self.rows if row.intent == intent), None)
        if found is None:
            names = ", ".join(row.intent for row in self.rows)
            raise InputError(f"{intent!r} is not a declared intent", expected=f"one of {names}")
        return found

    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def __str__(self) -> str:
        headings = ("intent", "stakes", "judged", "wrong", "at most", "borne", "level", "why")
        cells = [
            (
                row.intent,
                row.stakes.value,
                f"{row.judged:,}",
                f"{row.wrong:,}",
                percent(row.error_high),
                percent(row.limit),
                row.recommended.value,
                row.reason,
            )
            for row in self.rows
        ]
        return "\n".join(aligned([headings, *cells]))


@dataclass(frozen=True)
class _Seen:
    """What history tells of one intent."""

    judged: int = 0
    wrong: int = 0
    surest: int = 0
    """The more confident half of the judged answers."""
    surest_wrong: int = 0
    labelled: int = 0
    misread: int = 0


def competence(
    connection: DuckDBPyConnection,
    policy: Policy,
    stakes: Mapping[str, Stakes],
    limits: CompetenceLimits,
) -> CompetenceReport:
    """The level that each intent has earned under the policy's thresholds.

    Args:
        stakes: declared intent -> what is at stake.
    """
    thresholds = {name: policy.thresholds.resolve(name, at)[1] for name, at in stakes.items()}
    seen = _seen(connection, thresholds)
    granted = {ceiling.intent: ceiling.level for ceiling in policy.ceilings}
    # One statement is made about all intents: that none is called confident but wrong by chance.
    of_all = 1 - (1 - limits.confidence) / max(len(stakes), 1)
    rows = [
        _row(name, at, thresholds[name], seen.get(name, _Seen()), limits, of_all).model_copy(
            update={"granted": granted.get(name, Level.AUTOMATE)}
        )
        for name, at in stakes.items()
    ]
    order = list(Stakes)
    return CompetenceReport(
        rows=tuple(sorted(rows, key=lambda row: (-order.index(row.stakes), row.intent))),
        policy_version=policy.version,
        confidence=limits.confidence,
        owner=limits.owner,
    )


def _seen(connection: DuckDBPyConnection, thresholds: Mapping[str, float]) -> dict[str, _Seen]:
    rows = connection.execute(
        """
        WITH needed AS (SELECT unnest(?) AS intent, unnest(?) AS threshold),
             sure AS (
                 SELECT intent, judged, judged AND wrong AS wrong, true_intent,
                        row_number() OVER (
                            PARTITION BY intent, judged ORDER BY confidence DESC, contact_id
                        ) <= (count(*) OVER (PARTITION BY intent, judged) + 1) // 2 AS surest
                 FROM contact JOIN needed USING (intent) WHERE confidence >= threshold)
        SELECT intent,
               count(*) FILTER (WHERE judged),
               count(*) FILTER (WHERE wrong),
               count(*) FILTER (WHERE judged AND surest),
               count(*) FILTER (WHERE wrong AND surest),
               count(*) FILTER (WHERE NOT judged AND true_intent IS NOT NULL),
               count(*) FILTER (WHERE NOT judged AND true_intent <> intent)
        FROM sure GROUP BY intent
        """,
        [list(thresholds), list(thresholds.values())],
    ).fetchall()
    return {intent: _Seen(*counts) for intent, *counts in rows}


def _row(
    intent: str,
    stakes: Stakes,
    threshold: float,
    seen: _Seen,
    limits: CompetenceLimits,
    of_all: float,
) -> IntentCompetence:
    sure, limit = limits.confidence, limits.automate[stakes]
    low = clopper_pearson_lower(seen.wrong, seen.judged, sure)
    high = clopper_pearson_upper(seen.wrong, seen.judged, sure)
    recommended, reason = _recommended(stakes, seen, low, high, limits, of_all)
    further = fewest_judged(seen.wrong, limit, 1 - sure) - seen.judged
    return IntentCompetence(
        intent=intent,
        stakes=stakes,
        threshold=threshold,
        judged=seen.judged,
        wrong=seen.wrong,
        error_low=low,
        error_high=high,
        labelled=seen.labelled,
        misread=seen.misread,
        limit=limit,
        recommended=recommended,
        reason=reason,
        label_more=further if further > 0 else None,
    )


def _recommended(
    stakes: Stakes, seen: _Seen, low: float, high: float, limits: CompetenceLimits, of_all: float
) -> tuple[Level, str]:
    """The level that the bounds allow, and why in words."""
    sure, limit = limits.confidence, limits.automate[stakes]
    borne = f"{stakes} stakes bear {percent(limit)}"
    if high <= limit:
        return Level.AUTOMATE, f"at most {percent(high)} wrong; {borne}"
    if low > limits.assist[stakes]:
        return Level.ESCALATE, f"at least {percent(low)} wrong: even suggestions would mislead"
    surest = clopper_pearson_lower(seen.surest_wrong, seen.surest, of_all)
    if surest > limit:
        return Level.ASSIST, (
            f"confident but wrong: even the more confident half is wrong in at least "
            f"{percent(surest)}; {borne}, so no threshold makes it safe to automate"
        )
    if low > limit:
        return Level.ASSIST, f"at least {percent(low)} wrong; {borne}: try a higher threshold"
    return Level.ASSIST, _not_enough(seen, limit, sure, borne)


def _not_enough(seen: _Seen, limit: float, sure: float, borne: str) -> str:
    misread = clopper_pearson_lower(seen.misread, seen.labelled, sure)
    if not seen.judged and misread > limit:
        return f"nothing judged, but labels say that at least {percent(misread)} is misread"
    further = fewest_judged(seen.wrong, limit, 1 - sure) - seen.judged
    return f"not enough evidence, {borne}: label {further:,} more, all of them right"
