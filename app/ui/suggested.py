"""Replies: up to three suggestions to send, edit, pass over or reject, and words of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ui import keys
from ui.acting import did
from ui.bench import bench
from ui.matters import Matter
from ui.untrusted import as_label, render_untrusted
from workbench.records.desk import Suggested, Withheld

_KINDS = {
    "draft": ":material/smart_toy: the assistant's own draft",
    "macro": ":material/quickreply: macro of the team",
    "article": ":material/menu_book: knowledge article",
    "opening": ":material/waving_hand: opening",
}


def suggestions(matter: Matter) -> None:
    """Those for the customer's last message, the one most likely sent first."""
    if not matter.name:
        st.info("Sign on above with your name to see suggested replies.", icon=":material/badge:")
        return
    offered = bench().desk.suggestions(matter.id, matter.name)
    still = {one.id for one in bench().desk.open_suggestions(matter.id)}
    shown = [one for one in offered.shown if one.id in still]
    st.markdown("**Suggested replies**")
    if not shown:
        st.caption("None is open: each was sent, passed over or rejected, or none was good enough.")
    for place, one in enumerate(shown):
        with st.container(border=True, gap="xsmall"):
            _suggestion(matter, one, place)
    _checked(offered.withheld)


def _suggestion(matter: Matter, one: Suggested, place: int) -> None:
    render_untrusted(one.text)
    st.caption(f"{_KINDS[one.kind.value]} · {as_label(one.why)} · {one.confidence:.0%} likely sent")
    if one.sources:
        named = ", ".join(f"{s.system}: {s.record} {s.field}".strip() for s in one.sources[:3])
        st.caption(f":material/fact_check: {as_label(named)}")
    if st.session_state.get("rejecting") == one.id:
        _reject(matter, one)
        return
    with st.container(horizontal=True):
        for label, icon, press, does in (
            ("Send", ":material/send:", keys.SEND, _send_as_it_is),
            ("Edit", ":material/edit:", keys.EDIT, _edit),
            ("Reject", ":material/thumb_down:", keys.REJECT, _ask_why),
        ):
            st.button(
                label,
                key=f"{label.lower()}-{one.id}",
                icon=icon,
                shortcut=press[place],
                type="tertiary",
                on_click=does,
                args=(matter, one),
            )


def _checked(withheld: Sequence[Withheld]) -> None:
    """What brand voice, forbidden topics and regulation kept back, and why."""
    rules = len(bench().desk.rules().rules)
    if not withheld:
        st.caption(f":material/verified: Checked against {rules} rules of brand and regulation.")
        return
    with st.expander(f"Withheld by {rules} rules: {len(withheld)}", icon=":material/gavel:"):
        for one in withheld:
            st.markdown(f"**{as_label(f'{one.kind.value} {one.key}')}**")
            for why in one.objections:
                st.caption(as_label(why))


def _send_as_it_is(matter: Matter, one: Suggested) -> None:
    _send(matter, one.text, one.id)


def _edit(matter: Matter, one: Suggested) -> None:
    st.session_state[_box(matter)] = one.text
    st.session_state[_base(matter)] = one.id


def _ask_why(_: Matter, one: Suggested) -> None:
    st.session_state.rejecting = one.id


def _reject(matter: Matter, one: Suggested) -> None:
    key = f"why-{one.id}"
    with st.form(f"reject-form-{one.id}", border=False):
        why, go = st.columns([3, 1], vertical_alignment="bottom")
        why.text_input("What is wrong with it?", key=key)
        go.form_submit_button(
            "Reject",
            key=f"rejected-{one.id}",
            width="stretch",
            on_click=_rejected,
            args=(matter, one, key),
        )


def _rejected(matter: Matter, one: Suggested, key: str) -> None:
    reject, why = bench().desk.reject, st.session_state[key]
    if did("Rejected; its owner reads why", reject, matter.id, one.id, matter.name, why):
        del st.session_state.rejecting


def reply(matter: Matter) -> None:
    """Words to the customer: one's own, a macro of the team, or a suggestion that was edited."""
    key = _box(matter)
    _macros(matter)
    with st.form(f"reply-form-{matter.id}", border=False):
        st.text_area("Your reply to the customer", key=key, height=110)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.form_submit_button(
                "Send reply",
                key=f"send-reply-{matter.id}",
                icon=":material/send:",
                shortcut=keys.REPLY,
                type="primary",
                disabled=not matter.name,
                on_click=_send_typed,
                args=(matter,),
            )
            st.caption(_told(matter), width="content")
        _objections(matter)


def _macros(matter: Matter) -> None:
    """Put a text of the team into the reply."""
    texts = {one.key: one.text for one in bench().desk.macros(matter.id)}
    key = _macro(matter)
    st.selectbox(
        "Macro of the team",
        list(texts),
        index=None,
        key=key,
        format_func=lambda name: name.replace("-", " "),
        placeholder="put a text of the team into the reply",
        disabled=not (matter.name and texts),
        on_change=_put_in,
        args=(matter, key, texts),
    )


def _put_in(matter: Matter, key: str, texts: Mapping[str, str]) -> None:
    chosen = st.session_state[key]
    if chosen:
        st.session_state[_box(matter)] = texts[chosen]
        st.session_state[_base(matter)] = ""


def _told(matter: Matter) -> str:
    if st.session_state.get(_base(matter)):
        return "A suggestion, edited: the difference is kept."
    if not matter.mine:
        return "Sending takes the conversation over."
    return "Your own words: suggestions that are still open count as ignored."


def _objections(matter: Matter) -> None:
    """What stands against the words that were typed; they go out only on a second thought."""
    against = st.session_state.get(_against(matter), ())
    if against:
        st.warning("  \n".join(as_label(why) for why in against), icon=":material/gavel:")
        st.form_submit_button(
            "Send anyway",
            key=f"anyway-{matter.id}",
            shortcut=keys.ANYWAY,
            on_click=_send_typed,
            args=(matter, True),
        )


def _send_typed(matter: Matter, anyway: bool = False) -> None:
    state, text = st.session_state, st.session_state[_box(matter)]
    against = () if anyway else bench().desk.check(matter.id, text)
    state[_against(matter)] = against
    if not against and _send(matter, text, state.get(_base(matter), "")):
        state[_box(matter)] = state[_base(matter)] = ""
        state[_macro(matter)] = None


def _send(matter: Matter, text: str, suggestion_id: str) -> bool:
    return did("Sent", bench().desk.reply, matter.id, matter.name, text, suggestion_id)


def _box(matter: Matter) -> str:
    return f"reply-{matter.id}"


def _base(matter: Matter) -> str:
    return f"based-on-{matter.id}"


def _against(matter: Matter) -> str:
    return f"against-{matter.id}"


def _macro(matter: Matter) -> str:
    return f"macro-{matter.id}"
