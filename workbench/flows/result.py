"""What came of one turn, read back from the events that were committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.records.base import Record
from workbench.records.decisions import Decision, HandOffReason, Level
from workbench.records.events import Event, EventKind
from workbench.records.evidence import Fact, Packet, Reply, Statement
from workbench.records.signals import IntentScore, Signals

_SEVERITY = {Level.AUTOMATE: 0, Level.ASSIST: 1, Level.ESCALATE: 2}


class ActionDone(Record):
    """A write of this turn."""

    operation: str
    key: str
    repeated: bool = False
    result: dict[str, Any] = {}


class TurnResult(Record):
    """One turn as caller, page and notebook see it. A repeated request gives the same value."""

    conversation_id: str
    request_id: str
    reply: Reply | None = None
    """None while a person speaks with the customer."""
    level: Level = Level.AUTOMATE
    """The most human level of the turn."""
    rule: str = ""
    reason: HandOffReason | None = None
    decisions: tuple[Decision, ...] = ()
    signals: Signals = Signals()
    identity_proven: bool = False
    asked: str = ""
    """The slot that the reply asks for."""
    actions: tuple[ActionDone, ...] = ()
    tools: tuple[str, ...] = ()
    """READ operations called, with their outcome."""
    case_ids: tuple[str, ...] = ()
    packet: Packet | None = None
    policy_version: str = ""
    milliseconds: int = 0

    @property
    def silent(self) -> bool:
        return self.reply is None

    @property
    def intents(self) -> tuple[IntentScore, ...]:
        return self.signals.intents

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.reply.facts if self.reply else ()

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form that `workbench chat --json` prints, one object a turn."""
        return {
            "conversation": self.conversation_id,
            "reply": self.reply.text if self.reply else None,
            "language": self.reply.language if self.reply else self.signals.language,
            "level": self.level.value,
            "rule": self.rule,
            "reason": self.reason.value if self.reason else None,
            "intents": [
                {"intent": s.intent, "confidence": round(s.confidence, 4)} for s in self.intents
            ],
            "sentiment": round(self.signals.sentiment, 4),
            "urgency": round(self.signals.urgency, 4),
            "identity_proven": self.identity_proven,
            "asked": self.asked or None,
            "facts": [_fact(fact) for fact in self.facts],
            "actions": [action.model_dump(mode="json") for action in self.actions],
            "tools": list(self.tools),
            "case": self.case_ids[-1] if self.case_ids else None,
            "packet": self.packet.model_dump(mode="json") if self.packet else None,
            "policy_version": self.policy_version,
        }


def _fact(fact: Fact) -> dict[str, Any]:
    value = fact.value.model_dump(mode="json")
    plain = value["value"]
    if isinstance(plain, dict):
        plain = f"{plain['amount']} {plain['currency']}"
    source = fact.source
    place = f"{source.system}: {source.record}" + (f", {source.field}" if source.field else "")
    return {"name": fact.name, "kind": value["kind"], "value": plain, "source": place}


def result_of(events: Sequence[Event]) -> TurnResult:
    """The result of the turn that wrote these events (all of one request id)."""
    by_kind: dict[EventKind, list[dict[str, Any]]] = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event.data)
    decisions = tuple(
        Decision.model_validate(data["decision"]) for data in by_kind.get(EventKind.DECIDED, ())
    )
    leading = max(decisions, key=lambda d: _SEVERITY[d.level], default=None)
    handed = next(iter(by_kind.get(EventKind.HANDED_OFF, ())), None)
    said = next(iter(by_kind.get(EventKind.REPLIED, ())), None)
    message = next(iter(by_kind.get(EventKind.MESSAGE_RECEIVED, ())), {})
    actions = tuple(_action(data) for data in by_kind.get(EventKind.ACTED, ()))
    identity = by_kind.get(EventKind.IDENTITY_CHECKED)
    return TurnResult(
        conversation_id=events[0].stream,
        request_id=events[0].request_id,
        reply=_reply(said) if said else None,
        level=_level(leading, handed),
        rule=handed["packet"]["rule_id"] if handed else leading.rule_id if leading else "",
        reason=handed["reason"] if handed else None,
        decisions=decisions,
        signals=Signals.model_validate(message.get("signals") or {}),
        identity_proven=bool(
            message.get("identity_proven") or (identity and identity[-1]["proven"])
        ),
        asked=next((d["slot"] for d in by_kind.get(EventKind.QUESTION_ASKED, ())), ""),
        actions=actions,
        tools=tuple(
            f"{d['operation']} {d['outcome']}" for d in by_kind.get(EventKind.TOOL_CALLED, ())
        ),
        case_ids=_cases(actions, handed),
        packet=Packet.model_validate(handed["packet"]) if handed else None,
        policy_version=leading.policy_version if leading else "",
        milliseconds=round((events[-1].at - events[0].at).total_seconds() * 1000),
    )


def results_of(events: Sequence[Event]) -> tuple[TurnResult, ...]:
    """The results of all customer messages among a conversation's events, oldest first."""
    by_request: dict[str, list[Event]] = {}
    for event in events:
        by_request.setdefault(event.request_id, []).append(event)
    return tuple(
        result_of(turn)
        for turn in by_request.values()
        if any(event.kind is EventKind.MESSAGE_RECEIVED for event in turn)
    )


def _level(leading: Decision | None, handed: dict[str, Any] | None) -> Level:
    """A hand-off is never less than the decision behind it; a flow may escalate on its own."""
    decided = leading.level if leading else Level.AUTOMATE
    if handed and decided is Level.AUTOMATE:
        return Level.ESCALATE
    return decided


def _reply(data: dict[str, Any]) -> Reply:
    return Reply(
        text=data["text"],
        language=data["language"],
        statements=tuple(Statement.model_validate(s) for s in data["statements"]),
        writer=data["writer"],
        blocked=tuple(data["blocked"]),
    )


def _action(data: dict[str, Any]) -> ActionDone:
    return ActionDone(
        operation=data["operation"],
        key=data["key"],
        repeated=data.get("repeated", False),
        result=data.get("result") or {},
    )


def _cases(actions: Sequence[ActionDone], handed: dict[str, Any] | None) -> tuple[str, ...]:
    ids = [str(a.result["case_id"]) for a in actions if a.result.get("case_id")]
    if handed and handed["packet"].get("case_id"):
        ids.append(handed["packet"]["case_id"])
    return tuple(dict.fromkeys(ids))
