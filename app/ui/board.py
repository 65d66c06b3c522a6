"""What waits for people, as one look; the page is drawn again when the next look differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from ui.bench import bench
from ui.measures import report
from workbench.errors import NotFound
from workbench.measure.tables import format_value
from workbench.records.verdicts import Verdict
from workbench.store.views import Approval, HandOffRow, HandOffStatus


@dataclass(frozen=True)
class Board:
    """Everything that waits or is in somebody's hands."""

    waiting: tuple[HandOffRow, ...]
    taken: tuple[HandOffRow, ...]
    questions: tuple[Verdict, ...]
    approvals: tuple[Approval, ...]
    minute: datetime
    """Times left are shown by the minute."""
    revision: int
    """Of the conversation that is open on the page; 0 where none is."""

    @property
    def late(self) -> int:
        """Packets in the queue and with people whose promised time has passed."""
        rows = (*self.waiting, *self.taken)
        return sum(row.is_late(self.minute) for row in rows)

    def beside(self, talk: str) -> Board:
        """The same look from a page on which a conversation is open."""
        return replace(self, revision=_revision(talk))


def look(talk: str = "") -> Board:
    """The board as it is now, from a page on which the conversation `talk` is open."""
    workbench = bench()
    return Board(
        waiting=workbench.inbox(),
        taken=workbench.inbox(status=HandOffStatus.TAKEN),
        questions=workbench.verdicts.all(),
        approvals=workbench.approvals(),
        minute=workbench.clock.now().replace(second=0, microsecond=0),
        revision=_revision(talk),
    )


def _revision(talk: str) -> int:
    try:
        return bench().desk.revision(talk) if talk else 0
    except NotFound:
        return 0


def strip(board: Board) -> None:
    """What waits, how late it is, and whether suggestions help."""
    cells = st.columns(7)
    cells[0].metric("Waiting", len(board.waiting))
    cells[1].metric("With people", len(board.taken))
    cells[2].metric("Over SLA", board.late)
    cells[3].metric("Questions", len(board.questions))
    cells[4].metric("Approvals", len(board.approvals))
    accepted = report(("suggestion_acceptance",)).get("suggestion_acceptance")
    cells[5].metric(
        "Sent as suggested",
        format_value(accepted.value, "share") if accepted.value is not None else "none yet",
        help=f"Suggestion acceptance rate of the period above: {accepted.n:,} were shown.",
    )
    edited = bench().desk.median_edit()
    cells[6].metric(
        "Median edit",
        "none yet" if edited is None else format_value(edited, "share"),
        help="Share of a suggestion's words that people change before they send it.",
    )
