"""The friction map shows its parts, says what it cannot tell apart, and names where to start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench import Workbench
from workbench.errors import InputError, NotFound
from workbench.improve.friction import FrictionMap, friction_map, group_contacts
from workbench.improve.friction_facts import SUMMED, FrictionFacts
from workbench.improve.needs import is_transactional
from workbench.measure.charts_friction import Bubble, friction_chart

GOOD: dict[str, float] = {
    "contacts": 1, "people_s": 600, "labelled": 1, "recognised": 1, "stakes_kept": 1,
    "judged": 1, "transactional": 1, "by_records": 1,
}  # fmt: skip


def facts(*topics: tuple[str, int, dict[str, float]]) -> FrictionFacts:
    """A month of contacts: (intent, how many, what differs from a good one)."""
    rows = [(name, {**GOOD, **changed}) for name, n, changed in topics for _ in range(n)]
    return FrictionFacts(
        ids=tuple(f"H-{n}" for n in range(len(rows))),
        intents=tuple(name for name, _ in rows),
        texts=tuple(f"how does {name} work?" for name, _ in rows),
        languages=("en",) * len(rows),
        numbers=np.array([[row.get(column, 0) for column in SUMMED] for _, row in rows], float),
        months=1.0,
    )


def mapped(*topics: tuple[str, int, dict[str, float]], answered: bool = False) -> FrictionMap:
    grouping = group_contacts(facts(*topics), "intent")
    return friction_map(grouping, lambda text, language: answered, "EUR")


def test_the_score_is_minutes_times_what_is_within_reach_times_what_is_safe(
    workbench: Workbench,
) -> None:
    found = workbench.friction.map()
    assert found.contacts == workbench.history.freshness().contacts
    for row in found.rows:
        assert row.score == pytest.approx(row.minutes * row.feasibility * row.safety)
        assert row.score_low <= row.score <= row.score_high
        assert row.best_place <= row.worst_place
    assert [row.score for row in found.rows] == sorted((r.score for r in found.rows), reverse=True)
    assert sum(row.share for row in found.rows) == pytest.approx(1)
    assert found.sentence.startswith(f"Start with {found.rows[0].name}")
    print(f"\n{found.sentence}")


def test_the_shares_of_a_row_are_those_that_a_plain_query_gives(workbench: Workbench) -> None:
    row = workbench.friction.map().row("invoice_copy")
    query = """
        SELECT count(*), sum(talk_s + hold_s + wrap_s) / 60 / count(*), avg(repeated_48h::INT),
               avg(repeated_7d::INT), avg(reopened::INT), avg(handed_off::INT), avg(sentiment)
        FROM contact WHERE intent = 'invoice_copy'
    """
    counted = workbench.history.connection().execute(query).fetchall()[0]
    told = (
        *(row.contacts, row.minutes_each, row.repeated_48h, row.repeated_7d, row.reopened),
        *(row.handed_off, row.sentiment),
    )
    assert told == pytest.approx(counted)


def test_the_cost_of_a_row_is_the_kpi_cost_per_contact(workbench: Workbench) -> None:
    kpis = workbench.kpis(by=("intent",), metrics=("cost_per_contact",))
    for row in workbench.friction.map().rows:
        assert row.cost_each == pytest.approx(kpis.get("cost_per_contact", intent=row.name).value)


def test_the_same_history_gives_the_same_map(workbench: Workbench) -> None:
    assert workbench.friction.map() == workbench.friction.map()


WORSE = {
    "half as long": {"people_s": 300},
    "never recognised": {"recognised": 0},
    "wants a person": {"wants_person": 1},
    "wrong": {"wrong": 1},
    "sensitive": {"sensitive": 1},
    "high stakes": {"stakes_kept": 0.2},
    "no record and no article": {"transactional": 0, "by_records": 0},
}


@pytest.mark.parametrize("changed", WORSE.values(), ids=WORSE.keys())
def test_what_speaks_against_a_topic_lowers_its_score(changed: dict[str, float]) -> None:
    found = mapped(("good", 60, {}), ("other", 60, changed))
    assert found.rows[0].name == "good"
    assert "other" not in found.rows[0].tied_with
    assert "good" in found.sentence


def test_an_article_that_answers_brings_a_question_within_reach() -> None:
    question = ("question", 30, {"transactional": 0.0, "by_records": 0.0})
    assert mapped(question).row("question").feasibility == pytest.approx(0)
    assert mapped(question, answered=True).row("question").feasibility > 0.9


def test_a_near_tie_is_shown_as_a_tie_and_a_clear_lead_is_not() -> None:
    rough = {"people_s": 1200.0}
    found = mapped(("one", 101, {}), ("two", 100, {}), ("far", 200, rough))
    assert found.rows[0].place == "1" and found.rows[0].tied_with == ()
    assert [row.place for row in found.rows[1:]] == ["2-3", "2-3"]
    assert found.row("one").tied_with == ("two",)


def test_the_sentence_says_when_the_data_does_not_tell_topics_apart() -> None:
    assert "not tell it apart from two" in mapped(("one", 101, {}), ("two", 100, {})).sentence


def test_where_nothing_is_within_reach_the_sentence_says_so() -> None:
    assert mapped(("angry", 20, {"wants_person": 1})).sentence.startswith("Nothing here")


def test_a_sample_of_a_long_history_is_scaled_up() -> None:
    grouping = group_contacts(facts(("one", 50, {})), "intent")
    scaled = replace(grouping, facts=replace(grouping.facts, scale=4.0))
    whole = friction_map(scaled, lambda *_: False, "EUR")
    assert (whole.contacts, whole.rows[0].contacts, whole.rows[0].minutes) == (200, 200, 2000)


def test_a_row_leads_to_its_contacts(workbench: Workbench) -> None:
    row = workbench.friction.map().row("tax_certificate")
    behind = workbench.contacts(row.contact_ids)
    assert len(behind) == row.contacts
    assert {contact.intent for contact in behind} == {"tax_certificate"}
    assert "contact_ids" not in row.model_dump()


def test_a_file_of_bare_messages_has_topics_and_minutes(
    workbench: Workbench, messages_file: Path
) -> None:
    found = workbench.friction.map_of_file(messages_file, topics=2)
    assert [row.contacts for row in found.rows] == [20, 20]
    assert any("parcel" in row.name for row in found.rows)
    assert all(row.minutes_each > 0 for row in found.rows)


def test_topics_of_history_cover_every_contact(workbench: Workbench) -> None:
    found = workbench.friction.map("topic", topics=30)
    assert len(found.rows) == 30
    assert sum(row.contacts for row in found.rows) == found.contacts
    assert found.rows[0].name in str(found)


@pytest.mark.parametrize(
    ("text", "needs_a_record"),
    [
        ("Is INV-1002 paid?", True),
        ("Where is my parcel?", True),
        ("Wo ist meine Bestellung?", True),
        ("Où est ma commande ?", True),
        ("¿Dónde está mi pedido?", True),
        ("I was charged 12.50 EUR", True),
        ("What are your opening hours?", False),
        ("Can I pay by card?", False),
        ("Wie schicke ich Ware zurück?", False),
        ("", False),
    ],
)
def test_the_words_tell_whether_a_record_is_needed(text: str, needs_a_record: bool) -> None:
    assert is_transactional(text) == needs_a_record


def test_an_empty_period_is_refused_with_what_to_do(workbench: Workbench) -> None:
    with pytest.raises(InputError, match="workbench import contacts"):
        workbench.friction.map(phase="nothing")


def test_an_unknown_row_is_not_found() -> None:
    with pytest.raises(NotFound, match="no intent 'nonsense'"):
        mapped(("one", 3, {})).row("nonsense")


def test_the_chart_tells_in_shape_and_words_what_is_within_reach() -> None:
    bubbles = [
        Bubble(name=name, a_month=10, friction=0.4, minutes=minutes, feasibility=feasibility)
        for name, minutes, feasibility in (("a", 90, 0.9), ("b", 40, 0.5), ("c", 5, 0.1))
    ]
    figure: Any = friction_chart(bubbles)
    assert [trace.marker.symbol for trace in figure.data] == ["circle", "diamond", "square"]
    assert [trace.customdata[0][0] for trace in figure.data] == ["a", "b", "c"]
    assert "a takes people most time" in figure.layout.meta["alt"]
    assert friction_chart([]).layout.meta["alt"] == "No contacts."
