"""A conversation summed up for the person who goes on with it: said, like every reply, from facts.

A warm hand-over between people: whoever comes next reads who it is, what is wanted in the
customer's own words, what has been told already, and by when an answer is promised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.flows import facts
from workbench.records.conversations import Conversation
from workbench.records.customers import Customer
from workbench.records.events import Event, EventKind
from workbench.records.evidence import Packet, Reply, Source, Statement
from workbench.speak.catalogue import catalogue
from workbench.speak.writer import Writer, topic

_NOT_TOLD = frozenset({"notice", "identity", "greeting", "person", "suggest", "low_confidence"})
"""Topics that lead through a conversation and tell nothing of the matter."""


def sum_up(
    writer: Writer,
    conversation: Conversation,
    customer: Customer,
    packet: Packet | None,
    events: Iterable[Event],
    language: str,
) -> Reply:
    """The summary in the reader's language, with the facts that it states."""
    statements = [
        *_who(conversation, customer),
        *_wanted(conversation, language),
        *_promised(packet, customer),
        *_told(events),
    ]
    return writer.write(statements, language=language, zone=customer.time_zone)


def _who(conversation: Conversation, customer: Customer) -> Iterator[Statement]:
    source = Source(system="crm", record=f"customer {customer.id}", field="name")
    proven = len(conversation.identifiers) >= 2 and customer.name
    if proven:
        name = facts.wording("name", customer.name, source)
        yield Statement(key="summary.proven", facts={"name": name})
    else:
        yield Statement(key="summary.unproven")


def _wanted(conversation: Conversation, language: str) -> Iterator[Statement]:
    """Every matter once, then the customer's last words about it."""
    spoken = catalogue(language).terms["intent"]
    source = Source(system="customer", record=f"conversation {conversation.id}", field="requests")
    intents = dict.fromkeys(r.intent for r in conversation.requests if r.intent in spoken)
    for intent in intents:
        fact = facts.term("intent", intent, source)
        yield Statement(key="summary.wanted", facts={"intent": fact})
    said = [u.text for u in conversation.utterances if u.speaker == "customer"]
    if said:
        words = facts.wording("words", said[-1], source)
        yield Statement(key="summary.words", facts={"words": words})


def _promised(packet: Packet | None, customer: Customer) -> Iterator[Statement]:
    if packet and packet.sla_due_at:
        source = facts.from_settings("sla")
        due = facts.moment("promised time", packet.sla_due_at, customer.time_zone, source)
        yield Statement(key="summary.promised", facts={"by": due})


def _told(events: Iterable[Event]) -> list[Statement]:
    """What the assistant stated about the matter, each once, in its own phrases."""
    told: dict[str, Statement] = {}
    for event in events:
        if event.kind is EventKind.REPLIED:
            for said in map(Statement.model_validate, event.data.get("statements", ())):
                if (said.facts or said.rows) and topic(said) not in _NOT_TOLD:
                    told.setdefault(said.model_dump_json(), said)
    return [Statement(key="summary.told"), *told.values()] if told else []
