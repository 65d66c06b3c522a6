"""SLA clocks agree with an oracle that lives through every single minute of a case."""

from __future__ import annotations

import random
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from workbench.config import HoursSettings, QueueSettings, Settings, SlaSettings
from workbench.records.cases import Case, CaseStatus, Degree, Priority
from workbench.systems.calendar import BusinessCalendar
from workbench.systems.clocks import ClockState, Countdown, Promises, promises_of

MINUTE = timedelta(minutes=1)
YEARS = 4 * 365 * 24 * 60
START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2029, 6, 1, tzinfo=UTC)
SHIFTS = {
    "UTC": (time(9), time(17)),
    "Europe/Berlin": (time(9), time(17)),
    "Europe/London": (time(6), time(14, 30)),
    "America/New_York": (time(0), time(0)),
    "America/St_Johns": (time(14), time(22)),
    "Asia/Kolkata": (time(9), time(18)),
    "Australia/Lord_Howe": (time(0), time(0)),
    "Pacific/Auckland": (time(1, 30), time(9, 30)),
    "Africa/Cairo": (time(8), time(20)),
}
"""Nine zones; some shifts lie over the hour that a change of the clock skips or repeats."""

PARTS = {
    Priority.P1: (Degree.HIGH, Degree.HIGH),
    Priority.P2: (Degree.HIGH, Degree.MEDIUM),
    Priority.P3: (Degree.MEDIUM, Degree.MEDIUM),
    Priority.P4: (Degree.LOW, Degree.LOW),
}
SLA = SlaSettings()


def hours_of(zone: str) -> HoursSettings:
    opens, closes = SHIFTS[zone]
    days = tuple(range(7)) if opens == closes else (0, 1, 2, 3, 4)
    holidays = tuple(date(year, 12, 25) for year in range(2025, 2030))
    return HoursSettings(time_zone=zone, opens=opens, closes=closes, days=days, holidays=holidays)


@cache
def open_minutes(zone: str, every: int) -> array[int]:
    """The minutes from START to END, as numbers, of which the wall clock of a zone says `open`.

    The wall clock is read `every` so many minutes; opening hours and offsets are whole quarters.
    """
    hours, local = hours_of(zone), ZoneInfo(zone)
    found = array("i")
    for number in range(0, int((END - START) / MINUTE), every):
        wall = moment(number).astimezone(local)
        workday = wall.weekday() in hours.days and wall.date() not in hours.holidays
        if workday and (hours.opens == hours.closes or hours.opens <= wall.time() < hours.closes):
            found.extend(range(number, number + every))
    return found


@cache
def clock_changes(zone: str) -> list[int]:
    """Minutes from START at which the zone's offset from UTC changes, 2025 to 2028."""
    local, found = ZoneInfo(zone), []
    last = int((datetime(2029, 1, 1, tzinfo=UTC) - START) / MINUTE)
    for hour in range(0, last, 30):
        one, two = (moment(number).astimezone(local).utcoffset() for number in (hour, hour + 30))
        if one != two:
            found.append(hour + 30)
    return found


@dataclass
class Oracle:
    """A clock as a pile of open minutes that are used up one by one."""

    minutes: Sequence[int]
    now: int
    target: int
    used: int = 0
    runs: bool = True
    ran_until: int = 0
    due: int | None = None
    """The minute in which the last one was used; None while some are left."""

    def live_until(self, until: int) -> None:
        """Use up one open minute after the other."""
        if self.runs:
            first, last = bisect_left(self.minutes, self.now), bisect_left(self.minutes, until)
            if self.due is None and last - first >= self.target - self.used:
                self.due = self._after(first, self.target - self.used)
            self.used = min(self.target, self.used + last - first)
            self.ran_until = until
        self.now = until

    @property
    def broken(self) -> bool:
        return self.due is not None and self.due < self.ran_until

    def retarget(self, target: int) -> None:
        """Another target; what is broken stays broken."""
        if not self.broken:
            self.used, self.target, self.due = min(self.used, target), target, None

    def run(self, runs: bool) -> None:
        """Stop, or go on with what was left."""
        if runs and not self.runs and not self.broken:
            self.due = None
        self.runs = runs

    def falls_due(self) -> int:
        if self.due is not None:
            return self.due
        return self._after(bisect_left(self.minutes, self.now), self.target - self.used)

    def _after(self, first: int, count: int) -> int:
        """When `count` open minutes from the `first` on are over; the next opening for none."""
        return self.minutes[first + count - 1] + 1 if count else self.minutes[first]


