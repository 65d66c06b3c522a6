"""The watch reads the cases whose time may have come, and misses none of thousands."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from workbench.config import HoursSettings, QueueSettings, Settings
from workbench.flows.promise_watch import PromiseWatch
from workbench.govern.case_life import followed
from workbench.records.base import Ids, SteppingClock
from workbench.records.cases import Case, CaseStatus, Degree, Grade, SlaClock
from workbench.records.principals import Principal, Role
from workbench.store import Store
from workbench.systems.clocks import promises_of

CASES = 3_000
NOW = datetime(2026, 5, 8, 13, 30, tzinfo=UTC)
"""A Friday afternoon: a warning may look across the weekend."""
SERVICE = Principal(id="service:worker", role=Role.SERVICE)
SETTINGS = Settings(queues=QueueSettings(hours={"night": HoursSettings(time_zone="Asia/Tokyo")}))
PROMISES = promises_of(SETTINGS)


@pytest.fixture
def store(store_url: str, ids: Ids) -> Iterator[Store]:
    with Store.open(store_url, clock=SteppingClock(NOW, timedelta(0)), ids=ids) as opened:
        opened.import_records(SERVICE, "cases", list(_cases()), "many")
        yield opened


def _cases() -> Iterator[Case]:
    """Two years of cases: most have ended, the open ones are of every kind and age."""
    draw = random.Random(7)
    for number in range(CASES):
        ended = draw.random() < 0.6
        days = draw.uniform(0, 700 if ended else 20)
        case = _opened(number, NOW - timedelta(days=days), draw)
        yield _ended(case, draw) if ended else _under_way(case, draw)


def _opened(number: int, at: datetime, draw: random.Random) -> Case:
    case = Case(
        id=f"CASE-{number}",
        customer_id="C-1",
        topic="complaint",
        subject=f"order:{number}",
        title="A concern",
        status=CaseStatus.OPEN,
        impact=draw.choice(list(Degree)),
        urgency=draw.choice(list(Degree)),
        queue=draw.choice(("billing", "night")),
        opened_at=at,
        updated_at=at,
    )
    return case.model_copy(update={"clocks": PROMISES.on_opening(case, at)})


def _ended(case: Case, draw: random.Random) -> Case:
    at = case.opened_at + (NOW - case.opened_at) * draw.random()
    after = case.model_copy(update={"status": CaseStatus.SOLVED})
    after = followed(case, after, Role.HUMAN_AGENT, at)
    lasted = NOW - at > timedelta(days=7) and draw.random() < 0.99
    grade = Grade.DURABLE if lasted else Grade.ASSUMED
    return PROMISES.on_change(case, after, at).model_copy(update={"grade": grade})


def _under_way(case: Case, draw: random.Random) -> Case:
    """Waiting, answered, noticed before, or as it was opened."""
    at = case.opened_at + (NOW - case.opened_at) * draw.random()
    if draw.random() < 0.3:
        return PROMISES.on_change(case, case.model_copy(update={"status": CaseStatus.WAITING}), at)
    noticed = draw.random() < 0.9
    clocks = tuple(_noticed(clock, at) if noticed else clock for clock in case.clocks)
    return case.model_copy(update={"clocks": clocks})


def _noticed(clock: SlaClock, at: datetime) -> SlaClock:
    marks = {"warned_at": at, "breached_at": NOW if clock.due_at < NOW else None}
    return clock.model_copy(update=marks)


def test_no_case_whose_time_has_come_is_left_out_and_few_others_are_read(store: Store) -> None:
    watch = PromiseWatch(store, SETTINGS, SERVICE)
    began = time.perf_counter()
    everything = store.all_cases(SERVICE, limit=CASES)
    all_seconds = time.perf_counter() - began
    began = time.perf_counter()
    read = store.watched_cases(SERVICE, NOW, PROMISES.warned_by(NOW))
    seconds = time.perf_counter() - began
    to_do = {case.id for case in everything if watch.planned(case, NOW) is not None}
    unended = sum(case.is_open for case in everything)
    assert to_do <= {case.id for case in read}
    assert len(read) < CASES / 4
    print(
        f"\nsweep: {len(read)} of {CASES:,} cases read ({unended:,} of them open), "
        f"{len(to_do)} had something to do, none missed; "
        f"{1000 * seconds:.0f} ms, reading all {1000 * all_seconds:.0f} ms"
    )
