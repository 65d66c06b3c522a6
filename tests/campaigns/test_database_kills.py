"""The database dies under customers, people and workers: nothing lost, doubled or half done."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

import pytest
from broken_promises import SERVICE, assert_done_once, bring, bring_customers, opened
from killable_postgres import KillablePostgres
from processes_at_work import begun

from workbench import Workbench
from workbench.errors import Unavailable
from workbench.records.events import EventKind
from workbench.records.invoices import Invoice, InvoiceLine
from workbench.records.money import Money
from workbench.records.operations import IssueCredit, plan
from workbench.records.principals import Principal, Role
from workbench.store import Store, Transaction
from workbench.worker.jobs import JOBS, run_once

WRITER, DEBTOR = "C-1002", "C-1003"
COMPLAINT = "I want to complain: the courier left the parcel in the rain and it is all wet"
TURNS_A_TALK = 20
INVOICES = 2_000
PROMISES = 4
"""Broken promises that fall due before each kill."""
AGENT = Principal(id="human_agent:ana", role=Role.HUMAN_AGENT)

T = TypeVar("T")


class Tally(NamedTuple):
    """What somebody has finished while the database died again and again."""

    done: int
    refused: int
    """How often the database did not answer."""
    unheard: int = 0
    """Steps that were committed although the answer to them was lost."""


@pytest.fixture
def server() -> Iterator[KillablePostgres]:
    folder = Path(tempfile.mkdtemp(prefix="workbench-killed-"))
    folder.chmod(0o755)
    try:
        started = KillablePostgres(folder)
    except Exception as error:  # whatever keeps a server from starting on this machine
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {error}")
    yield started
    started.stop()
    shutil.rmtree(folder, ignore_errors=True)


class Insisting:
    """Repeats a step, under the same key, until the database answers."""

    def __init__(self) -> None:
        self.refused = 0

    def __call__(self, step: Callable[[], T]) -> T:
        give_up = time.monotonic() + 60
        while True:
            try:
                return step()
            except Unavailable:
                self.refused += 1
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.02)


def customer(workbench: Workbench, stop: Event) -> Tally:
    """Opens a case and adds one note after the other to it."""
    insist, turns = Insisting(), 1
    case_id = insist(partial(say, workbench, 0, COMPLAINT))
    while not stop.is_set():
        text = f"Add to {case_id}: the parcel number is {turns}"
        insist(partial(say, workbench, turns, text))
        turns += 1
    return Tally(turns, insist.refused)


def say(workbench: Workbench, number: int, text: str) -> str:
    result = workbench.converse(
        WRITER,
        text,
        conversation_id=f"conv-{number // TURNS_A_TALK}",
        channel="portal",
        request_id=f"turn-{number}",
    )
    return result.case_ids[-1]


def person(workbench: Workbench, stop: Event) -> Tally:
    """Issues one small credit after the other; together they stay below what a person may alone."""
    insist, number, unheard = Insisting(), 0, 0
    insist(lambda: workbench.converse(DEBTOR, "Hello", conversation_id="desk", request_id="hello"))
    while not stop.is_set() and number < INVOICES:
        unheard += insist(partial(credit, workbench, number))
        number += 1
    return Tally(number, insist.refused, unheard)


def credit(workbench: Workbench, number: int) -> bool:
    """Issue credit `number`; whether it was there already."""
    wish = IssueCredit(
        number=f"INV-{number}",
        amount=Money.of("0.10", "EUR"),
        reason="quality",
        credit_note=f"CN-{number}",
    )
    action = plan(wish, f"credit-{number}")
    asked = Transaction(principal=AGENT, stream="desk", request_id=action.key, actions=(action,))
    return workbench.store.commit(asked).repeated


def worker(workbench: Workbench, stop: Event) -> Tally:
    """Sweeps over promises and verdicts until told to stop."""
    sweeps, refused = 0, 0
    while not stop.is_set():
        errors = [run.error for run in run_once(workbench, JOBS[:2]) if run.error]
        assert all("The store did not answer" in error for error in errors), errors
        sweeps, refused = sweeps + 1, refused + len(errors)
        time.sleep(0.02)
    return Tally(sweeps, refused)


def small_invoice(number: int) -> Invoice:
    line = InvoiceLine(line=1, product="A1", description="Lamp", unit_price=Decimal("50.00"))
    return Invoice(
        number=f"INV-{number}",
        customer_id=DEBTOR,
        issued_on=date(2026, 4, 1),
        due_on=date(2026, 5, 1),
        currency="EUR",
        stated_total=Decimal("50.00"),
        lines=(line,),
    )


def under_kills(
    server: KillablePostgres, folder: Path, kills: int
) -> tuple[list[Tally], list[float]]:
    """Customer, person and worker at once while the server dies; seconds until it was back."""
    processes, moments = get_context("fork"), Random(kills)
    stop, ready = processes.Event(), processes.Barrier(4)

    def at_work(work: Callable[[Workbench, Event], Tally]) -> Callable[[], Tally]:
        def run() -> Tally:
            with opened(server.url, folder / work.__name__) as workbench:
                ready.wait(timeout=120)
                return work(workbench, stop)

        return run

    finished, restarts = begun(*map(at_work, (customer, person, worker))), []
    try:
        ready.wait(timeout=120)
        for number in range(kills):
            bring(server.url, PROMISES, first=number * PROMISES)
            time.sleep(moments.uniform(0, 1.5))
            restarts.append(server.kill())
    finally:
        stop.set()
    return finished(), restarts


@pytest.mark.postgres
@pytest.mark.parametrize("kills", [2, pytest.param(25, marks=pytest.mark.full)])
def test_a_database_that_dies_loses_doubles_and_halves_nothing(
    server: KillablePostgres, tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_customers(server.url)
    with Store.open(server.url) as store:
        store.import_records(SERVICE, "invoices", map(small_invoice, range(INVOICES)), "invoices")
    tallies, restarts = under_kills(server, tmp_path, kills)
    assert all(isinstance(tally, Tally) and tally.refused for tally in tallies), tallies
    turns, credits, _ = tallies
    with opened(server.url, tmp_path / "after") as workbench:
        run_once(workbench, JOBS[:2])
        assert_every_turn_once(workbench, turns.done)
        notes = workbench.store.credit_notes(SERVICE, DEBTOR)
    assert Counter(note.number for note in notes) == {f"CN-{n}": 1 for n in range(credits.done)}
    assert_done_once(server.url, kills * PROMISES)
    assert max(restarts) < 5
    with capsys.disabled():
        print(
            f"\ndatabase: {kills} kills of PostgreSQL, under which {turns.done} turns, "
            f"{credits.done} credits and {kills * PROMISES} broken promises came to their end: "
            f"0 lost, 0 doubled, 0 half-done, chain intact; {credits.unheard} credits were "
            f"committed without an answer; back within {max(restarts):.1f} s"
        )


def assert_every_turn_once(workbench: Workbench, turns: int) -> None:
    """Each message has one reply, and each note stands once and whole in the case."""
    (case,) = workbench.store.cases(SERVICE, WRITER)
    notes = [entry.text for entry in workbench.cases.entries(case.id)]
    added = [f"Add to {case.id}: the parcel number is {number}" for number in range(1, turns)]
    assert notes == [COMPLAINT, *added]
    kinds: Counter[tuple[str, EventKind]] = Counter()
    for talk in {number // TURNS_A_TALK for number in range(turns)}:
        events = workbench.events(f"conv-{talk}")
        kinds.update((event.request_id, event.kind) for event in events)
    for number in range(turns):
        for kind in (EventKind.MESSAGE_RECEIVED, EventKind.REPLIED):
            assert kinds[f"turn-{number}", kind] == 1, (number, kind)
