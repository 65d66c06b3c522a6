"""Label: the messages whose labels teach the most, one at a time, and what they have brought."""

from __future__ import annotations

import streamlit as st

from ui.bench import bench
from ui.labelling import answer_buttons, show_answers, show_gain, show_proposed, show_question
from ui.untrusted import as_label
from workbench.errors import WorkbenchError
from workbench.triage.asking import Question

BATCH = 10  # asked with one state of the classifier; then it learns from the answers

labels = bench().labels
state = st.session_state


def questions() -> list[Question]:
    """What is left of this visitor's batch; a new one when it is used up."""
    answered = {one.message for one in labels.answers()}
    batch = [one for one in state.get("label_batch", ()) if one.message.id not in answered]
    if not batch:
        with st.spinner("Learning from the answers, looking for the next messages ..."):
            batch = list(labels.ask(BATCH))
    state.label_batch = batch
    return batch


def answer(label: str) -> None:
    """Keep the answer to the first question of the batch, under the name above."""
    try:
        labels.answer(state.label_batch[0], label, state.labeller)
    except WorkbenchError as error:
        state.label_refused = str(error)


def undo() -> None:
    """Take back the last answer, and ask again."""
    try:
        taken = labels.undo(state.labeller)
        state.label_batch = [labels.question(taken.message), *state.label_batch]
    except WorkbenchError as error:
        state.label_refused = str(error)


st.title("Label")
st.caption(
    "The messages below would teach the classifier the most. Answers go into the team's own file "
    "of labelled messages and into the ledger, and count from the next opening."
)
if "label_refused" in state:
    st.error(as_label(state.pop("label_refused")), icon=":material/block:")
told, name_at, undo_at = st.columns([3, 1.6, 1], vertical_alignment="bottom")
name = name_at.text_input(
    "Your name", key="labeller", persist_state="session", placeholder="needed to label"
)
undo_at.button(
    "Undo",
    icon=":material/undo:",
    shortcut="Alt+Z",
    disabled=not name,
    width="stretch",
    on_click=undo,
)
waiting = questions()
given = labels.answers()
with told:
    done = max(BATCH - len(waiting), 0) if waiting else 0
    st.progress(done / BATCH, text=f"{done} of {BATCH} in this batch; {len(given)} answers in all")
if waiting:
    show_question(waiting[0])
    answer_buttons(waiting[0], labels.intents(), bool(name.strip()), answer)
else:
    st.info(
        "Talk to the assistant in **Try it**, or import history with `workbench import contacts "
        "FILE`; `workbench label --from FILE.csv` asks about any file.",
        title="No message is left to label",
        icon=":material/inbox:",
    )

proposed = labels.proposed()
if proposed:
    st.subheader("Missing intents")
    show_proposed(proposed)
if given:
    st.subheader("Labels given here")
    show_answers(given)
st.subheader("What the labels have brought")
if st.toggle("Measure", key="gain", bind="query-params", help="Takes a minute; kept afterwards."):
    with st.spinner("Fitting with and without the labels given here ..."):
        show_gain(labels.gain())
