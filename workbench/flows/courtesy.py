"""The sentences around an answer: who is speaking, what is still open, what was meant."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.config import Settings
from workbench.flows import facts
from workbench.records.conversations import Request
from workbench.records.evidence import Fact, Source, Statement


def introduction(settings: Settings) -> Statement:
    """The notice that an AI assistant speaks and how to reach a person (EU AI Act, Art. 50)."""
    spoken = {
        "assistant": facts.wording(
            "assistant", settings.assistant.name, facts.from_settings("assistant.name")
        ),
        "company": facts.wording(
            "company", settings.assistant.company, facts.from_settings("assistant.company")
        ),
    }
    return Statement(key="notice.ai", facts=spoken)


def still_open(requests: Sequence[Request]) -> Statement:
    """Names the requests that wait for their turn, so that none is lost silently."""
    return Statement(key="request.still_open", rows=tuple({"intent": _intent(r)} for r in requests))


def dropped(request: Request) -> Statement:
    """Confirms that a request was taken back."""
    return Statement(key="request.dropped", facts={"intent": _intent(request)})


def readings(intents: Sequence[str]) -> Statement:
    """Asks which of several readings is meant."""
    source = Source(system="triage", record="message")
    rows = tuple({"intent": facts.term("request", intent, source)} for intent in intents)
    return Statement(key="low_confidence.clarify", rows=rows)


def _intent(request: Request) -> Fact:
    source = Source(system="triage", record=f"request {request.id}")
    return facts.term("request", request.intent, source)
