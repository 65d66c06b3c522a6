"""A promise is broken as rarely as it says, and keeps more automated than the library it is
checked against; where evidence is missing, it says how much."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from tests.measure.answering import Population, barely_broken, confident_but_wrong, honest
from workbench.decide.promise import Promise
from workbench.errors import InputError
from workbench.measure.intervals import clopper_pearson_upper
from workbench.measure.trust.evidence import Evidence
from workbench.measure.trust.guarantee import GRID, fewest_judged, keep, keep_all
from workbench.measure.trust.rehearsal import rehearse

PROMISE = Promise(error=0.02, confidence=0.95)
RISK = 0.05
REAL = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))


def two_errors_above(share: float, draws: int) -> float:
    """A share plus two standard errors of counting it in so many draws."""
    return share + 2 * sqrt(share * (1 - share) / draws)


def naive(evidence: Evidence) -> float | None:
    """The lowest threshold at which the sample itself keeps the promise."""
    fine = [t for t in GRID if evidence.at(t)[0] and _share(evidence, t) <= PROMISE.error]
    return min(fine, default=None)


def _share(evidence: Evidence, threshold: float) -> float:
    judged, wrong = evidence.at(threshold)
    return wrong / judged


def by_mapie(evidence: Evidence) -> float | None:
    """MAPIE's p-values and fixed sequence, from its strictest default threshold down."""
    from mapie.risk_control.fwer_control import control_fwer
    from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value

    grid = GRID[1:]
    counts = np.array([evidence.at(t) for t in grid])
    n, shares = counts[:, 0], counts[:, 1] / np.maximum(counts[:, 0], 1)
    # Without any answer it counts the risk as 1 on -1 answers, which never passes.
    p_values = compute_hoeffding_bentkus_p_value(
        shares, np.maximum(n, 1), PROMISE.error, binary=True
    )[:, 0]
    passed = control_fwer(np.where(n > 0, p_values, 1.0), RISK, "fixed_sequence")
    return grid[passed[-1]] if len(passed) else None


class Tally:
    """How often a way to choose thresholds broke its promise, and what it automated."""

    def __init__(self, population: Population) -> None:
        self.population, self.broken, self.automated = population, 0, 0.0

    def add(self, threshold: float | None) -> None:
        if threshold is not None:
            self.broken += self.population.error(threshold) > PROMISE.error
            self.automated += self.population.automated(threshold)


def campaign(
    population: Population, judged: int, draws: int, peers: Iterable[str] = ()
) -> dict[str, tuple[float, float]]:
    """Share of promises broken and mean automation, by name of the chooser."""
    choosers = {"ours": lambda e: keep(PROMISE, e).threshold, "naive": naive, "MAPIE": by_mapie}
    tallies = {name: Tally(population) for name in ("ours", *peers)}
    for evidence in population.samples(judged, draws, seed=judged):
        for name, tally in tallies.items():
            tally.add(choosers[name](evidence))
    return {name: (t.broken / draws, t.automated / draws) for name, t in tallies.items()}


def show(words: str, judged: int, found: dict[str, tuple[float, float]]) -> None:
    cells = [f"{n} broken {b:.1%}, automates {a:.1%}" for n, (b, a) in found.items()]
    print(f"{words}, {judged} judged: " + "; ".join(cells))


@pytest.mark.parametrize("make", [honest, confident_but_wrong, barely_broken])
@pytest.mark.parametrize("judged", [300, 1000])
def test_a_promise_is_broken_as_rarely_as_it_says(make, judged) -> None:
    draws = 1_000
    found = campaign(make(), judged, draws)
    show(make.__name__, judged, found)
    assert found["ours"][0] <= two_errors_above(RISK, draws)


def test_it_automates_at_least_as_much_as_mapie_where_a_naive_threshold_breaks_it() -> None:
    found = campaign(honest(), 1000, 150, ["MAPIE", "naive"])
    show("honest", 1000, found)
    assert found["ours"][1] >= found["MAPIE"][1]
    assert found["naive"][0] > 0.3


@pytest.fixture(scope="session")
def banking() -> Population:
    """The keyless classifier on the test set of Banking77: 3,080 answers, all known."""
    folder = REAL / "banking77"
    if not folder.is_dir():
        pytest.skip(f"no real data in {REAL} (WORKBENCH_REAL_DATA)")
    from workbench.triage.classifier import fit

    train, test = (_rows(folder / f"{name}.csv") for name in ("train", "test"))
    classifier = fit(*train).classifier
    said = [classifier.predict(text) for text in test[0]]
    wrong = [label != true for (label, _), true in zip(said, test[1], strict=True)]
    return Population(np.array([sure for _, sure in said]), np.array(wrong))


def _rows(path: Path) -> tuple[list[str], list[str]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row["text"] for row in rows], [row["category"] for row in rows]


@pytest.mark.full
@pytest.mark.parametrize("judged", [300, 1000, 2000])
def test_on_banking77_it_is_kept_where_a_naive_threshold_breaks_it(
    banking: Population, judged: int
) -> None:
    draws = 1_000
    found = campaign(banking, judged, draws, ["MAPIE", "naive"])
    show("Banking77", judged, found)
    assert found["ours"][0] <= two_errors_above(RISK, draws)
    assert found["ours"][1] >= found["MAPIE"][1]
    assert found["naive"][0] >= 0.40


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_mapies_own_controller_comes_to_the_same_threshold() -> None:
    from mapie.risk_control import MultiClassificationLTTController
    from mapie.risk_control.risks import BinaryRisk

    population = honest()
    wrong_answers = BinaryRisk(
        risk_occurrence=lambda true, said: true != said,
        risk_condition=lambda true, said: ~np.isnan(said),
        higher_is_better=False,
    )
    for evidence in population.samples(1_000, 5):
        rest = (1 - evidence.confidence)[:, None] / 9
        chances = np.column_stack([evidence.confidence, np.repeat(rest, 9, axis=1)])
        controller = MultiClassificationLTTController(
            lambda chances: chances,
            [wrong_answers],
            [PROMISE.error],
            confidence_level=PROMISE.confidence,
            list_predict_params=np.array(GRID[1:60]),
            classes=list(range(10)),
            fwer_method="fixed_sequence",
        )
        controller.calibrate(chances, np.where(evidence.wrong, 1, 0))
        found = controller.valid_predict_params
        assert (min(found) if len(found) else None) == by_mapie(evidence)


