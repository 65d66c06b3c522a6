"""The same customer always gets the same arm; experiments deal customers independently."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from workbench.decide.assignment import BUCKETS, arm_of, bucket, takes_part
from workbench.records.experiments import Arm, Experiment, Goal

CUSTOMERS = [f"C-{number}" for number in range(1, 20_001)]


def experiment(name: str = "ask-less", arms: int = 2, **given: object) -> Experiment:
    challengers = [Arm(name=f"arm-{n}", settings={"confidence": 0.5}) for n in range(1, arms)]
    return Experiment.model_validate(
        {
            "name": name,
            "hypothesis": "Less asking, same quality.",
            "owner": "Ana",
            "kind": "ab",
            "arms": (Arm(name="control"), *challengers),
            "primary": Goal(metric="solved", direction="up", smallest_effect=0.05),
            **given,
        }
    )


def dealt(one: Experiment) -> list[str]:
    return [arm.name if (arm := arm_of(one, customer)) else "" for customer in CUSTOMERS]


@pytest.mark.parametrize("arms", [2, 3, 5])
def test_arms_are_balanced(arms: int) -> None:
    counts = [dealt(experiment(arms=arms)).count(arm.name) for arm in experiment(arms=arms).arms]
    p = chisquare(counts).pvalue
    print(f"\n{arms} arms, 20,000 customers: {counts}, chi-square p = {p:.2f}")
    assert sum(counts) == len(CUSTOMERS)
    assert p > 0.001


def test_buckets_are_uniform() -> None:
    counts = [0] * 100
    for customer in CUSTOMERS:
        counts[bucket(experiment(), customer, "arm") * 100 // BUCKETS] += 1
    assert chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize(
    ("customer", "purpose", "expected"),
    [("C-1001", "enrol", 2579), ("C-1001", "arm", 4412), ("Müller", "arm", 9240)],
)
def test_a_bucket_is_the_same_on_every_machine(customer: str, purpose: str, expected: int) -> None:
    # Expected: printf 'arm\x1f\x1fask-less\x1fC-1001' | sha256sum, first 16 digits modulo 10,000.
    assert bucket(experiment(), customer, purpose) == expected


def test_another_process_deals_the_same(tmp_path: object) -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "from test_assignment import dealt, experiment; print(','.join(dealt(experiment())))",
        ],
        cwd=__file__.rpartition("/")[0],
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip().split(",") == dealt(experiment())


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.text(min_size=1))
def test_a_growing_share_adds_customers_and_moves_none(a: float, b: float, customer: str) -> None:
    small, large = (experiment(share=share) for share in sorted((a, b)))
    if takes_part(small, customer):
        assert takes_part(large, customer)
        assert arm_of(small, customer) == arm_of(large, customer)


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_the_share_of_customers_that_take_part_is_the_share(share: float) -> None:
    inside = sum(takes_part(experiment(share=share), customer) for customer in CUSTOMERS)
    assert inside / len(CUSTOMERS) == pytest.approx(share, abs=0.011)


@pytest.mark.parametrize("other", [experiment("ask-more"), experiment(salt="again")])
def test_two_experiments_deal_customers_independently(other: Experiment) -> None:
    both = list(zip(dealt(experiment()), dealt(other), strict=True))
    names = ("control", "arm-1")
    table = [[both.count((a, b)) for b in names] for a in names]
    p = chi2_contingency(table).pvalue
    print(f"\n{table}, independence p = {p:.2f}")
    assert p > 0.001


def test_taking_part_says_nothing_about_the_arm() -> None:
    half, whole = experiment(share=0.5), dealt(experiment())
    inside = [takes_part(half, customer) for customer in CUSTOMERS]
    names = ("control", "arm-1")
    pairs = list(zip(inside, whole, strict=True))
    table = [[pairs.count((i, a)) for a in names] for i in (True, False)]
    assert chi2_contingency(table).pvalue > 0.001
