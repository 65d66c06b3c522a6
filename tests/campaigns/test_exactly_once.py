"""Repeated deliveries, processes at one conversation at once, kills: once, or not at all."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from front_door import parts, sample_workbench
from processes_at_work import killed, together

from workbench import Workbench
from workbench.records.base import Ids, SystemClock
from workbench.records.events import EventKind

CUSTOMER, TALK = "C-1001", "conv-once"
DELIVERIES = 6
SCRIPT = (
    "Line 2 of INV-1001 is wrong, we only received 28 of the 40 that you billed",
    "How much is open on INV-1002?",
    "A credit note, please",
    "I want to complain: the courier left the parcel in the rain",
    "Is INV-1003 paid?",
    "Send me a copy of INV-1002, please",
    "What is the status of my case?",
)


def opened(folder: Path) -> Workbench:
    """As a process of its own opens it: its own clock, its own random identifiers."""
    return sample_workbench(folder, clock=SystemClock(), ids=Ids())


def say(workbench: Workbench, number: int, talk: str = TALK) -> str:
    """Deliver message `number` of an endless script; the reply."""
    result = workbench.converse(
        CUSTOMER,
        SCRIPT[number % len(SCRIPT)],
        conversation_id=talk,
        channel="portal",
        request_id=f"delivery-{number}",
    )
    return result.reply.text if result.reply else ""


def teller(folder: Path, number: int) -> Callable[[], str]:
    def tell() -> str:
        with opened(folder) as workbench:
            return say(workbench, number)

    return tell


def kinds_by_request(workbench: Workbench) -> dict[str, Counter[EventKind]]:
    found: dict[str, Counter[EventKind]] = {}
    for event in workbench.events(TALK):
        found.setdefault(event.request_id, Counter())[event.kind] += 1
    return found


def assert_whole(workbench: Workbench, deliveries: int) -> None:
    """Every delivery has one message and one reply, and nothing else is there."""
    requests = kinds_by_request(workbench)
    assert set(requests) == {f"delivery-{number}" for number in range(deliveries)}
    for kinds in requests.values():
        assert kinds[EventKind.MESSAGE_RECEIVED] == kinds[EventKind.REPLIED] == 1
    events = workbench.events(TALK)
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert sum(kinds[EventKind.CONVERSATION_STARTED] for kinds in requests.values()) == 1
    assert workbench.verify().ok


def assert_done_once(workbench: Workbench) -> None:
    """However often it was asked for: one credit on the line, one dispute, one case a subject."""
    account = workbench.store.account(workbench.service, "INV-1001")
    assert len([n for n in account.credit_notes if n.lines[0].invoice_line == 2]) <= 1
    assert len(account.disputes) <= 1
    subjects = [c.subject for c in workbench.store.cases(workbench.service, CUSTOMER) if c.is_open]
    assert len(subjects) == len(set(subjects))


def test_a_delivery_that_is_repeated_is_answered_once(tmp_path: Path) -> None:
    with opened(tmp_path) as workbench:
        for number in range(DELIVERIES):
            replies = {say(workbench, number) for _ in range(4)}
            assert len(replies) == 1
        assert_whole(workbench, DELIVERIES)
        assert_done_once(workbench)


def test_a_delivery_that_reaches_four_processes_at_once_is_answered_once(tmp_path: Path) -> None:
    opened(tmp_path).close()
    for number in range(DELIVERIES):
        replies = together(*[teller(tmp_path, number)] * 4)
        assert len(set(replies)) == 1, replies
    with opened(tmp_path) as workbench:
        assert_whole(workbench, DELIVERIES)
        assert_done_once(workbench)


def test_two_processes_that_answer_one_conversation_at_once_lose_nothing(tmp_path: Path) -> None:
    opened(tmp_path).close()

    def tell_all(numbers: range) -> Callable[[], list[str]]:
        def tell() -> list[str]:
            with opened(tmp_path) as workbench:
                return [say(workbench, number) for number in numbers]

        return tell

    replies = together(tell_all(range(0, 14, 2)), tell_all(range(1, 14, 2)))
    assert [len(told) for told in replies] == [7, 7], replies
    with opened(tmp_path) as workbench:
        assert_whole(workbench, 14)
        assert_done_once(workbench)


def work_from(folder: Path, first: int) -> Callable[[Callable[[int], None]], None]:
    """Answer one delivery after another; a restart delivers again what was not acknowledged."""

    def work(acknowledge: Callable[[int], None]) -> None:
        with opened(folder) as workbench:
            number = first
            while True:
                say(workbench, number)
                acknowledge(number)
                number += 1

    return work


@pytest.mark.parametrize("kills", [15, pytest.param(200, marks=pytest.mark.full)])
def test_a_kill_loses_doubles_and_halves_no_turn(
    tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    parts()  # loaded before the fork, so that a kill hits a turn and not the loading
    opened(tmp_path).close()
    moments, following = random.Random(kills), 0
    for _ in range(kills):
        told = killed(work_from(tmp_path, following), moments.uniform(0, 0.08))
        following = told[-1] + 1 if told else following
    before = time.perf_counter()
    with opened(tmp_path) as workbench:
        restart = time.perf_counter() - before
        say(workbench, following)
        say(workbench, following + 1)
        assert_whole(workbench, following + 2)
        assert_done_once(workbench)
    assert restart < 5
    with capsys.disabled():
        print(
            f"\nexactly once: {kills} kills, {following} turns acknowledged, 0 lost, 0 doubled, "
            f"0 half-done, restart {restart * 1000:.0f} ms"
        )
