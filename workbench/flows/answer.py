"""Answering one message: prove identity, decide and work on each request, hand over, reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from workbench.errors import NotAllowed, Unavailable
from workbench.flows.conversation import WHOLE_CONVERSATION, after
from workbench.flows.courtesy import dropped, introduction, readings, still_open
from workbench.flows.escalation import call_back
from workbench.flows.handover import Handover, Scene, hand_over, is_known, still_waiting
from workbench.flows.proving import identity_checked, veiled
from workbench.flows.readings import JUDGE, ask_which, close_readings, decide, told_apart
from workbench.flows.situation import situation_of
from workbench.flows.trials import Trial
from workbench.flows.turn import Ask, AskedPerson, HandOff, Settled, Surroundings, Turn, decided
from workbench.flows.understanding import Message, requests_after
from workbench.records.actions import Action
from workbench.records.base import Ids
from workbench.records.cases import Case
from workbench.records.conversations import Conversation, Request, RequestStatus
from workbench.records.customers import Customer
from workbench.records.decisions import Decision, HandOffReason, Level
from workbench.records.events import EventKind, NewEvent
from workbench.records.evidence import Statement
from workbench.records.intents import IntentRow
from workbench.records.principals import Principal, customer_principal
from workbench.records.signals import SOMETHING_ELSE, IntentScore, SensitiveTopic, Situation
from workbench.speak.writer import Writer, tone_for

Flow = Callable[[Turn], None]

_DANGER = (SensitiveTopic.SELF_HARM, SensitiveTopic.THREAT)
_LAW = (SensitiveTopic.LEGAL, SensitiveTopic.REGULATOR, SensitiveTopic.PRESS)

ASK_BACK = "ask-back"
"""Id of the rule at which the assistant asks once what is meant before a person is called."""

_ABOUT_AN_ACCOUNT = frozenset({"invoice_inquiry", "case_management"})

# After these the assistant says nothing of substance, not even on the harmless part.
_STOPS_EVERYTHING = frozenset(
    {HandOffReason.LEGAL_OR_REGULATORY_MATTER, HandOffReason.SAFETY_CONCERN}
)


@dataclass
class Answer:
    """The answer to one message as it grows; `events` and `actions` are committed together."""

    around: Surroundings
    writer: Writer
    flows: Mapping[str, Flow]
    intents: Mapping[str, IntentRow]
    ids: Ids
    tenant: str
    customer: Customer
    conversation: Conversation
    recent: frozenset[str] = frozenset()
    """Intents of the customer's other conversations in the last seven days."""
    trial: Trial | None = None
    """The conversation's part in an experiment."""
    events: list[NewEvent] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    question: tuple[Statement, ...] = ()
    turns: list[Turn] = field(default_factory=list)
    planned: list[Case] = field(default_factory=list)
    handovers: list[Handover] = field(default_factory=list)

    @property
    def proven(self) -> bool:
        return len(self.conversation.identifiers) >= self.around.settings.identity.required

    @property
    def principal(self) -> Principal:
        """The assistant's only rights: those of the customer it talks to, as far as proven."""
        return customer_principal(self.customer.id, tenant=self.tenant, proven=self.proven)

    def happen(self, event: NewEvent) -> None:
        """Add an event and let it change the conversation."""
        self.events.append(event)
        self.conversation = after(
            self.conversation, event.kind, event.data, self.around.clock.now()
        )

    def to(self, message: Message) -> None:
        """Work out the whole answer to a message."""
        if self.conversation.handed_off and not self._got_graver(message):
            self._while_waiting(message)
        else:
            self._prove_identity(message)
            self._small_talk(message)
            for request in self._requests(message):
                if request.status is RequestStatus.DROPPED:
                    self._drop(request)
                else:
                    self._work_on(request, message)
            self._hand_over(message)
            self._name_what_is_open()
        self._reply(message)

    def go_on(self, request: Request, message: Message) -> None:
        """Work again on a request that a person has given a verdict on; `message` is its words."""
        self._work_on(request, message)

    def conclude(self, message: Message) -> None:
        """Say what going on has come to, where no new message is to be answered."""
        self._hand_over(message)
        self._reply(message)

    def _got_graver(self, message: Message) -> bool:
        """Danger or law that comes up while somebody waits goes to its own people at once."""
        topic, waits_for = message.signals.sensitive, self.conversation.handed_off
        if topic in _DANGER:
            return waits_for is not HandOffReason.SAFETY_CONCERN
        return topic in _LAW and waits_for not in _STOPS_EVERYTHING

    def _while_waiting(self, message: Message) -> None:
        """People own the conversation but nobody has spoken yet: the truth, or a call-back."""
        wanted = message.entities.wants_call or (
            self.conversation.callback_offered and message.signals.affirmation
        )
        if wanted:
            self._call_back(message)
        else:
            zone = self.customer.time_zone
            self.statements += still_waiting(self.conversation, self.around, zone)

    def _call_back(self, message: Message) -> None:
        request = Request(
            id=self.ids.new("req"), intent="case_open", flow="escalation", text=message.text
        )
        self._keep(request, EventKind.REQUEST_OPENED)
        turn = self._turn(request, message, self._situation(request, message))
        call_back(turn)
        self._settle(turn, RequestStatus.ANSWERED)

    # Identity

    def _prove_identity(self, message: Message) -> None:
        if self.proven:
            return
        crm, required = self.around.systems.crm, self.around.settings.identity.required
        checked = identity_checked(message, self.conversation, crm, self.principal, required)
        if checked:
            self.happen(checked)

    # Requests

    def _requests(self, message: Message) -> tuple[Request, ...]:
        flow_of = {intent: row.flow for intent, row in self.intents.items()}
        requests = requests_after(self.conversation, message, flow_of, self.ids)
        fresh = {r.id for r in requests} - {r.id for r in self.conversation.requests}
        for request in requests:
            kind = EventKind.REQUEST_OPENED if request.id in fresh else EventKind.REQUEST_UPDATED
            self._keep(request, kind)
        return requests

    def _keep(self, request: Request, kind: EventKind = EventKind.REQUEST_UPDATED) -> None:
        data = {"request": request.model_dump(mode="json")}
        self.happen(NewEvent(kind=kind, actor="assistant", data=data))

    def _work_on(self, request: Request, message: Message) -> None:
        """Decide who takes the request; let its flow work on it, or keep it for the hand-over."""
        request = told_apart(request, self.intents)
        situation, score = self._situation(request, message), _score(request, message)
        likely = close_readings(score, self.around.settings.review) if self.proven else ()
        policy = self._around(request).policy
        decision, stage = decide(policy, request, situation, likely)
        shadow = self.trial.beside(request, situation) if self.trial else None
        self.happen(decided(request.id, situation, decision, stage, shadow))
        turn = self._turn(request, message, situation)
        self.turns.append(turn)
        if score and stage == JUDGE:
            self._ask_which(turn, score, likely)
        elif decision.rule_id == ASK_BACK:
            self._ask_back(turn, message)
        elif decision.level is Level.AUTOMATE:
            self._run(turn, decision)
        else:
            self._pass_on(turn, decision)

    def _around(self, request: Request) -> Surroundings:
        """The surroundings with the policy that decides this request."""
        return self.trial.around(self.around, request) if self.trial else self.around

    def _drop(self, request: Request) -> None:
        """The customer took it back: nothing is done, and the reply says so."""
        self.statements.append(dropped(request))
        self._keep(request)

    def _run_until_question(self, turn: Turn, step: Callable[[], None]) -> None:
        """Identity comes first, also before a clarifying question about an account."""
        try:
            step()
        except Ask as ask:
            self._asked(turn, ask.slot)

    def _situation(self, request: Request, message: Message) -> Situation:
        return situation_of(
            request,
            self.conversation,
            message,
            self.customer,
            self.intents.get(request.intent),
            proven=self.proven,
            repeat_contact=request.intent in self.recent,
            third_party=self._speaks_for_somebody(message),
        )

    def _speaks_for_somebody(self, message: Message) -> bool:
        """Whether somebody else's account is meant without a registered authority for it."""
        others = [n for n in message.entities.customer_numbers if n != self.customer.id]
        if not others:
            return message.signals.third_party
        crm = self.around.systems.crm
        return not all(crm.may_speak_for(self.principal, other, "invoices") for other in others)

    def _ask_which(self, turn: Turn, score: IntentScore, likely: tuple[str, ...]) -> None:
        with suppress(AskedPerson):
            ask_which(turn, score, likely)
        self._settle(turn, RequestStatus.CHECKING)

    def _ask_back(self, turn: Turn, message: Message) -> None:
        """One clarifying question with the likely readings, instead of a guess or a hand-off."""
        score = _score(turn.request, message)
        if turn.request.flow in _ABOUT_AN_ACCOUNT and not self.proven:
            self._run_until_question(turn, turn.need_identity)
            return
        guesses = [turn.request.intent, *(score.runners_up if score else ())]
        likely = [guess for guess in guesses if guess != SOMETHING_ELSE][:3]
        turn.remember("readings", likely)
        turn.statements.append(readings(likely) if likely else Statement(key="out_of_scope.offer"))
        clarified = {"clarifications": turn.request.clarifications + 1}
        turn.request = turn.request.model_copy(update=clarified)
        self._asked(turn, "intent")

    def _turn(self, request: Request, message: Message, situation: Situation) -> Turn:
        return Turn(
            around=self._around(request),
            conversation=self.conversation,
            request=request,
            signals=message.signals,
            entities=message.entities,
            principal=self.principal,
            customer=self.customer if self.proven else veiled(self.customer),
            situation=situation,
            message_text=message.text,
            planned=self.planned,
        )

    def _run(self, turn: Turn, decision: Decision) -> None:
        """Run the flow to its end, its question, its hand-off, or its system's failure."""
        try:
            self._flow(turn)
        except Ask as ask:
            self._asked(turn, ask.slot)
        except AskedPerson:
            self._settle(turn, RequestStatus.CHECKING)
        except HandOff as handoff:
            self._settle(turn, RequestStatus.HANDED_OFF)
            rule = decision.rule_id
            self.handovers.append(Handover(handoff.reason, rule, turn, handoff.next_step))
        except (Unavailable, NotAllowed) as failure:
            self._failed(turn, failure)
        else:
            self._settle(turn, RequestStatus.ANSWERED)

    def _flow(self, turn: Turn) -> None:
        try:
            self.flows[turn.request.flow](turn)
        except Settled:
            return

    def _failed(self, turn: Turn, failure: Unavailable | NotAllowed) -> None:
        """A system did not answer: nothing is invented, the policy says who takes over."""
        turn.statements.clear()
        turn.actions.clear()
        situation = turn.situation.model_copy(update={"tool_failed": True})
        decision = turn.around.policy.decide(situation)
        turn.events.append(decided(turn.request.id, situation, decision))
        self._settle(turn, RequestStatus.HANDED_OFF)
        reason = decision.reason or HandOffReason.TOOL_FAILURE
        self.handovers.append(Handover(reason, decision.rule_id, turn, failure=failure.what))

    def _pass_on(self, turn: Turn, decision: Decision) -> None:
        """A person takes it; at level assist the flow's answer goes along as a draft."""
        draft: tuple[Statement, ...] = ()
        if decision.level is Level.ASSIST:
            draft = self._drafted(turn)
        self._settle(turn, RequestStatus.HANDED_OFF)
        reason = decision.reason or HandOffReason.OTHER
        self.handovers.append(Handover(reason, decision.rule_id, turn, draft=draft))

    def _drafted(self, turn: Turn) -> tuple[Statement, ...]:
        """What the flow would have said; its acts are dropped, a person decides on them."""
        with suppress(Ask, AskedPerson, HandOff, Unavailable, NotAllowed):
            self._flow(turn)
        draft = tuple(turn.statements)
        turn.statements.clear()
        turn.actions.clear()
        return draft

    def _asked(self, turn: Turn, slot: str) -> None:
        """One question per turn: a second request that must ask stays open and is named."""
        again = turn.request.asked == slot
        asked = turn.request.model_copy(
            update={
                "status": RequestStatus.WAITING,
                "asked": slot,
                "clarifications": turn.request.clarifications + int(again),
            }
        )
        question = turn.statements.pop()
        if self.question:
            turn.request = asked.model_copy(update={"status": RequestStatus.OPEN, "asked": ""})
        else:
            turn.request = asked
            self.question = (question,)
            turn.events.append(
                NewEvent(
                    kind=EventKind.QUESTION_ASKED,
                    actor="assistant",
                    data={"request_id": turn.request.id, "slot": slot},
                )
            )
        self._settle(turn, turn.request.status)

    def _settle(self, turn: Turn, status: RequestStatus) -> None:
        asked = turn.request.asked if status is RequestStatus.WAITING else ""
        turn.request = turn.request.model_copy(update={"status": status, "asked": asked})
        self.statements += turn.statements
        self.actions += turn.actions
        for event in turn.events:
            self.happen(event)
        self._keep(turn.request)

    # The rest of the reply

    def _small_talk(self, message: Message) -> None:
        if message.signals.asks_if_human:
            self.statements.append(Statement(key="are_you_human"))
        if message.signals.abusive and not self.conversation.boundary_set:
            self.statements.append(Statement(key="boundary.abuse"))

    def _hand_over(self, message: Message) -> None:
        if not self.handovers:
            return
        known = self.conversation.with_people
        stops = any(h.reason in _STOPS_EVERYTHING for h in self.handovers)
        if stops:
            self.statements = [s for s in self.statements if s.key == "are_you_human"]
            self.actions.clear()
        if stops or any(h.reason in WHOLE_CONVERSATION for h in self.handovers):
            self.question = ()
        if all(is_known(h.reason, known) for h in self.handovers):
            # Somebody is already asked to find out what is wanted; the transcript tells the rest.
            self.statements += still_waiting(
                self.conversation, self.around, self.customer.time_zone
            )
            return
        done = hand_over(self.handovers, self._scene(message))
        for event in done.events:
            self.happen(event)
        self.actions += done.actions
        self.statements += done.statements

    def _name_what_is_open(self) -> None:
        """A request that could not ask its question this turn is not forgotten silently."""
        still = [r for r in self.conversation.requests if r.status is RequestStatus.OPEN]
        if still and not self.conversation.handed_off:
            self.statements.append(still_open(still))

    def _scene(self, message: Message) -> Scene:
        return Scene(
            around=self.around,
            writer=self.writer,
            ids=self.ids,
            principal=self.principal,
            customer=self.customer,
            conversation=self.conversation,
            language=message.language,
            turns=self.turns,
        )

    def _reply(self, message: Message) -> None:
        statements = [*self.statements, *self.question]
        if not statements:
            statements.append(Statement(key="anything_else"))
        if not self.conversation.introduced:
            statements.insert(0, introduction(self.around.settings))
        reply = self.writer.write(
            statements,
            language=message.language,
            tone=tone_for(message.signals.sentiment),
            zone=self.customer.time_zone,
            company=self.around.settings.assistant.company,
        )
        self.happen(
            NewEvent(
                kind=EventKind.REPLIED,
                actor="assistant",
                data={
                    "speaker": "assistant",
                    "text": reply.text,
                    "language": reply.language,
                    "statements": [s.model_dump(mode="json") for s in reply.statements],
                    "writer": reply.writer,
                    "blocked": list(reply.blocked),
                    "cost_micros": round(reply.cost * 1_000_000),
                },
            )
        )


def _score(request: Request, message: Message) -> IntentScore | None:
    """How the message's words for a request were read."""
    return next((s for s in message.signals.intents if s.intent == request.intent), None)
