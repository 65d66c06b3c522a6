"""Who is there, and who gets the next matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from front_door import sample_workbench
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError, NotAllowed
from workbench.people.load import Floor, OnDuty, choose
from workbench.people.routing import Person
from workbench.records.base import SteppingClock
from workbench.records.events import EventKind
from workbench.records.operations import plan
from workbench.records.presence import ChangePresence, Presence
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store import Store
from workbench.store.work import Transaction

INVOICES = {
    "C-1001": "INV-1001",
    "C-1002": "INV-1005",
    "C-1003": "INV-1007",
    "C-1005": "INV-1013",
    "C-1010": "INV-1023",
}
MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)


def on_duty(name: str, at_once: int = 1, languages: tuple[str, ...] = (), **has: object) -> OnDuty:
    person = Person(name=name, queues=("q",), at_once=at_once, languages=languages)
    return OnDuty(person, **{"since": MORNING, **has})  # type: ignore[arg-type]


CHOICES = {
    "the least loaded": ([on_duty("a", 3, contacts=1, load=1), on_duty("b", 3)], "b"),
    "least relative to what they can bear": (
        [on_duty("a", 4, contacts=2, load=2), on_duty("b", 2, contacts=1, load=1.5)],
        "a",
    ),
    "the one with fewer hard ones today": ([on_duty("a", today=6), on_duty("b", today=2)], "b"),
    "the longest idle of equals": (
        [on_duty("a"), on_duty("b", since=MORNING - timedelta(minutes=5))],
        "b",
    ),
    "nobody on a pause": ([on_duty("a", paused=True), on_duty("b", today=9)], "b"),
    "nobody who is full": ([on_duty("a", contacts=1, load=0.1), on_duty("b", today=9)], "b"),
    "nobody at all": ([on_duty("a", paused=True)], ""),
}


@pytest.mark.parametrize(("people", "chosen"), CHOICES.values(), ids=CHOICES)
def test_the_next_matter_goes_to(people: list[OnDuty], chosen: str) -> None:
    assert choose(Floor(tuple(people), known=True), "q").person == chosen


def test_language_comes_before_load_and_a_translation_before_nobody() -> None:
    busy, free = on_duty("fr", 2, ("fr",), contacts=1, load=1), on_duty("en", 2, ("en",))
    floor = Floor((busy, free), known=True)
    assert choose(floor, "q", "fr").person == "fr"
    other = choose(floor, "q", "pl")
    assert other.person == "en" and "needs a translation" in other.why


def test_who_has_the_case_goes_on_with_it_when_free() -> None:
    keeper, other = on_duty("a", 2, contacts=1, load=1), on_duty("b", 2)
    assert choose(Floor((keeper, other), known=True), "q", keeper=("a",)).person == "a"
    full = on_duty("a", 1, contacts=1, load=1)
    assert choose(Floor((full, other), known=True), "q", keeper=("a",)).person == "b"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([1.0, 2.0, 3.0]), min_size=30, max_size=120),
    st.integers(min_value=2, max_value=6),
)
def test_nobody_gets_all_the_hard_ones(weights: list[float], people: int) -> None:
    """Finished at once, matters differ between two people by one hard one at most."""
    today = {f"p{n}": 0.0 for n in range(people)}
    for number, weight in enumerate(weights):
        since = MORNING + timedelta(seconds=number)
        floor = Floor(tuple(on_duty(n, today=t, since=since) for n, t in today.items()))
        today[choose(floor, "q").person] += weight
    assert max(today.values()) - min(today.values()) <= max(weights)


def test_presence_is_an_event_of_the_person_and_lasts(store: Store) -> None:

    ana = Principal(id="human_agent:ana", role=Role.HUMAN_AGENT)
    for state in ("on", "pause", "off"):
        wish = plan(ChangePresence(state=Presence(state), queue="billing"), key=f"p:{state}")
        store.commit(
            Transaction(
                principal=ana, stream="presence:human_agent:ana", request_id=state, actions=(wish,)
            )
        )
    service = Principal(id="service:test", role=Role.SERVICE)
    told = store.events(
        service, stream="presence:human_agent:ana", kinds=[EventKind.PRESENCE_CHANGED]
    )
    assert [(e.data["person"], e.data["state"], e.data["queue"]) for e in told] == [
        ("human_agent:ana", state, "billing") for state in ("on", "pause", "off")
    ]


def test_no_customer_says_that_they_work_here(tmp_path: Path) -> None:

    with sample_workbench(tmp_path) as workbench:
        wish = plan(ChangePresence(state=Presence.ON), key="p")
        with pytest.raises(NotAllowed):
            workbench.store.commit(
                Transaction(
                    principal=customer_principal("C-1001", proven=True),
                    stream="presence:customer:C-1001",
                    request_id="r",
                    actions=(wish,),
                )
            )
        with pytest.raises(InputError, match="one of on, pause, off"):
            workbench.routing.set_presence("ana", "asleep")


def test_hand_offs_are_offered_to_those_who_are_there_one_after_the_other(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        for name in ("ben", "elena"):
            workbench.routing.set_presence(name, "on")
        workbench.routing.set_presence("ana", "on")
        workbench.routing.set_presence("ana", "pause")
        offered = []
        for customer, invoice in INVOICES.items():
            said = workbench.converse(customer, f"I want to talk to a person about {invoice}")
            events = workbench.events(said.conversation_id)
            [event] = [e for e in events if e.kind is EventKind.HANDED_OFF]
            assert event.data["queue"] == "billing"
            offered.append(event.data["route"]["person"])
        assert offered == ["ben", "elena", "ben", "elena", ""], "both have two by now"
        load = {each.person.name: each.contacts for each in workbench.routing.floor().on}
        assert load == {"ben": 2, "elena": 2, "ana": 0}


def test_whoever_forgot_to_log_off_is_not_there_the_next_morning(tmp_path: Path) -> None:
    clock = SteppingClock(MORNING, timedelta(milliseconds=1))
    with sample_workbench(tmp_path, clock=clock) as workbench:
        workbench.routing.set_presence("katrin", "on")
        reason = "legal_or_regulatory_matter"
        assert workbench.routing.explain(reason).choice.person == "katrin"
        workbench.routing.set_presence("katrin", "off")
        assert not workbench.routing.explain(reason).staffed
    later = SteppingClock(MORNING + timedelta(days=1), timedelta(milliseconds=1))
    with sample_workbench(tmp_path, clock=later) as workbench:
        assert workbench.routing.floor().on == ()
        assert workbench.routing.explain(reason).staffed, "the declared number counts again"
        said = [
            e.data["state"]
            for e in workbench.routing.came_and_went("katrin")
            if e.kind == "presence_changed"
        ]
        assert said == ["on", "off"]
