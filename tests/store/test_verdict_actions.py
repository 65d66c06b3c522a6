"""Questions to people in the store: asked once, answered by the first, expired by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from processes import at_once
from store_world import AGENT, ANNA, BORIS, SERVICE, SUPERVISOR, act, begin, fill, person
from verdict_world import question

from workbench.errors import Conflict, InputError, NotAllowed, NotFound
from workbench.records.events import EventKind
from workbench.records.operations import Parameters, plan
from workbench.records.principals import Principal, Role
from workbench.records.verdicts import (
    ExpireVerdict,
    GiveVerdict,
    RemindOfVerdict,
    RequestVerdict,
    TellVerdict,
    VerdictStatus,
)
from workbench.store import Committed, Store

TASK = question()
GIVEN = GiveVerdict(task_id=TASK.id, choice="credit", note="photos seen")
LATE = ExpireVerdict(task_id=TASK.id, at=TASK.due_at)
TOLD = TellVerdict(task_id=TASK.id, text="It is credited.")


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)
    begin(store)
    do(store, ANNA, RequestVerdict(task=TASK))


def do(store: Store, principal: Principal, wish: Parameters, key: str = "") -> Committed:
    return act(store, principal, plan(wish, key or f"{wish.operation}:{principal.id}"))


def test_a_question_waits_with_its_choices_and_evidence(store: Store) -> None:
    (waiting,) = store.verdicts(AGENT)
    assert (waiting.task, waiting.status, waiting.choice) == (TASK, VerdictStatus.OPEN, "")
    assert store.conversation(SERVICE, "conv-1").speaker == "assistant"


def test_the_first_person_decides(store: Store) -> None:
    do(store, AGENT, GIVEN)
    with pytest.raises(Conflict, match="answered already"):
        do(store, person(Role.HUMAN_AGENT, "bo"), GIVEN.model_copy(update={"choice": "reject"}))
    with pytest.raises(Conflict, match="answered already"):
        do(store, SERVICE, LATE)
    found = store.verdict(SUPERVISOR, TASK.id)
    assert (found.choice, found.decided_by, found.note) == ("credit", AGENT.id, "photos seen")
    (event,) = store.events(SUPERVISOR, kinds=(EventKind.VERDICT_GIVEN,))
    assert (event.data["overridden"], event.data["timed_out"]) == (True, False)
    assert "photos" not in event.model_dump_json()


def test_the_fallback_counts_after_the_deadline_and_is_nobodys_choice(store: Store) -> None:
    early = LATE.model_copy(update={"at": TASK.due_at - timedelta(seconds=1)})
    with pytest.raises(InputError, match="is not due"):
        do(store, SERVICE, early)
    do(store, SERVICE, LATE)
    assert do(store, SERVICE, LATE).repeated
    found = store.verdict(SUPERVISOR, TASK.id)
    assert (found.status, found.choice, found.decided_by) == (VerdictStatus.TIMED_OUT, "reject", "")
    with pytest.raises(Conflict, match="timed_out already"):
        do(store, AGENT, GIVEN)


def test_a_reminder_goes_to_the_queue(store: Store) -> None:
    do(store, SERVICE, RemindOfVerdict(task_id=TASK.id))
    (message,) = store.outbox(SUPERVISOR)
    assert (message.kind, message.address) == ("verdict_reminder", "billing")
    assert store.verdict(SUPERVISOR, TASK.id).reminded_at is not None


def test_the_customer_is_told_once_and_only_after_the_verdict(store: Store) -> None:
    with pytest.raises(Conflict, match="still open"):
        do(store, ANNA, TOLD)
    do(store, AGENT, GIVEN)
    assert [one.task.id for one in store.untold_verdicts(SERVICE)] == [TASK.id]
    do(store, ANNA, TOLD)
    do(store, ANNA, TOLD, key="told again")
    (message,) = store.outbox(SUPERVISOR)
    assert (message.kind, message.channel, message.payload["text"]) == (
        "reply",
        "chat",
        "It is credited.",
    )
    assert store.untold_verdicts(SERVICE) == ()


@pytest.mark.parametrize(
    ("principal", "wish", "error"),
    [
        (ANNA, GIVEN, NotAllowed),
        (BORIS, GIVEN, NotFound),
        (SERVICE, GIVEN, NotAllowed),
        (BORIS, TOLD, NotFound),
        (AGENT, LATE, NotAllowed),
        (AGENT, GIVEN.model_copy(update={"choice": "maybe"}), InputError),
        (AGENT, GIVEN.model_copy(update={"task_id": "VRD-404"}), NotFound),
    ],
)
def test_only_people_answer_and_only_what_was_offered(
    store: Store, principal: Principal, wish: Parameters, error: type[Exception]
) -> None:
    with pytest.raises(error):
        do(store, principal, wish)
    assert store.verdict(SUPERVISOR, TASK.id).status is VerdictStatus.OPEN


def test_customers_cannot_list_what_people_are_asked(store: Store) -> None:
    with pytest.raises(NotAllowed):
        store.verdicts(ANNA)


def test_of_people_and_workers_who_decide_at_once_one_is_first(
    store: Store, store_url: str
) -> None:
    def decide(number: int) -> str:
        who = person(Role.HUMAN_AGENT, f"agent{number}")
        with Store.open(store_url) as opened:
            done = do(opened, *((who, GIVEN) if number % 2 else (SERVICE, LATE)))
            return "repeated" if done.repeated else "done"

    results = at_once(6, decide)
    assert results.count("done") == 1, results
    assert len(store.events(SUPERVISOR, kinds=(EventKind.VERDICT_GIVEN,))) == 1
