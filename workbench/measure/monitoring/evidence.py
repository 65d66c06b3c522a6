"""The contacts behind a finding, and the queues that they went to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from workbench.measure.monitoring.catalogue import catalogue
from workbench.measure.monitoring.symptom import Symptom

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EXAMPLES = 8
_QUEUES = 3


def contacts_behind(
    connection: DuckDBPyConnection, symptom: Symptom, since: date, until: date
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of the contacts that show a symptom best, and the queues that got most of them.

    Args:
        since, until: First and last day (UTC).
    """
    condition, worst = _shown_by(symptom)
    scope = (
        f"FROM contact WHERE started_at >= $since AND started_at < $end AND ({condition})"
        " AND (len($intents) = 0 OR list_contains($intents, intent))"
    )
    values = {"since": since, "end": until + timedelta(days=1), "intents": list(symptom.intents)}
    ids = connection.execute(
        f"SELECT contact_id {scope} ORDER BY {worst}, contact_id LIMIT {_EXAMPLES}", values
    ).fetchall()
    queues = connection.execute(
        f"SELECT queue {scope} AND queue IS NOT NULL GROUP BY queue"
        f" ORDER BY count(*) DESC, queue LIMIT {_QUEUES}",
        values,
    ).fetchall()
    return tuple(name for (name,) in ids), tuple(name for (name,) in queues)


def _shown_by(symptom: Symptom) -> tuple[str, str]:
    """Condition and order of the contacts that show a symptom, the plainest first."""
    known = {
        "confidence": ("confidence IS NOT NULL", "confidence"),
        "people_wait": ("human_agents > 0", "first_response_work_s DESC NULLS LAST"),
        "assistant_time": ("assistant_s > 0", "assistant_s DESC"),
        "policy_break": ("entered_automation", "started_at DESC"),
    }
    if symptom.name in known:
        return known[symptom.name]
    signal = catalogue().shares.get(symptom.name)
    if signal is None:
        return "TRUE", "started_at DESC"
    return f"({signal.of}) AND ({signal.hit})", "started_at DESC"
