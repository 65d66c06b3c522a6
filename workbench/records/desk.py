"""What a person at the desk is offered and does: suggestions, private notes, handling.

Words for people lie in a stream of their own, `desk:<conversation id>`, beside the conversation:
people and measures read it, no customer may. The conversation's own ledger keeps who did what and
when, and only the seal of those words.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from workbench.records.base import Instant, Record
from workbench.records.evidence import Source
from workbench.records.operations import Parameters, sealed


def desk_stream(conversation_id: str) -> str:
    """Where the ledger keeps what people do about a conversation for themselves."""
    return f"desk:{conversation_id}"


class SuggestionKind(StrEnum):
    """Where the words of a suggestion come from."""

    DRAFT = "draft"
    """The assistant's own answer, which a rule kept from the customer."""
    MACRO = "macro"
    """A text of the team, filled from facts."""
    ARTICLE = "article"
    """A cited passage of a knowledge article."""
    OPENING = "opening"
    """A greeting that shows that everything has been read."""


class Suggested(Record):
    """A reply that a person may send as it is, edit, pass over or reject."""

    id: str
    kind: SuggestionKind
    key: str
    """Which macro, article or draft: its use is counted under this name."""
    text: str
    why: str
    sources: tuple[Source, ...] = ()
    confidence: float
    """Chance that a person sends it, as it is or edited, 0-1."""


class Withheld(Record):
    """A candidate that was not shown, and what stood against it."""

    kind: SuggestionKind
    key: str
    objections: tuple[str, ...]


class Suggestions(Record):
    """What a person was shown for one message of a customer, the best first."""

    conversation_id: str
    turn: int
    """Messages of the customer when it was made."""
    intent: str
    sentiment: float
    """Of the customer's last message, -1..1."""
    shown: tuple[Suggested, ...]
    withheld: tuple[Withheld, ...] = ()


class SuggestionOutcome(StrEnum):
    ACCEPTED = "accepted"
    """Sent as it was."""
    EDITED = "edited"
    IGNORED = "ignored"
    """The person sent something else and said nothing about it."""
    REJECTED = "rejected"
    """The person said why it is no good."""

    @property
    def sent(self) -> bool:
        """Whether its words helped: the label that ranking learns from."""
        return self in (SuggestionOutcome.ACCEPTED, SuggestionOutcome.EDITED)


class Use(Record):
    """What became of one suggestion."""

    at: Instant
    conversation_id: str
    turn: int
    intent: str
    sentiment: float
    kind: SuggestionKind
    key: str
    place: int
    """Where it stood when it was shown, from 1."""
    outcome: SuggestionOutcome


class Note(Record):
    """A private note of a person; no customer ever reads it."""

    at: Instant
    by: str
    text: str


class ShowSuggestions(Parameters):
    """Keep what a person is shown. Result: `suggestions`, the ids in their order."""

    operation = "suggestion.show"

    suggestions: Suggestions

    def recorded(self) -> dict[str, Any]:
        shown = self.suggestions
        return {
            "conversation_id": shown.conversation_id,
            "turn": shown.turn,
            "suggestions": [
                {"id": s.id, "kind": s.kind.value, "text": sealed(s.text)} for s in shown.shown
            ],
        }


class UseSuggestion(Parameters):
    """Say what became of a suggestion, once. `NotFound` when it was never shown."""

    operation = "suggestion.use"

    conversation_id: str
    suggestion_id: str
    outcome: SuggestionOutcome
    diff: str = ""
    """Of an edited one: what was taken out and put in, as a unified diff."""
    reason: str = ""
    """Of a rejected one."""

    def recorded(self) -> dict[str, Any]:
        private = {"diff": sealed(self.diff), "reason": sealed(self.reason)}
        return super().recorded() | private


class TakeOver(Parameters):
    """The principal speaks from now on, in a conversation that nobody handed off.

    A packet of it that waits is theirs; `Conflict` when a colleague has taken it.
    """

    operation = "conversation.take_over"

    conversation_id: str


class Handling(StrEnum):
    """What a person does about a conversation that they have."""

    WORKING = "working"
    HOLD = "hold"
    """The customer waits while the person looks something up or asks a colleague."""
    WRAP_UP = "wrap_up"
    """After-contact work."""
    DONE = "done"


class ChangeHandling(Parameters):
    """The principal says what they do now; times of handling are counted from it."""

    operation = "handling.change"

    conversation_id: str
    state: Handling


class WriteNote(Parameters):
    """A private note beside a conversation."""

    operation = "note.write"

    conversation_id: str
    text: str

    def recorded(self) -> dict[str, Any]:
        return super().recorded() | {"text": sealed(self.text)}
