"""People per interval out of history: the same work counted another way, and enough people."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytest

from tests.measure.contact_rows import Row, connection_with
from tests.measure.decided_contacts import (
    Oracle,
    decidable_contacts,
    decide,
    people_seconds,
    sample_policy,
)
from workbench.config import CostSettings, HoursSettings, Settings, StaffingSettings
from workbench.errors import InputError
from workbench.measure.staffing.demand import demand
from workbench.measure.staffing.erlang import Load, expected
from workbench.measure.staffing.plan import WEEKDAYS, StaffingPlan, staffing_plan, with_people
from workbench.measure.staffing.rehearsal import rehearse

FIRST, WEEKS = date(2026, 3, 2), 5
HOLIDAY = date(2026, 3, 18)
SETTINGS = Settings(
    hours=HoursSettings(time_zone="America/New_York", holidays=(HOLIDAY,)),
    staffing=StaffingSettings(weeks=WEEKS, interval_minutes=30),
)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return decidable_contacts(4_000)


def plan(
    rows: list[Row],
    changes: dict[str, float] | None = None,
    settings: Settings = SETTINGS,
    **asked,
) -> StaffingPlan:
    with connection_with(rows) as connection:
        policy = sample_policy().with_settings(changes or {})
        return staffing_plan(connection, policy, settings, **asked)


def counted_by_hand(rows: list[Row], *, hopeful: bool) -> Counter[tuple[int, int, str]]:
    """Contacts and seconds of people per weekday and half hour, row by row."""
    policy, oracle = sample_policy(), Oracle(rows)
    zone, found = ZoneInfo("America/New_York"), Counter[tuple[int, int, str]]()
    for row in rows:
        local: datetime = row["started_at"].astimezone(zone)
        in_weeks = FIRST <= local.date() < FIRST + timedelta(weeks=WEEKS)
        seconds = people_seconds(oracle.outcome(row, decide(policy, row), hopeful=hopeful))
        if in_weeks and local.date() != HOLIDAY:
            place = local.weekday(), (local.hour * 60 + local.minute) // 30 * 30
            found[*place, "contacts"] += seconds > 0
            found[*place, "seconds"] += seconds
    return found


def test_demand_is_what_counting_row_by_row_gives(rows):
    with connection_with(rows) as connection:
        found = demand(connection, sample_policy(), SETTINGS)
    for hopeful in (True, False):
        by_hand = counted_by_hand(rows, hopeful=hopeful)
        for one in found:
            work = one.hopeful if hopeful else one.cautious
            # One Wednesday of five is a holiday.
            days = WEEKS - (one.weekday == HOLIDAY.weekday())
            place = one.weekday, one.minute
            assert work.contacts * days == pytest.approx(by_hand[*place, "contacts"])
            assert work.seconds * days == pytest.approx(by_hand[*place, "seconds"])
        assert sum(by_hand.values()) > 0
        assert {(w, m) for w, m, _ in by_hand} == {(one.weekday, one.minute) for one in found}


def test_every_interval_has_just_enough_people(rows):
    asked = SETTINGS.staffing
    for one in plan(rows, volume=40).intervals:
        load = Load(one.cautious.contacts * 2, one.cautious.handle_s, asked.patience_seconds)
        enough = expected(load, one.cautious.there, asked.within_seconds)
        assert enough.answered_within >= asked.answered
        assert enough.occupancy <= asked.max_occupancy
        assert one.cautious.rostered == ceil(round(one.cautious.there / 0.7, 9))
        if one.cautious.there:
            fewer = expected(load, one.cautious.there - 1, asked.within_seconds)
            assert fewer.answered_within < asked.answered or fewer.occupancy > asked.max_occupancy


def test_less_automation_needs_more_people(rows):
    now, strict = plan(rows, volume=20), plan(rows, {"confidence": 1.0}, volume=20)
    assert strict.hours[0] > now.hours[0] and strict.hours[1] >= now.hours[1]
    assert now.hours[0] <= now.hours[1] and now.peak[0] <= now.peak[1]


def test_a_weekday_is_a_part_of_the_week(rows):
    whole = plan(rows)
    days = [plan(rows, weekday=day) for day in WEEKDAYS]
    assert [one for day in days for one in day.intervals] == list(whole.intervals)


def test_the_sentence_names_target_weeks_and_policy(rows):
    found = plan(rows, weekday="Monday")
    for part in ("80% within 60 s", "30% away", "last 5 weeks", sample_policy().version):
        assert part in str(found)


def test_without_contacts_nobody_is_needed():
    found = plan([])
    assert (found.intervals, found.peak, found.hours) == ((), (0, 0), (0, 0))


@pytest.mark.parametrize("asked", [{"weekday": "monday"}, {"volume": 0}, {"volume": -1.0}])
def test_impossible_questions_are_refused(rows, asked):
    with pytest.raises(InputError):
        plan(rows[:5], **asked)


def test_a_planned_day_lived_through_keeps_what_the_plan_says(rows):
    day = plan(rows, weekday="Tuesday", volume=60)
    lived = rehearse(day, SETTINGS.staffing, days=30)
    print(lived)
    assert lived.kept
    assert lived.occupancy.mean <= SETTINGS.staffing.max_occupancy + 2 * lived.occupancy.error
    expected_contacts = sum(one.cautious.contacts for one in day.intervals)
    assert lived.contacts == pytest.approx(expected_contacts, rel=0.05)


def test_with_too_few_people_the_rehearsal_says_so(rows):
    day = plan(rows, weekday="Tuesday", volume=60)
    fewer = [
        one.model_copy(
            update={"cautious": one.cautious.model_copy(update={"there": one.cautious.there // 2})}
        )
        for one in day.intervals
    ]
    lived = rehearse(day.model_copy(update={"intervals": tuple(fewer)}), SETTINGS.staffing)
    assert not lived.kept and lived.given_up.mean > 0.1


@pytest.mark.parametrize("concurrency", ["1.5", "2", "3"])
def test_people_with_several_chats_at_once_keep_the_plan_too(rows, concurrency):
    settings = SETTINGS.model_copy(update={"cost": CostSettings(concurrency=concurrency)})
    one_by_one = plan(rows, weekday="Tuesday", volume=60)
    day = plan(rows, settings=settings, weekday="Tuesday", volume=60)
    assert day.hours[1] < one_by_one.hours[1]
    for one in day.intervals:
        found = with_people(day, one.cautious, one.cautious.there, settings.staffing)
        assert found.people == one.cautious.there
        assert found.answered_within == one.cautious.answered >= settings.staffing.answered
        assert found.occupancy == one.cautious.occupancy <= settings.staffing.max_occupancy
    assert rehearse(day, settings.staffing, days=30).kept


@pytest.mark.parametrize(("weekday", "days"), [(None, 10), ("Tuesday", 1)])
def test_a_rehearsal_needs_one_weekday_and_two_days(rows, weekday, days):
    with pytest.raises(InputError):
        rehearse(plan(rows, weekday=weekday), SETTINGS.staffing, days=days)
