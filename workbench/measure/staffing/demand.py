"""The work that a policy leaves to people, by weekday and interval of the day, out of history.

The forecast of an interval is its mean over the last weeks, holidays left out: contacts that need a
person, and their handle time. Both are ranges, since nobody knows whether a contact that another
policy automates would have ended with a person after all (see `hindsight`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.decide.sql import policy_sql
from workbench.measure.hindsight import CAUTIOUS, HOPEFUL, contacts_with_usual_time
from workbench.measure.sums import Scope, contacts_source, last_known_time

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Work:
    """Work of people in one interval of a day, by one account."""

    contacts: float
    """Contacts that need a person, mean over the weeks looked at."""
    seconds: float
    """Seconds of people for all of them."""

    @property
    def handle_s(self) -> float:
        """Mean seconds of a person for one contact; 0 without contacts."""
        return self.seconds / self.contacts if self.contacts else 0.0

    def times(self, volume: float) -> Work:
        """The same work when so many times as many customers come."""
        return Work(self.contacts * volume, self.seconds * volume)


@dataclass(frozen=True, slots=True)
class Demand:
    """What one interval of one weekday asks of people."""

    weekday: int
    """Monday is 0."""
    minute: int
    """Minute of the local day at which the interval starts."""
    hopeful: Work
    cautious: Work


def demand(
    connection: DuckDBPyConnection, policy: Policy, settings: Settings
) -> tuple[Demand, ...]:
    """Every interval of the week in which somebody needed a person, in order.

    Reads the relation `contact` once, over the last whole weeks that the settings name.
    """
    last = last_known_time(connection)
    zone = ZoneInfo(settings.hours.time_zone)
    monday = _monday(last.astimezone(zone).date())
    first = monday - settings.staffing.weeks * _WEEK
    source = contacts_source(connection, last)
    contacts, values = contacts_with_usual_time(source, Scope(first - _WEEK, monday + _WEEK))
    rows = connection.execute(
        _query(policy, settings, contacts), [*values, first, monday]
    ).fetchall()
    days = _days_seen(first, monday, settings.hours.holidays)
    return tuple(_demand(row, days) for row in rows if days[row[0]])


def _query(policy: Policy, settings: Settings, contacts: str) -> str:
    length = settings.staffing.interval_minutes
    accounts = ", ".join(
        f"count(*) FILTER (WHERE {seconds} > 0), coalesce(sum({seconds}), 0)"
        for seconds in (HOPEFUL.human_seconds("level_now"), CAUTIOUS.human_seconds("level_now"))
    )
    holidays = ", ".join(f"DATE '{day}'" for day in settings.hours.holidays) or "NULL"
    return f"""
        WITH decided AS (
            SELECT *, {policy_sql(policy).level} AS level_now,
                   timezone('{settings.hours.time_zone}', started_at) AS local_time
            FROM ({contacts}))
        SELECT isodow(local_time) - 1 AS weekday,
               date_diff('minute', date_trunc('day', local_time), local_time)
                   // {length} * {length} AS minute,
               {accounts}
        FROM decided
        WHERE local_time >= ? AND local_time < ?
              AND (local_time::DATE IN ({holidays})) IS NOT TRUE
        GROUP BY 1, 2 ORDER BY 1, 2
    """


def _demand(row: Sequence[float], days: Sequence[int]) -> Demand:
    weekday, minute, *sums = row
    hopeful, hopeful_s, cautious, cautious_s = (value / days[int(weekday)] for value in sums)
    return Demand(
        weekday=int(weekday),
        minute=int(minute),
        hopeful=Work(hopeful, hopeful_s),
        cautious=Work(cautious, cautious_s),
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days_seen(first: date, until: date, holidays: Sequence[date]) -> list[int]:
    """How often each weekday occurs, holidays left out."""
    days = [first + timedelta(days=n) for n in range((until - first).days)]
    seen = [day.weekday() for day in days if day not in holidays]
    return [seen.count(weekday) for weekday in range(7)]
