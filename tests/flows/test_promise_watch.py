"""The watch over promises: warned in time, taken over when broken, told once, whoever looks."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workbench.config import Settings, SlaSettings
from workbench.errors import Conflict
from workbench.flows.conversation import fold
from workbench.flows.promise_watch import PromiseWatch, Watched, late
from workbench.records.base import Ids, SteppingClock
from workbench.records.cases import Case, CaseStatus, Grade, Subscription
from workbench.records.conversations import Conversation
from workbench.records.customers import ContactPoint, Customer, PointKind
from workbench.records.decisions import HandOffReason
from workbench.records.events import EventKind, NewEvent
from workbench.records.evidence import Packet
from workbench.records.operations import (
    AppendToCase,
    ChangeCase,
    QueueHandOff,
    SetSubscription,
    TakeHandOff,
    plan,
)
from workbench.records.principals import Principal, Role, customer_principal
from workbench.speak.grounding import check
from workbench.store import Store, Transaction
from workbench.store.views import Message
from workbench.systems.clocks import promises_of

MONDAY = datetime(2026, 5, 4, 7, tzinfo=UTC)
"""The office in Berlin opens."""
SETTINGS = Settings(sla=SlaSettings(leads={"billing": "lena"}))
PROMISES = promises_of(SETTINGS)
SERVICE = Principal(id="service:worker", role=Role.SERVICE)
AGENT = Principal(id="human_agent:ana", role=Role.HUMAN_AGENT)
LANGUAGES = ("en", "de", "fr", "es")


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(MONDAY, timedelta(0))


@pytest.fixture
def store(store_url: str, clock: SteppingClock, ids: Ids) -> Any:
    with Store.open(store_url, clock=clock, ids=ids) as opened:
        customers = [
            Customer(
                id=f"C-{number}",
                language=language,
                time_zone="Europe/Berlin",
                contact_points=(
                    ContactPoint(kind=PointKind.PHONE, value=f"+49 30 {number}"),
                    ContactPoint(kind=PointKind.EMAIL, value=f"{language}@example.com"),
                ),
            )
            for number, language in enumerate(LANGUAGES)
        ]
        customers.append(Customer(id="C-9"))
        opened.import_records(SERVICE, "customers", customers, "x")
        yield opened


def bring(store: Store, customer: str = "C-0", **more: Any) -> Case:
    """A case of P3 in billing that Ana has: 4 hours to respond, 24 to resolve."""
    given: dict[str, Any] = {
        "id": f"CASE-2222222{customer[-1]}",
        "status": CaseStatus.OPEN,
        "impact": "medium",
        "urgency": "medium",
        "queue": "billing",
        "owner": "ana",
        **more,
    }
    case = Case(
        customer_id=customer,
        topic="complaint",
        subject="x",
        title="The courier was rude",
        opened_at=MONDAY,
        updated_at=MONDAY,
        **given,
    )
    case = case.model_copy(update={"clocks": PROMISES.on_opening(case, MONDAY)})
    store.import_records(SERVICE, "cases", [case], case.id)
    return case


def look(store: Store, clock: SteppingClock, hours: float) -> Watched:
    clock.at = MONDAY + timedelta(hours=hours)
    return PromiseWatch(store, SETTINGS, SERVICE).look(clock.at)


def told(store: Store, kind: str) -> list[Message]:
    return [message for message in store.outbox(SERVICE) if message.kind == kind]


def test_the_owner_is_warned_once_while_there_is_time(store: Store, clock: SteppingClock) -> None:
    case = bring(store)
    assert look(store, clock, 2.9) == Watched()
    assert look(store, clock, 3.1) == Watched(warned=(case.id,))
    assert look(store, clock, 3.2) == Watched()
    (message,) = told(store, "clock_warning")
    assert (message.address, message.record) == ("ana", f"case {case.id}")
    assert store.case(SERVICE, case.id).revision == case.revision, "a warning overtakes nobody"


def test_a_broken_promise_moves_the_case_up_and_tells_lead_and_customer_once(
    store: Store, clock: SteppingClock
) -> None:
    case = bring(store)
    assert look(store, clock, 4.1) == Watched(broken=(case.id,))
    assert look(store, clock, 4.2) == Watched()
    now = store.case(SERVICE, case.id)
    assert (now.queue, now.owner, now.revision) == ("supervisors", "", case.revision + 1)
    assert [m.address for m in told(store, "promise_broken")] == ["lena"]
    (message,) = told(store, "case_late")
    assert (message.channel, message.address) == ("email", "en@example.com")
    public = store.entries(customer_principal("C-0", proven=True), case.id)
    assert [entry.text for entry in public] == [message.payload["text"]]
    assert now.due("first_response") == MONDAY + timedelta(hours=24.1), "4 business hours later"
    assert now.due("resolution") == case.due("resolution"), "the other clock goes on"


@pytest.mark.parametrize("number", range(len(LANGUAGES)))
def test_the_customer_reads_the_new_time_in_their_language_and_every_word_is_grounded(
    store: Store, clock: SteppingClock, number: int
) -> None:
    case = bring(store, f"C-{number}")
    look(store, clock, 4.1)
    (message,) = told(store, "case_late")
    text, language = message.payload["text"], LANGUAGES[number]
    now = store.case(SERVICE, case.id)
    renewed = now.due("first_response")
    assert renewed is not None
    statement = late(now, renewed, "Europe/Berlin")
    assert message.language == language
    assert check(text, [statement], language) == ()
    assert case.id in text
    assert re.search(r"\b0?9\D{1,3}06\b", text), "in the customer's own zone"


@pytest.mark.parametrize(
    ("case_queue", "packet_queue", "moves_to"),
    [
        ("billing", "billing", "supervisors"),
        ("cases", "billing", "supervisors"),
        ("cases", "legal", "legal"),
        ("care", "care", "care"),
    ],
)
def test_a_packet_that_waits_goes_with_its_case_unless_only_its_own_people_may_see_it(
    store: Store, clock: SteppingClock, case_queue: str, packet_queue: str, moves_to: str
) -> None:
    case = bring(store, queue=case_queue)
    wait(store, packet_of(case, packet_queue))
    look(store, clock, 4.1)
    (row,) = store.handoffs(SERVICE)
    told_of = store.packet(SERVICE, row.id)
    conversation = store.conversation(SERVICE, "conv-1")
    assert (row.queue, told_of.queue, conversation.queue) == (moves_to,) * 3
    moved = [e.data for e in store.events(SERVICE, "conv-1") if e.kind is EventKind.REROUTED]
    expected = {"packet_id": row.id, "queue": moves_to, "from_queue": packet_queue}
    assert moved == ([expected] if moves_to != packet_queue else [])
    talk = Conversation(id="conv-1", customer_id="C-0", channel="chat", queue=packet_queue)
    assert fold(talk, store.events(SERVICE, "conv-1")).queue == moves_to
    assert store.verify(SERVICE).ok


@pytest.mark.parametrize(("packet_queue", "moves_to"), [("billing", "legal"), ("care", "care")])
def test_a_packet_in_the_queue_of_its_case_goes_along_when_a_person_moves_the_case(
    store: Store, packet_queue: str, moves_to: str
) -> None:
    case = bring(store)
    wait(store, packet_of(case, packet_queue))
    after = case.model_copy(update={"queue": "legal"})
    moved = plan(ChangeCase(before_revision=case.revision, after=after), "move")
    perform(store, AGENT, moved, case.id)
    assert [row.queue for row in store.handoffs(SERVICE)] == [moves_to]


def test_a_packet_of_another_case_or_with_a_person_stays_where_it_is(
    store: Store, clock: SteppingClock
) -> None:
    case = bring(store)
    wait(store, packet_of(case, "billing", "PKT-other").model_copy(update={"case_id": "CASE-X"}))
    wait(store, packet_of(case, "billing", "PKT-mine", "conv-2"))
    take = TakeHandOff(packet_id="PKT-mine")
    perform(store, AGENT, plan(take, "take"), case.id)
    look(store, clock, 4.1)
    assert {row.queue for row in store.handoffs(SERVICE, status=None)} == {"billing"}


def packet_of(case: Case, queue: str, name: str = "PKT-1", talk: str = "conv-1") -> Packet:
    return Packet(
        id=name,
        conversation_id=talk,
        customer_id=case.customer_id,
        reason=HandOffReason.CUSTOMER_REQUEST,
        queue=queue,
        case_id=case.id,
        created_at=MONDAY,
    )


def wait(store: Store, packet: Packet) -> None:
    anna, talk = customer_principal("C-0", proven=True), packet.conversation_id
    begun = NewEvent(
        kind=EventKind.CONVERSATION_STARTED,
        data={"customer_id": "C-0", "channel": "chat", "language": "en"},
    )
    action = plan(QueueHandOff(packet=packet), packet.id)
    store.commit(
        Transaction(
            principal=anna, stream=talk, request_id=talk, events=(begun,), actions=(action,)
        )
    )


def test_without_a_verified_contact_people_are_asked_to_call(
    store: Store, clock: SteppingClock
) -> None:
    bring(store, "C-9")
    look(store, clock, 4.1)
    assert told(store, "case_late") == []
    assert [m.address for m in told(store, "callback")] == ["supervisors"]


def test_the_customers_wish_for_channel_language_and_quiet_hours_counts(
    store: Store, clock: SteppingClock
) -> None:
    case = bring(store)
    wish = Subscription(
        case_id=case.id,
        customer_id="C-0",
        channel="phone",
        language="fr",
        quiet_from=12,
        quiet_until=15,
    )
    subscribe(store, wish)
    look(store, clock, 4.1)
    (message,) = told(store, "case_late")
    assert (message.channel, message.language) == ("phone", "fr")
    assert message.not_before == MONDAY + timedelta(hours=6), "15:00 in Berlin"


def subscribe(store: Store, wish: Subscription) -> None:
    anna = customer_principal("C-0", proven=True)
    perform(store, anna, plan(SetSubscription(subscription=wish), "sub"), wish.case_id)


def perform(store: Store, principal: Principal, action: Any, case_id: str) -> None:
    store.commit(
        Transaction(
            principal=principal, stream=f"case:{case_id}", request_id=action.key, actions=(action,)
        )
    )


@pytest.mark.parametrize("queue", ["legal", "security", "safety", "care"])
def test_what_only_their_own_people_may_see_stays_with_them(
    store: Store, clock: SteppingClock, queue: str
) -> None:
    case = bring(store, queue=queue)
    look(store, clock, 4.1)
    now = store.case(SERVICE, case.id)
    assert (now.queue, now.owner) == (queue, "ana")
    assert len(told(store, "case_late")) == 1


def test_a_paused_clock_warns_nobody(store: Store, clock: SteppingClock) -> None:
    case = bring(store, status=CaseStatus.WAITING)
    stopped = tuple(c.model_copy(update={"paused_at": MONDAY}) for c in case.clocks)
    still = case.model_copy(update={"clocks": stopped, "id": "CASE-33333333"})
    store.import_records(SERVICE, "cases", [still], "still")
    assert still.id not in look(store, clock, 500).broken


def test_a_look_that_others_have_overtaken_does_nothing(store: Store, clock: SteppingClock) -> None:
    case = bring(store)
    watch = PromiseWatch(store, SETTINGS, SERVICE)
    clock.at = MONDAY + timedelta(hours=4.1)
    stale = watch.planned(case, clock.at)
    assert stale is not None
    answer(store, case)
    with pytest.raises(Conflict, match="have moved"):
        perform(store, SERVICE, stale, case.id)
    assert told(store, "case_late") == []


def answer(store: Store, case: Case) -> None:
    perform(store, AGENT, plan(AppendToCase(case_id=case.id, text="Hello"), "word"), case.id)


def test_words_in_its_conversation_meet_and_start_the_clocks_of_a_case(
    store: Store, clock: SteppingClock
) -> None:
    case = bring(store, conversation_id="conv-1")
    anna = customer_principal("C-0", proven=True)
    question = PROMISES.on_question("billing", case.priority, clock.at)
    say(store, anna, "1", EventKind.CONVERSATION_STARTED, customer_id="C-0", channel="chat")
    assert state(store, case) == [("first_response", False), ("resolution", False)]
    say(store, AGENT, "2", EventKind.REPLIED, speaker=AGENT.id, text="Hello")
    assert state(store, case) == [("first_response", True), ("resolution", False)]
    awaits = question.model_dump(mode="json")
    for number in "34":
        say(store, anna, number, EventKind.MESSAGE_RECEIVED, text="And?", awaits=awaits)
        expected = [("first_response", True), ("resolution", False), ("next_response", False)]
        assert state(store, case) == expected, "the first question counts, not the last"
    say(store, AGENT, "5", EventKind.REPLIED, speaker="assistant", text="Hm")
    assert state(store, case)[-1] == ("next_response", False), "the assistant is no person"
    say(store, AGENT, "6", EventKind.REPLIED, speaker=AGENT.id, text="Soon")
    assert state(store, case)[-1] == ("next_response", True)


def say(store: Store, who: Principal, request_id: str, kind: EventKind, **data: Any) -> None:
    event = NewEvent(kind=kind, data=data)
    store.commit(
        Transaction(principal=who, stream="conv-1", request_id=request_id, events=(event,))
    )


def state(store: Store, case: Case) -> list[tuple[str, bool]]:
    return [(c.kind, c.met_at is not None) for c in store.case(SERVICE, case.id).clocks]


@pytest.mark.parametrize(("days", "graded"), [(6.9, False), (7.1, True)])
def test_a_solution_that_lasts_seven_days_is_durable(
    store: Store, clock: SteppingClock, days: float, graded: bool
) -> None:
    case = bring(store, status=CaseStatus.SOLVED, solved_at=MONDAY, grade=Grade.ASSUMED)
    found = look(store, clock, days * 24)
    assert found == Watched(durable=(case.id,) if graded else ())
    assert (store.case(SERVICE, case.id).grade is Grade.DURABLE) is graded
    assert look(store, clock, days * 24 + 1) == Watched()


def test_a_change_that_was_planned_before_an_answer_does_not_undo_it(
    store: Store, clock: SteppingClock
) -> None:
    case = bring(store)
    answer(store, case)
    retitled = case.model_copy(update={"title": "Rude courier"})
    wish = ChangeCase(before_revision=case.revision, after=retitled)
    perform(store, AGENT, plan(wish, "retitle"), case.id)
    assert store.case(SERVICE, case.id).title == "Rude courier"
    assert state(store, case)[0] == ("first_response", True)
