"""Metrics as data: complete, checked on loading, sound as SQL."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from tests.measure.contact_rows import connection_with
from workbench.config import CostSettings, Settings
from workbench.errors import ConfigError
from workbench.measure.addends import addends_of
from workbench.measure.metrics import MetricSet, human_second_nanos, load_metrics
from workbench.measure.sums import contacts_source, last_known_time

GOOD = """
[terms]
short = "talk_s < 60"

[quick]
title = "Quick"
question = "How many were quick?"
numerator = "{short}"
denominator = "TRUE"
kind = "share"
unit = "share"
direction = "up"
owner = "operations"
version = 1
trap = "Quick is not good."
"""


def loaded(folder: Path, text: str) -> MetricSet:
    path = folder / "metrics.toml"
    path.write_text(text, encoding="utf-8")
    return load_metrics(path)


def test_every_metric_has_title_question_owner_and_trap() -> None:
    for metric in load_metrics().pick():
        assert metric.title and metric.question.endswith("?") and metric.owner and metric.trap


def test_a_target_needs_a_direction() -> None:
    for metric in load_metrics().pick():
        assert metric.target is None or metric.direction != "none", metric.name


def test_every_formula_is_sound_sql_over_the_contact_columns() -> None:
    connection = connection_with([])
    source = contacts_source(connection, last_known_time(connection))
    catalogue = load_metrics()
    for metric in catalogue.pick():
        if metric.from_contacts:
            addends = addends_of(catalogue.formula(metric, Settings())).values()
            selected = ", ".join(addend.over_contacts() for addend in addends)
            assert connection.execute(f"SELECT {selected} FROM {source.sql}").fetchall()


def test_terms_are_filled_in(tmp_path: Path) -> None:
    catalogue = loaded(tmp_path, GOOD)
    assert catalogue.formula(catalogue.metrics["quick"], Settings()).numerator == "talk_s < 60"


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('unit = "share"', 'unit = "percent"', "line 11: key `unit`"),
        ('owner = "operations"', 'owners = "operations"', "`owner`: Field required"),
        ("version = 1", "version = 0", "line 14: key `version`"),
        ('numerator = "{short}"', 'numerator = "{long}"', r"\[quick\] uses {long}"),
        ('kind = "share"', 'kind = "quantile"', "`quantile` belongs to"),
        ("version = 1", 'version = 1\ncolour = "red"', "`colour`"),
        ("version = 1", "version = ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_key(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        loaded(tmp_path, GOOD.replace(before, after))


def test_the_definition_changes_with_formula_and_version(tmp_path: Path) -> None:
    def definition(text: str) -> str:
        folder = tmp_path / sha256(text.encode()).hexdigest()
        folder.mkdir(exist_ok=True)
        catalogue = loaded(folder, text)
        return catalogue.formula(catalogue.metrics["quick"], Settings()).definition

    assert definition(GOOD) != definition(GOOD.replace("< 60", "< 61"))
    assert definition(GOOD) != definition(GOOD.replace("version = 1", "version = 2"))
    assert definition(GOOD) == definition(GOOD.replace("Quick is", "Fast is"))


def test_the_definition_of_a_cost_changes_with_the_hourly_rate() -> None:
    catalogue = load_metrics()
    cost = catalogue.metrics["cost_per_contact"]
    dear = catalogue.formula(cost, Settings(cost=CostSettings(human_hour=Decimal(50))))
    assert dear.definition != catalogue.formula(cost, Settings()).definition


def test_a_human_second_costs_rate_over_concurrency_plus_supervision() -> None:
    cost = CostSettings(
        human_hour=Decimal(36), concurrency=Decimal(2), supervision_share=Decimal("0.5")
    )
    assert human_second_nanos(cost) == 7_500_000
