"""Judged answers as evidence: what confidence they had, and whether they were wrong.

What is said of a threshold holds for answers like those that were judged. Which ones are judged
may depend on confidence, intent or day only if the share judged is the same throughout a promise's
scope; choose them by chance. It must never depend on how the answer turned out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from workbench.decide.policy import Policy
from workbench.decide.promise import Promise
from workbench.decide.rules import Thresholds
from workbench.decide.sql import policy_sql
from workbench.measure.sums import Day, Scope, contacts_source, last_known_time

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Texts = NDArray[np.str_]

FEW_SCOUTS = 100
"""With fewer contacts that nobody judged, some judged ones give up their verdict instead."""
_SET_ASIDE = 5
"""Then every fifth does."""
_DIGEST = 12


@dataclass(frozen=True)
class Evidence:
    """The contacts that one promise is about: those that confidence alone decides on."""

    confidence: Floats
    """Of the judged answers, 0-1."""
    wrong: Bools
    """Whether each was judged wrong."""
    intents: Texts
    """The recognised intent of each."""
    scouts: Floats
    """Confidence of contacts without a verdict; they say where a search begins, at no cost."""
    contacts: int
    """All in scope, judged or not."""
    digest: str = ""
    since: date | None = None
    until: date | None = None
    """First and last day of the judged answers."""

    def only(self, chosen: Bools | NDArray[np.int64]) -> Evidence:
        """The same with some of the judged answers, marked or by position."""
        return replace(
            self,
            confidence=self.confidence[chosen],
            wrong=self.wrong[chosen],
            intents=self.intents[chosen],
        )

    def and_also(self, other: Evidence) -> Evidence:
        """The evidence of two times together."""
        import numpy as np

        both = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("confidence", "wrong", "intents", "scouts")
        }
        days = [day for one in (self, other) for day in (one.since, one.until) if day]
        return Evidence(
            **both,
            contacts=self.contacts + other.contacts,
            digest=f"{self.digest}+{other.digest}",
            since=min(days, default=None),
            until=max(days, default=None),
        )

    def at(self, threshold: float) -> tuple[int, int]:
        """Judged answers at or above a threshold, and how many of them were wrong."""
        above = self.confidence >= threshold
        return int(above.sum()), int((above & self.wrong).sum())

    def share(self, threshold: float) -> float | None:
        """Share of the scope's contacts at or above a threshold; None without contacts."""
        if not self.contacts:
            return None
        above = int((self.confidence >= threshold).sum() + (self.scouts >= threshold).sum())
        return above / (len(self.confidence) + len(self.scouts))


def evidence_for(
    connection: DuckDBPyConnection,
    policy: Policy,
    promise: Promise,
    *,
    since: Day | None = None,
    until: Day | None = None,
    where: Mapping[str, Any] | None = None,
) -> Evidence:
    """What history knows about the answers under a promise.

    In scope is a contact whose confidence the promise's own threshold applies to, and that the
    policy would automate if it were confident enough: hard rules have taken theirs out before.
    """
    condition, values = Scope(since, until, where=where or {}).sql()
    mine, named = _in_scope(promise, policy.thresholds)
    source = contacts_source(connection, last_known_time(connection))
    rows = connection.sql(
        f"""
        SELECT contact_id, intent, confidence, judged, judged AND wrong AS wrong, day
        FROM (SELECT *, {policy_sql(policy, confident=True).level} AS level_if_sure
              FROM {source.sql} WHERE {condition})
        WHERE level_if_sure = 'automate' AND confidence IS NOT NULL AND {mine}
        ORDER BY md5(contact_id), contact_id
        """,
        params=[*values, *named],
    )
    return _evidence(rows.to_arrow_table().to_pydict())


def _in_scope(promise: Promise, thresholds: Thresholds) -> tuple[str, list[str]]:
    """Condition for contacts whose threshold this promise would set, and its parameters."""
    if promise.intent:
        return "intent = ?", [promise.intent]
    own = list(thresholds.intent)
    condition, values = _none_of("intent", own)
    if promise.stakes:
        return f"stakes = ? AND {condition}", [promise.stakes.value, *values]
    other, named = _none_of("stakes", [stakes.value for stakes in thresholds.stakes])
    return f"{condition} AND {other}", [*values, *named]


def _none_of(column: str, names: list[str]) -> tuple[str, list[str]]:
    if not names:
        return "TRUE", []
    return f"({column} IS NULL OR {column} NOT IN ({', '.join('?' * len(names))}))", names


def _evidence(rows: Mapping[str, list[Any]]) -> Evidence:
    import numpy as np

    confidence = np.array(rows["confidence"], dtype=float)
    wrong, verdict = np.array(rows["wrong"], dtype=bool), np.array(rows["judged"], dtype=bool)
    days = [day for day, known in zip(rows["day"], verdict, strict=True) if known]
    if (~verdict).sum() < FEW_SCOUTS:
        # Rows come in an order that has nothing to do with what they say.
        verdict = verdict & ((np.cumsum(verdict) % _SET_ASIDE) > 0)
    return Evidence(
        confidence=confidence[verdict],
        wrong=wrong[verdict],
        intents=np.array([intent or "" for intent in rows["intent"]], dtype=str)[verdict],
        scouts=confidence[~verdict],
        contacts=len(confidence),
        digest=_digest(np.array(rows["contact_id"])[verdict], confidence[verdict], wrong[verdict]),
        since=_day(min(days, default=None)),
        until=_day(max(days, default=None)),
    )


def _day(found: date | datetime | None) -> date | None:
    return found.date() if isinstance(found, datetime) else found


def _digest(ids: NDArray[np.str_], confidence: Floats, wrong: Bools) -> str:
    """The first digits of SHA-256 over the judged answers."""
    answers = zip(ids, confidence.tolist(), wrong.tolist(), strict=True)
    lines = sorted(f"{contact} {sure!r} {mistaken}" for contact, sure, mistaken in answers)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_DIGEST]
