"""Every KPI computed a second time, in plain Python from its definition in words.

Nothing here is shared with the SQL: a contact is a dictionary, a metric two functions over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
Count = Callable[[Row], float]

HUMAN_HOUR = 42.00
SUPERVISION = 0.08
SOLVED_GRADES = {"assumed", "confirmed", "durable"}


@dataclass(frozen=True)
class Ratio:
    """Sum of `top` over sum of `bottom`, among contacts created long enough ago."""

    top: Count
    bottom: Count
    days: int = 0

    def of(self, rows: Iterable[Row], as_of: datetime) -> float | None:
        grown = [row for row in rows if is_grown(row, as_of, self.days)]
        bottom = sum(self.bottom(row) for row in grown)
        return sum(self.top(row) for row in grown) / bottom if bottom else None


@dataclass(frozen=True)
class Percentile:
    """The smallest value that at least the given share of contacts does not exceed."""

    value: Callable[[Row, datetime], float | None]
    share: float

    def of(self, rows: Iterable[Row], as_of: datetime) -> float | None:
        found = [self.value(row, as_of) for row in rows]
        values = sorted(value for value in found if value is not None)
        enough = (i for i in range(len(values)) if (i + 1) / len(values) >= self.share - 1e-12)
        return values[next(enough)] if values else None


def is_grown(row: Row, as_of: datetime, days: int) -> bool:
    """The whole day on which the contact began lies `days` full days back."""
    end_of_day = datetime.combine(row["started_at"].date(), datetime.min.time(), UTC)
    return days == 0 or end_of_day + timedelta(days=1 + days) <= as_of


def share(hit: Callable[[Row], Any], among: Callable[[Row], Any], days: int = 0) -> Ratio:
    return Ratio(
        lambda row: 1 if among(row) and hit(row) else 0, lambda row: 1 if among(row) else 0, days
    )


def everyone(row: Row) -> bool:
    return True


def one(row: Row) -> int:
    return 1


def resolved(row: Row) -> bool:
    return row["resolution"] in SOLVED_GRADES


def automated(row: Row) -> bool:
    return row["entered_automation"] is True


def engaged(row: Row) -> bool:
    return automated(row) and row["engaged"] is True


def a_person_was_needed(row: Row) -> bool:
    return bool(row["handed_off"] or row["called_back"] or row["human_agents"] >= 1)


def handed_because(kind: str) -> Ratio:
    return share(lambda row: row["handed_off"] and row["handoff_kind"] == kind, engaged)


def human_seconds(row: Row) -> int:
    return int(row["talk_s"] + row["hold_s"] + row["wrap_s"])


def cost(row: Row) -> float:
    machines = row["model_cost_micros"] + row["tool_cost_micros"] + row["telephony_cost_micros"]
    people = human_seconds(row) / 3600 * HUMAN_HOUR * (1 + SUPERVISION)
    return float(people + machines / 1_000_000)


def satisfied(among: Callable[[Row], bool]) -> Ratio:
    return share(lambda row: row["csat"] in (4, 5), lambda row: row["csat"] and among(row))


def promoter_points(row: Row) -> int:
    if row["nps"] is None:
        return 0
    return 100 if row["nps"] > 8 else -100 if row["nps"] < 7 else 0


def elapsed(column: str) -> Callable[[Row, datetime], float | None]:
    """What was measured; what is still open counts with its age so far."""

    def value(row: Row, as_of: datetime) -> float | None:
        if row[column] is not None:
            return float(row[column])
        return age(row, as_of) if row["ended_at"] is None else None

    return value


def age(row: Row, as_of: datetime) -> float:
    return float((as_of - row["started_at"]).total_seconds())


SECOND_OPINIONS: dict[str, Ratio | Percentile] = {
    "resolution_contained": share(lambda row: row["resolution"] is not None, everyone),
    "resolution_assumed": share(resolved, everyone),
    "resolution_confirmed": share(
        lambda row: row["resolution"] in ("confirmed", "durable"), everyone
    ),
    "resolution_durable": share(
        lambda row: resolved(row) and not row["reopened"] and not row["repeated_7d"], everyone, 7
    ),
    "fcr": share(lambda row: not row["repeated_7d"], resolved, 7),
    "automation_share": share(
        lambda row: row["level"] == "automate", lambda row: row["level"] is not None
    ),
    "containment": share(
        lambda row: not (row["handed_off"] or row["called_back"] or row["abandoned"]), automated
    ),
    "abandonment": share(lambda row: row["abandoned"], automated),
    "deflection": share(
        lambda row: resolved(row) and not a_person_was_needed(row) and not row["repeated_48h"],
        lambda row: row["eligible"],
        2,
    ),
    "wrong_automation": share(
        lambda row: row["wrong"], lambda row: row["judged"] and row["level"] == "automate"
    ),
    "escalation": share(lambda row: row["handed_off"], engaged),
    "escalation_requested": handed_because("requested"),
    "escalation_policy": handed_because("policy"),
    "escalation_failure": handed_because("failure"),
    "transfer": share(lambda row: row["human_agents"] >= 2, lambda row: row["human_agents"] >= 1),
    "repeat_question": share(lambda row: row["repeat_question"], lambda row: row["handed_off"]),
    "identity_time_saved": Ratio(lambda row: row["auth_s"], one),
    "aht": Ratio(
        lambda row: human_seconds(row) if row["human_agents"] else 0,
        lambda row: 1 if row["human_agents"] else 0,
    ),
    "human_time": Ratio(human_seconds, one),
    "assistant_time": Ratio(
        lambda row: row["assistant_s"] if automated(row) else 0,
        lambda row: 1 if automated(row) else 0,
    ),
    "cost_per_contact": Ratio(cost, one),
    "cost_per_resolution": Ratio(cost, lambda row: 1 if resolved(row) else 0),
    "first_response_median": Percentile(elapsed("first_response_s"), 0.5),
    "first_response_p90": Percentile(elapsed("first_response_s"), 0.9),
    "resolution_time_median": Percentile(elapsed("resolution_s"), 0.5),
    "resolution_time_p90": Percentile(elapsed("resolution_s"), 0.9),
    "sla": Ratio(lambda row: row["sla_met"], lambda row: row["sla_due"]),
    "sla_first_response": Ratio(
        lambda row: row["first_response_met"], lambda row: row["first_response_due"]
    ),
    "sla_next_response": Ratio(
        lambda row: row["next_response_met"], lambda row: row["next_response_due"]
    ),
    "sla_resolution": Ratio(lambda row: row["resolution_met"], lambda row: row["resolution_due"]),
    "csat": satisfied(everyone),
    "csat_response": share(lambda row: row["csat"] is not None, lambda row: row["csat_asked"]),
    "csat_assistant_only": satisfied(lambda row: automated(row) and row["human_agents"] == 0),
    "csat_mixed": satisfied(lambda row: automated(row) and row["human_agents"] >= 1),
    "csat_person_only": satisfied(lambda row: not automated(row) and row["human_agents"] >= 1),
    "nps": Ratio(promoter_points, lambda row: 0 if row["nps"] is None else 1),
    "suggestion_acceptance": Ratio(
        lambda row: row["suggestions_accepted"], lambda row: row["suggestions_shown"]
    ),
    "suggestion_edit": Ratio(
        lambda row: row["suggestions_edited"], lambda row: row["suggestions_shown"]
    ),
    "suggestion_ignore": Ratio(
        lambda row: row["suggestions_ignored"], lambda row: row["suggestions_shown"]
    ),
    "override": share(lambda row: row["overridden"], lambda row: row["decision_seen"]),
    "reopen": share(lambda row: row["reopened"], lambda row: row["solved"]),
    "repeat_contact": share(lambda row: row["repeated_7d"], everyone, 7),
    "still_open": share(lambda row: row["ended_at"] is None, everyone),
}
"""All metrics over contacts but those in business hours, which have a test of their own."""
