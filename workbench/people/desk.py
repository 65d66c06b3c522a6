"""A person at the desk: suggestions are shown once, settled once, and sent with the reply."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.config import ReferenceSettings
from workbench.errors import InputError, NotFound
from workbench.govern.one_speaker import KEEPER_KINDS, keeper_of
from workbench.people.asking import asks_again
from workbench.records.actions import Action
from workbench.records.base import Clock, Ids
from workbench.records.conversations import Speaker
from workbench.records.desk import (
    ChangeHandling,
    Handling,
    Note,
    ShowSuggestions,
    Suggested,
    SuggestionOutcome,
    Suggestions,
    TakeOver,
    Use,
    UseSuggestion,
    WriteNote,
    desk_stream,
)
from workbench.records.events import Event, EventKind, NewEvent
from workbench.records.evidence import Packet
from workbench.records.operations import plan
from workbench.records.principals import Principal
from workbench.store.store import Store
from workbench.store.work import Committed, Transaction


@dataclass(frozen=True)
class DeskWork:
    """What people do beside and in a conversation.

    `reader` reads the desk's stream, which needs a right that people at the desk do not have over
    the whole ledger.
    """

    store: Store
    reader: Principal
    ids: Ids
    references: ReferenceSettings
    clock: Clock

    def shown(self, conversation_id: str, turn: int) -> Suggestions | None:
        """What was shown for the customer's message number `turn`; None: nothing yet."""
        found = self._all_shown(conversation_id)
        return next((offered for offered in found if offered.turn == turn), None)

    def show(self, person: Principal, offered: Suggestions) -> Suggestions:
        """Keep what is shown, once for each message; who comes second sees what the first saw."""
        name = f"show:{offered.conversation_id}:{offered.turn}"
        action = plan(ShowSuggestions(suggestions=offered), key=name)
        self._commit(person, offered.conversation_id, name, (action,))
        return self.shown(offered.conversation_id, offered.turn) or offered

    def reply(
        self, person: Principal, conversation_id: str, text: str, suggestion_id: str = ""
    ) -> Committed:
        """The person speaks; what was shown and still open is settled in the same transaction.

        Who does not have the conversation yet takes it over with their words.

        Args:
            suggestion_id: The suggestion that was sent, as it was or edited; a second click on it
                sends nothing. Empty: words of the person's own.

        Raises `Conflict` when a colleague has the conversation, `InputError` for an empty text and
        `NotFound` for a suggestion that was not shown.
        """
        if not text.strip():
            raise InputError(
                "A reply needs words", next_step="Write what the customer should read."
            )
        used = self._suggestion(conversation_id, suggestion_id) if suggestion_id else None
        actions = list(self._taken_over(person, conversation_id))
        actions += [self._settled(conversation_id, *_taken(used, text))] if used else []
        for other in self.open(conversation_id):
            if other.id != suggestion_id:
                ignored = SuggestionOutcome.IGNORED
                actions.append(self._settled(conversation_id, other, ignored, ""))
        name = f"send:{suggestion_id}" if used else self.ids.new("click")
        again = self._asks_again(person, conversation_id, text)
        return self._commit(person, conversation_id, name, actions, _spoken(person, text, again))

    def reject(
        self, person: Principal, conversation_id: str, suggestion_id: str, reason: str
    ) -> Committed:
        """Say what is wrong with a suggestion; the reason is for those who own its text."""
        if not reason.strip():
            raise InputError(
                "A rejection needs a reason", next_step="Say what is wrong with the suggestion."
            )
        wish = UseSuggestion(
            conversation_id=conversation_id,
            suggestion_id=self._suggestion(conversation_id, suggestion_id).id,
            outcome=SuggestionOutcome.REJECTED,
            reason=reason,
        )
        action = plan(wish, key=f"use:{suggestion_id}")
        return self._commit(person, conversation_id, f"reject:{suggestion_id}", (action,))

    def open(self, conversation_id: str) -> tuple[Suggested, ...]:
        """Suggestions that were shown and nobody has settled."""
        kinds = (EventKind.SUGGESTION_USED,)
        used = {e.data["suggestion_id"] for e in self._events(conversation_id, kinds) if e.data}
        offered = self._all_shown(conversation_id)
        return tuple(s for one in offered for s in one.shown if s.id not in used)

    def take_over(self, person: Principal, conversation_id: str) -> Committed:
        """Speak from now on in a running conversation, handed off or not.

        Raises `Conflict` when a colleague has it.
        """
        action = self._take_over(person, conversation_id)
        return self._commit(person, conversation_id, action.key, (action,))

    def handle(self, person: Principal, conversation_id: str, state: Handling) -> Committed:
        """Say what the person does now: works on it, holds it, wraps it up, is done."""
        name = self.ids.new("handling")
        wish = ChangeHandling(conversation_id=conversation_id, state=state)
        return self._commit(person, conversation_id, name, (plan(wish, key=name),))

    def note(self, person: Principal, conversation_id: str, text: str) -> Committed:
        """A private note: colleagues read it, the customer never."""
        name = self.ids.new("note")
        action = plan(WriteNote(conversation_id=conversation_id, text=text), key=name)
        return self._commit(person, conversation_id, name, (action,))

    def notes(self, conversation_id: str) -> tuple[Note, ...]:
        """Private notes, the oldest first."""
        found = self._events(conversation_id, (EventKind.NOTE_WRITTEN,))
        return tuple(Note(at=e.at, by=e.data["by"], text=e.data["text"]) for e in found if e.data)

    def settled(self) -> tuple[Event, ...]:
        """Everything that was shown and used in all conversations, in order."""
        kinds = (EventKind.SUGGESTION_SHOWN, EventKind.SUGGESTION_USED)
        return self.store.events(self.reader, kinds=kinds)

    def _taken_over(self, person: Principal, conversation_id: str) -> Iterator[Action]:
        """What makes the person the one who speaks, unless they are already."""
        events = self.store.events(person, stream=conversation_id, kinds=KEEPER_KINDS)
        if keeper_of(events) != person.id:
            yield self._take_over(person, conversation_id)

    def _take_over(self, person: Principal, conversation_id: str) -> Action:
        revision = self.store.conversation(person, conversation_id).revision
        key = f"over:{conversation_id}:{revision}"
        return plan(TakeOver(conversation_id=conversation_id), key=key)

    def _asks_again(self, person: Principal, conversation_id: str, text: str) -> tuple[str, ...]:
        """What the first words after a hand-off ask for although its packet holds it."""
        kinds = (EventKind.HANDED_OFF, EventKind.REPLIED)
        packet: Packet | None = None
        for event in self.store.events(person, stream=conversation_id, kinds=kinds):
            if event.kind is EventKind.HANDED_OFF and event.data:  # erased ones have none
                packet = Packet.model_validate(event.data["packet"])
            elif event.data.get("speaker") != Speaker.ASSISTANT:
                packet = None  # Somebody has spoken since; only the first words count.
        if packet is None:
            return ()
        return asks_again(text, packet, self.references, self.clock.now().date())

    def _settled(
        self, conversation_id: str, one: Suggested, outcome: SuggestionOutcome, diff: str
    ) -> Action:
        wish = UseSuggestion(
            conversation_id=conversation_id, suggestion_id=one.id, outcome=outcome, diff=diff
        )
        return plan(wish, key=f"use:{one.id}")

    def _suggestion(self, conversation_id: str, suggestion_id: str) -> Suggested:
        for offered in self._all_shown(conversation_id):
            for one in offered.shown:
                if one.id == suggestion_id:
                    return one
        raise NotFound(
            f"No suggestion {suggestion_id} was shown for {conversation_id}",
            next_step="Load the suggestions again.",
        )

    def _all_shown(self, conversation_id: str) -> list[Suggestions]:
        found = self._events(conversation_id, (EventKind.SUGGESTION_SHOWN,))
        return [Suggestions.model_validate(event.data) for event in found if event.data]

    def _events(self, conversation_id: str, kinds: Sequence[EventKind]) -> tuple[Event, ...]:
        return self.store.events(self.reader, stream=desk_stream(conversation_id), kinds=kinds)

    def _commit(
        self,
        person: Principal,
        conversation_id: str,
        name: str,
        actions: Sequence[Action],
        *events: NewEvent,
    ) -> Committed:
        return self.store.commit(
            Transaction(
                principal=person,
                stream=conversation_id,
                request_id=name,
                events=events,
                actions=tuple(actions),
            )
        )


