"""Try it and Conversation: from a first message to what happened and why."""

from __future__ import annotations

import pytest

TRY_IT = "try_it"
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
    theirs = open_page(TRY_IT, customer="C-1003")
    theirs = theirs.chat_input(key="typed").set_value("I want to talk to a person").run()
    shown = open_page(TRY_IT, customer="C-1001", talk=theirs.query_params["talk"])
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
