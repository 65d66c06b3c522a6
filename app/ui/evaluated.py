"""Pieces of the evaluations page: choosing runs, one case in both runs, totals, mistakes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.bench import bench, go, link, remember, remembered
from ui.tables import chosen_row, download
from ui.untrusted import plain, render_untrusted
from workbench.evaluation.cases import Outcome
from workbench.evaluation.compare import CaseChange, Comparison
from workbench.evaluation.mistakes import ConfidentMistake
from workbench.evaluation.run import EvaluationRun, Runs
from workbench.evaluation.tables import amount

_MARKS = {"worse": "▼ worse", "better": "▲ better", "same": "= same"}
"""Shape and word, so that colour is not needed."""


@st.cache_resource(max_entries=8, show_spinner="Reading the run ...")
def run_of(run_id: str) -> EvaluationRun:
    """A run, read and checked once; it never changes."""
    return bench().evaluations.get(run_id)


def choose(runs: Runs) -> tuple[str, str]:
    """Two runs by their ids, which stand in the address."""
    names = {
        run.id: f"{run.name} · policy {run.versions.policy} · {run.at:%Y-%m-%d %H:%M} · {run.id}"
        for run in runs.runs
    }
    newest, *others = runs.runs
    comparable = (one for one in others if one.versions.cases == newest.versions.cases)
    first, second = st.columns(2)
    with first:
        before = _choice("Before", "before", names, next(comparable, newest).id)
    with second:
        after = _choice("After", "after", names, newest.id)
    return before, after


def _choice(label: str, key: str, names: dict[str, str], default: str) -> str:
    return st.selectbox(
        label,
        list(names),
        format_func=lambda one: plain(names[one]),
        key=remembered(key, list(names), default),
        on_change=remember,
        args=(key,),
    )


def case_table(found: Comparison, wanted: tuple[str, ...]) -> CaseChange | None:
    """Cases of the wanted kinds; the one that the reader chose."""
    cases = [case for case in found.cases if case.change in wanted]
    rows = [
        {
            "change": _MARKS[case.change] + (", acts otherwise" if _silent(case) else ""),
            "message": plain(" / ".join(case.says)),
            "before": plain(case.before),
            "after": plain(case.after),
            "why": plain(case.why),
            "case": case.case_id,
        }
        for case in cases
    ]
    if not rows:
        st.info("No case of this kind.", icon=":material/search_off:")
        return None
    place = chosen_row(
        rows,
        key="cases",
        alt="Cases in both runs, the worse ones first",
        height=_height(len(rows)),
        column_config={
            name: st.column_config.TextColumn(width="large")
            for name in ("message", "before", "after")
        },
    )
    download(rows, "cases")
    return None if place is None else cases[place]


def _height(rows: int) -> int:
    """Pixels for so many rows, as far as a screen can bear."""
    return min(420, 38 + 35 * rows)


def _silent(case: CaseChange) -> bool:
    return case.change == "same" and case.differs


def show_case(case: CaseChange, before: EvaluationRun, after: EvaluationRun) -> None:
    """What the customer wrote and what each run made of it."""
    with st.container(border=True):
        if case.conversation_id:
            link(
                "conversation",
                "Open what happened at its time",
                ":material/forum:",
                id=case.conversation_id,
            )
        for column, name, run in zip(
            st.columns(2), ("Before", "After"), (before, after), strict=True
        ):
            with column:
                st.markdown(f"**{name}**")
                _transcript(case.says, run.result(case.case_id).outcome)


def _transcript(says: tuple[str, ...], outcome: Outcome) -> None:
    for text, heard in zip(says, outcome.heard, strict=False):
        with st.chat_message("user"):
            render_untrusted(text)
        with st.chat_message("assistant"):
            st.caption(f"{heard.level or 'no decision'}, rule {heard.rule or 'none'}")
            if heard.reply:
                render_untrusted(heard.reply.text)


def totals(found: Comparison) -> None:
    """Every score in both runs with the interval of its change."""
    rows = [
        {
            "score": total.scorer.replace("_", " "),
            "before": amount(total.before, total.unit),
            "after": amount(total.after, total.unit),
            "change": amount(total.change, total.unit, sign=True),
            "95 % sure": f"{amount(total.low, total.unit, sign=True)} to "
            f"{amount(total.high, total.unit, sign=True)}",
            "groups better / worse": f"{total.better:,} / {total.worse:,}",
            "p": f"{total.p:.3f}" if total.judges else "does not judge",
            "question": total.question,
        }
        for total in found.totals
    ]
    st.dataframe(rows, hide_index=True, height="content", alt="Totals of both runs")
    download(rows, "totals")


def mistakes(found: tuple[ConfidentMistake, ...]) -> None:
    """Confident mistakes; one with a conversation behind it opens it."""
    rows: list[dict[str, Any]] = [
        {
            "confidence": one.confidence,
            "expected": one.expected,
            "read as": one.read_as,
            "acted": one.level,
            "message": plain(one.says),
            "what is wrong": plain(one.why),
            "case": one.case_id,
        }
        for one in found
    ]
    place = chosen_row(
        rows,
        key="mistakes",
        alt="Confident mistakes, the surest first",
        height=_height(len(rows)),
        column_config={
            "confidence": st.column_config.NumberColumn(format="%.2f"),
            "message": st.column_config.TextColumn(width="large"),
        },
    )
    download(rows, "confident-mistakes")
    if place is not None and found[place].conversation_id:
        go("conversation", id=found[place].conversation_id)
