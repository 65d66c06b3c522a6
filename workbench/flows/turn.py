"""What a flow works with: known slots, facts, things to say, acts done once, a way to a person.

A flow is a plain function that runs from the top at every turn. `need` returns a slot or ends the
turn with a question; `act` plans a write under an idempotency key; `hand_off` ends the turn with a
person. Nothing is written here: the engine commits statements, events and actions together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NoReturn, TypeVar

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.errors import NotAllowed, NotFound, Unavailable
from workbench.flows import facts
from workbench.flows.conversation import verdict_slot
from workbench.people.presence import Attendance
from workbench.people.verdicts import Question, micro_task
from workbench.records.actions import Action
from workbench.records.base import Clock
from workbench.records.cases import Case
from workbench.records.conversations import Conversation, Request
from workbench.records.customers import Customer
from workbench.records.decisions import Decision, HandOffReason
from workbench.records.events import EventKind, NewEvent
from workbench.records.evidence import ActionTried, Fact, Source, Statement
from workbench.records.operations import RequestApproval, plan
from workbench.records.principals import Principal
from workbench.records.signals import Signals, Situation
from workbench.records.verdicts import RequestVerdict
from workbench.speak.catalogue import catalogue
from workbench.systems.calendar import BusinessCalendar
from workbench.systems.ports import CaseDraft, Systems
from workbench.triage.entities import Entities

Result = TypeVar("Result")


class Ask(Exception):
    """The flow cannot go on without an answer; the question has been put among the statements."""

    def __init__(self, slot: str) -> None:
        super().__init__(slot)
        self.slot = slot


class Settled(Exception):
    """The flow has said all there is to say; the request is answered."""


class HandOff(Exception):
    """The flow gives the request to a person."""

    def __init__(self, reason: HandOffReason, why: str = "", next_step: str = "") -> None:
        super().__init__(reason)
        self.reason, self.why, self.next_step = reason, why, next_step


class AskedPerson(Exception):
    """A person was asked privately; the assistant keeps the conversation and goes on later."""


@dataclass(frozen=True)
class Surroundings:
    """What every turn of a POC shares; wired once in `bootstrap`."""

    systems: Systems
    settings: Settings
    policy: Policy
    clock: Clock
    attendance: Attendance


@dataclass
class Turn:
    """One request in one turn."""

    around: Surroundings
    conversation: Conversation
    request: Request
    signals: Signals
    entities: Entities
    principal: Principal
    customer: Customer
    """What routing needs; name and contacts are there only once the identity is proven."""
    situation: Situation
    message_text: str
    """The whole message, masked; `request.text` holds the words of this request."""
    statements: list[Statement] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    tried: list[ActionTried] = field(default_factory=list)
    learned: list[Fact] = field(default_factory=list)
    """Facts for the packet, said or not."""
    planned: list[Case] = field(default_factory=list)
    """Cases that this message opens, shared by all its requests."""
    case: Case | None = None
    """The case this request belongs to, as planned or as it stands."""

    @property
    def systems(self) -> Systems:
        return self.around.systems

    @property
    def settings(self) -> Settings:
        return self.around.settings

    def now(self) -> datetime:
        return self.around.clock.now()

    def today(self) -> date:
        return self.now().date()

    # What is known

    def known(self, slot: str) -> Any:
        """The slot's JSON value, or None."""
        return self.request.slots.get(slot)

    def remember(self, slot: str, value: Any) -> None:
        """Fill a slot (None empties it); it is not asked again."""
        slots = {k: v for k, v in self.request.slots.items() if k != slot}
        if value is not None:
            slots[slot] = value
        self.request = self.request.model_copy(update={"slots": slots})

    @property
    def answering(self) -> str:
        """The slot that the last question asked for, if this message may answer it."""
        return self.request.asked

    # What is said

    def say(self, key: str, rows: tuple[dict[str, Fact], ...] = (), /, **said: Fact | None) -> None:
        """Add a statement with those of the facts that its phrase speaks; None is left out."""
        statement = self.statement(key, said, rows)
        self.statements.append(statement)
        self.learned.extend(statement.facts.values())

    @staticmethod
    def statement(
        key: str, said: Mapping[str, Fact | None], rows: tuple[dict[str, Fact], ...] = ()
    ) -> Statement:
        """A statement that holds just the facts its phrase can speak."""
        words = catalogue("en")
        columns = words.phrase(f"{key}.row").placeholders if rows else frozenset()
        return Statement(
            key=key,
            facts=_spoken(said, words.phrase(key).placeholders),
            rows=tuple(_spoken(row, columns) for row in rows),
        )

    def ask(
        self,
        slot: str,
        key: str,
        rows: tuple[dict[str, Fact], ...] = (),
        /,
        **said: Fact | None,
    ) -> NoReturn:
        """End the turn with a question for a slot."""
        self.say(key, rows, **said)
        raise Ask(slot)

    def hand_off(self, reason: HandOffReason, why: str = "", next_step: str = "") -> NoReturn:
        """End the turn with a person."""
        raise HandOff(reason, why, next_step)

    def verdict(self, about: str) -> str:
        """What a person chose, or the fallback after the deadline; empty while nobody has."""
        return str(self.known(verdict_slot(about)) or "")

    def ask_person(self, question: Question) -> NoReturn:
        """End the turn with a private question to a person; the customer reads "I am checking"."""
        task = micro_task(question, self.request, self.conversation, self.settings, self.now())
        self.act(plan(RequestVerdict(task=task), key=self.key("verdict", task.about)))
        zone = self.customer.time_zone
        by = facts.moment("promised time", task.due_at, zone, facts.from_settings("review"))
        self.say("verdict.checking", by=by)
        raise AskedPerson

    def note(self, fact: Fact) -> None:
        """Keep a fact for the packet without saying it."""
        self.learned.append(fact)

    # What is read and done

    def read(self, operation: str, look: Callable[[], Result], record: str = "") -> Result:
        """Call a READ of a system and leave a trace of it, whatever comes of it."""
        started = self.around.clock.now()
        outcome = "done"
        try:
            return look()
        except NotFound:
            outcome = "not_found"
            raise
        except NotAllowed:
            outcome = "not_allowed"
            raise
        except Unavailable:
            outcome = "unavailable"
            raise
        finally:
            took = self.around.clock.now() - started
            self.tried.append(ActionTried(operation=operation, outcome=outcome, detail=record))
            self.events.append(
                NewEvent(
                    kind=EventKind.TOOL_CALLED,
                    actor="assistant",
                    data={
                        "operation": operation,
                        "outcome": outcome,
                        "record": record,
                        "milliseconds": round(took.total_seconds() * 1000),
                    },
                )
            )

    def act(self, action: Action) -> None:
        """Plan a write; it happens once, in the transaction of this turn."""
        self.actions.append(action)
        self.tried.append(
            ActionTried(operation=action.operation, outcome="done", detail=action.key)
        )

    def request_approval(self, wanted: Action, record: str, revision: int) -> None:
        """Ask a person to approve exactly this action on exactly this revision of the record."""
        asked = RequestApproval(
            action=wanted,
            record=record,
            record_revision=revision,
            reason=self.request.text,
            conversation_id=self.conversation.id,
            expires_at=BusinessCalendar(self.settings.hours).add(
                self.now(), self.settings.review.approval_minutes
            ),
        )
        self.act(plan(asked, key=self.key("approval", wanted.key)))

    @property
    def acts(self) -> list[ActionTried]:
        """Writes that this turn plans; READs are in the ledger by themselves."""
        return [t for t in self.tried if t.outcome in ("done", "needs_approval") and t.detail]

    def key(self, *parts: str) -> str:
        """An idempotency key for an act of this request."""
        return ":".join((self.conversation.id, self.request.id, *parts))

    def decide(self, action: str, **known: Any) -> Decision:
        """Ask the policy about one consequential act; the decision goes into the ledger."""
        situation = self.situation.model_copy(update={"action": action, **known})
        decision = self.around.policy.decide(situation)
        self.events.append(decided(self.request.id, situation, decision, stage=action))
        return decision

    # What flows do often

    def need_identity(self) -> None:
        """Nothing about an invoice or a case before the identity is proven."""
        if self.principal.proven:
            return
        failed = self.conversation.identity_failures > 0
        accepted = self.settings.identity.accepted
        rows = tuple(
            {"identifier": facts.term("identifier", kind, facts.from_settings("identity"))}
            for kind in accepted
            if kind not in self.conversation.identifiers
        )
        self.ask("identifier", "identity.mismatch" if failed else "identity.ask", rows)

    def open_case(self, draft: CaseDraft) -> tuple[Case, bool]:
        """The open case on the same subject with this message appended, or a new one.

        Returns the case and whether it is new.
        """
        same = next((case for case in self.planned if case.subject == draft.subject), None)
        if same is not None:
            return self._belongs(same), True
        existing = self.case_about(draft.subject)
        if existing is not None:
            text = draft.text or self.request.text
            key = self.key("append", existing.id, str(self.conversation.revision))
            self.act(self.systems.ticketing.append(self.principal, existing, text, key))
            return self._belongs(existing), False
        draft = draft.model_copy(update={"conversation_id": self.conversation.id})
        key = ":".join((self.conversation.id, "case", draft.subject))
        case, action = self.systems.ticketing.open_case(
            self.principal, self.customer.id, draft, key
        )
        self.act(action)
        self.planned.append(case)
        return self._belongs(case), True

    def _belongs(self, case: Case) -> Case:
        self.request = self.request.model_copy(update={"case_id": case.id})
        self.case = case
        return case

    def case_about(self, subject: str) -> Case | None:
        """An open case of this customer on exactly this subject, or the one it was merged into."""
        same = (self.standing(case) for case in self.cases() if case.subject == subject)
        return next((case for case in same if case.is_open), None)

    def standing(self, case: Case) -> Case:
        """The case that answers for this one now: itself, or the one that took it over."""
        while case.merged_into:
            case = self._case(case.merged_into)
        return case

    def _case(self, case_id: str) -> Case:
        ticketing = self.systems.ticketing
        return self.read("case.read", lambda: ticketing.case(self.principal, case_id), case_id)

    def cases(self) -> tuple[Case, ...]:
        return self.read(
            "case.list", lambda: self.systems.ticketing.cases(self.principal, self.customer.id)
        )

    def customer_source(self, field: str = "") -> Source:
        return Source(system="crm", record=f"customer {self.customer.id}", field=field)


def _spoken(said: Mapping[str, Fact | None], placeholders: frozenset[str]) -> dict[str, Fact]:
    return {name: fact for name, fact in said.items() if fact and name in placeholders}


def decided(
    request_id: str,
    situation: Situation,
    decision: Decision,
    stage: str = "request",
    shadow: Mapping[str, Any] | None = None,
) -> NewEvent:
    """The ledger's record of a decision, with everything it was based on.

    `shadow` is what another policy would have decided.
    """
    return NewEvent(
        kind=EventKind.DECIDED,
        actor="assistant",
        policy_version=decision.policy_version,
        data={
            "request_id": request_id,
            "stage": stage,
            "situation": situation.model_dump(mode="json", exclude_none=True),
            "decision": decision.model_dump(mode="json"),
            **({"shadow": shadow} if shadow else {}),
        },
    )
