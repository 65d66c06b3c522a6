"""Business time agrees with an oracle that looks at every single minute."""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.config import HoursSettings
from workbench.errors import ConfigError
from workbench.systems.calendar import BusinessCalendar

MINUTE = timedelta(minutes=1)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Africa/Cairo",
)
# Around changes of the clock in one of the zones, 2025 to 2028.
CHANGES = [
    datetime(2025, 3, 28, tzinfo=UTC),
    datetime(2025, 10, 24, tzinfo=UTC),
    datetime(2026, 3, 6, tzinfo=UTC),
    datetime(2026, 4, 3, tzinfo=UTC),
    datetime(2026, 4, 23, tzinfo=UTC),
    datetime(2026, 10, 29, tzinfo=UTC),
    datetime(2027, 3, 26, tzinfo=UTC),
    datetime(2027, 9, 24, tzinfo=UTC),
    datetime(2028, 3, 24, tzinfo=UTC),
    datetime(2028, 10, 27, tzinfo=UTC),
]
# The office, an early and a late shift, and round the clock.
HOURS = [
    (time(9), time(17)),
    (time(6), time(14, 30)),
    (time(14), time(22)),
    (time(0), time(0)),
]

calendars = st.builds(
    lambda zone, hours, days, holidays: HoursSettings(
        time_zone=zone, opens=hours[0], closes=hours[1], days=days, holidays=holidays
    ),
    st.sampled_from(ZONES),
    st.sampled_from(HOURS),
    st.sampled_from([(0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), tuple(range(7))]),
    st.lists(
        st.sampled_from(CHANGES).flatmap(
            lambda at: st.integers(0, 5).map(lambda days: (at + timedelta(days=days)).date())
        ),
        max_size=3,
    ).map(tuple),
)
starts = st.sampled_from(CHANGES).flatmap(
    lambda at: st.integers(0, 4 * 24 * 60).map(lambda minutes: at + minutes * MINUTE)
)


def open_minutes(hours: HoursSettings, start: datetime) -> Iterator[datetime]:
    """Every minute from `start` on whose wall clock and day say that somebody is there."""
    zone, at = ZoneInfo(hours.time_zone), start
    all_day = hours.opens == hours.closes
    while True:
        local = at.astimezone(zone)
        workday = local.weekday() in hours.days and local.date() not in hours.holidays
        if workday and (all_day or hours.opens <= local.time() < hours.closes):
            yield at
        at += MINUTE


@settings(max_examples=300, deadline=None)
@given(hours=calendars, start=starts, minutes=st.integers(1, 1500))
def test_due_times_agree_with_counting_minutes(hours, start, minutes) -> None:
    oracle = open_minutes(hours, start)
    last = next(at for number, at in enumerate(oracle, 1) if number == minutes)
    assert BusinessCalendar(hours).add(start, minutes) == last + MINUTE


@settings(max_examples=150, deadline=None)
@given(hours=calendars, start=starts, length=st.integers(0, 4 * 24 * 60))
def test_business_time_between_agrees_with_counting_minutes(hours, start, length) -> None:
    end = start + length * MINUTE
    counted = 0
    for at in open_minutes(hours, start):
        if at >= end:
            break
        counted += 1
    assert BusinessCalendar(hours).between(start, end) == counted * MINUTE


@given(hours=calendars, start=starts, minutes=st.integers(1, 5000))
def test_adding_and_measuring_are_inverse(hours, start, minutes) -> None:
    calendar = BusinessCalendar(hours)
    assert calendar.between(start, calendar.add(start, minutes)) == minutes * MINUTE


@pytest.mark.full
def test_a_hundred_thousand_due_times_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    draw, cases = random.Random(1), 100_000
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
    for number, zone in enumerate(ZONES):
        opens, closes = HOURS[number % len(HOURS)]
        hours = HoursSettings(
            time_zone=zone,
            opens=opens,
            closes=closes,
            holidays=tuple(date(year, 12, 25) for year in range(2025, 2029)),
        )
        calendar = BusinessCalendar(hours)
        minutes = list(itertools.takewhile(lambda at: at < end, open_minutes(hours, start)))
        for _ in range(cases // len(ZONES) + 1):
            at = start + draw.randrange(1_400 * 24 * 60) * MINUTE
            needed = draw.randrange(1, 5_000)
            due = minutes[bisect.bisect_left(minutes, at) + needed - 1] + MINUTE
            assert calendar.add(at, needed) == due, (zone, at, needed)
    with capsys.disabled():
        print(f"\ncalendar: 0 wrong of {cases} due times over {len(ZONES)} zones, 2025 to 2028")


BERLIN = BusinessCalendar(HoursSettings(holidays=(date(2026, 5, 1),)))


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-05-04T08:00", 60, "2026-05-04T09:00"),  # in hours: 10:00 in Berlin
        ("2026-05-04T14:30", 60, "2026-05-05T07:30"),  # over night
        ("2026-04-30T14:00", 120, "2026-05-04T08:00"),  # over the holiday and the weekend
        ("2026-05-04T07:00", 480, "2026-05-04T15:00"),  # a whole day ends at closing time
        ("2026-05-02T12:00", 0, "2026-05-04T07:00"),  # nothing to wait for: the next opening
        ("2026-03-27T15:00", 120, "2026-03-30T08:00"),  # winter time before, summer time after
    ],
)
def test_due_times_in_berlin(start: str, minutes: int, due: str) -> None:
    at, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, due))
    assert BERLIN.add(at, minutes) == expected


def test_opening_hours_are_half_open() -> None:
    day = datetime(2026, 5, 4, 7, tzinfo=UTC)
    moments = (day - MINUTE, day, day + timedelta(hours=8) - MINUTE, day + timedelta(hours=8))
    assert [BERLIN.is_open(at) for at in moments] == [False, True, True, False]


def test_a_night_shift_ends_the_next_day() -> None:
    night = BusinessCalendar(HoursSettings(opens=time(22), closes=time(6), time_zone="UTC"))
    assert night.is_open(datetime(2026, 5, 5, 3, tzinfo=UTC))
    friday_night = datetime(2026, 5, 9, 5, tzinfo=UTC)
    assert night.add(friday_night, 120) == datetime(2026, 5, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("days", [(), (9,)])
def test_a_calendar_without_working_days_is_refused(days: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError):
        BusinessCalendar(HoursSettings(days=days)).add(datetime(2026, 5, 4, tzinfo=UTC), 1)
