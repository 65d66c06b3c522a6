"""What must hold in every scenario, whether its file says so or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.records.events import Event, EventKind
from workbench.records.evidence import Packet
from workbench.scenarios.matching import Difference
from workbench.scenarios.seen import Moment, World
from workbench.speak.grounding import check

_AI_NOTICE = "notice.ai"


def broken_laws(moments: Sequence[Moment], world: World) -> Iterator[Difference]:
    """Every law that the run broke."""
    yield from _first_reply_names_the_ai(moments)
    yield from _replies_are_grounded(moments)
    yield from _hand_offs_carry_a_packet(world)
    yield from _one_speaker(world)
    yield from _decisions_name_their_policy(world)
    yield from _ledger_verifies(world)


def _first_reply_names_the_ai(moments: Sequence[Moment]) -> Iterator[Difference]:
    introduced: set[str] = set()
    for moment in moments:
        if moment.reply and moment.conversation_id not in introduced:
            introduced.add(moment.conversation_id)
            keys = [statement.key for statement in moment.reply.statements]
            if _AI_NOTICE not in keys:
                yield _broken("the first reply gives the AI notice", keys)


def _replies_are_grounded(moments: Sequence[Moment]) -> Iterator[Difference]:
    for reply in (moment.reply for moment in moments if moment.reply):
        findings = check(reply.text, reply.statements, reply.language)
        if findings:
            yield _broken("every figure, date and name is a fact", [*map(str, findings)])


def _hand_offs_carry_a_packet(world: World) -> Iterator[Difference]:
    for event in world.hand_offs:
        packet = Packet.model_validate(event.data["packet"])
        if (packet.reason, packet.queue) != (event.data["reason"], event.data["queue"]):
            yield _broken("packet and hand-off name one reason and queue", event.data)
        if not packet.queue:
            yield _broken("a hand-off has a queue", event.data)


def _one_speaker(world: World) -> Iterator[Difference]:
    """After a person's word the assistant is silent until the hand-back, in each stream."""
    with_person: set[str] = set()
    for event in world.events:
        if event.kind is EventKind.HANDED_BACK:
            with_person.discard(event.stream)
        elif event.kind is EventKind.REPLIED:
            if event.data["speaker"] != "assistant":
                with_person.add(event.stream)
            elif event.stream in with_person:
                yield _broken("one speaker", event.data["text"])


def _decisions_name_their_policy(world: World) -> Iterator[Difference]:
    for event in world.of_kind(EventKind.DECIDED):
        if not _accounts_for_itself(event):
            yield _broken("a decision names rule and policy version", event.data)


def _accounts_for_itself(event: Event) -> bool:
    decision = event.data["decision"]
    return bool(decision["rule_id"] and decision["policy_version"])


def _ledger_verifies(world: World) -> Iterator[Difference]:
    report = world.store.verify(world.principal)
    if not report.ok:
        yield _broken("the ledger's chain holds", report.findings)


def _broken(law: str, actual: object) -> Difference:
    return Difference("always", "law", law, actual)
