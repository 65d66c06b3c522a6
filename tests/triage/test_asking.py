"""Asking for the most useful labels: fewer of them teach as much as many drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.triage.asking import Why, ask, choose, uncertainty
from workbench.triage.classifier import TextClassifier, fit
from workbench.triage.labelled import Labelled, read_labelled
from workbench.triage.pool import PoolMessage

PER_INTENT = 10
EVERY_THIRD = 3
"""One test message in three is scored, so that the campaign stays short."""


def learned(rows: Sequence[Labelled], known: Sequence[int]) -> TextClassifier:
    return fit([rows[i].text for i in known], [rows[i].label for i in known]).classifier


def accuracy(classifier: TextClassifier, rows: Sequence[Labelled]) -> float:
    chances, _ = classifier.read_all([row.text for row in rows])
    told = np.array(classifier.labels)[chances.argmax(axis=1)]
    return float(np.mean(told == [row.label for row in rows]))


def start(rows: Sequence[Labelled], per_label: int, rng: np.random.Generator) -> list[int]:
    """So many messages of every label, drawn at random."""
    labels = np.array([row.label for row in rows])
    drawn = [
        rng.choice(np.flatnonzero(labels == name), per_label, replace=False)
        for name in np.unique(labels)
    ]
    return [int(i) for i in np.concatenate(drawn)]


def course(
    rows: Sequence[Labelled],
    scored: Sequence[Labelled],
    *,
    seed: int,
    batch: int,
    rounds: int,
    asked: bool,
) -> list[tuple[int, float]]:
    """Labels and accuracy after every batch, asked for or drawn at random."""
    rng = np.random.default_rng(seed)
    known = start(rows, PER_INTENT, rng)
    points: list[tuple[int, float]] = []
    for _ in range(rounds + 1):
        classifier = learned(rows, known)
        points.append((len(known), accuracy(classifier, scored)))
        rest = np.setdiff1d(np.arange(len(rows)), known)
        if asked:
            texts = [rows[i].text for i in rest]
            labelled = [rows[i].text for i in known]
            chances, outside = classifier.read_all(texts)
            chosen = choose(texts, chances, labelled, batch, outside=outside)
            new = rest[list(chosen.places)]
        else:
            new = rng.choice(rest, batch, replace=False)
        known += [int(i) for i in new]
    return points


def needed(points: Sequence[tuple[int, float]], target: float) -> float:
    """Labels at which a course first reaches an accuracy, on straight lines between its points."""
    for (labels, before), (more, after) in pairwise(points):
        if after >= target:
            return labels + (more - labels) * max(0.0, (target - before) / (after - before))
    return float("inf")


def banking(real_data: Path) -> tuple[tuple[Labelled, ...], tuple[Labelled, ...]]:
    folder = real_data / "banking77"
    return read_labelled(folder / "train.csv"), read_labelled(folder / "test.csv")[::EVERY_THIRD]


def compared(rows, scored, *, seed: int, batch: int, rounds: int) -> tuple[float, float]:
    """Points of accuracy won at the same number of labels, and labels needed as a share of those
    drawn at random; both printed."""
    options = {"seed": seed, "batch": batch, "rounds": rounds}
    random = course(rows, scored, asked=False, **options)
    asked = course(rows, scored, asked=True, **options)
    won = asked[-1][1] - random[-1][1]
    share = (needed(asked, random[-1][1]) - asked[0][0]) / (random[-1][0] - random[0][0])
    print(
        f"\nseed {seed}: {random[-1][0]} labels give {asked[-1][1]:.4f} asked for, "
        f"{random[-1][1]:.4f} drawn at random; {random[-1][1]:.4f} takes "
        f"{needed(asked, random[-1][1]):.0f} labels: {share:.0%} of the new ones"
    )
    print("  asked for ", " ".join(f"{n}:{a:.4f}" for n, a in asked))
    print("  at random ", " ".join(f"{n}:{a:.4f}" for n, a in random))
    return won, share


@pytest.mark.full
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_asking_needs_less_than_half_of_the_labels_on_banking77(real_data: Path, seed: int) -> None:
    won, share = compared(*banking(real_data), seed=seed, batch=200, rounds=6)
    assert won >= 0.04
    assert share <= 0.5


def test_asking_beats_drawing_at_random_on_twenty_intents(real_data: Path) -> None:
    rows, scored = banking(real_data)
    some = sorted({row.label for row in rows})[:20]
    rows = tuple(row for row in rows if row.label in some)
    scored = tuple(row for row in scored if row.label in some)
    won, share = compared(rows, scored, seed=0, batch=60, rounds=3)
    assert won >= 0.01
    assert share <= 0.7


TEXTS = [
    "where is my parcel", "the parcel is late", "track the parcel please", "parcel not here",
    "send the invoice again", "copy of the invoice", "I need an invoice copy", "invoice by mail",
    "do you sponsor football clubs", "sponsoring of our club",
]  # fmt: skip
LABELS = ["delivery"] * 4 + ["copy"] * 4


@pytest.fixture(scope="module")
def small() -> TextClassifier:
    return fit(TEXTS[:8], LABELS).classifier


def pool(*texts: str) -> tuple[PoolMessage, ...]:
    return tuple(PoolMessage(id=f"m-{n}", text=text) for n, text in enumerate(texts))


def test_the_same_pool_gives_the_same_questions(small) -> None:
    first, again = (ask(small, pool(*TEXTS), TEXTS[:4], 5) for _ in range(2))
    assert first == again and len(first) == 5


def test_a_question_offers_labels_best_first(small) -> None:
    (question,) = ask(small, pool("parcel or invoice"), TEXTS[:8], 1, model="lexical-1")
    confidences = [guess.confidence for guess in question.guesses]
    assert confidences == sorted(confidences, reverse=True)
    assert {guess.label for guess in question.guesses} == {"delivery", "copy"}
    assert question.model == "lexical-1"


def test_one_question_in_ten_is_about_what_nobody_has_labelled_yet(small) -> None:
    asked = ask(small, pool(*TEXTS, "parcel parcel", "invoice copy"), TEXTS[:8], 10)
    new = [question for question in asked if question.why is Why.NEW_TOPIC]
    assert len(new) == 1 and len(asked) == 10


def test_two_messages_of_one_wording_are_not_asked_side_by_side() -> None:
    texts = ["is it paid now", "is it paid now!", "does it ship abroad"]
    even = np.full((3, 2), 0.5)
    assert set(choose(texts, even, [], 2).places) != {0, 1}


def test_what_comes_often_is_asked_first() -> None:
    texts = ["is it paid", "does it ship"]
    often = np.array([1.0, 40.0])
    assert choose(texts, np.full((2, 2), 0.5), [], 1, often=often).places == (1,)


@pytest.mark.parametrize("count", [0, 1, 30])
def test_no_more_is_asked_than_there_is(small, count: int) -> None:
    assert len(ask(small, pool(*TEXTS), [], count)) == min(count, len(TEXTS))
    assert ask(small, (), [], count) == ()


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_uncertainty_is_a_share(weights: list[list[float]]) -> None:
    chances = np.array(weights) / np.sum(weights, axis=1, keepdims=True)
    assert ((uncertainty(chances) >= 0) & (uncertainty(chances) <= 1)).all()


@given(st.integers(1, 12), st.integers(0, 5))
@settings(max_examples=20, deadline=None)
def test_nothing_is_asked_twice(count: int, seed: int) -> None:
    chances = np.random.default_rng(seed).dirichlet(np.ones(3), len(TEXTS))
    places = choose(TEXTS, chances, TEXTS[:2], count).places
    assert len(set(places)) == len(places) == min(count, len(TEXTS))