@dataclass
class Life:
    """A case and what happens to it, told to the promises and to the oracle alike."""

    zone: str
    case: Case
    oracle: Oracle
    draw: random.Random

    def happen(self, at: int, event: Event | None = None) -> None:
        """A pause, a resumption, a solution, a reopening, another priority, owner or queue."""
        self.oracle.live_until(at)
        event = event or self.draw.choice(EVENTS[self.case.status])
        after = self.case.model_copy(update=event(self))
        self.case = promises(self.zone).on_change(self.case, after, moment(at))
        self.oracle.run(self.case.status is CaseStatus.OPEN)

    @property
    def due_at(self) -> datetime:
        return next(clock.due_at for clock in self.case.clocks if clock.kind == "resolution")


Event = Callable[[Life], dict[str, object]]


def moment(minute: int) -> datetime:
    return START + minute * MINUTE


@cache
def promises(zone: str) -> Promises:
    return Promises(BusinessCalendar(hours_of(zone)), SLA)


def _to(status: CaseStatus) -> Event:
    return lambda _: {"status": status}


def _another_priority(life: Life) -> dict[str, object]:
    priority = life.draw.choice([p for p in Priority if p is not life.case.priority])
    life.oracle.retarget(SLA.resolution_minutes[priority])
    return parts_of(priority)


def _handed_on(life: Life) -> dict[str, object]:
    return {"queue": life.draw.choice(["billing", "legal"]), "owner": life.draw.choice("ab")}


EVENTS: dict[CaseStatus, list[Event]] = {
    CaseStatus.OPEN: [
        _to(CaseStatus.WAITING),
        _to(CaseStatus.SOLVED),
        _another_priority,
        _handed_on,
    ],
    CaseStatus.WAITING: [_to(CaseStatus.OPEN), _another_priority, _handed_on],
    CaseStatus.SOLVED: [_to(CaseStatus.OPEN)],
}


def parts_of(priority: Priority) -> dict[str, object]:
    return dict(zip(("impact", "urgency"), PARTS[priority], strict=True))


def a_case(promised: Promises, at: datetime, priority: Priority = Priority.P3, **more: Any) -> Case:
    """Open in the hands of a person, with its clocks running."""
    case = Case(
        id="CASE-22222222",
        customer_id="C-1",
        topic="complaint",
        subject="customer:C-1:courier",
        title="The courier was rude",
        opened_at=at,
        updated_at=at,
        **{"status": CaseStatus.OPEN, **parts_of(priority), **more},
    )
    return case.model_copy(update={"clocks": promised.on_opening(case, at)})


def lived(zone: str, every: int, draw: random.Random) -> tuple[Life, int]:
    """A case to which up to eight things happened, and when it was opened.

    Half of the cases are opened within four days before a change of the clock.
    """
    opened = draw.randrange(YEARS)
    if clock_changes(zone) and draw.random() < 0.5:
        opened = draw.choice(clock_changes(zone)) - draw.randrange(4 * 24 * 60)
    priority = draw.choice(list(Priority))
    case = a_case(promises(zone), moment(opened), priority)
    target = SLA.resolution_minutes[priority]
    life, at = Life(zone, case, Oracle(open_minutes(zone, every), opened, target), draw), opened
    for _ in range(draw.randrange(9)):
        at += draw.choice([draw.randrange(1, 300), draw.randrange(1, 4000)])
        life.happen(at)
    if life.case.status is not CaseStatus.OPEN:
        life.happen(at + draw.randrange(1, 4000), _to(CaseStatus.OPEN))
    return life, opened


def naive_due(zone: str, at: datetime, minutes: int) -> datetime:
    """Opening hours and weekends are heeded, but the offset of the opening is kept for ever."""
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    frozen = BusinessCalendar(hours_of(zone).model_copy(update={"time_zone": "UTC"}))
    return frozen.add(at + offset, minutes) - offset


@pytest.mark.parametrize(
    ("cases", "every"), [(2_000, 15), pytest.param(100_000, 1, marks=pytest.mark.full)]
)
def test_due_times_agree_with_an_oracle_that_counts_every_minute(
    cases: int, every: int, capsys: pytest.CaptureFixture[str]
) -> None:
    draw, wrong, naive_wrong = random.Random(4), 0, 0
    for number in range(cases):
        zone = list(SHIFTS)[number % len(SHIFTS)]
        life, opened = lived(zone, every, draw)
        wrong += life.due_at != moment(life.oracle.falls_due())
        untouched = Oracle(open_minutes(zone, every), opened, 1440).falls_due()
        naive_wrong += naive_due(zone, moment(opened), 1440) != moment(untouched)
    changes = sum(len(clock_changes(zone)) for zone in SHIFTS)
    with capsys.disabled():
        print(
            f"\nSLA clocks: {wrong} wrong of {cases:,} due times with pauses, resumptions, "
            f"reopenings and other priorities; {len(SHIFTS)} zones, {changes} clock changes "
            f"2025-2028; naive arithmetic: {naive_wrong / cases:.2%} wrong on untouched clocks, "
            f"half of which start shortly before a clock change"
        )
    assert wrong == 0
    assert naive_wrong > 0


