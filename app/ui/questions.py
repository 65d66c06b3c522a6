"""Private questions to people: the assistant keeps the conversation and waits for the answer."""

from __future__ import annotations

import streamlit as st

from ui import keys
from ui.acting import act
from ui.bench import bench, link
from ui.board import Board
from ui.inbox import pick, time_left
from ui.packets import fact_table
from ui.untrusted import as_label, render_untrusted
from workbench.records.principals import name_of
from workbench.records.verdicts import Choice, MicroTask, Verdict, VerdictStatus

_EVIDENCE_HEIGHT = 290


def questions(board: Board, _: str) -> str:
    """The list, what falls due first in front; the question that is open."""
    listed = {one.task.id: one.task for one in board.questions}
    if not listed:
        st.info(
            "The assistant asks here what no record settles, such as whether goods were spoilt.",
            title="No question waits",
            icon=":material/contact_support:",
        )
    lines = {id_: (_line(task), as_label(task.question)) for id_, task in listed.items()}
    return pick("question", lines)


def _line(task: MicroTask) -> str:
    return f"{as_label(f'{task.customer_id} · {task.queue}')} · {_left(task)}"


def _left(task: MicroTask) -> str:
    return time_left(bench().clocks.left(task.due_at, task.queue))


def show_question(task_id: str, name: str) -> str:
    """The customer's words, the evidence, the choices; the id of the customer."""
    verdict = bench().verdicts.get(task_id)
    task = verdict.task
    with st.container(border=True):
        st.markdown(f"**{as_label(task.question)}**")
        render_untrusted(task.words)
        with st.container(height=_EVIDENCE_HEIGHT, border=False):
            fact_table(task.evidence)
        if verdict.status is VerdictStatus.OPEN:
            _choices(task, name)
        else:
            _answered(verdict)
    link("conversation", "Whole conversation", ":material/notes:", id=task.conversation_id)
    return task.customer_id


def _answered(verdict: Verdict) -> None:
    """What it came to; the conversation has gone on with it."""
    by = name_of(verdict.decided_by) or "nobody in time: the fallback counts"
    st.success(as_label(verdict.task.means(verdict.choice)), icon=":material/check:")
    st.caption(as_label(f"{by} · {verdict.decided_at:%d %b %H:%M} UTC"))
    if verdict.note:
        render_untrusted(verdict.note)


def _choices(task: MicroTask, name: str) -> None:
    key = f"verdict-note-{task.id}"
    with st.form(f"verdict-form-{task.id}", border=False):
        st.text_input("Why? For colleagues and for learning, not for the customer", key=key)
        for choice, press in zip(task.choices, keys.CHOOSE, strict=False):
            st.form_submit_button(
                as_label(choice.means),
                key=f"{choice.key}-{task.id}",
                icon=":material/smart_toy:" if choice.key == task.suggested else None,
                shortcut=press,
                disabled=not name,
                width="stretch",
                on_click=_answer,
                args=(task, choice, name, key),
            )
    fallback = as_label(task.means(task.fallback))
    st.caption(
        ":material/smart_toy: is what the assistant would choose alone. The customer reads that it "
        f"is being checked: {_left(task)}. Unanswered by {task.due_at:%H:%M} UTC: {fallback}"
    )


def _answer(task: MicroTask, choice: Choice, name: str, key: str) -> None:
    answer, note = bench().verdicts.answer, st.session_state[key]
    act("Answered: the assistant goes on", answer, task.id, choice.key, name, note)
