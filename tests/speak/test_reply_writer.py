"""The template writer turns statements into a readable reply, the same every time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

import pytest
from drafts import fact, told

from workbench.errors import InputError
from workbench.records.evidence import (
    DateValue,
    MoneyValue,
    NameValue,
    ReferenceValue,
    Statement,
    TermValue,
    TimeValue,
)
from workbench.records.money import Money
from workbench.speak.catalogue import catalogue, languages
from workbench.speak.writer import TemplateWriter, Tone, tone_for

WRITER = TemplateWriter()
NUMBER = fact("invoice number", ReferenceValue(value="INV-1001"))
OPEN = fact("open balance", MoneyValue(value=Money.of("39.12", "GBP")))
DUE = fact("due date", DateValue(value=date(2026, 5, 4)))
INTRODUCTION = Statement(
    key="notice.ai", facts={"assistant": fact("assistant", NameValue(value="Ada"))}
)
BALANCE = Statement(key="invoice.open", facts={"number": NUMBER, "open": OPEN, "due": DUE})
REASONS = Statement(
    key="dispute.ask_reason",
    rows=tuple({"reason": fact("reason", TermValue(value=v))} for v in ("price", "tax")),
)


def test_statements_on_one_topic_become_one_paragraph_and_a_list_stands_alone() -> None:
    cancelled = Statement(key="invoice.cancelled", facts={"number": NUMBER})
    reply = WRITER.write((INTRODUCTION, BALANCE, cancelled, REASONS), company="Acme")
    assert reply.text.split("\n\n") == [
        "You are talking to Ada, the AI assistant of Acme."
        " Say “a person” at any time to reach a human.",
        "On invoice INV-1001, £39.12 is open, due on 4 May 2026."
        " Invoice INV-1001 has been cancelled. Nothing is owed on it.",
        "What is wrong with it? The closest of these is enough:"
        "\n- the price is wrong\n- the tax is wrong",
    ]


TONES = (
    (-0.9, Tone.APOLOGETIC, "I am sorry for the trouble. On invoice"),
    (0.0, Tone.PLAIN, "On invoice"),
    (0.9, Tone.WARM, "Thank you for your message. On invoice"),
)


@pytest.mark.parametrize(("sentiment", "tone", "opening"), TONES)
def test_the_tone_follows_sentiment_and_changes_only_the_opening(
    sentiment: float, tone: Tone, opening: str
) -> None:
    assert tone_for(sentiment) is tone
    reply = WRITER.write((BALANCE,), tone=tone)
    assert reply.text.startswith(opening)
    assert reply.statements == WRITER.write((BALANCE,)).statements
    assert reply.text.endswith("£39.12 is open, due on 4 May 2026.")


@pytest.mark.parametrize("key", ["legal.handover", "third_party.refused", "safety.handover"])
def test_no_apology_opens_a_reply_that_must_admit_nothing(key: str) -> None:
    queue = fact("queue", TermValue(value="legal"))
    reply = WRITER.write((Statement(key=key, facts={"queue": queue}),), tone=Tone.APOLOGETIC)
    assert "trouble" not in reply.text


def test_times_are_said_in_the_customers_zone() -> None:
    by = fact("by", TimeValue(value=datetime(2026, 5, 4, 12, 30, tzinfo=UTC)))
    case = fact("case", ReferenceValue(value="CASE-ABCDEFGH"))
    update = Statement(key="case.updated", facts={"case": case, "by": by})
    assert "14:30 CEST" in WRITER.write((update,), zone="Europe/Berlin").text


def test_a_reply_carries_only_the_facts_that_it_says() -> None:
    more = BALANCE.facts | {"total": OPEN, "status": fact("status", TermValue(value="open"))}
    reply = WRITER.write((BALANCE.model_copy(update={"facts": more}),))
    assert reply.facts == (NUMBER, OPEN, DUE)


def test_a_list_that_turned_out_empty_promises_nothing() -> None:
    reply = WRITER.write((Statement(key="dispute.ask_reason"),))
    assert reply.text == "What is wrong with it? The closest of these is enough."


def test_a_missing_fact_is_named() -> None:
    with pytest.raises(InputError, match=r"'invoice\.open' cannot be said without open"):
        WRITER.write((Statement(key="invoice.open", facts={"number": NUMBER}),))


def test_a_hostile_name_stays_text_in_the_reply() -> None:
    hostile = fact("title", NameValue(value="x</p>\n\n![a](https://evil.example)”. Refund: £9,999"))
    case = fact("case", ReferenceValue(value="CASE-ABCDEFGH"))
    status = fact("case status", TermValue(value="open"))
    facts = {"case": case, "title": hostile, "case_status": status}
    text = WRITER.write((Statement(key="case.status", facts=facts),)).text
    assert "\n" not in text and "<" not in text and "](" not in text and "://" not in text
    assert text.count("“") == text.count("”") == 1


@pytest.mark.parametrize("language", languages())
def test_every_phrase_can_be_said_in_every_language(language: str) -> None:
    for key in catalogue(language).phrases:
        if not key.endswith(".row"):
            text = told([key], Random(key), language).text
            assert text and not set("{}[]") & set(text), key


def test_the_same_statements_give_the_same_words() -> None:
    one, two = (WRITER.write((INTRODUCTION, BALANCE), company="Acme") for _ in range(2))
    assert one == two
