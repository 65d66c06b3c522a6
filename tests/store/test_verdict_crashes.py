"""People's decisions survive a kill at any moment: each counts once, and its act is done once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from store_world import ADMIN, AGENT, ANNA, SERVICE, SUPERVISOR, act, begin, fill, invoice
from verdict_world import question

from workbench.errors import Conflict
from workbench.records.events import EventKind
from workbench.records.money import Money
from workbench.records.operations import DecideApproval, IssueCredit, RequestApproval, plan
from workbench.records.verdicts import (
    ExpireVerdict,
    GiveVerdict,
    RequestVerdict,
    TellVerdict,
)
from workbench.store import ApprovalStatus, Store


def numbered(number: int) -> str:
    return f"INV-{1000 + number}"


def work_through(store: Store, number: int) -> None:
    """Ask, decide and act on one question and one approval; each step as often as it is tried.

    Every step has its own name, so a worker that starts again repeats nothing.
    """
    task = question(number)
    act(store, ANNA, plan(RequestVerdict(task=task), f"ask-{number}"))
    given = plan(GiveVerdict(task_id=task.id, choice="credit"), f"give-{number}")
    late = plan(ExpireVerdict(task_id=task.id, at=task.due_at), f"late-{number}")
    first, second = (given, AGENT), (late, SERVICE)
    for action, who in (first, second) if number % 2 else (second, first):
        try:
            act(store, who, action)
        except Conflict:
            continue  # The other one was first, as it may be.
    act(store, ANNA, plan(TellVerdict(task_id=task.id, text="Done."), f"tell-{number}"))
    wish = IssueCredit(
        number=numbered(number),
        amount=Money.of("100", "EUR"),
        reason="quality",
        credit_note=f"CN-{number}",
    )
    asked = RequestApproval(
        action=plan(wish, f"credit-{number}"),
        record=f"invoice {numbered(number)}",
        record_revision=1,
        conversation_id="conv-1",
    )
    receipt = act(store, AGENT, plan(asked, f"approval-{number}")).receipts[0]
    decision = DecideApproval(
        approval_id=receipt.result["approval_id"],
        approved=True,
        fingerprint=asked.action.fingerprint,
    )
    act(store, SUPERVISOR, plan(decision, f"decide-{number}"))


def run_and_kill(url: str, numbers: range, after_seconds: float) -> None:
    child = os.fork()
    if child == 0:
        try:
            with Store.open(url) as store:
                for number in numbers:
                    work_through(store, number)
        finally:
            os._exit(0)
    time.sleep(after_seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.parametrize("kills", [25, pytest.param(300, marks=pytest.mark.full)])
def test_kills_decide_nothing_twice_and_lose_nothing(
    tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    url, count = f"sqlite:///{tmp_path / 'store.db'}", max(kills // 5, 10)
    with Store.open(url) as store:
        fill(store)
        begin(store)
        rows = [invoice(numbered(number), "C-100") for number in range(count)]
        store.import_records(ADMIN, "invoices", rows, "more")
    moments = random.Random(kills)
    for _ in range(kills):
        run_and_kill(url, range(count), moments.uniform(0.01, 0.25))
    with Store.open(url) as store:
        for number in range(count):
            work_through(store, number)
        report = store.verify(ADMIN)
        verdicts = store.verdicts(SUPERVISOR, None)
        notes = [note.number for note in store.credit_notes(SERVICE, "C-100")]
        replies = [m.key for m in store.outbox(SUPERVISOR) if m.kind == "reply"]
        approvals = store.approvals(SUPERVISOR, None)
        kinds = (EventKind.VERDICT_GIVEN,)
        given = Counter(event.data["task_id"] for event in store.events(SUPERVISOR, kinds=kinds))
    assert report.ok
    assert len(verdicts) == count and all(v.told_at for v in verdicts)
    assert set(given.values()) == {1} and len(given) == count
    assert sorted(replies) == sorted(f"verdict:VRD-{number}" for number in range(count))
    assert sorted(notes) == sorted(f"CN-{number}" for number in range(count))
    assert {a.status for a in approvals} == {ApprovalStatus.APPROVED}
    assert len(approvals) == count
    with capsys.disabled():
        print(
            f"\nverdicts (sqlite): {kills} kills over {count} questions and {count} approvals, "
            "each decided once, each told once, each credit issued once, chain intact"
        )
