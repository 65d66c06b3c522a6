"""Workers move thresholds as the floor asks for it: within limits, on the record, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from front_door import MORNING, SAMPLE, sample_workbench

from workbench import Workbench
from workbench.decide import load_policy
from workbench.decide.adapting import Adapting, Measure, Span
from workbench.decide.policy import Policy
from workbench.errors import Conflict, InputError, NotAllowed
from workbench.people.adapting import changes_due, load_on
from workbench.people.load import Floor, OnDuty
from workbench.people.routing import Person
from workbench.records.adapting import Stage, adapting_stream
from workbench.records.base import SteppingClock
from workbench.records.events import EventKind
from workbench.records.presence import Presence
from workbench.records.principals import Principal, Role
from workbench.store.work import Transaction

USUAL = load_policy(SAMPLE / "policies" / "policy.toml")
LOW = "threshold.stakes.low"
CUSTOMERS = ("C-1001", "C-1002", "C-1003", "C-1005", "C-1010")


def policy_with(**limits: object) -> Policy:
    one = Adapting.model_validate(
        {"owner": "Ana", "since": date(2026, 5, 4), "why": "-", "measure": Measure.WAITING} | limits
    )
    fields = {name: getattr(USUAL, name) for name in Policy.model_fields} | {"adapting": (one,)}
    return Policy.model_validate(fields)


BUSY_FROM_TWO = policy_with(stakes="low", lowest=0.01, busy=Span(begins=2, ends=1))


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    clock = SteppingClock(MORNING, timedelta(milliseconds=1))
    with sample_workbench(tmp_path, clock=clock, policy=BUSY_FROM_TWO) as opened:
        yield opened


def fill(workbench: Workbench, waiting: int) -> None:
    for customer in CUSTOMERS[:waiting]:
        workbench.converse(customer, "I want to speak with a human being, please.")


def thin(workbench: Workbench) -> None:
    for row in workbench.inbox():
        workbench.take(row.id, by="ana")


def level_of(workbench: Workbench, text: str) -> tuple[str, float, str]:
    turn = workbench.converse("C-1001", text)
    decided = next(
        e.data["decision"]
        for e in workbench.events(turn.conversation_id)
        if e.kind is EventKind.DECIDED
    )
    return decided["rule_id"], decided["threshold"], decided["policy_version"]


def test_a_spike_moves_the_threshold_that_decides_and_its_end_moves_it_back(
    workbench: Workbench,
) -> None:
    thresholds = workbench.thresholds
    workbench.routing.set_presence("ana", Presence.ON)
    assert thresholds.sweep() == () and thresholds.now() is workbench.policy
    before = level_of(workbench, "Why is the amount on invoice INV-1001 so high?")
    fill(workbench, 4)
    assert thresholds.sweep() == (LOW,)
    assert thresholds.sweep() == (), "a stage that lasts is not recorded again"
    busy = thresholds.now()
    during = level_of(workbench, "Why is the amount on invoice INV-1001 so high?")
    thin(workbench)
    assert thresholds.sweep() == (LOW,)
    after = level_of(workbench, "Why is the amount on invoice INV-1001 so high?")
    assert before[1:] == after[1:] == (0.4, workbench.policy.version)
    assert during[1:] == (0.01, busy.version)
    assert busy.version == workbench.policy.under_load({LOW: Stage.BUSY}).version


def test_the_ledger_holds_each_change_with_load_limits_and_owner(workbench: Workbench) -> None:
    workbench.routing.set_presence("ana", Presence.ON)
    fill(workbench, 3)
    workbench.thresholds.sweep()
    (change,) = workbench.thresholds.changes()
    assert (change.before, change.after) == (Stage.USUAL, Stage.BUSY)
    assert (change.threshold_before, change.threshold_after) == (0.4, 0.01)
    assert (change.lowest, change.highest, change.owner) == (0.01, 0.4, "Ana")
    assert (change.measure, change.load) == ("waiting_per_person", 3.0)
    assert change.policy == workbench.policy.version
    assert change.decides == workbench.thresholds.now().version
    (standing,) = workbench.thresholds.standing()
    assert (standing.stage, standing.threshold, standing.since) == ("busy", 0.01, change.at)
    assert workbench.verify().ok


def test_two_workers_record_a_change_once(workbench: Workbench) -> None:
    workbench.routing.set_presence("ana", Presence.ON)
    fill(workbench, 4)
    with ThreadPoolExecutor(8) as pool:
        moved = list(pool.map(lambda _: workbench.thresholds.sweep(), range(16)))
    assert sum(len(each) for each in moved) == 1
    assert len(workbench.thresholds.changes()) == 1


def test_another_process_decides_by_the_same_stage(workbench: Workbench) -> None:
    workbench.routing.set_presence("ana", Presence.ON)
    fill(workbench, 3)
    workbench.thresholds.sweep()
    other = workbench.opener(
        workbench.folder.root,
        store_url=workbench.store.url,
        state=workbench.folder.state,
        policy=BUSY_FROM_TWO,
        triage=workbench.assistant.triage,
        knowledge=workbench.systems.knowledge,
        records=False,
    )
    with other:
        assert other.thresholds.now().version == workbench.thresholds.now().version


def test_another_version_of_the_policy_begins_as_usual(workbench: Workbench) -> None:
    workbench.routing.set_presence("ana", Presence.ON)
    fill(workbench, 3)
    workbench.thresholds.sweep()
    adapted = workbench.assistant.adapted
    newer = type(adapted)(
        policy_with(stakes="low", lowest=0.02, busy=Span(begins=2, ends=1)), workbench.store, "main"
    )
    assert newer.now() is newer.usual


def test_nobody_is_there_means_the_usual_threshold(workbench: Workbench) -> None:
    workbench.routing.set_presence("ana", Presence.ON)
    fill(workbench, 3)
    workbench.thresholds.sweep()
    workbench.routing.set_presence("ana", Presence.OFF)
    assert workbench.thresholds.sweep() == (LOW,)
    assert workbench.thresholds.changes()[0].load is None
    assert workbench.thresholds.now() is workbench.policy


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.SERVICE, Role.CUSTOMER)])
def test_nobody_moves_a_threshold_by_hand(workbench: Workbench, role: Role) -> None:
    floor = busy_floor(waiting=9)
    (action,) = changes_due(workbench.policy, {}, floor, workbench.settings)
    by_hand = Transaction(
        principal=Principal(id=f"{role.value}:eve", role=role, tenant="main"),
        stream=adapting_stream(workbench.policy.name),
        request_id="by-hand",
        actions=(action,),
    )
    with pytest.raises(NotAllowed):
        workbench.store.commit(by_hand)


def test_the_store_refuses_a_stale_stage_and_a_number_beyond_the_limits(
    workbench: Workbench,
) -> None:
    (action,) = changes_due(workbench.policy, {}, busy_floor(waiting=9), workbench.settings)

    def commit(**changed: object) -> None:
        told = action.model_copy(update={"parameters": action.parameters | changed})
        workbench.store.commit(
            Transaction(
                principal=workbench.service,
                stream=adapting_stream(workbench.policy.name),
                request_id=str(changed),
                actions=(told,),
            )
        )

    with pytest.raises(Conflict, match="stands at usual already"):
        commit(before="busy", after="usual")
    with pytest.raises(InputError, match="as Ana has set"):
        commit(threshold_after=0.001)
    assert workbench.thresholds.changes() == ()


def busy_floor(waiting: int, people: int = 1, in_hand: int = 0) -> Floor:
    on = tuple(
        OnDuty(Person(name=str(n), queues=("q",), at_once=2), MORNING, contacts=in_hand)
        for n in range(people)
    )
    return Floor(on, {"q": waiting, "other": 6}, known=True)


LOADS = {
    "all queues": ({"measure": "waiting_per_person"}, busy_floor(4, people=2), 5.0),
    "one queue": ({"measure": "waiting_per_person", "queue": "q"}, busy_floor(4, people=2), 2.0),
    "nobody in the queue": ({"measure": "occupancy", "queue": "none"}, busy_floor(4), None),
    "hands full": ({"measure": "occupancy"}, busy_floor(0, people=2, in_hand=1), 0.5),
    "minutes": ({"measure": "wait_minutes", "queue": "q"}, busy_floor(3, people=2), 10.0),
}


@pytest.mark.parametrize(("limits", "floor", "load"), LOADS.values(), ids=LOADS)
def test_the_load_is_measured_on_the_floor(
    workbench: Workbench, limits: dict[str, str], floor: Floor, load: float | None
) -> None:
    (one,) = policy_with(**limits, lowest=0.3, busy=Span(begins=2, ends=1)).adapting
    queues = workbench.settings.queues.model_copy(update={"wait_minutes": 4})
    settings = workbench.settings.model_copy(update={"queues": queues})
    assert load_on(one, floor, settings) == load
