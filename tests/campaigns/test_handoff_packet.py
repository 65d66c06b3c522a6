"""Whoever takes over finds everything: in every packet of random conversations, field by field."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from front_door import SAMPLE, sample_workbench

from workbench import Packet, TurnResult, Workbench
from workbench.flows.conversation import fold
from workbench.records.conversations import Conversation
from workbench.records.events import EventKind

A_PERSON = {
    "en": "I want to talk to a person, please",
    "de": "Ich möchte mit einem Menschen sprechen",
    "fr": "Je voudrais parler à une personne",
    "es": "Quiero hablar con una persona",
}
CUSTOMERS = [f"C-10{number:02}" for number in range(1, 17)]
CHANNELS = ("chat", "portal", "email", "phone")
USUAL_OPENING = "Hello, could you give me your customer number, please?"
PROOF = "My customer number is {customer} and my postcode is {postcode}"


def labelled(language: str) -> list[str]:
    with (SAMPLE / "intents" / f"{language}.csv").open(encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


def random_conversation(
    workbench: Workbench, draw: random.Random, messages: dict[str, list[str]]
) -> tuple[list[str], TurnResult]:
    """Up to four messages of one customer until a person has it; what was said, and the end."""
    customer, channel = draw.choice(CUSTOMERS), draw.choice(CHANNELS)
    language = draw.choice(list(messages))
    planned = draw.sample(messages[language], draw.randint(0, 3))
    if draw.random() < 0.3:
        postcode = workbench.store.customer(workbench.service, customer).postcode
        planned.insert(0, PROOF.format(customer=customer, postcode=postcode))
    said, talk = [], None
    for text in [*planned, A_PERSON[language]]:
        result = workbench.converse(customer, text, conversation_id=talk, channel=channel)
        said.append(text)
        talk = result.conversation_id
        if result.packet:
            return said, result
    raise AssertionError(f"asked for a person and got none: {said}")


def missing(packet: Packet, said: list[str], talk: Conversation, workbench: Workbench) -> list[str]:
    """What a person would have to ask for or look up, found without the product's own score."""
    told = {fact.model_dump_json() for fact in packet.facts}
    queues = workbench.settings.queues
    known_queues = {*queues.staffed, *queues.by_reason.values(), *queues.by_flow.values()}
    checks = {
        "who": packet.customer_id == talk.customer_id and packet.conversation_id == talk.id,
        "identity": packet.identity == talk.identifiers,
        "proof": packet.identity_proven == (len(talk.identifiers) >= 2),
        "a name only with proof": bool(packet.customer_name) == packet.identity_proven,
        "reason": bool(packet.reason and packet.rule_id),
        "queue": packet.queue in known_queues | {queues.default, queues.key_account},
        "requests": bool(packet.requests) and all(packet.requests),
        "every request": {r.intent for r in talk.requests} <= {*packet.intents},
        "sentiment of every message": len(packet.sentiment) == len(said),
        "every message": _customer_lines(packet) == len(said),
        "every answer before": len(packet.transcript) >= 2 * len(said) - 1,
        "every fact told before": told >= _facts_told(talk, workbench),
        "clock": packet.sla_due_at is not None and packet.sla_due_at > packet.created_at,
        "seconds left": bool(packet.sla_seconds_left and packet.sla_seconds_left > 0),
        "next step": bool(packet.next_step),
        "suggestions": bool(packet.suggestions) and all(s.text for s in packet.suggestions),
        "in the queue": packet.id in {row.id for row in workbench.inbox(packet.queue)},
    }
    return [name for name, fine in checks.items() if not fine]


def _customer_lines(packet: Packet) -> int:
    return sum(line.startswith("customer: ") for line in packet.transcript)


def _facts_told(talk: Conversation, workbench: Workbench) -> set[str]:
    """Facts of the replies before the last one, which was written after the packet."""
    events = workbench.events(talk.id)
    last = max(event.position for event in events if event.kind is EventKind.REPLIED)
    start = Conversation(id=talk.id, customer_id=talk.customer_id)
    earlier = fold(start, [event for event in events if event.position < last])
    return {fact.model_dump_json() for fact in earlier.facts}


def goes_on(workbench: Workbench, packet: Packet, *, as_ever: bool) -> None:
    """Ana takes over: with the best suggestion, or as people open who have no packet."""
    workbench.take(packet.id, "ana")
    talk = packet.conversation_id
    if as_ever:
        workbench.human_reply(talk, "ana", USUAL_OPENING)
        return
    best = workbench.desk.suggestions(talk, "ana").shown[0]
    workbench.desk.reply(talk, "ana", best.text, best.id)


@pytest.mark.parametrize("count", [60, pytest.param(500, marks=pytest.mark.full)])
def test_every_packet_is_complete(
    tmp_path: Path, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = random.Random(count)
    messages = {language: labelled(language) for language in A_PERSON}
    reasons: set[str] = set()
    with sample_workbench(tmp_path) as workbench:
        for _ in range(count):
            said, result = random_conversation(workbench, draw, messages)
            assert result.packet
            talk = workbench.conversation(result.conversation_id)
            assert result.packet.completeness == 1.0, (said, result.packet)
            assert not missing(result.packet, said, talk, workbench), (said, result.packet)
            reasons.add(result.packet.reason.value)
    with capsys.disabled():
        print(
            f"\nhand-off packet: complete in {count} of {count} conversations, "
            f"{len(reasons)} reasons"
        )


@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.full)])
def test_with_the_packet_nobody_is_asked_again(
    tmp_path: Path, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = random.Random(count)
    messages = {language: labelled(language) for language in A_PERSON}
    with_help, without, known = set[str](), set[str](), set[str]()
    with sample_workbench(tmp_path) as workbench:
        for number in range(count):
            said, result = random_conversation(workbench, draw, messages)
            assert result.packet
            as_ever = number % 2 == 1
            goes_on(workbench, result.packet, as_ever=as_ever)
            talk = workbench.conversation(result.conversation_id)
            (without if as_ever else with_help).add(talk.id)
            if number_was_given(talk, said):
                known.add(talk.id)
        again = asked_again(workbench)
    assert again & with_help == set()
    assert again & without == known & without
    with capsys.disabled():
        print(
            f"\nrepeat-question rate of {count} hand-offs: {rate(again, with_help)} with the best "
            f"suggestion, {rate(again, without)} when people open as without a packet"
        )


def rate(hits: set[str], of: set[str]) -> str:
    return f"{len(hits & of) / len(of):.1%} of {len(of)}"


def number_was_given(talk: Conversation, said: list[str]) -> bool:
    """Whether the customer number was proven or written, found without the product's reading."""
    return "customer_number" in talk.identifiers or any(talk.customer_id in text for text in said)


def asked_again(workbench: Workbench) -> set[str]:
    """Conversations that count as a repeat question, of those that happened here."""
    rows = workbench.history.connection().sql(
        "SELECT conversation_id FROM contact WHERE repeat_question AND conversation_id IS NOT NULL"
    )
    return {name for (name,) in rows.fetchall()}
