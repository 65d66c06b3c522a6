"""The way of one message: mask, triage, answer, commit.

Nothing is written before the end, and then everything at once. If another process was faster, the
turn is computed again from the newer state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from workbench.errors import Conflict, InputError, Unavailable
from workbench.flows.answer import Answer, Flow
from workbench.flows.conversation import fold, with_verdict
from workbench.flows.result import TurnResult, result_of
from workbench.flows.trials import Trial, Trials
from workbench.flows.turn import Surroundings
from workbench.flows.understanding import Message, waiting
from workbench.govern.privacy import mask
from workbench.people.adapting import AdaptedPolicy
from workbench.records.base import Ids, Record
from workbench.records.cases import SlaClock
from workbench.records.conversations import Conversation, Speaker
from workbench.records.customers import Customer
from workbench.records.events import Event, EventKind, NewEvent
from workbench.records.intents import IntentRow
from workbench.records.operations import plan
from workbench.records.principals import Principal, Role, customer_principal
from workbench.records.verdicts import MicroTask, TellVerdict
from workbench.speak.writer import Writer
from workbench.store.store import Store
from workbench.store.work import Committed, Transaction
from workbench.systems.clocks import promises_of
from workbench.triage.entities import read_entities
from workbench.triage.ports import MessageReader
from workbench.triage.quoting import newest_part

_ATTEMPTS = 8
_ENOUGH_WORDS = 4
"""A shorter message does not change the language of a conversation."""
_SURE_OF_LANGUAGE = 0.7
_REPEAT = timedelta(days=7)
"""A second contact on the same topic within this time is a repeat contact."""


class Incoming(Record):
    """A customer's message as a channel delivers it."""

    text: str
    customer_id: str
    channel: str = "chat"
    conversation_id: str
    request_id: str
    """The channel's id of this delivery; the same id twice is answered once."""


