"""What people at the desk are offered, do with it, and note for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from workbench.errors import Conflict, InputError, NotFound
from workbench.govern.one_speaker import KEEPER_KINDS, keeper_of
from workbench.records.conversations import Speaker
from workbench.records.desk import (
    ChangeHandling,
    ShowSuggestions,
    TakeOver,
    UseSuggestion,
    WriteNote,
    desk_stream,
)
from workbench.records.events import EventKind
from workbench.store import conversations, ledger
from workbench.store.operations.people import conversation_target
from workbench.store.operations.registry import Outcome, performs
from workbench.store.schema import handoff
from workbench.store.views import ConversationStatus, HandOffStatus

if TYPE_CHECKING:
    from workbench.store.work import Work


@performs(
    ShowSuggestions, lambda work, wish: conversation_target(work, wish.suggestions.conversation_id)
)
def show_suggestions(work: Work, wish: ShowSuggestions) -> Outcome:
    """The words go to the desk's own stream, where no customer reads them."""
    shown = wish.suggestions
    stream = desk_stream(shown.conversation_id)
    work.record(EventKind.SUGGESTION_SHOWN, shown.model_dump(mode="json"), stream)
    return Outcome({"suggestions": [suggestion.id for suggestion in shown.shown]})


@performs(UseSuggestion, lambda work, wish: conversation_target(work, wish.conversation_id))
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
    return {suggestion["id"] for event in events for suggestion in event.data.get("shown", ())}


@performs(TakeOver, lambda work, wish: conversation_target(work, wish.conversation_id))
def take_over(work: Work, wish: TakeOver) -> Outcome:
    """The assistant is silent from now on; a colleague is not pushed aside."""
    stream = wish.conversation_id
    events = ledger.read(work.connection, work.tenant, stream=stream, kinds=KEEPER_KINDS)
    if (keeper := keeper_of(events)) not in ("", work.principal.id):
        raise Conflict(
            f"{stream} was taken by {keeper}", next_step="Ask them, or leave them a private note."
        )
    open_ones = (
        handoff.c.tenant == work.tenant,
        handoff.c.conversation_id == stream,
        handoff.c.status != HandOffStatus.CLOSED.value,
    )
    mine = {"status": HandOffStatus.TAKEN.value, "taken_by": work.principal.id}
    work.connection.execute(update(handoff).where(*open_ones).values(**mine, taken_at=work.now))
    conversations.put(
        work.connection,
        work.tenant,
        stream,
        status=ConversationStatus.WITH_PERSON.value,
        speaker=Speaker.PERSON.value,
    )
    work.record(EventKind.TAKEN_OVER, {"by": work.principal.id}, stream)
    return Outcome({"conversation_id": stream, "taken_by": work.principal.id})


@performs(ChangeHandling, lambda work, wish: conversation_target(work, wish.conversation_id))
def change_handling(_: Work, wish: ChangeHandling) -> Outcome:
    """The ledger's `acted` event says it all."""
    return Outcome({"state": wish.state.value})


@performs(WriteNote, lambda work, wish: conversation_target(work, wish.conversation_id))
def write_note(work: Work, wish: WriteNote) -> Outcome:
    """The words go to the desk's own stream, their seal to the conversation's ledger."""
    if not wish.text.strip():
        raise InputError("A note needs words", next_step="Write what colleagues should know.")
    note = {"text": wish.text, "by": work.principal.id}
    work.record(EventKind.NOTE_WRITTEN, note, desk_stream(wish.conversation_id))
    return Outcome({"conversation_id": wish.conversation_id})
