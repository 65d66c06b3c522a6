"""Where confidence lies: intents whose judged answers are wrong more often than it says.

Calibrated confidence announces its own errors: of answers at 0.95, one in twenty may be wrong. An
intent that is wrong far more often is confident but wrong, and no threshold helps against that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.measure.intervals import wilson
from workbench.measure.sums import Scope
from workbench.records.base import Record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CONFIDENT = 0.8
SURE_THAT_NO_CHANCE = 0.01
"""Share of histories without any such intent in which one is called so all the same."""


class IntentTrust(Record):
    """How the confident answers on one intent were judged."""

    intent: str
    judged: int
    wrong: int
    share: float
    """Wrong among judged."""
    low: float
    """95 % interval of the share."""
    high: float
    confidence: float
    """Mean confidence of the judged answers."""
    p: float
    """Exact chance of as many wrong answers if confidence were right, times the number of
    intents."""
    contacts: tuple[str, ...]
    """The wrong ones, the surest first."""

    @property
    def expected(self) -> float:
        """The share of wrong answers that the confidence announces."""
        return 1 - self.confidence

    @property
    def overconfident(self) -> bool:
        return self.p < SURE_THAT_NO_CHANCE


def trust_by_intent(
    connection: DuckDBPyConnection,
    threshold: float = CONFIDENT,
    where: Mapping[str, Any] | None = None,
) -> tuple[IntentTrust, ...]:
    """Every intent with judged contacts at or above a confidence, the least trustworthy first."""
    condition, values = Scope(where=where or {}).sql()
    rows = connection.execute(
        f"""
        SELECT intent, count(*), count(*) FILTER (WHERE wrong), avg(confidence),
               list(contact_id ORDER BY confidence DESC, contact_id) FILTER (WHERE wrong)
        FROM contact
        WHERE judged AND intent IS NOT NULL AND confidence >= ? AND {condition}
        GROUP BY intent
        """,
        [threshold, *values],
    ).fetchall()
    found = [_trust(len(rows), *row) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.p, one.intent)))


def _trust(
    intents: int, intent: str, judged: int, wrong: int, confidence: float, ids: list[str] | None
) -> IntentTrust:
    """One intent. The errors that confidence announces follow a Poisson-binomial law; the binomial
    of the same mean has the longer tail (Hoeffding, Annals of Mathematical Statistics 27 (1956)
    713-721), so its p-value is on the safe side. Bonferroni's correction for the intents."""
    from scipy.special import bdtrc

    share = wilson(wrong / judged, judged)
    chance = float(bdtrc(wrong - 1, judged, 1 - confidence)) if wrong else 1.0
    return IntentTrust(
        intent=intent,
        judged=judged,
        wrong=wrong,
        share=wrong / judged,
        low=share.low,
        high=share.high,
        confidence=confidence,
        p=min(1.0, chance * intents),
        contacts=tuple(ids or ()),
    )
