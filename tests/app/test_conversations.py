"""Try it, Review and Conversation: from a first message to a person and back."""

from __future__ import annotations

import pytest

TRY_IT, REVIEW = "try_it", "review"
FLOWS = [
    ("Open balance", "automate", "invoice_amount"),
    ("Invoice copy", "automate", "invoice_copy"),
    ("Open a case, ask for it", "automate", "case_status"),
    ("A person, please", "escalate", "ask_person"),
]


def said(shown) -> str:
    return " ".join(text.value for text in shown.text)


def words(shown) -> str:
    return " ".join(one.value for one in (*shown.markdown, *shown.caption))


def wait_for_a_person(open_page) -> tuple[str, str]:
    """A conversation that has been handed off: its id and its packet's."""
    shown = open_page(TRY_IT, customer="C-1003")
    shown = shown.chat_input(key="typed").set_value("I want to talk to a person").run()
    return shown.query_params["talk"], "C-1003"


@pytest.mark.parametrize(("script", "level", "intent"), FLOWS)
def test_a_script_is_played_and_explained(open_page, script, level, intent):
    shown = open_page(TRY_IT)
    shown = shown.pills(key="script").set_value(script).run()
    assert not shown.exception and not shown.warning
    assert len(shown.chat_message) >= 2
    assert any(level in each.value for each in shown.markdown)
    assert "Rule" in words(shown)


def test_a_typed_message_is_answered_and_its_evidence_shown(open_page):
    shown = open_page(TRY_IT, customer="C-1001")
    shown = shown.chat_input(key="typed").set_value("How much is open on INV-1001?").run()
    assert "INV-1001" in said(shown)
    facts = shown.dataframe[0].value
    assert {"fact", "value", "source"} <= set(facts.columns)
    assert any(source.startswith("billing:") for source in facts["source"])


def test_a_conversation_can_be_reopened_from_its_address(open_page):
    shown = open_page(TRY_IT, customer="C-1001")
    shown = shown.chat_input(key="typed").set_value("When is INV-1001 due?").run()
    again = open_page(TRY_IT, **shown.query_params)
    assert [m.avatar for m in again.chat_message] == [m.avatar for m in shown.chat_message]
    assert "When is INV-1001 due?" in said(again)


def test_somebody_elses_conversation_does_not_open_under_another_customer(open_page):
    talk, _ = wait_for_a_person(open_page)
    shown = open_page(TRY_IT, customer="C-1001", talk=talk)
    assert not shown.chat_message


def test_a_message_that_cannot_be_used_is_refused_in_words(open_page):
    shown = open_page(TRY_IT)
    shown = shown.chat_input(key="typed").set_value("x" * 1_000_001).run()
    assert shown.warning and not shown.exception
    assert not shown.chat_message


def test_a_new_conversation_begins_empty(open_page):
    shown = open_page(TRY_IT)
    shown = shown.chat_input(key="typed").set_value("hello").run()
    begun = next(b for b in shown.button if b.label == "New conversation").click().run()
    assert not begun.chat_message and "talk" not in begun.query_params


def packet_of(workbench, talk: str) -> str:
    return next(row.id for row in workbench.inbox(status=None) if row.conversation_id == talk)


def button(shown, label: str):
    return next(one for one in shown.button if one.label == label)


def test_a_person_takes_over_replies_and_hands_back(open_page, workbench):
    talk, customer = wait_for_a_person(open_page)
    packet = packet_of(workbench, talk)
    shown = open_page(REVIEW, packet=packet)
    assert all(button(shown, act).disabled for act in ("Take", "Send reply", "Hand back"))

    shown = shown.text_input(key="reviewer").set_value("ana").run()
    shown = button(shown, "Take").click().run()
    assert not shown.error
    shown.text_area(key=f"reply-{packet}").set_value("This is Ana. I will look into it.")
    shown = button(shown.run(), "Send reply").click().run()
    assert not shown.error and "This is Ana." in said(shown)

    seen = open_page(TRY_IT, customer=customer, talk=talk)
    assert "This is Ana." in said(seen)
    silent = seen.chat_input(key="typed").set_value("thank you").run()
    assert any("stays silent" in one.value for one in silent.info)

    shown.text_input(key=f"note-{packet}").set_value("answered")
    shown = button(shown.run(), "Hand back").click().run()
    assert not shown.error
    assert workbench.conversation(talk).speaker == "assistant"


def test_what_another_person_took_cannot_be_taken_again(open_page, workbench):
    talk, _ = wait_for_a_person(open_page)
    packet = packet_of(workbench, talk)
    shown = open_page(REVIEW, packet=packet)
    shown = shown.text_input(key="reviewer").set_value("ben").run()
    workbench.take(packet, "ana")
    shown = button(shown, "Take").click().run()
    assert shown.error and not shown.exception


def test_a_suggestion_can_be_used_as_the_reply(open_page, workbench):
    talk, _ = wait_for_a_person(open_page)
    packet = packet_of(workbench, talk)
    shown = open_page(REVIEW, packet=packet)
    shown = shown.button(key=f"use-{packet}-0").click().run()
    assert shown.text_area(key=f"reply-{packet}").value == (
        workbench.packet(packet).suggestions[0].text
    )


def test_an_approval_needs_a_name_and_a_reason_and_is_then_performed(open_page, workbench):
    (asked, *_) = workbench.approvals()
    shown = open_page(REVIEW)
    assert shown.button(key=f"approve-{asked.id}").disabled
    shown.text_input(key="reviewer").set_value("sam")
    shown.text_input(key=f"why-{asked.id}").set_value("delivery note checked")
    shown = shown.run()
    shown = shown.button(key=f"approve-{asked.id}").click().run()
    assert not shown.error and not shown.exception
    assert asked.id not in [one.id for one in workbench.approvals()]


def test_a_conversation_shows_words_decisions_and_ledger(open_page, workbench):
    shown = open_page("conversation", id="conv-demo-legal")
    assert "lawyer" in said(shown)
    events = workbench.events("conv-demo-legal")
    timeline = shown.dataframe[-1].value
    assert len(timeline) == len(events)


def test_an_imported_contact_shows_its_facts(open_page, workbench):
    (contact, *_) = workbench.contacts_behind("csat", phase="baseline", limit=1)
    shown = open_page("conversation", id=contact)
    assert not shown.exception and contact in list(shown.dataframe[0].value["value"])


def test_an_unknown_conversation_is_said_to_be_unknown(open_page):
    shown = open_page("conversation", id="conv-nobody")
    assert shown.warning and not shown.exception
