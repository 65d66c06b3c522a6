"""Contact facts from real ledgers: one row per need, with what happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.measure import ledger_story
from tests.measure.ledger_story import (
    MONDAY,
    Story,
    case_of,
    decided,
    event,
    person,
    request,
    said,
)
from workbench.records.cases import CaseStatus, SlaClock
from workbench.records.contacts import Contact
from workbench.records.decisions import HandOffReason, Level
from workbench.records.operations import MergeCases, RequestCallback, UnmergeCases, plan

WANTS_PERSON = HandOffReason.CUSTOMER_REQUEST


@dataclass
class World(ledger_story.World):
    def story(self, name: str = "conv-1", customer_id: str = "C-1") -> Story:
        return Story(self.store, name, customer_id)

    def contacts(self) -> list[dict[str, Any]]:
        rows = self.history.connection().sql("SELECT * FROM contact ORDER BY contact_id")
        return list(rows.to_arrow_table().to_pylist())

    def contact(self) -> dict[str, Any]:
        (only,) = self.contacts()
        return only


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World.opened(tmp_path) as opened:
        yield opened


def picked(row: dict[str, Any], **expected: Any) -> dict[str, Any]:
    return {name: row[name] for name in expected}


def holds(row: dict[str, Any], **expected: Any) -> None:
    assert picked(row, **expected) == expected


def answered_and_left(world: World, name: str = "conv-1", customer_id: str = "C-1") -> Story:
    """A question, an answer after three seconds, then a day of silence."""
    story = world.story(name, customer_id)
    story.begin()
    world.clock.pass_time(seconds=3)
    story.answer(request("r1"), decided("r1", intent="invoice_amount", confidence=0.9))
    world.clock.pass_time(hours=24)
    return story


def test_an_answered_need_is_assumed_resolved_after_a_day_of_silence(world: World) -> None:
    answered_and_left(world)
    holds(
        world.contact(),
        contact_id="conv-1/r1",
        customer_id="C-1",
        started_at=MONDAY,
        ended_at=MONDAY + timedelta(seconds=3),
        intent="invoice_amount",
        level="automate",
        rule_id="routine",
        policy_version="p-1",
        resolution="assumed",
        solved=True,
        entered_automation=True,
        handed_off=False,
        abandoned=False,
        human_agents=0,
        first_response_s=3,
        resolution_s=3,
        assistant_s=3,
        phase="pilot",
        summary="How much is INV-1?",
    )


def test_a_conversation_under_way_is_open(world: World) -> None:
    world.story().begin()
    world.clock.pass_time(hours=23)
    holds(world.contact(), ended_at=None, resolution=None, first_response_s=None, resolution_s=None)


def test_every_row_is_a_contact_record(world: World) -> None:
    answered_and_left(world)
    fields = Contact.model_fields
    assert Contact.model_validate(world.contact()).model_dump() == world.contact()
    assert list(world.contact()) == list(fields)


def test_the_situation_is_that_of_the_first_decision(world: World) -> None:
    story = world.story()
    story.begin()
    first = decided("r1", confidence=0.55, sentiment=-0.4, amount="12.50", currency="EUR")
    story.answer(request("r1", status="waiting"), first)
    story.ask("INV-1")
    story.answer(request("r1"), decided("r1", confidence=0.95, sentiment=0.3))
    row = world.contact()
    holds(row, confidence=0.55, sentiment=-0.4, currency="EUR", abusive=None)
    assert str(row["amount"]) == "12.500"


def test_the_most_human_level_wins_with_its_rule_and_reason(world: World) -> None:
    story = world.story()
    story.begin()
    story.answer(
        request("r1"),
        decided("r1", Level.ASSIST, "key-account", HandOffReason.POLICY_RESTRICTION),
        decided("r1", Level.ESCALATE, "limit", HandOffReason.AUTHORITY_LIMIT),
        decided("r1", Level.ESCALATE, "later", HandOffReason.OTHER),
        decided("r1", Level.AUTOMATE, "routine"),
    )
    holds(world.contact(), level="escalate", rule_id="limit", reason="authority_limit")


def test_a_flow_that_hands_over_makes_an_automated_need_escalated(world: World) -> None:
    story = world.story()
    story.begin()
    handed = request("r1", status="handed_off")
    story.hand_over(HandOffReason.MISSING_KNOWLEDGE, "failure", handed, decided("r1"))
    holds(
        world.contact(),
        level="escalate",
        handed_off=True,
        handoff_kind="failure",
        reason="missing_knowledge",
        queue="billing",
        abandoned=False,
    )


def test_each_need_of_a_conversation_is_a_contact_and_totals_count_once(world: World) -> None:
    story = world.story()
    story.begin("Amount of INV-1, and I want a person for my complaint")
    world.clock.pass_time(seconds=2)
    story.hand_over(
        WANTS_PERSON,
        "requested",
        request("r1"),
        decided("r1"),
        request("r2", "ask_person", "handed_off", "escalation"),
        decided("r2", Level.ESCALATE, "wants-a-person", WANTS_PERSON),
    )
    world.clock.pass_time(minutes=5)
    story.take()
    world.clock.pass_time(minutes=3)
    story.person_replies()
    story.write(event("rated", csat=5))
    story.end("confirmed")
    answered, handed = world.contacts()
    holds(answered, contact_id="conv-1/r1", level="automate", handed_off=False, human_agents=0)
    holds(answered, resolution="confirmed", csat=None, talk_s=0, turns=0)
    holds(handed, contact_id="conv-1/r2", level="escalate", handed_off=True, human_agents=1)
    holds(handed, resolution="confirmed", csat=5, csat_asked=True, talk_s=180, turns=1)


def test_two_people_are_counted_as_two_and_one_person_twice_as_one(world: World) -> None:
    story = world.story()
    story.begin()
    story.hand_over(WANTS_PERSON, "requested", request("r1", status="handed_off"))
    story.take("ana")
    story.person_replies("ana")
    story.person_replies("ana")
    assert world.contact()["human_agents"] == 1
    story.person_replies("ben")
    assert world.contact()["human_agents"] == 2


def test_human_time_runs_from_taking_or_the_customers_message_to_the_reply(world: World) -> None:
    story = world.story()
    story.begin()
    story.hand_over(WANTS_PERSON, "requested", request("r1", status="handed_off"))
    world.clock.pass_time(hours=2)
    story.take()
    world.clock.pass_time(seconds=90)
    story.person_replies()
    world.clock.pass_time(hours=1)
    story.ask("Thank you. And when?")
    world.clock.pass_time(seconds=30)
    story.person_replies()
    assert world.contact()["talk_s"] == 120


def test_a_handed_over_conversation_stays_open_until_a_person_has_answered(world: World) -> None:
    story = world.story()
    story.begin()
    story.hand_over(WANTS_PERSON, "requested", request("r1", status="handed_off"))
    world.clock.pass_time(days=30)
    holds(world.contact(), ended_at=None, resolution=None, abandoned=False)
    story.person_replies()
    world.clock.pass_time(days=7)
    holds(world.contact(), resolution="assumed", resolution_s=30 * 86_400)


def test_a_customer_who_leaves_a_question_unanswered_has_given_up(world: World) -> None:
    story = world.story()
    story.begin()
    waiting = request("r1", status="waiting", asked="invoice")
    story.answer(waiting, decided("r1"), event("question_asked", request_id="r1", slot="invoice"))
    world.clock.pass_time(hours=25)
    holds(world.contact(), abandoned=True, resolution=None, entered_automation=True, engaged=False)


def test_a_customer_who_answers_or_an_act_makes_the_session_engaged(world: World) -> None:
    one, two = world.story("conv-1"), world.story("conv-2", "C-2")
    one.begin()
    one.answer(request("r1", status="waiting"))
    one.ask("INV-1")
    two.begin()
    wish = RequestCallback(customer_id="C-2", reason="asked")
    two.answer(request("r1"), actions=(plan(wish, key="call-2"),))
    first, second = world.contacts()
    holds(first, engaged=True, called_back=False, turns=2)
    holds(second, engaged=True, called_back=True, turns=1)


def test_what_is_said_at_the_end_beats_silence(world: World) -> None:
    story = world.story()
    story.begin()
    story.answer(request("r1"))
    story.end("contained")
    holds(world.contact(), resolution="contained", solved=False)


def test_a_message_after_the_end_opens_the_contact_again(world: World) -> None:
    story = world.story()
    story.begin()
    story.answer(request("r1"))
    story.end("confirmed")
    world.clock.pass_time(minutes=1)
    story.ask("One more thing")
    holds(world.contact(), ended_at=None, resolution=None)


def test_a_need_that_was_opened_again_is_resolved_by_its_last_answer(world: World) -> None:
    story = world.story()
    story.begin()
    story.answer(request("r1"))
    world.clock.pass_time(minutes=10)
    story.ask("That is not what I asked")
    story.answer(request("r1", status="open"))
    world.clock.pass_time(minutes=5)
    story.answer(request("r1"))
    world.clock.pass_time(days=1)
    assert world.contact()["resolution_s"] == 15 * 60


def test_a_request_taken_back_is_contained_and_not_resolved(world: World) -> None:
    story = world.story()
    story.begin()
    story.answer(request("r1", status="dropped"))
    world.clock.pass_time(days=1)
    holds(world.contact(), resolution="contained", solved=False, abandoned=False)


def test_small_talk_beside_a_need_is_no_contact(world: World) -> None:
    story = world.story()
    story.begin("Hello, how much is INV-1?")
    story.answer(request("r0", "greeting", flow="general"), request("r1"))
    assert world.contact()["contact_id"] == "conv-1/r1"


@pytest.mark.parametrize("intent", ["greeting", "thanks", "are_you_human"])
def test_small_talk_alone_is_a_contact_that_nobody_could_deflect(world: World, intent: str) -> None:
    story = world.story()
    story.begin("Hello")
    story.answer(request("r0", intent, flow="general"))
    holds(world.contact(), intent=intent, eligible=False)


def test_a_message_without_any_request_is_still_a_contact(world: World) -> None:
    story = world.story()
    story.begin("???", segment="key_account")
    story.answer()
    holds(world.contact(), contact_id="conv-1", intent=None, level=None, segment="key_account")


def test_release_arm_and_phase_come_from_the_start(world: World) -> None:
    world.story().begin(phase="shadow", release="r-7", arm="b")
    holds(world.contact(), phase="shadow", release="r-7", arm="b")


def test_costs_and_seconds_of_the_assistant_add_up_over_its_replies(world: World) -> None:
    story = world.story()
    story.begin()
    story.answer(request("r1"), milliseconds=1_400, cost_micros=700)
    story.ask("And INV-2?")
    story.answer(request("r1"), milliseconds=2_200, cost_micros=300)
    holds(world.contact(), assistant_s=4, model_cost_micros=1_000)


def test_seconds_of_identification_count_when_a_person_follows(world: World) -> None:
    story = world.story()
    story.begin()
    story.answer(
        request("r1", status="waiting"), event("question_asked", request_id="r1", slot="identifier")
    )
    world.clock.pass_time(seconds=40)
    story.write(said("My postcode is 10115"), event("identity_checked", matched=[], proven=True))
    story.hand_over(WANTS_PERSON, "requested", request("r1", status="handed_off"))
    assert world.contact()["auth_s"] == 40


def test_business_seconds_leave_out_the_night(world: World) -> None:
    world.clock.at = datetime(2026, 5, 4, 14, 50, tzinfo=UTC)  # 16:50 in Berlin
    story = world.story()
    story.begin()
    world.clock.at = datetime(2026, 5, 5, 7, 5, tzinfo=UTC)  # 9:05 the next day
    story.answer(request("r1"))
    holds(world.contact(), first_response_s=58_500, first_response_work_s=900)


def test_a_case_that_was_reopened_counts_against_its_conversation(world: World) -> None:
    story = answered_and_left(world)
    story.write(request("r1", case_id="CASE-22222222"))
    case = case_of(story, "CASE-22222222")
    story.open_case(case)
    solved = story.change_case(case, CaseStatus.SOLVED)
    assert world.contact()["reopened"] is False
    story.change_case(solved, CaseStatus.OPEN)
    assert world.contact()["reopened"] is True


def test_a_case_that_was_merged_is_closed_but_not_solved(world: World) -> None:
    story = world.story()
    story.begin()
    story.write(request("r1", case_id="CASE-22222222"))
    double = case_of(story, "CASE-22222222")
    kept = case_of(story, "CASE-33333333").model_copy(update={"subject": "invoice:INV-1"})
    for case in (double, kept):
        story.open_case(case)
    wish = MergeCases(kept_id=kept.id, kept_revision=1, merged_id=double.id, merged_revision=1)
    story.write(actions=(plan(wish, key="merge"),), by=person("ana"))
    assert world.contact()["solved"] is not True
    story.write(actions=(plan(UnmergeCases(merged_id=double.id), key="part"),), by=person("ana"))
    story.change_case(double.model_copy(update={"revision": 3}), CaseStatus.SOLVED)
    assert world.contact()["solved"] is True


def test_promises_of_a_case_that_fell_due_count_and_paused_ones_do_not(world: World) -> None:
    def clock(kind: str, hours: int, **more: Any) -> SlaClock:
        due = MONDAY + timedelta(hours=hours)
        return SlaClock(kind=kind, started_at=MONDAY, due_at=due, **more)

    story = world.story()
    story.begin()
    story.answer(request("r1", case_id="CASE-22222222"))
    met, late = MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=9)
    story.open_case(
        case_of(
            story,
            "CASE-22222222",
            (
                clock("first_response", 2, met_at=met),
                clock("next_response", 4, met_at=late),
                clock("resolution", 5),
                clock("resolution", 90),
                clock("resolution", 5, paused_at=met),
            ),
        )
    )
    world.clock.pass_time(hours=10)
    holds(
        world.contact(),
        sla_due=3,
        sla_met=1,
        first_response_due=1,
        first_response_met=1,
        next_response_due=1,
        next_response_met=0,
        resolution_due=1,
        resolution_met=0,
    )


GAPS = [
    (timedelta(hours=47), True, True),
    (timedelta(hours=49), False, True),
    (timedelta(days=6, hours=23), False, True),
    (timedelta(days=8), False, False),
]


@pytest.mark.parametrize(("gap", "within_48h", "within_7d"), GAPS)
def test_coming_back_on_the_same_topic_makes_the_first_contact_a_repeated_one(
    world: World, gap: timedelta, within_48h: bool, within_7d: bool
) -> None:
    answered_and_left(world, "conv-1")
    world.clock.at = MONDAY + gap
    answered_and_left(world, "conv-2")
    first, second = world.contacts()
    holds(first, repeated_48h=within_48h, repeated_7d=within_7d)
    holds(second, repeated_48h=False, repeated_7d=False)


def test_another_customer_or_another_topic_is_no_repeat(world: World) -> None:
    answered_and_left(world, "conv-1", "C-1")
    answered_and_left(world, "conv-2", "C-2")
    story = world.story("conv-3", "C-1")
    story.begin()
    story.answer(request("r1", "case_status"), decided("r1", intent="case_status"))
    assert not any(row["repeated_7d"] for row in world.contacts())


def test_two_needs_of_one_conversation_do_not_repeat_each_other(world: World) -> None:
    story = world.story()
    story.begin("Amount of INV-1 and of INV-2?")
    story.answer(request("r1"), request("r2"))
    assert [row["repeated_7d"] for row in world.contacts()] == [False, False]


def test_contacts_that_begin_together_repeat_once_and_not_twice(world: World) -> None:
    for name in ("conv-1", "conv-2"):
        story = world.story(name)
        story.begin()
        story.answer(request("r1"))
    assert [row["repeated_7d"] for row in world.contacts()] == [True, False]


def test_a_rating_that_was_asked_for_and_not_given_counts_as_asked(world: World) -> None:
    story = world.story()
    story.begin()
    story.answer(request("r1"))
    story.write(event("rated", csat=None))
    holds(world.contact(), csat_asked=True, csat=None)
