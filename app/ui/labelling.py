"""The pieces of the Label page: one question, what was answered so far, and what it brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.figures import show, theme
from ui.tables import download
from ui.untrusted import as_label, plain, render_untrusted
from workbench.measure.charts_labels import change_chart, learning_chart
from workbench.measure.label_gain import NEXT, Gain
from workbench.measure.tables import format_value
from workbench.records.labels import LabelAnswer, ProposedIntent
from workbench.records.principals import name_of
from workbench.triage.asking import Question, Why
from workbench.triage.labelling import NEW

WHYS = {
    Why.UNSURE: "The classifier cannot decide between the first two.",
    Why.NEW_TOPIC: "Nothing labelled so far is like it, or it may belong to no intent.",
}
OTHERS = (
    ("something_else", "Something else", ":material/block:", "Alt+E"),
    ("skip", "Skip", ":material/skip_next:", "Alt+K"),
)
"""Answers that are no intent: label, words, icon, key."""

Answer = Callable[[str], None]


def show_question(question: Question) -> None:
    """The message and why it is asked about."""
    with st.container(border=True):
        render_untrusted(question.message.text)
    often = f", found {question.message.times} times" if question.message.times > 1 else ""
    st.caption(as_label(f"{question.message.source}{often}. {WHYS[question.why]}"))


def answer_buttons(question: Question, intents: Sequence[str], ready: bool, act: Answer) -> None:
    """The likeliest intents as buttons (Alt+1 to Alt+5), then everything else."""
    guessed = [guess for guess in question.guesses if guess.label in intents]
    for number, (guess, column) in enumerate(zip(guessed, st.columns(5), strict=False), 1):
        column.button(
            f"{guess.label.replace('_', ' ')}  \n{guess.confidence:.0%}",
            key=f"guess-{number}",
            shortcut=f"Alt+{number}",
            type="primary" if number == 1 else "secondary",
            disabled=not ready,
            width="stretch",
            on_click=act,
            args=(guess.label,),
        )
    search, new, *others = st.columns([2.4, 2.4, 1.3, 1], vertical_alignment="bottom")
    _any_intent(search, question, intents, ready, act)
    _new_intent(new, question, ready, act)
    for column, (label, words, icon, key) in zip(others, OTHERS, strict=True):
        column.button(
            words,
            key=label,
            icon=icon,
            shortcut=key,
            disabled=not ready,
            width="stretch",
            on_click=act,
            args=(label,),
        )


def _any_intent(
    place: DeltaGenerator, question: Question, intents: Sequence[str], ready: bool, act: Answer
) -> None:
    key = f"any-{question.message.id}"
    place.selectbox(
        "Another intent",
        intents,
        index=None,
        format_func=lambda name: name.replace("_", " "),
        key=key,
        placeholder="type to search all intents",
        disabled=not ready,
        on_change=_chosen,
        args=(key, "", act),
    )


def _new_intent(place: DeltaGenerator, question: Question, ready: bool, act: Answer) -> None:
    key = f"new-{question.message.id}"
    place.text_input(
        "An intent that is missing",
        key=key,
        placeholder="a name such as refund_status",
        disabled=not ready,
        on_change=_chosen,
        args=(key, NEW, act),
    )


def _chosen(key: str, prefix: str, act: Answer) -> None:
    """Answer with what a box holds, if it holds anything."""
    if st.session_state[key]:
        act(prefix + st.session_state[key])


def show_gain(gain: Gain) -> None:
    """What the labels have brought: figures, curve, competence per intent."""
    cells = st.columns(4)
    cells[0].metric("Labels", f"{gain.labels:,}", help=f"{gain.by_people:,} of them given here")
    cells[1].metric(
        "Right on unseen messages",
        format_value(gain.accuracy.value, "share"),
        help=_interval(gain.accuracy.low, gain.accuracy.high),
    )
    cells[2].metric(
        f"The next {NEXT} labels bring about",
        _points(gain.next_labels.value),
        help="If drawn at random; those asked for here bring more. "
        + _interval(gain.next_labels.low, gain.next_labels.high),
    )
    cells[3].metric(
        "Labels still useful",
        gain.still_useful_in_words.partition(" drawn")[0],
        help=f"Until {NEXT} more, drawn at random, bring less than 0.1 points.",
    )
    left, right = st.columns(2)
    with left:
        show(learning_chart(gain, theme()), 300, "learning")
    with right:
        changed = change_chart(gain, theme())
        if changed is None:
            st.info("Label some messages; then see here what their labels have brought.")
        else:
            show(changed, 300, "change")
    rows = [
        {
            "intent": row.intent,
            "labels": row.labels,
            "given here": row.by_people,
            "recognised": row.accuracy.value,
            "95 % sure": _interval(row.accuracy.low, row.accuracy.high),
        }
        for row in gain.intents
    ]
    percent = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
    st.dataframe(
        rows,
        hide_index=True,
        height=320,
        alt="Competence per intent, the worst recognised first",
        column_config={"recognised": percent},
    )
    download(rows, "competence")


def _interval(low: float, high: float) -> str:
    return f"{format_value(low, 'share')} to {format_value(high, 'share')}"


def _points(share: float) -> str:
    return format_value(share, "share", sign=True).replace("%", "points")


def show_answers(answers: Sequence[LabelAnswer]) -> None:
    """What people answered, the latest first."""
    rows = [
        {
            "message": plain(one.text),
            "label": one.label or one.answer.value,
            "model said": f"{one.guess} {one.confidence:.0%}" if one.guess else "",
            "by": plain(name_of(one.by)),
            "at": one.at,
        }
        for one in sorted(answers, key=lambda one: one.at, reverse=True)
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height="content" if len(rows) < 8 else 320,
        alt="Labels given here, the latest first",
        column_config={"message": st.column_config.TextColumn(width="large")},
    )
    download(rows, "labels")


def show_proposed(proposed: Sequence[ProposedIntent]) -> None:
    """Intents that people missed, for their owner."""
    for one in proposed:
        who, many = ", ".join(one.by), len(one.texts)
        told = f"{one.name}: {many} message{'s' * (many > 1)}, proposed by {who}"
        with st.expander(as_label(told)):
            for text in one.texts:
                render_untrusted(text)
    st.caption(
        "Declare one in intents.toml and run `workbench label settle`: its messages then count."
    )
