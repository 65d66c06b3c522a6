"""Messages that belong to no known intent, and what a reader learns from unlabelled ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.triage.real_collections import clinc, quarters_untaught
from workbench.triage.classifier import TextClassifier, fit
from workbench.triage.evaluate import auroc, evaluate_few
from workbench.triage.labelled import Labelled


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    scores, wanted = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert auroc(scores, wanted) == pytest.approx(0.75)
    assert auroc(scores, np.zeros(4, np.bool_)) is None


def test_many_texts_are_read_like_one_by_one(labelled: tuple[Labelled, ...]) -> None:
    rows = labelled[::20]
    classifier = fit([row.text for row in rows], [row.label for row in rows]).classifier
    texts = [row.text for row in labelled[1::50]]
    chances, outside = classifier.read_all(["", *texts])
    for i, text in enumerate(["", *texts]):
        one, strange = classifier.read(text)
        assert chances[i] == pytest.approx(one, abs=1e-4)
        assert outside[i] == pytest.approx(strange, abs=1e-4)


def lexical(texts: Sequence[str], labels: Sequence[str]) -> TextClassifier:
    return fit(texts, labels).classifier


@pytest.mark.full
def test_intents_that_nobody_taught_are_told_by_their_scores(real_data: Path) -> None:
    areas = []
    for chances, outside, strange in quarters_untaught(real_data, lexical):
        caught = (outside[strange] > np.quantile(outside[~strange], 0.95)).mean()
        area, plain = auroc(outside, strange), auroc(1 - chances.max(axis=1), strange)
        assert area is not None
        areas.append(area)
        print(f"held-out intents: AUROC {area:.3f} (confidence {plain:.3f}), caught {caught:.2f}")
    assert np.mean(areas) >= 0.87


@pytest.mark.full
def test_clinc_out_of_scope_messages_are_told_apart(real_data: Path) -> None:
    accuracy, area = clinc(real_data, lexical)
    print(f"CLINC150: accuracy {accuracy:.4f}, out-of-scope AUROC {area:.4f}")
    assert accuracy >= 0.935
    assert area >= 0.955


@pytest.mark.full
def test_ten_labels_an_intent_are_usable_where_unlabelled_messages_lie_beside(
    real_data: Path,
) -> None:
    """Transductive as in a POC: texts of the training file, without labels, are there as well."""
    banking = real_data / "banking77"
    found = evaluate_few(banking / "train.csv", banking / "test.csv", per_label=10)
    print(f"Banking77, {found}")
    assert found.accuracy >= 0.78
