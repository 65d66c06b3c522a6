"""Eight processes on one store: nothing lost, nothing done twice, no lock error shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from processes import at_once
from store_world import ADMIN, AGENT, ANNA, act, begin, case, credit, fill, invoice, open_case
from store_world import person as somebody

from workbench.errors import Conflict
from workbench.records.actions import Action
from workbench.records.operations import ChangeCase, DecideApproval, RequestApproval, plan
from workbench.records.principals import Role
from workbench.store import Approval, Store

PROCESSES, ROUNDS, APPROVALS = 8, 10, 6


def database(url: str) -> str:
    return url.partition(":")[0]


def count_up(url: str, case_id: str, number: int) -> int:
    """Add one to the number in the title, ROUNDS times; gives the conflicts on the way."""
    conflicts = 0
    with Store.open(url) as store:
        for step in range(ROUNDS):
            done = False
            while not done:
                seen = store.case(AGENT, case_id)
                after = seen.model_copy(update={"title": str(int(seen.title) + 1)})
                wish = ChangeCase(before_revision=seen.revision, after=after)
                key = f"{number}-{step}-{seen.revision}"
                try:
                    act(store, AGENT, plan(wish, key))
                    done = True
                except Conflict:
                    conflicts += 1
    return conflicts


def test_no_update_is_lost(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(store_url) as store:
        fill(store)
        begin(store)
        opened = open_case(store, case(title="0"))
    results = at_once(PROCESSES, lambda number: count_up(store_url, opened.id, number))
    assert all(isinstance(result, int) for result in results), results
    with Store.open(store_url) as store:
        final = store.case(AGENT, opened.id)
        assert final.title == str(PROCESSES * ROUNDS)
        assert final.revision == PROCESSES * ROUNDS + 1
        assert store.verify(ADMIN).ok
    with capsys.disabled():
        print(
            f"\ncontention ({database(store_url)}): {PROCESSES} processes, "
            f"{PROCESSES * ROUNDS} updates, 0 lost, {sum(results)} conflicts told, 0 lock errors"
        )


def approve_all(url: str, requests: tuple[Approval, ...], number: int) -> int:
    """Approve every request; gives how many of them this process was the one to decide."""
    supervisor, mine = somebody(Role.SUPERVISOR, str(number)), 0
    with Store.open(url) as store:
        for request in requests:
            wish = DecideApproval(
                approval_id=request.id, approved=True, fingerprint=request.fingerprint
            )
            try:
                act(store, supervisor, plan(wish, f"{request.id}-{number}"))
                mine += 1
            except Conflict:
                continue
    return mine


def ask(number: str, action: Action) -> Action:
    wish = RequestApproval(action=action, record=f"invoice {number}", record_revision=1)
    return plan(wish, key=f"ask-{number}")


def test_no_approval_is_given_twice(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = [f"INV-A{number}" for number in range(APPROVALS)]
    with Store.open(store_url) as store:
        fill(store)
        store.import_records(ADMIN, "invoices", [invoice(n, "C-100") for n in numbers], "x")
        begin(store)
        for number in numbers:
            act(store, ANNA, ask(number, credit("10.00", number=number, key=f"credit-{number}")))
        requests = store.approvals(ADMIN)
    results = at_once(PROCESSES, lambda number: approve_all(store_url, requests, number))
    assert all(isinstance(result, int) for result in results), results
    assert sum(results) == APPROVALS
    with Store.open(store_url) as store:
        notes = store.credit_notes(AGENT, "C-100")
        assert len(notes) == APPROVALS
        assert store.verify(ADMIN).ok
    with capsys.disabled():
        print(
            f"\ncontention ({database(store_url)}): {PROCESSES} supervisors, "
            f"{APPROVALS} approvals, 0 double, 0 lock errors"
        )


def test_one_request_from_eight_processes_is_done_once(store_url: str) -> None:
    with Store.open(store_url) as store:
        fill(store)
        begin(store)

    def send(_number: int) -> bool:
        with Store.open(store_url) as store:
            return act(store, AGENT, credit("10.00"), request_id="same").repeated

    assert sorted(at_once(PROCESSES, send)) == [False] + [True] * (PROCESSES - 1)


def test_eight_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"

    def open_it(_number: int) -> int:
        with Store.open(url) as store:
            return store.verify(ADMIN).events

    assert at_once(PROCESSES, open_it) == [0] * PROCESSES
