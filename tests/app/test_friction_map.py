"""The friction map on Outcome: a sentence, the parts of the score, the contacts behind a row."""

from __future__ import annotations


def table(shown, column):
    """The first table on the page that has a column."""
    return next(one for one in shown.dataframe if column in one.value.columns)


def test_outcome_names_the_next_use_case(open_page, workbench):
    shown = open_page("outcome")
    sentence = workbench.friction.map(phase="pilot").rows[0].name.replace("_", "\\_")
    assert any(f"Start with {sentence}" in one.value for one in shown.markdown)


def test_the_map_shows_the_parts_of_every_score(open_page, workbench):
    rows = table(open_page("outcome"), "could be given back, min").value
    found = workbench.friction.map(phase="pilot")
    assert list(rows["topic"]) == [row.name for row in found.rows]
    parts = rows["people, min a month"] * rows["within reach, %"] * rows["safe, %"] / 10_000
    assert (parts - rows["could be given back, min"]).abs().max() < 1e-6


def test_the_address_may_ask_for_topics(open_page):
    shown = open_page("outcome", grouped="topic")
    names = list(table(shown, "could be given back, min").value["topic"])
    assert any(" · " in name for name in names)
    assert not shown.exception
