"""A person at the desk: suggestions are checked, shown once, settled once, and stay private."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_door import sample_workbench

from workbench import Workbench
from workbench.errors import InputError, NotAllowed, NotFound
from workbench.flows.suggesting import DeskHelp
from workbench.people.brand import DeskRules, Macro, Rule
from workbench.people.suggestions import Moment, Proposal, choose
from workbench.people.suggestions_ranking import learn
from workbench.records.base import Ids
from workbench.records.desk import SuggestionKind, SuggestionOutcome, Suggestions, desk_stream
from workbench.records.events import EventKind
from workbench.records.principals import customer_principal

CUSTOMER = "C-1001"
DISPUTE = "Line 2 of INV-1001 is wrong, only 28 of 40 arrived. Get me a person"
CANARY = "zebra-quartz-canary"


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


def taken(workbench: Workbench, text: str = DISPUTE, by: str = "ana") -> str:
    """A conversation that somebody has taken; its id."""
    result = workbench.converse(CUSTOMER, text, channel="portal")
    assert result.packet, result
    workbench.take(result.packet.id, by)
    return result.conversation_id


def outcomes(workbench: Workbench, talk: str) -> list[str]:
    return [use.outcome.value for use in workbench.desk.uses() if use.conversation_id == talk]


def test_up_to_three_suggestions_come_with_reason_source_and_chance(workbench: Workbench) -> None:
    offered = workbench.desk.suggestions(taken(workbench), "ana")
    assert 1 <= len(offered.shown) <= 3
    assert all(one.text and one.why and 0 < one.confidence < 1 for one in offered.shown)
    kinds = {one.kind: one for one in offered.shown}
    assert kinds[SuggestionKind.MACRO].key == "dispute-under-review"
    chances = [one.confidence for one in offered.shown]
    assert chances == sorted(chances, reverse=True)


def test_looking_again_shows_the_same_and_records_nothing(workbench: Workbench) -> None:
    talk = taken(workbench)
    first = workbench.desk.suggestions(talk, "ana")
    assert workbench.desk.suggestions(talk, "ben") == first
    assert len(workbench.events(desk_stream(talk))) == 1


def test_sent_as_it_was_is_accepted_and_the_others_are_ignored(workbench: Workbench) -> None:
    talk = taken(workbench)
    first, *others = workbench.desk.suggestions(talk, "ana").shown
    workbench.desk.reply(talk, "ana", first.text, first.id)
    assert sorted(outcomes(workbench, talk)) == ["accepted", *["ignored"] * len(others)]
    assert workbench.conversation(talk).utterances[-1].text == first.text
    assert workbench.desk.open_suggestions(talk) == ()


def test_an_edited_one_keeps_what_was_changed(workbench: Workbench) -> None:
    talk = taken(workbench)
    first = workbench.desk.suggestions(talk, "ana").shown[0]
    workbench.desk.reply(talk, "ana", first.text + "\nAna", first.id)
    used = [e for e in workbench.events(desk_stream(talk)) if e.kind is EventKind.SUGGESTION_USED]
    assert used[0].data["outcome"] == "edited"
    assert "+Ana" in used[0].data["diff"].splitlines()


def test_a_second_click_on_send_sends_nothing(workbench: Workbench) -> None:
    talk = taken(workbench)
    first = workbench.desk.suggestions(talk, "ana").shown[0]
    workbench.desk.reply(talk, "ana", first.text, first.id)
    before = outcomes(workbench, talk)
    assert workbench.desk.reply(talk, "ana", first.text, first.id).repeated
    said = [u for u in workbench.conversation(talk).utterances if u.speaker == "human_agent:ana"]
    assert len(said) == 1
    assert outcomes(workbench, talk) == before


def test_own_words_leave_every_suggestion_ignored(workbench: Workbench) -> None:
    talk = taken(workbench)
    shown = workbench.desk.suggestions(talk, "ana").shown
    workbench.human_reply(talk, "ana", "I call you in five minutes.")
    assert outcomes(workbench, talk) == ["ignored"] * len(shown)


def test_a_rejected_one_needs_a_reason_and_stays_rejected(workbench: Workbench) -> None:
    talk = taken(workbench)
    first = workbench.desk.suggestions(talk, "ana").shown[0]
    with pytest.raises(InputError, match="needs a reason"):
        workbench.desk.reject(talk, first.id, "ana", " ")
    workbench.desk.reject(talk, first.id, "ana", "too long")
    workbench.human_reply(talk, "ana", "I look into it.")
    assert outcomes(workbench, talk).count("rejected") == 1
    assert len(outcomes(workbench, talk)) == len(workbench.desk.suggestions(talk, "ana").shown)


def test_what_was_never_shown_here_cannot_be_used(workbench: Workbench) -> None:
    here, there = taken(workbench), taken(workbench)
    foreign = workbench.desk.suggestions(there, "ana").shown[0]
    for used in (
        lambda: workbench.desk.reply(here, "ana", "Hello", foreign.id),
        lambda: workbench.desk.reject(here, foreign.id, "ana", "no"),
    ):
        with pytest.raises(NotFound, match="was shown"):
            used()


def test_a_new_message_of_the_customer_has_suggestions_of_its_own(workbench: Workbench) -> None:
    talk = taken(workbench)
    first = workbench.desk.suggestions(talk, "ana")
    workbench.human_reply(talk, "ana", "I look into it.")
    workbench.converse(CUSTOMER, "And how do I get a refund?", conversation_id=talk)
    assert workbench.desk.suggestions(talk, "ana").turn == first.turn + 1


def test_the_words_for_people_are_not_in_what_a_customer_may_read(workbench: Workbench) -> None:
    talk = taken(workbench)
    first = workbench.desk.suggestions(talk, "ana").shown[0]
    workbench.desk.reject(talk, first.id, "ana", f"{CANARY} reason")
    workbench.desk.note(talk, "ana", f"{CANARY} note")
    workbench.human_reply(talk, "ana", "I look into it.")
    customer = customer_principal(CUSTOMER, proven=True)
    read = workbench.store.events(customer, stream=talk)
    assert read
    assert not any(CANARY in event.model_dump_json() for event in read)
    with pytest.raises(NotAllowed):
        workbench.store.events(customer, stream=desk_stream(talk))
    result = workbench.converse(CUSTOMER, "What did you note?", conversation_id=talk)
    assert CANARY not in result.model_dump_json()
    assert CANARY not in workbench.conversation(talk).model_dump_json()


def test_colleagues_read_private_notes_in_order(workbench: Workbench) -> None:
    talk = taken(workbench)
    workbench.desk.note(talk, "ana", "Called, nobody there.")
    workbench.desk.note(talk, "ben", "Called again.")
    assert [(note.by, note.text) for note in workbench.desk.notes(talk)] == [
        ("human_agent:ana", "Called, nobody there."),
        ("human_agent:ben", "Called again."),
    ]
    with pytest.raises(InputError, match="needs words"):
        workbench.desk.note(talk, "ana", "  ")


# What is shown

MOMENT = Moment("conv-1", turn=1, intent="invoice_amount", sentiment=0.0, language="en")


def proposal(text: str, kind: str = "draft", **more: tuple[str, ...]) -> Proposal:
    return Proposal(kind=SuggestionKind(kind), key=kind, text=text, why="because", **more)


def test_a_proposal_that_anything_stands_against_is_withheld_with_the_reason() -> None:
    rule = Rule(name="law", owner="counsel", because="No.", forbids={"en": ("lawsuit*",)})
    proposals = [
        proposal("You owe 12 euros.", ungrounded=("ungrounded: 12",)),
        proposal("Then comes a lawsuit.", "macro"),
        proposal("I look into it.", "opening"),
    ]
    offered = choose(MOMENT, proposals, [rule], learn(()), Ids(1))
    assert [one.text for one in offered.shown] == ["I look into it."]
    assert [one.objections for one in offered.withheld] == [
        ("ungrounded: 12",),
        ("law (counsel): it says “lawsuit*”. No.",),
    ]


def test_the_same_words_are_shown_once_and_never_more_than_three() -> None:
    proposals = [proposal(f"Answer {n % 5}", "macro") for n in range(20)]
    offered = choose(MOMENT, proposals, (), learn(()), Ids(1))
    assert len(offered.shown) == 3
    assert len({one.text for one in offered.shown}) == 3


def test_a_macro_with_a_figure_of_its_own_is_withheld(workbench: Workbench) -> None:
    offered = offered_with(workbench, taken(workbench), "I credit you 50 euros.")
    (held,) = [one for one in offered.withheld if one.key == "tried"]
    assert any("50" in why for why in held.objections)


def test_a_macro_is_filled_from_what_was_said_with_its_source(workbench: Workbench) -> None:
    talk = after_an_answer(workbench)
    offered = offered_with(workbench, talk, "On invoice {number}, {open} is still open.")
    (filled,) = [one for one in offered.shown if one.key == "tried"]
    assert "INV-1001" in filled.text and "{" not in filled.text
    assert {source.record for source in filled.sources} == {"invoice INV-1001"}


def test_a_macro_whose_facts_nobody_knows_is_not_offered(workbench: Workbench) -> None:
    offered = offered_with(workbench, taken(workbench), "Your rate is {rate}.")
    assert "tried" not in [one.key for one in (*offered.shown, *offered.withheld)]


def after_an_answer(workbench: Workbench) -> str:
    """The assistant told what is open on INV-1001, then a person took over."""
    told = workbench.converse(CUSTOMER, "What is still open on INV-1001?", channel="portal")
    result = workbench.converse(
        CUSTOMER, "I want to talk to a person", conversation_id=told.conversation_id
    )
    assert result.packet
    workbench.take(result.packet.id, "ana")
    return told.conversation_id


def offered_with(workbench: Workbench, talk: str, text: str) -> Suggestions:
    """Suggestions where the team has one macro, with this text."""
    intents = ("invoice_dispute", "invoice_amount")
    macro = Macro(name="tried", owner="somebody", intents=intents, text={"en": text})
    knowledge = workbench.systems.knowledge
    helper = DeskHelp(DeskRules(macro=(macro,)), knowledge, learn(()), workbench.ids)
    conversation = workbench.conversation(talk)
    packet = workbench.packet(conversation.packet_id)
    return helper.suggest(conversation, packet, workbench.events(talk))


def test_sent_means_accepted_or_edited() -> None:
    assert [one.value for one in SuggestionOutcome if one.sent] == ["accepted", "edited"]