def evidence_of(confidence: list[float], wrong: list[bool], scouts: int = 200) -> Evidence:
    return Evidence(
        confidence=np.array(confidence),
        wrong=np.array(wrong, dtype=bool),
        intents=np.full(len(wrong), "any"),
        scouts=np.resize(confidence or [0.5], scouts),
        contacts=len(confidence) + scouts,
    )


def test_the_bound_that_is_shown_is_the_test_that_passed() -> None:
    result = keep(PROMISE, evidence_of([0.9] * 400, [True] * 2 + [False] * 398))
    assert result.kept and result.threshold == 0.0
    assert result.upper_bound == clopper_pearson_upper(2, 400, 0.95) <= PROMISE.error
    assert "2 of 400 judged answers wrong, at most 1.57 %" in str(result)


def test_148_right_answers_prove_nothing_and_149_do() -> None:
    assert not keep(PROMISE, evidence_of([0.9] * 148, [False] * 148)).kept
    assert keep(PROMISE, evidence_of([0.9] * 149, [False] * 149)).kept


@pytest.mark.parametrize(
    ("judged", "wrong", "more", "likely"),
    [(100, 0, 49, 49), (100, 1, 136, None), (148, 0, 1, 1), (10, 10, 835, None)],
)
def test_what_is_missing_is_said_in_judgements(judged, wrong, more, likely) -> None:
    result = keep(PROMISE, evidence_of([0.9] * judged, [True] * wrong + [False] * (judged - wrong)))
    assert not result.kept
    assert result.label_more == more
    if likely is None and wrong / judged >= PROMISE.error:
        assert result.label_more_likely is None and "no number would do" in str(result)
    if likely is not None:
        assert abs(result.label_more_likely - likely) <= 1


@given(st.integers(0, 60), st.floats(0.005, 0.3), st.sampled_from([0.1, 0.05, 0.01]))
def test_the_fewest_judgements_are_the_fewest(wrong: int, error: float, risk: float) -> None:
    n = fewest_judged(wrong, error, risk)
    assert binom.cdf(wrong, n, error) <= risk < binom.cdf(wrong, n - 1, error)


def test_so_many_more_right_answers_do_indeed_keep_the_promise() -> None:
    wrong = [True] * 3 + [False] * 197
    missing = keep(PROMISE, evidence_of([0.9] * 200, wrong)).label_more
    assert missing
    assert keep(PROMISE, evidence_of([0.9] * (200 + missing), wrong + [False] * missing)).kept
    short = missing - 1
    assert not keep(PROMISE, evidence_of([0.9] * (200 + short), wrong + [False] * short)).kept


def test_several_promises_that_hold_together_are_each_tested_more_strictly() -> None:
    evidence = evidence_of([0.9] * 160, [False] * 160)
    promises = [Promise(error=0.02, intent=name) for name in ("a", "b", "c")]
    alone = keep_all(promises, [evidence] * 3)
    together = keep_all(promises, [evidence] * 3, together=True)
    assert alone.kept and not together.kept
    assert {round(r.tested_at, 4) for r in together.results} == {0.9833}


def test_together_means_that_hardly_ever_any_of_them_is_broken() -> None:
    population, draws = barely_broken(), 400
    broken = {True: 0, False: 0}
    samples = list(population.samples(300, 3 * draws))
    promises = [Promise(error=0.02, intent=name) for name in ("a", "b", "c")]
    for first in range(0, 3 * draws, 3):
        for together in broken:
            sampled = samples[first : first + 3]
            report = keep_all(promises, sampled, together=together)
            kept = [r.threshold for r in report.results if r.threshold is not None]
            broken[together] += any(population.error(t) > 0.02 for t in kept)
    shares = {"together": broken[True] / draws, "one by one": broken[False] / draws}
    print("any of three broken:", shares)
    assert broken[True] / draws <= two_errors_above(RISK, draws)


def test_no_contact_and_no_verdict_are_no_evidence() -> None:
    nothing = keep(PROMISE, evidence_of([], [], scouts=0))
    assert not nothing.kept and "no contact" in str(nothing)
    unseen = keep(PROMISE, evidence_of([], [], scouts=300))
    assert unseen.label_more == 149
    with pytest.raises(InputError, match="Judge 149 more answers"):
        unseen.given("Ana", None)


def test_a_rehearsal_shows_that_the_naive_threshold_breaks_what_the_guarantee_keeps() -> None:
    evidence = next(honest().samples(4_000, 1))
    promise = Promise(error=0.05)
    shown = rehearse(promise, evidence, judged=300, draws=200)
    print(f"\n{shown}")
    assert shown.naive_broken > 0.3
    assert shown.kept_broken <= two_errors_above(RISK, 200)
    assert shown == rehearse(promise, evidence, judged=300, draws=200)
    with pytest.raises(InputError, match="Nothing was judged"):
        rehearse(promise, evidence_of([], []), judged=300, draws=1)
