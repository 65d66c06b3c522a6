"""A conversation at the desk: who has it, what was said, what is known, what a person can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ui import keys
from ui.acting import act, did, refuse
from ui.bench import bench, link
from ui.cases import show_similar
from ui.inbox import left
from ui.packets import show_packet
from ui.untrusted import as_label, render_untrusted
from workbench import Packet
from workbench.records.conversations import Conversation, Utterance
from workbench.records.desk import Handling
from workbench.records.operations import EscalationLabel
from workbench.records.principals import name_of, same_person
from workbench.store.views import HandOffRow

_AVATARS = {"customer": ":material/person:", "assistant": ":material/support_agent:"}
_WORDS_HEIGHT = 300


@dataclass(frozen=True)
class Matter:
    """One conversation as it lies on the desk."""

    conversation: Conversation
    row: HandOffRow | None
    """Its latest hand-off; None where nobody has handed it off."""
    packet: Packet | None
    keeper: str
    """Who has it, by name; empty while the assistant has it or it waits."""
    name: str
    """Of the person who looks; empty before they signed on."""

    @property
    def id(self) -> str:
        return self.conversation.id

    @property
    def mine(self) -> bool:
        """Whether the person who looks is the one who speaks."""
        return bool(self.name) and same_person(self.keeper, self.name)


def matter_of(talk: str, name: str) -> Matter:
    """What the page shows of a conversation. Raises `NotFound`."""
    workbench = bench()
    conversation = workbench.conversation(talk)
    rows = [row for row in workbench.inbox(status=None) if row.conversation_id == talk]
    row = max(rows, key=lambda one: one.created_at, default=None)
    packet = workbench.packet(row.id) if row else None
    return Matter(conversation, row, packet, name_of(workbench.desk.keeper(talk)), name)


def head(matter: Matter) -> None:
    """Who it is, why it is here and who has it; then what can be done with it as a whole."""
    packet, row = matter.packet, matter.row
    with st.container(border=True):
        customer = (packet.customer_name if packet else "") or matter.conversation.customer_id
        render_untrusted(f"{customer} ({matter.conversation.customer_id})")
        with st.container(horizontal=True, vertical_alignment="center"):
            if row:
                st.caption(f"{row.priority} · {left(row)}", width="content")
                st.badge(as_label(row.reason.replace("_", " ")), color="orange")
                st.badge(as_label(row.queue), icon=":material/inbox:", color="gray")
            st.badge(_has_it(matter), icon=":material/record_voice_over:", color="blue")
        for request in packet.requests if packet else ():
            render_untrusted(f"Wants: {request}")
        if packet and packet.next_step:
            st.markdown(f":material/arrow_forward: {as_label(packet.next_step)}")
        _whole(matter)
        case = (packet.case_id if packet else "") or matter.conversation.case_id
        if case:
            link("case", as_label(case), ":material/folder_open:", id=case)


def _has_it(matter: Matter) -> str:
    if matter.keeper:
        doing = bench().desk.doing(matter.id).replace("_", " ")
        return as_label(f"{matter.keeper}: {doing}")
    return "waits for a person" if matter.conversation.packet_id else "the assistant speaks"


def _whole(matter: Matter) -> None:
    """Take over, hold and wrap up."""
    desk, name, talk = bench().desk, matter.name, matter.id
    doing = desk.doing(talk) if matter.mine else ""
    with st.container(horizontal=True):
        st.button(
            "Take over",
            key=f"take-{talk}",
            icon=":material/back_hand:",
            shortcut=keys.TAKE,
            type="secondary" if matter.mine else "primary",
            disabled=not name or matter.mine,
            on_click=act,
            args=("Yours: the assistant is silent", desk.take_over, talk, name),
        )
        for label, other, state, icon, press in (
            ("Hold", "Go on", Handling.HOLD, ":material/pause:", keys.HOLD),
            ("Wrap up", "Done", Handling.WRAP_UP, ":material/edit_note:", keys.WRAP_UP),
        ):
            there = doing == state
            after = Handling.DONE if state is Handling.WRAP_UP else Handling.WORKING
            st.button(
                other if there else label,
                key=f"{state.value}-{talk}",
                icon=icon,
                shortcut=press,
                disabled=not matter.mine,
                on_click=act,
                args=("Noted", desk.handle, talk, name, after if there else state),
            )


def middle(matter: Matter) -> None:
    """What was said, the packet, private notes and the summary."""
    said, packet, notes, summary = st.tabs(["Conversation", "Packet", "Notes", "Summary"])
    with said:
        with st.container(height=_WORDS_HEIGHT, autoscroll=True, border=False):
            _words(matter.conversation.utterances)
        link("conversation", "Whole conversation", ":material/notes:", id=matter.id)
    with packet:
        if matter.packet:
            show_packet(matter.packet)
            _label(matter)
            if st.toggle("Solved cases like this one", key=f"alike-{matter.id}"):
                show_similar(bench().cases.similar(matter.packet))
        else:
            st.caption("Nobody has handed this conversation off.")
    with notes:
        _notes(matter)
    with summary:
        st.caption("For whoever goes on with it; only what records and the conversation say.")
        _summary(matter)


def _summary(matter: Matter) -> None:
    """The template's at once; the model's, where there is one, when it is asked for."""
    desk, model = bench().desk, bench().settings.model.base_url
    if not (model and st.toggle("In the model's words", key=f"warm-{matter.id}")):
        render_untrusted(desk.summary(matter.id).text)
        return
    with st.spinner("The model sums up"):
        told = desk.warm_summary(matter.id)
    render_untrusted(told.text)
    if told.blocked:
        st.caption("The template's words: the model's did not come or were not borne out.")


def _words(said: Sequence[Utterance]) -> None:
    for one in said:
        speaker = "user" if one.speaker == "customer" else "assistant"
        with st.chat_message(speaker, avatar=_AVATARS.get(one.speaker, ":material/badge:")):
            if one.speaker not in _AVATARS:
                st.caption(as_label(name_of(one.speaker)))
            render_untrusted(one.text)


def _label(matter: Matter) -> None:
    """Afterwards: was the hand-off right? The answers move the thresholds."""
    assert matter.row is not None, "only a packet can be labelled"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Was this hand-off right?", width="content")
        for label in EscalationLabel:
            st.button(
                label.value.replace("_", " ").capitalize(),
                key=f"{label.value}-{matter.row.id}",
                shortcut=keys.LABELS[label.value],
                disabled=not matter.name,
                on_click=act,
                args=(
                    "Labelled",
                    bench().verdicts.label_escalation,
                    matter.row.id,
                    label,
                    matter.name,
                ),
            )


def _notes(matter: Matter) -> None:
    for note in bench().desk.notes(matter.id):
        st.caption(as_label(f"{name_of(note.by)} · {note.at:%d %b %H:%M}"))
        render_untrusted(note.text)
    with st.form(f"note-form-{matter.id}", border=False):
        key = f"private-{matter.id}"
        st.text_area("Private note: colleagues read it, the customer never", key=key, height=68)
        st.form_submit_button(
            "Save note",
            key=f"save-note-{matter.id}",
            icon=":material/sticky_note_2:",
            shortcut=keys.NOTE,
            disabled=not matter.name,
            on_click=_write_note,
            args=(matter, key),
        )


def _write_note(matter: Matter, key: str) -> None:
    text = st.session_state[key]
    if did("Noted for colleagues", bench().desk.note, matter.id, matter.name, text):
        st.session_state[key] = ""


def hand_back(matter: Matter) -> None:
    """The assistant goes on from here, with a note."""
    key = f"note-{matter.id}"
    with st.form(f"back-form-{matter.id}", border=False):
        note, back = st.columns([2.2, 1], vertical_alignment="bottom")
        note.text_input(
            "Note for the assistant and the record", key=key, placeholder="needed to hand back"
        )
        back.form_submit_button(
            "Hand back",
            key=f"hand-back-{matter.id}",
            icon=":material/undo:",
            shortcut=keys.HAND_BACK,
            disabled=not matter.mine,
            width="stretch",
            on_click=_hand_back,
            args=(matter, key),
        )


def _hand_back(matter: Matter, key: str) -> None:
    note = st.session_state[key].strip()
    if not note:
        refuse("A hand-back needs a note. Say what was settled and what is still open.")
    elif did("The assistant speaks again", bench().hand_back, matter.id, matter.name, note):
        st.session_state[key] = ""
