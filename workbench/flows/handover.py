"""Handing over: one packet to one queue, whatever number of requests led to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workbench.config import Settings
from workbench.errors import WorkbenchError
from workbench.flows import facts
from workbench.flows.turn import Surroundings, Turn
from workbench.people.packet import build_packet
from workbench.people.queues import Destination, destination, people_on_duty
from workbench.people.routing import Matter
from workbench.records.actions import Action
from workbench.records.base import Ids
from workbench.records.cases import Case, Degree, Priority
from workbench.records.conversations import Conversation
from workbench.records.customers import Customer
from workbench.records.decisions import HandOffReason
from workbench.records.events import EventKind, NewEvent
from workbench.records.evidence import Fact, Packet, Source, Statement, Suggestion
from workbench.records.operations import QueueHandOff, plan
from workbench.records.principals import Principal, name_of
from workbench.speak.writer import Writer
from workbench.systems.calendar import BusinessCalendar
from workbench.systems.ports import CaseDraft

# When one message gives several reasons, the gravest names the hand-off.
_GRAVEST_FIRST = (
    HandOffReason.SAFETY_CONCERN,
    HandOffReason.LEGAL_OR_REGULATORY_MATTER,
    HandOffReason.FRAUD_OR_SECURITY_CONCERN,
    HandOffReason.VULNERABLE_CUSTOMER,
    HandOffReason.SENSITIVE_TOPIC,
    HandOffReason.CUSTOMER_REQUEST,
    HandOffReason.LANGUAGE_NOT_SUPPORTED,
    HandOffReason.IDENTITY_NOT_PROVEN,
    HandOffReason.THIRD_PARTY_INQUIRY,
    HandOffReason.ABUSIVE_CUSTOMER,
    HandOffReason.TOOL_FAILURE,
    HandOffReason.AUTHORITY_LIMIT,
    HandOffReason.DISPUTED_AMOUNT,
)
_NOT_UNDERSTOOD = frozenset(
    {
        HandOffReason.LOW_CONFIDENCE,
        HandOffReason.OUT_OF_SCOPE,
        HandOffReason.MISSING_KNOWLEDGE,
    }
)
_KIND = {
    HandOffReason.CUSTOMER_REQUEST: "requested",
    HandOffReason.TOOL_FAILURE: "failure",
    HandOffReason.MODEL_FAILURE: "failure",
    HandOffReason.LOW_CONFIDENCE: "failure",
    HandOffReason.MISSING_KNOWLEDGE: "failure",
}
_WORDS = {
    HandOffReason.LEGAL_OR_REGULATORY_MATTER: "legal.handover",
    HandOffReason.SAFETY_CONCERN: "safety.handover",
    HandOffReason.VULNERABLE_CUSTOMER: "vulnerable.handover",
    HandOffReason.SENSITIVE_TOPIC: "vulnerable.handover",
    HandOffReason.LANGUAGE_NOT_SUPPORTED: "language.handover",
}
PRIORITIES = {
    HandOffReason.SAFETY_CONCERN: Priority.P1,
    HandOffReason.LEGAL_OR_REGULATORY_MATTER: Priority.P1,
    HandOffReason.FRAUD_OR_SECURITY_CONCERN: Priority.P2,
    HandOffReason.VULNERABLE_CUSTOMER: Priority.P2,
}
"""What is more urgent than others, by reason; the rest is P3."""
# Matters that keep a case of their own, so that the record is held and found again.
_KEPT_AS_CASE = {
    HandOffReason.LEGAL_OR_REGULATORY_MATTER: "legal",
    HandOffReason.TOOL_FAILURE: "call_back",
}


@dataclass(frozen=True)
class Handover:
    """One request that goes to a person."""

    reason: HandOffReason
    rule_id: str
    turn: Turn
    next_step: str = ""
    draft: tuple[Statement, ...] = ()
    """What the assistant would have said, for the person to use."""
    failure: str = ""
    """What did not answer, in words for the person."""


@dataclass
class Outcome:
    """What handing over adds to the turn."""

    statements: list[Statement] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)


@dataclass(frozen=True)
class Scene:
    """What a hand-over needs to know of the turn it ends."""

    around: Surroundings
    writer: Writer
    ids: Ids
    principal: Principal
    customer: Customer
    conversation: Conversation
    language: str
    turns: Sequence[Turn]


def hand_over(handovers: Sequence[Handover], scene: Scene) -> Outcome:
    """Packet, queue entry, event and the truth for the customer, as one outcome."""
    lead = min(handovers, key=_gravity)
    now = scene.around.clock.now()
    worked_on = next((h.turn.case for h in handovers if h.turn.case), None)
    to = _destination(lead, scene, worked_on, now)
    outcome = Outcome()
    case = _case(lead, scene, outcome, to) or worked_on
    due = BusinessCalendar(scene.around.settings.hours).add(
        now, scene.around.settings.sla.first_response_minutes["P3"]
    )
    packet = _packet(lead, handovers, scene, to, case, due)
    priority = case.priority if case else PRIORITIES.get(lead.reason, Priority.P3)
    outcome.actions.append(queued(packet, scene.conversation, priority))
    outcome.events.append(_event(packet, to))
    outcome.statements += _spoken(lead, to, case, due, scene)
    return outcome


def is_known(reason: HandOffReason, with_people: Sequence[HandOffReason]) -> bool:
    """Not understood twice, or down twice, is one matter for one person."""
    if reason in _NOT_UNDERSTOOD:
        return any(earlier in _NOT_UNDERSTOOD for earlier in with_people)
    return reason is HandOffReason.TOOL_FAILURE and reason in with_people


def still_waiting(conversation: Conversation, around: Surroundings, zone: str) -> list[Statement]:
    """People own the conversation but nobody has answered yet: say so, truthfully."""
    settings, now = around.settings, around.clock.now()
    spoken = {"queue": _queue(conversation.queue)}
    if people_on_duty(conversation.queue, settings, now, around.attendance.floor()):
        spoken["wait"] = _wait(settings.queues.wait_minutes)
        return [Statement(key="person.handover", facts=spoken)]
    spoken["opens"] = _opens(settings, now, zone)
    return [Statement(key="person.nobody", facts=spoken), Statement(key="person.callback_offer")]


def queued(packet: Packet, conversation: Conversation, priority: Priority) -> Action:
    """The queue entry of a packet."""
    key = f"{conversation.id}:handoff:{conversation.hops + 1}"
    return plan(QueueHandOff(packet=packet, priority=priority, due_at=packet.sla_due_at), key)


def _destination(lead: Handover, scene: Scene, case: Case | None, now: datetime) -> Destination:
    """Where the rules send it; whoever has the case already goes on with it."""
    due = case.due() if case else None
    matter = Matter(
        reason=lead.reason,
        flow=_topic(lead, scene),
        intent=lead.turn.request.intent,
        segment=scene.customer.segment,
        language=scene.language,
        hops=scene.conversation.hops,
        sla_minutes_left=(due - now).total_seconds() / 60 if due else None,
    )
    there, settings = scene.around.attendance, scene.around.settings
    keeper = (name_of(case.owner),) if case and case.owner else ()
    return destination(matter, there.rules, there.floor(), settings, now, keeper)


def _topic(lead: Handover, scene: Scene) -> str:
    """The flow that the conversation is about, which finds the people with the skill."""
    if lead.turn.entities.invoice_numbers:
        return "invoice_inquiry"
    flows = [r.flow for r in (lead.turn.request, *reversed(scene.conversation.requests))]
    return next((f for f in flows if f not in ("escalation", "general")), lead.turn.request.flow)


def _gravity(handover: Handover) -> int:
    order = _GRAVEST_FIRST
    return order.index(handover.reason) if handover.reason in order else len(order)


def _case(lead: Handover, scene: Scene, outcome: Outcome, to: Destination) -> Case | None:
    """Some hand-offs keep a case: legal matters under hold, failures as a call-back."""
    topic = _KEPT_AS_CASE.get(lead.reason)
    if topic is None:
        return None
    request = lead.turn.request
    draft = CaseDraft(
        topic=topic,
        subject=f"conversation:{scene.conversation.id}:{topic}",
        title=request.text[:80] or topic,
        text=request.text,
        internal=lead.failure,
        impact=Degree.HIGH if topic == "legal" else Degree.MEDIUM,
        urgency=Degree.HIGH if topic == "legal" else Degree.MEDIUM,
        queue=to.queue,
        requests=(request.text,) if request.text else (),
        conversation_id=scene.conversation.id,
        legal_hold=topic == "legal",
    )
    try:
        case, action = scene.around.systems.ticketing.open_case(
            scene.principal, scene.customer.id, draft, draft.subject
        )
    except WorkbenchError:
        return None  # Ticketing is down as well: the packet in the queue is the promise we keep.
    outcome.actions.append(action)
    return case


def _packet(
    lead: Handover,
    handovers: Sequence[Handover],
    scene: Scene,
    to: Destination,
    case: Case | None,
    due: datetime,
) -> Packet:
    turns = scene.turns
    asked = [r.asked for r in scene.conversation.open_requests if r.asked]
    return build_packet(
        scene.ids.new("pkt"),
        scene.conversation,
        scene.customer,
        lead.reason,
        lead.rule_id,
        to,
        scene.around.clock.now(),
        facts=[*scene.conversation.facts, *(fact for turn in turns for fact in turn.learned)],
        actions=[*scene.conversation.tried, *(act for turn in turns for act in turn.acts)],
        case=case,
        due_at=due,
        next_step=lead.next_step,
        open_questions=asked,
        suggestions=_suggestions(handovers, scene),
        proven=scene.principal.proven,
    )


def _suggestions(handovers: Sequence[Handover], scene: Scene) -> list[Suggestion]:
    """The drafted answers first, then an opening that shows that everything has been read."""
    drafts = [h for h in handovers if h.draft]
    found = [
        Suggestion(
            text=scene.writer.write(h.draft, language=scene.language).text,
            why=f"what the assistant would have answered; rule {h.rule_id} wants a person",
            sources=tuple(f.source for s in h.draft for f in s.facts.values()),
            statements=h.draft,
        )
        for h in drafts
    ]
    opening = _opening(scene)
    greeting = Suggestion(
        text=scene.writer.write((opening,), language=scene.language).text,
        why="shows that nothing has to be said again",
        statements=(opening,),
    )
    return [*found, greeting]


def _opening(scene: Scene) -> Statement:
    source = Source(system="crm", record=f"customer {scene.customer.id}", field="name")
    spoken: dict[str, Fact] = {}
    if scene.customer.name and scene.principal.proven:
        spoken["name"] = facts.wording("name", scene.customer.name, source)
    return Statement(key="suggest.opening", facts=spoken)


def _event(packet: Packet, to: Destination) -> NewEvent:
    return NewEvent(
        kind=EventKind.HANDED_OFF,
        actor="assistant",
        data={
            "reason": packet.reason.value,
            "escalation": packet.escalation,
            "queue": packet.queue,
            "kind": _KIND.get(packet.reason, "policy"),
            "packet": packet.model_dump(mode="json"),
            "route": to.recorded(),
        },
    )


def _spoken(
    lead: Handover, to: Destination, case: Case | None, due: datetime, scene: Scene
) -> list[Statement]:
    """What the customer hears: where it goes, how long it takes, never that somebody is joining."""
    zone = scene.customer.time_zone
    known: dict[str, Fact] = {
        "queue": _queue(to.queue),
        "by": facts.moment("promised time", due, zone, facts.from_settings("sla")),
    }
    if to.staffed:
        known["wait"] = _wait(to.wait_minutes)
    else:
        known["opens"] = _opens(scene.around.settings, scene.around.clock.now(), zone)
    if case:
        known |= facts.about_case(case, zone)
    said = []
    if lead.failure:
        return [lead.turn.statement("system_down", known)]
    if lead.turn.request.intent == "bank_details_change":
        said.append(Statement(key="bank_details.person"))
    if lead.reason is HandOffReason.THIRD_PARTY_INQUIRY:
        said.append(Statement(key="third_party.refused"))
    key = _WORDS.get(lead.reason, "person.handover" if to.staffed else "person.nobody")
    said.append(lead.turn.statement(key, known))
    if key == "person.nobody":
        said.append(Statement(key="person.callback_offer"))
    return said


def _queue(queue: str) -> Fact:
    return facts.term("queue", queue, facts.from_settings("queues"))


def _opens(settings: Settings, now: datetime, zone: str) -> Fact:
    """When somebody is there again: the beginning of the next business hours."""
    opens = BusinessCalendar(settings.hours).add(now, 0)
    return facts.moment("back at", opens, zone, facts.from_settings("hours"))


def _wait(minutes: int) -> Fact:
    return facts.number("expected wait", minutes, facts.from_settings("queues"), "minutes")
