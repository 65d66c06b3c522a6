"""Whoever takes over sees all that happened, reads what was said, and is the only one to speak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from front_door import sample_workbench

from workbench import Workbench
from workbench.errors import Conflict, NotAllowed
from workbench.people.timeline import Happening, timeline
from workbench.records.conversations import Speaker
from workbench.records.events import EventKind
from workbench.records.principals import Role
from workbench.speak.catalogue import languages
from workbench.speak.grounding import check

CUSTOMER = "C-1001"


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("taking-over")) as opened:
        yield opened


def running(workbench: Workbench) -> str:
    """A conversation that the assistant leads; its id."""
    text = "What is still open on INV-1001?"
    return workbench.converse(CUSTOMER, text, channel="portal").conversation_id


def handed_off(workbench: Workbench, talk: str) -> str:
    """The conversation's packet, after the customer asked for a person."""
    result = workbench.converse(CUSTOMER, "I want to talk to a person", conversation_id=talk)
    assert result.packet
    return result.packet.id


def replies_of_the_assistant(workbench: Workbench, talk: str) -> int:
    return sum(u.speaker == "assistant" for u in workbench.conversation(talk).utterances)


# One speaker


def test_a_person_takes_over_a_running_conversation_and_the_assistant_is_silent(
    workbench: Workbench,
) -> None:
    talk = running(workbench)
    before = replies_of_the_assistant(workbench, talk)
    workbench.desk.take_over(talk, "ana")
    workbench.converse(CUSTOMER, "And INV-1002?", conversation_id=talk)
    assert replies_of_the_assistant(workbench, talk) == before
    assert workbench.conversation(talk).speaker is Speaker.PERSON
    assert workbench.desk.suggestions(talk, "ana").shown


def test_handed_back_with_a_note_the_assistant_goes_on(workbench: Workbench) -> None:
    talk = running(workbench)
    workbench.desk.take_over(talk, "ana")
    workbench.hand_back(talk, "ana", "The due date was moved.")
    before = replies_of_the_assistant(workbench, talk)
    workbench.converse(CUSTOMER, "Is INV-1001 paid?", conversation_id=talk)
    assert replies_of_the_assistant(workbench, talk) == before + 1
    back = [e for e in workbench.events(talk) if e.kind is EventKind.HANDED_BACK]
    assert [e.data["note"] for e in back] == ["The due date was moved."]


def test_a_colleague_who_has_it_is_not_pushed_aside(workbench: Workbench) -> None:
    talk = running(workbench)
    workbench.take(handed_off(workbench, talk), "ana")
    with pytest.raises(Conflict, match="human_agent:ana"):
        workbench.desk.take_over(talk, "ben")
    workbench.desk.take_over(talk, "ana")


def test_a_packet_that_waits_goes_to_whoever_takes_over(workbench: Workbench) -> None:
    talk = running(workbench)
    packet_id = handed_off(workbench, talk)
    workbench.desk.take_over(talk, "ben")
    assert packet_id not in {row.id for row in workbench.inbox()}
    with pytest.raises(Conflict, match="human_agent:ben"):
        workbench.take(packet_id, "ana")


def test_a_colleague_who_has_it_is_not_talked_over(workbench: Workbench) -> None:
    talk = running(workbench)
    workbench.desk.take_over(talk, "ana")
    before = workbench.events(talk)
    for act in (workbench.desk.take_over, lambda talk, by: workbench.human_reply(talk, by, "Hi")):
        with pytest.raises(Conflict, match="human_agent:ana"):
            act(talk, "ben")
    assert workbench.events(talk) == before
    workbench.human_reply(talk, "ana", "Good morning")
    workbench.hand_back(talk, "ana", "Settled.")
    workbench.human_reply(talk, "ben", "One more thing")


def test_who_replies_without_having_it_takes_it_over_with_the_words(workbench: Workbench) -> None:
    talk = running(workbench)
    packet_id = handed_off(workbench, talk)
    workbench.human_reply(talk, "ana", "Good morning")
    workbench.human_reply(talk, "ana", "How can I help?")
    assert packet_id not in {row.id for row in workbench.inbox()}
    assert workbench.desk.keeper(talk) == "human_agent:ana"
    kinds = [event.kind for event in workbench.events(talk)]
    assert kinds.count(EventKind.TAKEN_OVER) == 1


# The timeline


def test_the_timeline_tells_all_records_of_the_customer_in_order(workbench: Workbench) -> None:
    talk = running(workbench)
    workbench.take(handed_off(workbench, talk), "ana")
    workbench.desk.note(talk, "ana", "Called twice.")
    workbench.human_reply(talk, "ana", "It is settled.")
    workbench.rate(talk, 4)
    found = workbench.desk.timeline(CUSTOMER, "ana")
    assert [entry.at for entry in found] == sorted(entry.at for entry in found)
    assert Counter(entry.what for entry in found) >= Counter(_counted_apart(workbench))
    mine = [entry for entry in found if entry.record == f"conversation {talk}"]
    assert [entry.what.value for entry in mine] == [
        *("conversation", "message", "reply", "message", "handed_off", "reply"),
        *("note", "reply", "rated"),
    ]
    assert [entry.text for entry in mine if entry.internal] == ["Called twice."]
    assert (mine[-1].text, mine[-2].by) == ("4", "human_agent:ana")


def _counted_apart(workbench: Workbench) -> dict[Happening, int]:
    """How many entries the customer's records must give, counted without the timeline."""
    store, person = workbench.store, workbench.person("ana")
    accounts = store.accounts(person, CUSTOMER)
    return {
        Happening.CONVERSATION: len(store.conversations(person, customer_id=CUSTOMER)),
        Happening.CASE_OPENED: len(store.cases(person, CUSTOMER)),
        Happening.INVOICE: len(accounts),
        Happening.PAYMENT: sum(len(account.payments) for account in accounts),
        Happening.CREDIT: sum(len(account.credit_notes) for account in accounts),
        Happening.DISPUTE: sum(len(account.disputes) for account in accounts),
    }


def test_nothing_of_another_customer_is_on_the_timeline(workbench: Workbench) -> None:
    running(workbench)
    own = {row.id for row in workbench.conversations(customer_id="C-1002")}
    told = {entry.record for entry in workbench.desk.timeline("C-1002", "ana")}
    talks = {record.removeprefix("conversation ") for record in told if "conv-" in record}
    assert talks == own
    assert "invoice INV-1001" not in told


def test_whoever_may_not_read_the_customer_sees_no_timeline(workbench: Workbench) -> None:
    with pytest.raises(NotAllowed):
        timeline(workbench.store, workbench.person("nina", Role.ANALYST), CUSTOMER)


# The summary


@pytest.mark.parametrize("language", languages())
def test_the_summary_states_nothing_but_facts(workbench: Workbench, language: str) -> None:
    talk = running(workbench)
    handed_off(workbench, talk)
    summary = workbench.desk.summary(talk, language)
    assert summary.language == language
    assert check(summary.text, summary.statements, language) == ()
    assert "INV-1001" in summary.text
    assert "I want to talk to a person" in summary.text


def test_the_summary_repeats_what_the_assistant_told_and_names_only_the_proven(
    workbench: Workbench,
) -> None:
    talk = running(workbench)
    told = workbench.conversation(talk).utterances[-1].text
    amount = next(word for word in told.split() if any(sign in word for sign in "€£$"))
    summary = workbench.desk.summary(talk).text
    assert amount.strip(".,") in summary
    name = workbench.store.customer(workbench.service, CUSTOMER).name
    proven = len(workbench.conversation(talk).identifiers) >= 2
    assert (name in summary) is proven
