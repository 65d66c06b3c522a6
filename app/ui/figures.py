"""Figures on the page: the package's charts in the theme that the reader has chosen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.measure.charts import Theme

_FONT = '"Source Sans", sans-serif'
_CONFIG = {"displayModeBar": False}


def theme() -> Theme:
    """The theme on the reader's screen."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show(figure: Any, height: int, key: str | None = None) -> None:
    """A figure with its own words for those who cannot see it."""
    figure.update_layout(height=height, font_family=_FONT)
    st.plotly_chart(figure, theme=None, key=key, config=_CONFIG, alt=figure.layout.meta["alt"])


def clicked(figure: Any, height: int, key: str) -> list[Any]:
    """A figure whose points can be chosen; the points that are."""
    figure.update_layout(height=height, font_family=_FONT, clickmode="event+select", dragmode=False)
    chosen = st.plotly_chart(
        figure,
        theme=None,
        key=key,
        config=_CONFIG,
        alt=figure.layout.meta["alt"],
        on_select="rerun",
        selection_mode="points",
    )
    return list(chosen.selection.points)
