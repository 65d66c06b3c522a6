"""The friction map on the page: a sentence, a picture, its parts as a table, what lies behind."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.bench import bench, remember, remembered, scope
from ui.figures import clicked, theme
from ui.measures import Key, frozen, state_of_history
from ui.tables import chosen_row, contact_table, download
from ui.untrusted import as_label, plain
from workbench.improve.friction import FrictionMap, FrictionRow
from workbench.measure.charts_friction import Bubble, friction_chart

BY = {"intent": "recorded intent", "topic": "topic of the first words"}
_SHOWN = 200


def friction_map() -> None:
    """Where to start next, for the chosen period."""
    st.subheader("Where to start next")
    by = st.segmented_control(
        "Grouped by",
        list(BY),
        format_func=BY.__getitem__,
        key=remembered("grouped", list(BY)),
        on_change=remember,
        args=("grouped",),
        required=True,
    )
    found = _map(by or "intent", frozen(scope()), state_of_history())
    st.markdown(as_label(found.sentence))
    points = clicked(friction_chart(_bubbles(found), theme()), 460, key="friction_chart")
    st.caption(
        "Size: minutes of people a month. Colour and shape: how much of it records, tools and "
        "articles can answer. Click a bubble or a row to see its contacts."
    )
    rows = [_cells(row) for row in found.rows]
    place = chosen_row(
        rows,
        key="friction_rows",
        alt="Friction map: score of each topic with its parts, the most worthwhile first",
        placeholder="-",
        column_config=_columns(),
    )
    download(rows, "friction")
    if place is not None:
        _behind(found.rows[place])
    elif points:
        _behind(found.row(points[0]["customdata"][0]))


@st.cache_resource(max_entries=20, show_spinner="Looking at what contacts are about ...")
def _map(by: Any, restrict: Any, state: Key) -> FrictionMap:
    return bench().friction.map(by, **dict(restrict))


def _bubbles(found: FrictionMap) -> list[Bubble]:
    return [
        Bubble(
            name=plain(row.name),
            a_month=row.a_month,
            friction=row.friction,
            minutes=row.minutes,
            feasibility=row.feasibility,
        )
        for row in found.rows
    ]


def _cells(row: FrictionRow) -> dict[str, Any]:
    return {
        "place": row.place,
        "topic": plain(row.name),
        "contacts": row.contacts,
        "people, min a month": row.minutes,
        "within reach, %": 100 * row.feasibility,
        "safe, %": 100 * row.safety,
        "could be given back, min": row.score,
        "from": row.score_low,
        "to": row.score_high,
        "needs a record, %": 100 * row.transactional,
        "else in articles, %": None if row.coverage is None else 100 * row.coverage,
        "read right, %": 100 * row.competence,
        "wrong, %": 100 * row.wrong,
        "went badly, %": 100 * row.friction,
        "again in 7 days, %": 100 * row.repeated_7d,
        "reopened, %": 100 * row.reopened,
        "transferred, %": 100 * row.transferred,
        "min each": row.minutes_each,
    }


def _columns() -> dict[str, Any]:
    helps = {
        "people, min a month": "Value: minutes that people spend on it",
        "within reach, %": "Feasibility: read right, no person wanted, and a record, tool or "
        "article answers it",
        "safe, %": "Stakes, sensitive matters and wrong answers taken off",
        "could be given back, min": "Minutes x within reach x safe",
        "from": "95 % interval of the minutes that could be given back",
        "to": "95 % interval of the minutes that could be given back",
        "needs a record, %": "A record or tool was used, or the words ask for one",
        "else in articles, %": "Of the other messages, those that an article answers",
        "read right, %": "Of the messages that people labelled",
        "wrong, %": "Of the answers that people judged",
        "went badly, %": "Came again, was reopened, handed off or transferred, or was unhappy",
    }
    plain_numbers = ("again in 7 days, %", "reopened, %", "transferred, %", "min each")
    numbers = dict.fromkeys(plain_numbers, "") | helps
    described: dict[str, Any] = {
        name: st.column_config.NumberColumn(format="%.0f", help=words or None)
        for name, words in numbers.items()
    }
    described["min each"] = st.column_config.NumberColumn(format="%.1f")
    described["place"] = st.column_config.TextColumn(
        help="A range where the data does not tell the order: a tie"
    )
    return described


def _behind(row: FrictionRow) -> None:
    """The newest contacts of a row."""
    contacts = bench().contacts(row.contact_ids)[:_SHOWN]
    st.markdown(
        f"**{as_label(row.name)}**: the newest {len(contacts)} of {row.contacts:,} contacts"
    )
    st.dataframe(
        contact_table(contacts),
        hide_index=True,
        height=320,
        placeholder="-",
        key="friction_contacts",
        alt=f"Contacts behind {as_label(row.name)}, the newest first",
    )
