"""Business seconds in SQL against a walk through the calendar, minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.measure.contact_rows import connection_with
from workbench.config import HoursSettings
from workbench.measure.hours import work_seconds_sql

CALENDARS = [
    HoursSettings(),
    HoursSettings(holidays=(date(2026, 3, 30), date(2026, 4, 4), date(2026, 10, 26))),
    HoursSettings(time_zone="America/New_York", opens=time(8, 30), closes=time(17, 15)),
    HoursSettings(time_zone="Asia/Kolkata", days=(0, 2, 5, 6)),
]


def walked(start: datetime, end: datetime, hours: HoursSettings) -> int:
    """Seconds of the whole minutes in [start, end) that fall into business hours."""
    zone, worked = ZoneInfo(hours.time_zone), 0
    while start < end:
        local = start.astimezone(zone)
        open_day = local.weekday() in hours.days and local.date() not in hours.holidays
        if open_day and hours.opens <= local.time() < hours.closes:
            worked += 60
        start += timedelta(minutes=1)
    return worked


@pytest.mark.parametrize("hours", CALENDARS)
@pytest.mark.parametrize(
    "around", [datetime(2026, 3, 26, tzinfo=UTC), datetime(2026, 10, 22, tzinfo=UTC)]
)
def test_business_seconds_equal_a_walk_over_clock_changes_weekends_and_holidays(
    hours: HoursSettings, around: datetime
) -> None:
    connection, draw = connection_with([]), Random(4)
    query = f"SELECT {work_seconds_sql('$start::TIMESTAMPTZ', '$end::TIMESTAMPTZ', hours)}"
    for _ in range(25):
        start = around + timedelta(minutes=draw.randrange(5 * 1440))
        end = start + timedelta(minutes=draw.randrange(4 * 1440))
        ((found,),) = connection.execute(query, {"start": start, "end": end}).fetchall()
        assert found == walked(start, end, hours), (start, end)
