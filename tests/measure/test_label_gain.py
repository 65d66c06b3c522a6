"""What labels bring: measured on messages that the classifier has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.measure import label_gain as module
from workbench.measure.charts_labels import change_chart, learning_chart
from workbench.measure.label_gain import MOST_LABELS, CurvePoint, Estimate, Gain, kept_gain
from workbench.triage.labelled import Labelled, read_labelled

ROOT = Path(__file__).parents[2]
SOME = ("general_question", "case_status", "case_close", "invoice_explain", "invoice_dispute")


@pytest.fixture(scope="module")
def rows() -> tuple[Labelled, ...]:
    every = read_labelled(ROOT / "sample_data" / "intents" / "en.csv")
    return tuple(row for row in every if row.label in SOME)


@pytest.fixture(scope="module")
def few(rows) -> list[Labelled]:
    """Five of each, as a POC begins."""
    return [row for name in SOME for row in [r for r in rows if r.label == name][:5]]


@pytest.fixture(scope="module")
def gain(rows, few) -> Gain:
    people = [row for row in rows if row not in few][::2]
    found = module.label_gain(few, people)
    print(f"\n{found}")
    return found


def test_labels_of_people_raise_accuracy_on_the_messages_they_labelled(gain) -> None:
    assert gain.before and gain.after and gain.change
    assert gain.change.value == pytest.approx(gain.after.value - gain.before.value)
    assert gain.change.low > 0, "so clearly that the interval says so"
    assert gain.before.n == gain.after.n == gain.by_people


def test_accuracy_grows_along_the_curve(gain) -> None:
    labels = [point.labels for point in gain.curve]
    assert labels == sorted(labels) and len(labels) == 3
    assert gain.curve[-1].accuracy.value > gain.curve[0].accuracy.value
    assert all(p.accuracy.low <= p.accuracy.value <= p.accuracy.high for p in gain.curve)


def test_competence_is_told_per_intent_the_worst_first(gain) -> None:
    values = [row.accuracy.value for row in gain.intents]
    assert {row.intent for row in gain.intents} == set(SOME) and values == sorted(values)
    assert sum(row.labels for row in gain.intents) == gain.labels
    assert sum(row.by_people for row in gain.intents) == gain.by_people


def test_without_labels_of_people_there_is_no_change_to_tell(few) -> None:
    found = module.label_gain(few, [])
    assert (found.before, found.after, found.change, found.by_people) == (None, None, None, 0)
    assert change_chart(found) is None


def test_few_messages_that_all_agree_are_no_certainty() -> None:
    same = np.array([True, True])
    told = module._difference(same, same)
    assert told.value == 0 and told.low < -0.3 and told.high > 0.3


def test_the_charts_say_in_words_what_they_show(gain) -> None:
    for figure in (learning_chart(gain), change_chart(gain)):
        assert figure is not None
        assert figure.layout.meta["alt"].endswith(".")


def test_the_gain_of_the_same_labels_is_measured_once(tmp_path: Path, few) -> None:
    first = kept_gain(tmp_path, few, [])
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    assert kept_gain(tmp_path, few, []) == first and kept.stat().st_mtime_ns == written
    kept.write_text("{")
    assert kept_gain(tmp_path, few, []) == first


def points(*known: tuple[int, float]) -> list[CurvePoint]:
    return [
        CurvePoint(labels=n, accuracy=Estimate(value=a, low=a, high=a, n=100_000)) for n, a in known
    ]


def test_what_the_next_labels_bring_follows_the_power_of_the_error() -> None:
    """Error 2 / sqrt(n): fifty labels after the first 400 take it from 0.1 to 2 / sqrt(450)."""
    law = module._Law.through(points((100, 0.8), (200, 1 - 2 / 200**0.5), (400, 0.9)))
    foretold = law.worth(400)
    assert foretold.value == pytest.approx(0.1 - 2 / 450**0.5, abs=1e-3)
    assert foretold.low <= foretold.value <= foretold.high
    assert 0 < law.still_useful(400) < MOST_LABELS


def test_a_curve_that_falls_promises_nothing() -> None:
    law = module._Law.through(points((100, 0.9), (200, 0.85), (400, 0.8)))
    assert law.worth(400).value == 0 and law.still_useful(400) == 0
