"""Cases: no duplicates, no lost changes, exactly one message per change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from store_world import (
    ADMIN,
    AGENT,
    ANNA,
    NOON,
    SUPERVISOR,
    act,
    begin,
    case,
    fill,
    open_case,
)

from workbench.errors import Conflict, InputError, NotFound
from workbench.records.authority import Authority
from workbench.records.base import SteppingClock
from workbench.records.cases import Case, CaseStatus, Degree, SlaClock, Subscription
from workbench.records.events import EventKind
from workbench.records.operations import (
    AppendToCase,
    ChangeCase,
    OpenCase,
    SetSubscription,
    plan,
)
from workbench.records.principals import Principal
from workbench.store import Store
from workbench.store.messages import after_quiet_hours


@pytest.fixture(autouse=True)
def _world(store: Store) -> None:
    fill(store)
    begin(store)


def change(
    store: Store, before: Case, principal: Principal = AGENT, key: str = "change", **fields: Any
) -> Case:
    wish = ChangeCase(before_revision=before.revision, after=before.model_copy(update=fields))
    act(store, principal, plan(wish, key))
    return store.case(AGENT, before.id)


def subscribe(store: Store, case_id: str, key: str = "sub", **fields: Any) -> None:
    wish = Subscription(case_id=case_id, customer_id="C-100", channel="email", **fields)
    act(store, ANNA, plan(SetSubscription(subscription=wish), key))


def test_a_new_case_comes_with_its_entries_and_one_change_event(store: Store) -> None:
    new = open_case(store, text="The lamp is broken", internal="looks like transport damage")
    assert store.case(ANNA, new.id) == new
    assert [e.text for e in store.entries(ANNA, new.id)] == ["The lamp is broken"]
    assert len(store.entries(AGENT, new.id)) == 2
    (changed,) = store.events(ADMIN, f"case:{new.id}", kinds=[EventKind.CASE_CHANGED])
    assert changed.data["before"] is None
    assert Case.model_validate(changed.data["after"]) == new


def test_a_second_open_case_on_the_same_subject_is_refused(store: Store) -> None:
    first = open_case(store)
    with pytest.raises(Conflict, match=f"{first.id} on the same subject is open"):
        open_case(store, case("CASE-33333333"))


def test_a_subject_is_free_again_once_its_case_is_solved(store: Store) -> None:
    first = open_case(store)
    change(store, first, status=CaseStatus.SOLVED)
    second = open_case(store, case("CASE-33333333"))
    assert store.cases(ANNA, "C-100") == (second, store.case(ANNA, first.id))


def test_the_second_of_two_editors_gets_a_conflict_and_nothing_is_lost(store: Store) -> None:
    seen = open_case(store)
    first = change(store, seen, queue="legal", key="ana")
    with pytest.raises(Conflict, match="changed by somebody else"):
        change(store, seen, SUPERVISOR, key="sam", title="Another title")
    assert store.case(AGENT, seen.id) == first
    assert (first.queue, first.title, first.revision) == ("legal", seen.title, 2)


def test_an_entry_never_conflicts_with_a_change(store: Store) -> None:
    seen = open_case(store)
    act(store, ANNA, plan(AppendToCase(case_id=seen.id, text="more"), key="more"))
    assert change(store, seen, queue="legal").queue == "legal"


def test_a_public_word_from_a_person_keeps_the_promise_to_respond(store: Store) -> None:
    promise = SlaClock(kind="first_response", started_at=NOON, due_at=NOON)
    opened = open_case(store, case(clocks=(promise,)))
    act(store, ANNA, plan(AppendToCase(case_id=opened.id, text="hello?"), key="a"))
    assert store.case(AGENT, opened.id).clocks[0].met_at is None
    act(store, AGENT, plan(AppendToCase(case_id=opened.id, text="Hello!"), key="b"))
    assert store.case(AGENT, opened.id).clocks[0].met_at is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"owner": "ana"},
        {"impact": Degree.HIGH},
        {"subject": "customer:C-100:else"},
        {"legal_hold": False},
    ],
)
def test_a_customers_conversation_cannot_move_what_is_not_theirs(store: Store, fields) -> None:
    opened = open_case(store, case(legal_hold=True))
    with pytest.raises(InputError):
        change(store, opened, ANNA, **fields)


@pytest.mark.parametrize("fields", [{"customer_id": "C-200"}, {"opened_at": datetime.now(UTC)}])
def test_nobody_moves_what_a_case_is_born_with(store: Store, fields: dict[str, Any]) -> None:
    opened = open_case(store)
    with pytest.raises(InputError, match="A case keeps its"):
        change(store, opened, SUPERVISOR, **fields)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"requests": ("refund", "copy"), "answered": ("copy",)}, "refund"),
        ({"promises": ("call on Monday",)}, "call on Monday"),
    ],
)
def test_closing_needs_every_request_answered_and_no_promise_open(store, fields, missing) -> None:
    opened = open_case(store, case(**fields))
    with pytest.raises(InputError, match=missing):
        change(store, opened, status=CaseStatus.CLOSED)


@pytest.mark.parametrize("who", [ANNA, AGENT, SUPERVISOR])
def test_whoever_plans_it_a_case_is_not_opened_again_after_the_window(
    store: Store, clock: SteppingClock, who: Principal
) -> None:
    solved = change(store, open_case(store), status=CaseStatus.SOLVED)
    assert solved.solved_at is not None
    clock.at = solved.solved_at + Authority().reopen_window + timedelta(seconds=1)
    backdated = {"status": CaseStatus.OPEN, "solved_at": clock.at}
    with pytest.raises(InputError, match="solved more than 14 days ago"):
        change(store, solved, who, "late", **backdated)
    clock.at = solved.solved_at + Authority().reopen_window - timedelta(minutes=1)
    assert change(store, solved, who, "in time", **backdated).reopened == 1


def test_a_subscriber_gets_exactly_one_message_per_change(store: Store) -> None:
    opened = open_case(store)
    subscribe(store, opened.id)
    waiting = change(store, opened, status=CaseStatus.WAITING, queue="cases", key="1")
    change(store, waiting, queue="legal", key="2")
    change(store, store.case(AGENT, opened.id), status=CaseStatus.SOLVED, key="3")
    change(store, store.case(AGENT, opened.id), status=CaseStatus.OPEN, key="4")
    told = store.outbox(ADMIN, "C-100")
    assert [m.payload["status"] for m in told] == ["waiting_for_customer", "solved", "open"]
    assert {m.address for m in told} == {"c-100@example.com"}


def test_entries_are_told_to_those_who_asked_and_internal_ones_to_nobody(store: Store) -> None:
    opened = open_case(store)
    subscribe(store, opened.id, events=("entry",))
    for text, internal in (("public", False), ("between us", True)):
        wish = AppendToCase(case_id=opened.id, text=text, internal=internal)
        act(store, AGENT, plan(wish, key=text))
    assert [m.payload["change"] for m in store.outbox(ADMIN, "C-100")] == ["entry"]


def test_a_subscription_needs_a_verified_contact_and_can_be_taken_back(store: Store) -> None:
    opened = open_case(store)
    unverified = Subscription(case_id=opened.id, customer_id="C-100", channel="phone")
    with pytest.raises(InputError, match="no verified phone"):
        act(store, ANNA, plan(SetSubscription(subscription=unverified), key="phone"))
    subscribe(store, opened.id)
    subscribe(store, opened.id, key="stop", active=False)
    change(store, opened, status=CaseStatus.SOLVED)
    assert store.outbox(ADMIN) == ()
    assert [wish.active for wish in store.subscriptions(ANNA, opened.id)] == [False]


@pytest.mark.parametrize(
    ("hour", "quiet", "expected"),
    [
        (11, (22, 7), 11),  # 13:00 in Berlin: not quiet
        (21, (22, 7), 29),  # 23:00 in Berlin: the next morning at 7
        (3, (22, 7), 5),  # 05:00 in Berlin: the same morning at 7
        (11, (12, 15), 13),  # quiet over noon: at 15:00
        (11, (12, 12), 11),  # no hours
    ],
)
def test_quiet_hours_are_kept_in_the_customers_zone(hour, quiet, expected) -> None:
    wish = Subscription(
        case_id="c", customer_id="C", channel="email", quiet_from=quiet[0], quiet_until=quiet[1]
    )
    now = datetime(2026, 5, 4, hour, tzinfo=UTC)
    due = datetime(2026, 5, 4 + expected // 24, expected % 24, tzinfo=UTC)
    assert after_quiet_hours(now, wish, "Europe/Berlin") == due


def test_a_case_of_somebody_else_cannot_be_appended_to(store: Store) -> None:
    other = case("CASE-44444444", "C-200")
    act(store, AGENT, plan(OpenCase(case=other), key="open-other"))
    for case_id in (other.id, "CASE-55555555"):
        with pytest.raises(NotFound, match=f"There is no case {case_id}"):
            act(store, ANNA, plan(AppendToCase(case_id=case_id, text="x"), key=case_id))