BERLIN = promises_of(
    Settings(
        queues=QueueSettings(
            hours={
                "night": HoursSettings(time_zone="Europe/Berlin", opens=time(17), closes=time(9))
            }
        )
    )
)
MONDAY = datetime(2026, 5, 4, 7, tzinfo=UTC)
"""The office in Berlin opens."""


def read(case: Case, kind: str) -> Countdown:
    return next(c for c in BERLIN.countdowns(case) if c.clock.kind == kind)


def later(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("hours", "state", "minutes_left"),
    [
        (0, ClockState.RUNNING, 240),
        (3, ClockState.RUNNING, 60),
        (3.5, ClockState.WARNED, 30),
        (4, ClockState.WARNED, 0),
        (4.5, ClockState.BREACHED, -30),
        (24, ClockState.BREACHED, -240),
    ],
)
def test_a_clock_tells_where_it_stands(hours: float, state: ClockState, minutes_left: int) -> None:
    clock = read(a_case(BERLIN, MONDAY), "first_response")
    assert (clock.state(later(hours)), clock.remaining(later(hours)) / MINUTE) == (
        state,
        minutes_left,
    )


@pytest.mark.parametrize(
    ("hours", "state"), [(3, ClockState.MET), (4, ClockState.MET), (5, ClockState.MET_LATE)]
)
def test_a_met_clock_keeps_what_it_said(hours: float, state: ClockState) -> None:
    case = a_case(BERLIN, MONDAY)
    met = case.clocks[0].model_copy(update={"met_at": later(hours)})
    clock = read(case.model_copy(update={"clocks": (met,)}), "first_response")
    assert clock.state(later(100)) is state
    assert clock.remaining(later(100)) == (4 - hours) * 60 * MINUTE


def test_a_paused_clock_stands_still_however_long_the_pause() -> None:
    case = a_case(BERLIN, MONDAY)
    waiting = case.model_copy(update={"status": CaseStatus.WAITING})
    paused = read(BERLIN.on_change(case, waiting, later(1)), "resolution")
    assert paused.state(later(500)) is ClockState.PAUSED
    assert paused.remaining(later(500)) == paused.remaining(later(1)) == 1380 * MINUTE


def test_other_settings_leave_running_clocks_and_their_targets_alone() -> None:
    case = a_case(BERLIN, MONDAY)
    tighter = Promises(BERLIN.calendar, SlaSettings(resolution_minutes=dict.fromkeys(Priority, 60)))
    moved = case.model_copy(update={"owner": "ana", "queue": "legal"})
    assert tighter.on_change(case, moved, later(1)).clocks == case.clocks
    raised = case.model_copy(update=parts_of(Priority.P2))
    after = tighter.on_change(case, raised, later(1))
    assert after.due("resolution") == later(1), "60 minutes are promised now, and 60 were used"


def test_a_queue_with_hours_of_its_own_goes_on_with_what_was_left() -> None:
    case = a_case(BERLIN, MONDAY)
    to_night = BERLIN.on_change(case, case.model_copy(update={"queue": "night"}), later(1))
    assert to_night.due("first_response") == later(8 + 3), "three hours from 17:00 on"
    back = BERLIN.on_change(to_night, to_night.model_copy(update={"queue": "x"}), later(9))
    assert back.due("first_response") == later(24 + 2), "one hour was used at night"


def test_a_broken_promise_cannot_be_mended_by_another_priority() -> None:
    case = a_case(BERLIN, MONDAY)
    lowered = case.model_copy(update=parts_of(Priority.P4))
    after = BERLIN.on_change(case, lowered, later(5))
    assert after.due("first_response") == case.due("first_response")
    assert after.due("resolution") != case.due("resolution")


def test_a_further_question_is_promised_an_answer_in_the_hours_of_its_queue() -> None:
    clock = BERLIN.on_question("night", Priority.P2, MONDAY)
    assert (clock.kind, clock.target_minutes, clock.due_at) == ("next_response", 60, later(9))
