"""General: questions that a cited article answers, deliveries, changes of details, courtesy."""

from __future__ import annotations

from collections.abc import Callable

from workbench.flows import facts
from workbench.flows.turn import Turn
from workbench.records.cases import Degree
from workbench.records.decisions import HandOffReason, Level
from workbench.systems.ports import CaseDraft
from workbench.triage.concepts import service_concepts
from workbench.triage.entities import read_entities


def general(turn: Turn) -> None:
    """Courtesy is answered, questions are answered from an article, anything else is refused."""
    _ASKED.get(turn.request.intent, question)(turn)


def greeting(turn: Turn) -> None:
    name = turn.customer.name if turn.principal.proven else ""
    source = turn.customer_source("name")
    turn.say("greeting", name=facts.wording("name", name, source) if name else None)


def thanks(turn: Turn) -> None:
    turn.say("thanks")


def are_you_human(turn: Turn) -> None:
    turn.say("are_you_human")


def question(turn: Turn) -> None:
    """The passage that answers, word for word with its article; nothing found is said so."""
    found = turn.read(
        "knowledge.search",
        lambda: turn.systems.knowledge.search(
            turn.request.text, language=turn.conversation.language
        ),
    )
    if not found and (turn.situation.requests or 1) > 1:
        turn.say("knowledge.none")  # The other requests are answered; this one is named.
        return
    if not found:
        turn.say("knowledge.none")
        turn.hand_off(HandOffReason.MISSING_KNOWLEDGE)
    best = found[0]
    turn.say(
        "knowledge.answer",
        passage=facts.passage("passage", best.text, best.title, best.source),
    )


def address_change(turn: Turn) -> None:
    """Details on file change only after a person has checked the request."""
    turn.need_identity()
    if _already_on_file(turn):
        turn.say("identity.proven")
        return
    decision = turn.decide("detail_change.request")
    case, _ = turn.open_case(
        CaseDraft(
            topic="detail_change",
            subject=f"customer:{turn.customer.id}:details",
            title="Change of contact details",
            text=turn.request.text,
            impact=Degree.LOW,
            urgency=Degree.LOW,
            queue="identity",
        )
    )
    turn.say("detail_change.requested", **facts.about_case(case, turn.customer.time_zone))
    if decision.level is not Level.AUTOMATE:
        turn.hand_off(decision.reason or HandOffReason.POLICY_RESTRICTION)


def _already_on_file(turn: Turn) -> bool:
    """Who names the details we have is proving an identity, not changing anything.

    Only the words of this request count, and none of them may speak of a change: one is often asked
    for beside the proof of identity.
    """
    if "change" in service_concepts()(turn.request.text):
        return False
    said = read_entities(turn.request.text, turn.settings.references, turn.today())
    named = {"postcode": said.postcodes, "email": said.emails, "phone": said.phones}
    claims = {kind: values[0] for kind, values in named.items() if values}
    if not claims:
        return False
    crm = turn.systems.crm
    check = turn.read(
        "identity.check", lambda: crm.check_identity(turn.principal, turn.customer.id, claims)
    )
    return bool(check.matched) and not check.failed


_ASKED: dict[str, Callable[[Turn], None]] = {
    "greeting": greeting,
    "thanks": thanks,
    "are_you_human": are_you_human,
    "address_change": address_change,
}
