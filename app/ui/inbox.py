"""What waits for a person: conversations in the order in which they should be taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

import streamlit as st

from ui import keys
from ui.bench import bench
from ui.board import Board
from ui.cases import PRIORITIES
from ui.untrusted import as_label
from workbench.people.queues import ORDERS, in_order
from workbench.records.principals import name_of, same_person
from workbench.store.views import ConversationRow, ConversationStatus, HandOffRow, HandOffStatus

ALL = "all queues"
SHOWN = ("open", "mine", "with the assistant", "closed")
_LATEST = 50


def conversations(board: Board, name: str) -> str:
    """The list with its filters; the conversation that is open, empty when there is none."""
    rows = (*board.waiting, *board.taken)
    shown, queue, sort = _filters(sorted({row.queue for row in rows}))
    if shown == "with the assistant":
        return pick("talk", {row.id: _running(row) for row in _with_assistant()})
    if shown == "closed":
        rows = bench().inbox(status=HandOffStatus.CLOSED)[:_LATEST]
    if shown == "mine":
        rows = tuple(row for row in board.taken if same_person(row.taken_by, name))
    listed = in_order([row for row in rows if queue in (ALL, row.queue)], sort)
    if not listed:
        st.info(
            "Conversations that need a person appear here. Ask for one in **Try it**.",
            title="Nothing waits",
            icon=":material/inbox:",
        )
    return pick("talk", {row.conversation_id: _waits(row) for row in listed})


def _filters(queues: Sequence[str]) -> tuple[str, str, str]:
    """Which conversations, of which queue, in which order; all of it stands in the address."""
    with st.popover("Filter and order", icon=":material/filter_list:", width="stretch"):
        shown = st.selectbox("Show", SHOWN, key="show", bind="query-params")
        queue = st.selectbox("Queue", [ALL, *queues], key="queue", bind="query-params")
        sort = st.selectbox("Order by", ORDERS, key="sort", bind="query-params")
    st.caption(as_label(f"{shown} · {queue} · by {sort}"))
    return shown, queue, sort


def _with_assistant() -> tuple[ConversationRow, ...]:
    return bench().conversations(status=ConversationStatus.OPEN, limit=_LATEST)


def _running(row: ConversationRow) -> tuple[str, str]:
    return as_label(f"{row.customer_id} · {row.channel}"), f"last word {row.last_at:%d %b %H:%M}"


def _waits(row: HandOffRow) -> tuple[str, str]:
    """Two lines of the list: priority, customer and time left; reason, queue and who has it."""
    badge = f":{PRIORITIES[row.priority]}-badge[{row.priority}]"
    by = f" · with {name_of(row.taken_by)}" if row.taken_by else ""
    under = as_label(f"{row.reason.replace('_', ' ')} · {row.queue}{by}")
    return f"{badge} {as_label(row.customer_id)} · {left(row)}", under


def left(row: HandOffRow) -> str:
    """Time left of what was promised."""
    if row.due_at is None:
        return "no promise"
    return time_left(bench().clocks.left(row.due_at, row.queue))


def time_left(rest: timedelta) -> str:
    """Business time left, or by how much it is over, in words with a sign."""
    if rest < timedelta(0):
        return f":red[:material/alarm: {_spoken(-rest)} over]"
    return f":material/schedule: {_spoken(rest)} left"


def _spoken(time: timedelta) -> str:
    """Hours and minutes of business time, from ten hours on only hours."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes >= 600 else f"{minutes // 60} h {minutes % 60:02} min"


def pick(key: str, listed: Mapping[str, tuple[str, str]]) -> str:
    """One of a list, kept in the address: its id; what the address names stays open unlisted."""
    ids = list(listed)
    opened = st.query_params.get(key) or next(iter(ids), "")
    if opened:
        st.query_params[key] = opened  # what is open stays open, whatever comes before it
    st.session_state[key] = opened if opened in ids else None
    _steps(key, ids, opened)
    st.radio(
        "Waiting",
        ids,
        key=key,
        format_func=_told_apart(listed).__getitem__,
        captions=[under for _, under in listed.values()],
        on_change=_picked,
        args=(key, ids),
        label_visibility="collapsed",
    )
    return opened


def _told_apart(listed: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """The lines by id; those that read alike end with a part of their id."""
    often = Counter(line for line, _ in listed.values())
    return {
        one: line if often[line] == 1 else f"{line} :gray[{as_label(one[-5:])}]"
        for one, (line, _) in listed.items()
    }


def _picked(key: str, ids: Sequence[str]) -> None:
    """Open what was chosen; a line that has changed under the pointer chooses nothing."""
    if st.session_state[key] in ids:
        _open(key, st.session_state[key])


def _open(key: str, one: str) -> None:
    st.query_params[key] = one


def _steps(key: str, ids: Sequence[str], opened: str) -> None:
    """To the one before and the one behind; past an end it begins at the other."""
    place = ids.index(opened) if opened in ids else -1
    with st.container(horizontal=True):
        for label, icon, step, press in (
            ("Next", ":material/arrow_downward:", 1, keys.NEXT),
            ("Previous", ":material/arrow_upward:", -1, keys.PREVIOUS),
        ):
            st.button(
                label,
                key=f"{label}-{key}",
                icon=icon,
                shortcut=press,
                type="tertiary",
                disabled=not ids,
                on_click=_open,
                args=(key, ids[(place + step) % len(ids)] if ids else ""),
            )