@dataclass(frozen=True)
class Assistant:
    """Answers messages. Holds no state: any process can take the next turn."""

    around: Surroundings
    store: Store
    triage: MessageReader
    writer: Writer
    flows: Mapping[str, Flow]
    intents: Mapping[str, IntentRow]
    ids: Ids
    trials: Trials
    adapted: AdaptedPolicy
    tenant: str = "main"
    release: str = ""

    def handle(self, incoming: Incoming) -> TurnResult:
        """Answer one message. The same request id again returns the first answer."""
        incoming = incoming.model_copy(update={"text": self._checked(incoming.text)})
        return self._turn(incoming, self._answered)

    def resume(self, task: MicroTask) -> TurnResult:
        """Go on with a request that waited for a person, without a new message.

        What there is to say is committed with a message in the outbox, once. Where people have
        taken the conversation over, or a message came first, nothing is said again.
        """
        incoming = Incoming(
            text=task.words,
            customer_id=task.customer_id,
            conversation_id=task.conversation_id,
            request_id=f"verdict:{task.id}",
        )
        return self._turn(incoming, partial(self._told, task))

    def _checked(self, text: str) -> str:
        cleaned = "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
        limit = self.around.settings.assistant.max_message_chars
        if not cleaned:
            raise InputError(
                "The message is empty",
                expected="at least one readable character",
                next_step="Type your request and send it again.",
            )
        if len(cleaned) > limit:
            raise InputError(
                f"The message has {len(cleaned):,} characters",
                expected=f"at most {limit:,}",
                next_step="Shorten it or send the rest as a second message.",
            )
        return cleaned

    def _turn(self, incoming: Incoming, work: Callable[[Answer, Incoming], None]) -> TurnResult:
        """Read, work, commit; from the newer state when another process was faster."""
        for _ in range(_ATTEMPTS):
            with suppress(Conflict):
                return self._once(incoming, work)
        raise Conflict(
            f"Conversation {incoming.conversation_id} kept changing while it was answered",
            expected="one writer at a time",
            next_step="Repeat it with the same request id; nothing was written.",
        )

    def _once(self, incoming: Incoming, work: Callable[[Answer, Incoming], None]) -> TurnResult:
        customer = self.around.systems.crm.customer(self._service, incoming.customer_id)
        past = self._past(incoming)
        earlier = [event for event in past if event.request_id == incoming.request_id]
        if earlier:
            return result_of(earlier)
        answer = self._answer(incoming, customer, past)
        work(answer, incoming)
        return result_of(self._commit(incoming, answer, len(past)).events)

    def _answered(self, answer: Answer, incoming: Incoming) -> None:
        """The message, and what the assistant says to it unless people speak."""
        if not answer.conversation.revision:
            answer.happen(self._started(incoming, answer.customer, answer.trial))
        message = self._read(answer.conversation, incoming)
        awaits = self._awaited(answer.conversation)
        answer.happen(_received(message, answer.customer, answer.proven, awaits))
        if answer.conversation.speaker is Speaker.ASSISTANT:
            self._go_on(answer, incoming)
            answer.to(message)

    def _awaited(self, conversation: Conversation) -> SlaClock | None:
        """The promise that starts when people have the conversation and the customer writes."""
        if conversation.speaker is Speaker.ASSISTANT or not conversation.case_id:
            return None
        try:
            case = self.around.systems.ticketing.case(self._service, conversation.case_id)
        except Unavailable:
            return None
        promises = promises_of(self.around.settings)
        return promises.on_question(case.queue, case.priority, self.around.clock.now())

    def _told(self, task: MicroTask, answer: Answer, incoming: Incoming) -> None:
        """The conversation goes on with a verdict, and the ledger says so."""
        answer.actions.append(plan(self._telling(task, answer, incoming), f"tell:{task.id}"))

    def _telling(self, task: MicroTask, answer: Answer, incoming: Incoming) -> TellVerdict:
        """What the customer reads of a verdict; nothing where somebody else speaks."""
        owned = answer.conversation.handed_off is not None
        if owned or answer.conversation.speaker is not Speaker.ASSISTANT:
            return TellVerdict(task_id=task.id)
        if not self._go_on(answer, incoming):
            return TellVerdict(task_id=task.id)
        answer.conclude(self._read(answer.conversation, incoming))
        said = next(e.data for e in reversed(answer.events) if e.kind is EventKind.REPLIED)
        return TellVerdict(task_id=task.id, text=said["text"], language=said["language"])

    def _go_on(self, answer: Answer, incoming: Incoming) -> bool:
        """Work on every request that a verdict has come for; whether there was any."""
        waited = () if answer.conversation.handed_off else with_verdict(answer.conversation)
        for request in waited:
            words = incoming.model_copy(update={"text": request.text})
            answer.go_on(request, self._read(answer.conversation, words))
        return bool(waited)

    def _past(self, incoming: Incoming) -> tuple[Event, ...]:
        claimed = customer_principal(incoming.customer_id, tenant=self.tenant)
        return self.store.events(claimed, stream=incoming.conversation_id)

    def _answer(self, incoming: Incoming, customer: Customer, past: tuple[Event, ...]) -> Answer:
        """The conversation as it stands, ready to be answered."""
        start = Conversation(
            id=incoming.conversation_id, customer_id=customer.id, channel=incoming.channel
        )
        trial = (
            self.trials.continued(past)
            if past
            else self.trials.beginning(customer, incoming.channel)
        )
        return Answer(
            around=self._around(trial),
            writer=self.writer,
            flows=self.flows,
            intents=self.intents,
            ids=self.ids,
            tenant=self.tenant,
            customer=customer,
            conversation=fold(start, past),
            recent=self._recent_intents(incoming),
            trial=trial,
        )

    def _around(self, trial: Trial | None) -> Surroundings:
        """The surroundings with the policy under the present load.

        In an experiment nothing moves: its arms are compared as they were declared.
        """
        if trial is not None:
            return self.around
        return replace(self.around, policy=self.adapted.now())

    def _commit(self, incoming: Incoming, answer: Answer, revision: int) -> Committed:
        return self.store.commit(
            Transaction(
                principal=answer.principal,
                stream=incoming.conversation_id,
                request_id=incoming.request_id,
                events=tuple(answer.events),
                actions=tuple(answer.actions),
                expected_revision=revision,
            )
        )

    @property
    def _service(self) -> Principal:
        """For routing only (language, segment, zone); flows never act with it."""
        return Principal(id="service:assistant", role=Role.SERVICE, tenant=self.tenant)

    def _recent_intents(self, incoming: Incoming) -> frozenset[str]:
        """What the customer's other conversations of the last days were about."""
        since = self.around.clock.now() - _REPEAT
        rows = self.store.conversations(self._service, customer_id=incoming.customer_id, limit=5)
        others = [r.id for r in rows if r.last_at >= since and r.id != incoming.conversation_id]
        return frozenset(
            event.data["request"]["intent"]
            for stream in others
            for event in self.store.events(
                self._service, stream=stream, kinds=(EventKind.REQUEST_OPENED,)
            )
        )

    def _started(self, incoming: Incoming, customer: Customer, trial: Trial | None) -> NewEvent:
        proof = self.around.settings.identity.channel_proof.get(incoming.channel, ())
        return NewEvent(
            kind=EventKind.CONVERSATION_STARTED,
            actor=f"customer:{customer.id}",
            data={
                "customer_id": customer.id,
                "channel": incoming.channel,
                "language": customer.language,
                "identifiers": list(proof),
                "segment": customer.segment,
                "phase": "pilot",
                "release": self.release,
                **(trial.recorded if trial else {}),
            },
        )

    def _read(self, conversation: Conversation, incoming: Incoming) -> Message:
        settings = self.around.settings
        hidden = mask(incoming.text, keep=settings.references.patterns)
        asked = waiting(conversation)
        pending = asked.asked if asked else ""
        written = newest_part(hidden.text)
        signals = self.triage.read(written, pending=pending, default_language=conversation.language)
        enough = len(written.split()) >= _ENOUGH_WORDS
        sure = enough and signals.language_confidence >= _SURE_OF_LANGUAGE
        spoken = signals.language if sure or not conversation.revision else conversation.language
        spoken = conversation.language if spoken == "und" else spoken
        supported = spoken in settings.assistant.languages
        language = spoken if supported else settings.assistant.default_language
        today = self.around.clock.now().date()
        return Message(
            request_id=incoming.request_id,
            text=hidden.text,
            masked=hidden.kinds,
            signals=signals,
            # A clarified request is read with the words it was first made in.
            entities=read_entities(
                f"{asked.text}\n{written}" if asked and pending == "intent" else written,
                settings.references,
                today,
            ),
            language=language,
            language_supported=supported,
        )


def _received(
    message: Message, customer: Customer, proven: bool, awaits: SlaClock | None
) -> NewEvent:
    return NewEvent(
        kind=EventKind.MESSAGE_RECEIVED,
        actor=f"customer:{customer.id}",
        data={
            "text": message.text,
            "speaker": "customer",
            "masked": list(message.masked),
            "language": message.language,
            "signals": message.signals.model_dump(mode="json"),
            "identity_proven": proven,
            **({"awaits": awaits.model_dump(mode="json")} if awaits else {}),
        },
    )