def diff_of(suggested: str, sent: str) -> str:
    """What was taken out (`-`) and put in (`+`), line by line; empty when nothing was."""
    lines = difflib.unified_diff(suggested.splitlines(), sent.splitlines(), lineterm="", n=0)
    return "\n".join(list(lines)[2:])


def edit_sizes(events: Iterable[Event]) -> tuple[float, ...]:
    """Of each suggestion that was edited, the share of its words that was changed, 0-1."""
    words: dict[str, int] = {}
    sizes = []
    for event in events:
        if event.kind is EventKind.SUGGESTION_SHOWN and event.data:  # erased ones have none
            shown = Suggestions.model_validate(event.data).shown
            words |= {one.id: len(one.text.split()) for one in shown}
        elif event.data.get("outcome") == SuggestionOutcome.EDITED:
            all_words = words.get(event.data["suggestion_id"], 0)
            sizes.append(min(_changed(event.data["diff"]) / max(all_words, 1), 1.0))
    return tuple(sizes)


def _changed(diff: str) -> int:
    """Words that a diff of lines takes out or puts in, whichever are more."""
    old, new = (
        [word for line in diff.splitlines() if line.startswith(sign) for word in line[1:].split()]
        for sign in "-+"
    )
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return max(len(old), len(new)) - sum(block.size for block in blocks)


def read_uses(path: Path) -> tuple[Use, ...]:
    """Uses kept in a CSV file whose columns are the fields of `Use`; none without the file."""
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Use.model_validate(row) for row in csv.DictReader(file))


def _taken(used: Suggested, text: str) -> tuple[Suggested, SuggestionOutcome, str]:
    if text.strip() == used.text.strip():
        return used, SuggestionOutcome.ACCEPTED, ""
    return used, SuggestionOutcome.EDITED, diff_of(used.text, text)


def _spoken(person: Principal, text: str, again: Sequence[str]) -> NewEvent:
    data = {
        "speaker": person.id,
        "text": text,
        "asks_again": list(again),
        "language": "",
        "statements": [],
        "writer": person.id,
        "blocked": [],
    }
    return NewEvent(kind=EventKind.REPLIED, actor=person.id, data=data)
