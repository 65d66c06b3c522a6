"""What people at the desk are offered, do with it, and note for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import InputError, NotFound
from workbench.records.desk import ShowSuggestions, UseSuggestion, WriteNote, desk_stream
from workbench.records.events import EventKind
from workbench.store import conversations, ledger
from workbench.store.operations.registry import Outcome, Target, performs

if TYPE_CHECKING:
    from workbench.store.work import Work


def _target(work: Work, conversation_id: str) -> Target:
    customer_id = conversations.customer_of(work.connection, work.tenant, conversation_id)
    return customer_id, f"conversation {conversation_id}"


@performs(ShowSuggestions, lambda work, wish: _target(work, wish.suggestions.conversation_id))
def show_suggestions(work: Work, wish: ShowSuggestions) -> Outcome:
    """The words go to the desk's own stream, where no customer reads them."""
    shown = wish.suggestions
    stream = desk_stream(shown.conversation_id)
    work.record(EventKind.SUGGESTION_SHOWN, shown.model_dump(mode="json"), stream)
    return Outcome({"suggestions": [suggestion.id for suggestion in shown.shown]})


@performs(UseSuggestion, lambda work, wish: _target(work, wish.conversation_id))
def use_suggestion(work: Work, wish: UseSuggestion) -> Outcome:
    """Only what was shown beside the conversation can be used."""
    stream = desk_stream(wish.conversation_id)
    if wish.suggestion_id not in _shown(work, stream):
        raise NotFound(
            f"No suggestion {wish.suggestion_id} was shown for {wish.conversation_id}",
            next_step="Load the suggestions again.",
        )
    work.record(EventKind.SUGGESTION_USED, wish.model_dump(mode="json"), stream)
    return Outcome({"suggestion_id": wish.suggestion_id, "outcome": wish.outcome.value})


def _shown(work: Work, stream: str) -> set[str]:
    kinds = (EventKind.SUGGESTION_SHOWN,)
    events = ledger.read(work.connection, work.tenant, stream=stream, kinds=kinds)
    return {suggestion["id"] for event in events for suggestion in event.data["shown"]}


@performs(WriteNote, lambda work, wish: _target(work, wish.conversation_id))
def write_note(work: Work, wish: WriteNote) -> Outcome:
    """The words go to the desk's own stream, their seal to the conversation's ledger."""
    if not wish.text.strip():
        raise InputError("A note needs words", next_step="Write what colleagues should know.")
    note = {"text": wish.text, "by": work.principal.id}
    work.record(EventKind.NOTE_WRITTEN, note, desk_stream(wish.conversation_id))
    return Outcome({"conversation_id": wish.conversation_id})
