"""Fields of a case that people set: what they have not touched follows the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ui.bench import bench
from ui.cases import words
from workbench import Case
from workbench.govern.case_life import Statuses
from workbench.records.cases import CaseStatus, Degree

FIELDS = ("status", "queue", "impact", "urgency", "owner", "legal_hold")
_MOVES = ("started", "asked", "answered", "reopened")
"""Changes of status that are no end."""
state = st.session_state


def field(case: Case, name: str, possible: Mapping[str, Statuses]) -> None:
    """One field with what it may become now."""
    options = _options(case, name, possible)
    key, label = _key(case, name), words(name).capitalize()
    _follow(case, name, options)
    if name == "owner":
        st.text_input(label, key=key, placeholder="nobody has it")
    elif name == "legal_hold":
        st.toggle("Under legal hold", key=key, help="Kept even where retention would delete it")
    else:
        st.selectbox(label, options, key=key, format_func=words)


def moved(case: Case, names: Sequence[str]) -> dict[str, Any]:
    """What the person has set otherwise than the case as it was shown."""
    chosen = {name: state[_key(case, name)] for name in names}
    return {name: value for name, value in chosen.items() if value != getattr(case, name)}


def _options(case: Case, name: str, possible: Mapping[str, Statuses]) -> list[str]:
    if name == "status":
        moves = {status for move in _MOVES for status in possible.get(move, ())}
        return [case.status.value, *(s.value for s in CaseStatus if s in moves - {case.status})]
    if name == "queue":
        return list(dict.fromkeys((case.queue, *bench().cases.queues())))
    return [degree.value for degree in Degree]


def _follow(case: Case, name: str, options: Sequence[str]) -> None:
    """Show what the case says, unless the person has set something else that is still possible."""
    key, now = _key(case, name), getattr(case, name)
    shown_key = f"shown-{key}"
    touched = key in state and state[key] != state.get(shown_key, now)
    impossible = name in ("status", "queue") and state.get(key) not in options
    if (not touched or impossible) and state.get(key) != now:
        state[key] = str(now) if isinstance(now, str) else now
    state[shown_key] = now


def _key(case: Case, name: str) -> str:
    return f"{name}-{case.id}"
