"""A writing process killed at random points: nothing lost, doubled or half-done."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from store_world import ADMIN, AGENT, ANNA, act, begin, case, fill, open_case, said

from workbench.records.cases import Subscription
from workbench.records.operations import AppendToCase, SetSubscription, plan
from workbench.store import Store
from workbench.store.engine import Database

CASE = "CASE-22222222"


def prepare(url: str) -> None:
    with Store.open(url) as store:
        fill(store)
        begin(store)
        open_case(store, case(CASE))
        wish = Subscription(case_id=CASE, customer_id="C-100", channel="email", events=("entry",))
        act(store, ANNA, plan(SetSubscription(subscription=wish), "subscribe"))


def write_forever(url: str, first: int, acknowledge: int) -> None:
    """Turn after turn: an event, a case entry and a message; acknowledged when committed."""
    with Store.open(url) as store:
        number = first
        while True:
            entry = AppendToCase(case_id=CASE, text=f"entry {number}")
            act(
                store,
                AGENT,
                plan(entry, f"k{number}"),
                request_id=f"r{number}",
                events=(said(f"message {number}"),),
            )
            os.write(acknowledge, f"{number}\n".encode())
            number += 1


def run_and_kill(url: str, first: int, after_seconds: float, *, at_work: bool) -> int:
    """Let a process write from turn `first` on, kill it; gives the next turn not acknowledged.

    The time counts from its first acknowledgement when `at_work`, otherwise from its start.
    """
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            write_forever(url, first, write_end)
        finally:
            os._exit(1)
    os.close(write_end)
    if at_work:
        select.select([read_end], [], [], 30)
    time.sleep(after_seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read_end) as acknowledged:
        numbers = [int(line) for line in acknowledged.read().splitlines()]
    return numbers[-1] + 1 if numbers else first


COUNTS = {
    "events": "SELECT request_id, count(*) FROM event WHERE request_id LIKE 'r%' GROUP BY 1",
    "entries": "SELECT 'r' || substr(text, 7), count(*) FROM case_entry GROUP BY 1",
    "keys": "SELECT 'r' || substr(\"key\", 2), count(*) FROM performed "
    "WHERE \"key\" LIKE 'k%' GROUP BY 1",
}


def left_behind(url: str) -> dict[int, dict[str, int]]:
    """Turn -> how many events, entries and keys it has left in the database."""
    database = Database(url)
    with database.reading() as connection:
        counts = {what: dict(connection.execute(text(q)).all()) for what, q in COUNTS.items()}
        messages = connection.execute(text("SELECT count(*) FROM outbox")).scalar_one()
    database.close()
    assert messages == sum(counts["entries"].values()), "one message per entry"
    turns = sorted(int(name[1:]) for name in set().union(*counts.values()))
    return {turn: {what: c.get(f"r{turn}", 0) for what, c in counts.items()} for turn in turns}


@pytest.mark.parametrize("kills", [100, pytest.param(1000, marks=pytest.mark.full)])
def test_kills_lose_double_and_halve_nothing(
    tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    prepare(url)
    moments, turn = random.Random(kills), 0
    for number in range(kills):
        turn = run_and_kill(url, turn, moments.uniform(0, 0.03), at_work=number % 3 > 0)
    before = time.perf_counter()
    with Store.open(url) as store:
        restart = time.perf_counter() - before
        report = store.verify(ADMIN)
    left = left_behind(url)
    assert restart < 5
    assert report.ok
    assert all(turn == {"events": 2, "entries": 1, "keys": 1} for turn in left.values())
    assert list(left) == list(range(len(left)))
    assert len(left) - turn in (0, 1), "every acknowledged turn, at most one more"
    with capsys.disabled():
        print(
            f"\ncrashes (sqlite): {kills} kills, {turn} turns acknowledged, 0 lost, 0 doubled, "
            f"0 half-done, chain intact, restart {restart * 1000:.0f} ms"
        )
