"""The desk: what a person who has taken over is offered, says, notes and sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING

from workbench.front.part import Part
from workbench.govern.one_speaker import keeper_of
from workbench.people.brand import load_desk_rules, objections
from workbench.people.desk import DeskWork, edit_sizes, read_uses
from workbench.people.suggestions import uses_of
from workbench.records.conversations import Conversation
from workbench.records.desk import Handling, Note, Suggested, Suggestions, Use
from workbench.records.evidence import Packet, Reply
from workbench.store.work import Committed

if TYPE_CHECKING:
    from datetime import datetime

    from workbench.flows.suggesting import DeskHelp
    from workbench.measure.handling import Occupancy
    from workbench.people.brand import DeskRules
    from workbench.people.suggestions import Proposal
    from workbench.people.suggestions_ranking import RankingReport
    from workbench.people.timeline import TimelineEntry
    from workbench.speak.writer import Writer


@dataclass(frozen=True)
class Desk(Part):
    """Suggestions, replies and private notes of people, under their names."""

    def suggestions(self, conversation_id: str, by: str) -> Suggestions:
        """Up to three replies for the customer's last message, checked and ranked.

        They are made and recorded once for each message; looking again shows the same.
        """
        from workbench.flows.suggesting import moment_of

        conversation = self.workbench.conversation(conversation_id)
        shown = self._desk.shown(conversation_id, moment_of(conversation).turn)
        if shown is not None:
            return shown
        events = self.workbench.events(conversation_id)
        offered = self._help().suggest(conversation, self._packet(conversation), events)
        return self._desk.show(self.workbench.person(by), offered)

    def macros(self, conversation_id: str) -> tuple[Proposal, ...]:
        """Every text of the team that can be said here, filled from facts, by name."""
        from workbench.flows.suggesting import macros_for

        conversation = self.workbench.conversation(conversation_id)
        events = self.workbench.events(conversation_id)
        return macros_for(self.rules().macro, conversation, self._packet(conversation), events)

    def reply(self, conversation_id: str, by: str, text: str, suggestion_id: str = "") -> Committed:
        """Speak to the customer; the assistant is silent from now on. See `DeskWork.reply`."""
        person = self.workbench.person(by)
        return self._desk.reply(person, conversation_id, text, suggestion_id)

    def reject(self, conversation_id: str, suggestion_id: str, by: str, reason: str) -> Committed:
        """Say what is wrong with a suggestion."""
        person = self.workbench.person(by)
        return self._desk.reject(person, conversation_id, suggestion_id, reason)

    def open_suggestions(self, conversation_id: str) -> tuple[Suggested, ...]:
        """Suggestions that were shown and nobody has settled."""
        return self._desk.open(conversation_id)

    def handle(self, conversation_id: str, by: str, state: Handling) -> Committed:
        """Say what the person does now; handle time is counted from it."""
        return self._desk.handle(self.workbench.person(by), conversation_id, state)

    def keeper(self, conversation_id: str) -> str:
        """The id of the person who has it; empty: the assistant has it, or it waits."""
        return keeper_of(self.workbench.events(conversation_id))

    def doing(self, conversation_id: str) -> str:
        """What the person does now, as a `Handling`; empty before anybody had the conversation."""
        from workbench.measure.handling import doing

        return doing(self.workbench.events(conversation_id))

    def revision(self, conversation_id: str) -> int:
        """Changes whenever anything is said, done or noted. Raises `NotFound`."""
        return self.workbench.store.conversation(self.workbench.service, conversation_id).revision

    def check(self, conversation_id: str, text: str) -> tuple[str, ...]:
        """What brand voice, forbidden topics and regulation have against a reply."""
        from workbench.flows.suggesting import moment_of

        moment = moment_of(self.workbench.conversation(conversation_id))
        rules = self.rules().rules
        return objections(text, rules, language=moment.language, intent=moment.intent)

    def median_edit(self) -> float | None:
        """Median share of the words that people change in a suggestion; None: none was edited."""
        sizes = edit_sizes(self._desk.settled())
        return median(sizes) if sizes else None

    def note(self, conversation_id: str, by: str, text: str) -> Committed:
        """A private note: colleagues read it, the customer never."""
        return self._desk.note(self.workbench.person(by), conversation_id, text)

    def notes(self, conversation_id: str) -> tuple[Note, ...]:
        """Private notes beside a conversation, the oldest first."""
        return self._desk.notes(conversation_id)

    def take_over(self, conversation_id: str, by: str) -> Committed:
        """Speak from now on in a running conversation; the assistant is silent.

        Raises `Conflict` when a colleague has it.
        """
        return self._desk.take_over(self.workbench.person(by), conversation_id)

    def timeline(self, customer_id: str, by: str) -> tuple[TimelineEntry, ...]:
        """All that happened between a customer and us, private notes included."""
        from workbench.people.timeline import timeline

        person, store = self.workbench.person(by), self.workbench.store
        rows = store.conversations(person, customer_id=customer_id)
        notes = [(row.id, note) for row in rows for note in self.notes(row.id)]
        return timeline(store, person, customer_id, notes)

    def summary(self, conversation_id: str, language: str = "en") -> Reply:
        """The conversation summed up for whoever goes on with it, said from facts only."""
        from workbench.speak.writer import TemplateWriter

        return self._summed_up(TemplateWriter(), conversation_id, language)

    def warm_summary(self, conversation_id: str, language: str = "en") -> Reply:
        """The same in fewer sentences of the configured model, worded once for each state.

        Without a model, after its deadline, or where a figure, date, name or reference is not a
        fact, it is the template's; `blocked` says why.
        """
        key, state = (conversation_id, language), len(self.workbench.events(conversation_id))
        seen, kept = self._worded.get(key, (0, None))
        if kept and seen == state:
            return kept
        summary = self._summed_up(self._summary_writer, conversation_id, language)
        if not summary.blocked:
            self._worded[key] = (state, summary)
        return summary

    def occupancy(self, since: datetime, until: datetime) -> Occupancy:
        """Handling time over logged-in time of everybody who said that they were there."""
        from workbench.measure.handling import occupancy
        from workbench.people.presence import HOLDS

        store, service = self.workbench.store, self.workbench.service
        return occupancy(store.events(service), since, until, HOLDS)

    def rules(self) -> DeskRules:
        """Macros, brand voice, forbidden topics and regulation of the POC, with their owners."""
        return load_desk_rules(self.workbench.folder.desk)

    def uses(self) -> tuple[Use, ...]:
        """What became of every suggestion, before this ledger began and since."""
        return (*read_uses(self.workbench.folder.desk_uses), *uses_of(self._desk.settled()))

    def ranking_report(self) -> RankingReport:
        """What learning from use is worth: mean reciprocal rank before and after."""
        from workbench.people.suggestions_ranking import measure

        return measure(self.uses())

    def _summed_up(self, writer: Writer, conversation_id: str, language: str) -> Reply:
        from workbench.flows.summing_up import sum_up

        workbench, conversation = self.workbench, self.workbench.conversation(conversation_id)
        return sum_up(
            writer,
            conversation,
            workbench.store.customer(workbench.service, conversation.customer_id),
            self._packet(conversation),
            workbench.events(conversation_id),
            language,
        )

    @cached_property
    def _summary_writer(self) -> Writer:
        from workbench.speak.model_summary import summary_writer

        return summary_writer(self.workbench.settings.model)

    @cached_property
    def _worded(self) -> dict[tuple[str, str], tuple[int, Reply]]:
        """Conversation and language -> the state that a model has summed up last, and how."""
        return {}

    def _packet(self, conversation: Conversation) -> Packet | None:
        """None where a person took over what nobody had handed off."""
        packet_id = conversation.packet_id
        return self.workbench.packet(packet_id) if packet_id else None

    def _help(self) -> DeskHelp:
        from workbench.flows.suggesting import DeskHelp
        from workbench.people.suggestions_ranking import learn

        workbench = self.workbench
        knowledge = workbench.systems.knowledge
        return DeskHelp(self.rules(), knowledge, learn(self.uses()), workbench.ids)

    @cached_property
    def _desk(self) -> DeskWork:
        workbench = self.workbench
        return DeskWork(
            workbench.store,
            workbench.service,
            workbench.ids,
            workbench.settings.references,
            workbench.clock,
        )
