"""Messages that belong to no known intent, and what a reader learns from unlabelled ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.triage.classifier import fit
from workbench.triage.evaluate import auroc, evaluate_few
from workbench.triage.labelled import Labelled, read_labelled


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


@pytest.mark.full
def test_intents_that_nobody_taught_are_told_by_their_scores(real_data: Path) -> None:
    train = read_labelled(real_data / "banking77" / "train.csv")
    test = read_labelled(real_data / "banking77" / "test.csv")
    names = sorted({row.label for row in train})
    areas = []
    for seed in range(3):
        unknown = set(np.random.default_rng(seed).permutation(names)[: len(names) // 4])
        taught = [row for row in train if row.label not in unknown]
        classifier = fit([r.text for r in taught], [r.label for r in taught]).classifier
        chances, outside = classifier.read_all([row.text for row in test])
        strange = np.array([row.label in unknown for row in test])
        caught = (outside[strange] > np.quantile(outside[~strange], 0.95)).mean()
        unsure = 1 - chances.max(axis=1)
        area, plain = auroc(outside, strange), auroc(unsure, strange)
        assert area is not None
        areas.append(area)
        print(f"held-out intents: AUROC {area:.3f} (confidence {plain:.3f}), caught {caught:.2f}")
    assert np.mean(areas) >= 0.87


@pytest.mark.full
def test_clinc_out_of_scope_messages_are_told_apart(real_data: Path) -> None:
    data = json.loads((real_data / "clinc150" / "data_full.json").read_text("utf-8"))
    texts, labels = zip(*data["train"], strict=True)
    classifier = fit(texts, labels).classifier
    known, truth = zip(*data["test"], strict=True)
    chances, inside = classifier.read_all(known)
    _, outside = classifier.read_all([text for text, _ in data["oos_test"]])
    told = [classifier.labels[i] for i in chances.argmax(axis=1)]
    accuracy = np.mean([a == b for a, b in zip(told, truth, strict=True)])
    strange = np.arange(len(inside) + len(outside)) >= len(inside)
    area = auroc(np.concatenate([inside, outside]), strange)
    print(f"CLINC150: accuracy {accuracy:.4f}, out-of-scope AUROC {area:.4f}")
    assert accuracy >= 0.93
    assert area is not None and area >= 0.955


@pytest.mark.full
def test_ten_labels_an_intent_are_usable_where_unlabelled_messages_lie_beside(
    real_data: Path,
) -> None:
    """Transductive as in a POC: texts of the training file, without labels, are there as well."""
    banking = real_data / "banking77"
    found = evaluate_few(banking / "train.csv", banking / "test.csv", per_label=10)
    print(f"Banking77, {found}")
    assert found.accuracy >= 0.78
