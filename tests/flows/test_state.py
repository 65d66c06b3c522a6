"""The state of a conversation is its events, and no request in it gets lost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from front_door import parts, sample_workbench

from workbench import Workbench
from workbench.flows import FLOWS
from workbench.flows.conversation import fold
from workbench.flows.turn import Turn
from workbench.flows.understanding import Message, requests_after
from workbench.records.base import Ids
from workbench.records.conversations import Conversation, Request, RequestStatus
from workbench.triage.entities import read_entities

SAID = (
    "Is INV-1002 paid?",
    "How much is open on INV-1001, and what is the status of my case?",
    "Line 2 of INV-1001 is wrong, we only received 28 of the 40 that you billed",
    "How much is the invoice from March?",
    "the second one",
    "I want to complain: the parcel was left in the rain",
    "yes",
    "no, forget it",
    "Send me a copy, please",
    "What are your payment terms?",
    "INV-9999",
    "thanks",
)


class Witness:
    """Notes the state that every flow sees, and lets it work."""

    def __init__(self) -> None:
        self.seen: list[Conversation] = []

    def watching(self, flow: Any) -> Any:
        def watched(turn: Turn) -> None:
            self.seen.append(turn.conversation)
            flow(turn)

        return watched


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("state")) as opened:
        yield opened


def timeless(state: Conversation) -> dict[str, Any]:
    """The state without the times, which the store sets when it commits."""
    content = state.model_dump(mode="json", exclude={"started_at"})
    for utterance in content["utterances"]:
        del utterance["at"]
    return content


@pytest.mark.parametrize("seed", range(12))
def test_folding_the_committed_events_gives_the_state_during_the_turn(
    workbench: Workbench, seed: int
) -> None:
    draw, witness, talk = random.Random(seed), Witness(), f"conv-fold-{seed}"
    flows = {name: witness.watching(flow) for name, flow in FLOWS.items()}
    assistant = workbench.assistant
    workbench.assistant = replace(assistant, flows=flows)
    for text in draw.choices(SAID, k=5):
        workbench.converse("C-1001", text, conversation_id=talk, channel="portal")
    workbench.assistant = assistant
    events = workbench.events(talk)
    start = Conversation(id=talk, customer_id="C-1001", channel="portal")
    assert witness.seen
    for state in witness.seen:
        assert timeless(fold(start, events[: state.revision])) == timeless(state)
    assert fold(start, events) == workbench.conversation(talk)


def message(workbench: Workbench, text: str, pending: str = "") -> Message:
    settings = workbench.settings
    return Message(
        request_id="msg-1",
        text=text,
        masked=(),
        signals=parts().triage.read(text, pending=pending),
        entities=read_entities(text, settings.references, workbench.clock.now().date()),
        language="en",
        language_supported=True,
    )


def requests(
    workbench: Workbench, text: str, *open_ones: Request, case_id: str = ""
) -> tuple[Request, ...]:
    talk = Conversation(id="conv-1", customer_id="C-1", requests=open_ones, case_id=case_id)
    pending = next((r.asked for r in open_ones if r.asked), "")
    flow_of = {name: row.flow for name, row in workbench.assistant.intents.items()}
    return requests_after(talk, message(workbench, text, pending), flow_of, Ids(seed=1))


def asked(slot: str, intent: str = "invoice_amount") -> Request:
    return Request(
        id="req-open",
        intent=intent,
        flow="invoice_inquiry",
        text="How much is my invoice?",
        status=RequestStatus.WAITING,
        asked=slot,
    )


# What is open, what the customer says, and the intents of the requests that are open afterwards.
AFTER = {
    "one question": ((), "How much is open on INV-1001?", ["invoice_amount"]),
    "two questions": (
        (),
        "How much is open on INV-1001? Also, please send me a copy of INV-1002.",
        ["invoice_amount", "invoice_copy"],
    ),
    "an answer": ((asked("invoice"),), "INV-1001", ["invoice_amount"]),
    "a place in a list": ((asked("invoice"),), "the second one", ["invoice_amount"]),
    "a question in between": (
        (asked("invoice"),),
        "Please send me a copy of INV-1002 first",
        ["invoice_amount", "invoice_copy"],
    ),
    "a person": ((asked("invoice"),), "a person please", ["invoice_amount", "ask_person"]),
    "courtesy alone": ((), "thank you very much", ["thanks"]),
}


@pytest.mark.parametrize("name", AFTER)
def test_the_requests_after_a_message(workbench: Workbench, name: str) -> None:
    open_ones, text, intents = AFTER[name]
    assert [r.intent for r in requests(workbench, text, *open_ones)] == intents


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize("slot", ["invoice", "line", "confirm", "identifier", "intent", "amount"])
def test_no_open_request_is_lost_and_every_message_leads_to_one(
    workbench: Workbench, slot: str, text: str
) -> None:
    after = requests(workbench, text, asked(slot))
    ids = [request.id for request in after]
    assert "req-open" in ids
    assert len(ids) == len(set(ids))


def test_taking_back_drops_the_request_that_waits(workbench: Workbench) -> None:
    (dropped,) = requests(workbench, "forget it", asked("confirm"))
    assert dropped.status is RequestStatus.DROPPED


def test_a_short_yes_after_a_case_shows_the_case(workbench: Workbench) -> None:
    (again,) = requests(workbench, "yes", case_id="CASE-22222222")
    assert (again.intent, again.slots) == ("case_status", {"case": "CASE-22222222"})
