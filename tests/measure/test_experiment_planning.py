"""A plan says how long an experiment takes, and simulations of it agree."""

from __future__ import annotations

import numpy as np
import pytest
from streams import shares

from workbench.measure.experiments.observations import Counted, Observations
from workbench.measure.experiments.planning import (
    LONGEST,
    Plan,
    Traffic,
    contacts_for,
    days_for,
    need,
    smallest_effect,
    traffic_of,
)
from workbench.measure.experiments.sequences import difference


@pytest.mark.parametrize(
    ("control", "arm", "expected"),
    [(0.10, 0.12, 3838), (0.50, 0.60, 385), (0.65, 0.85, 69)],
)
def test_one_look_needs_what_the_textbook_says(control: float, arm: float, expected: int) -> None:
    # n = (1.96 + 0.8416)^2 (p1 q1 + p2 q2) / (p1 - p2)^2, worked out by hand.
    mean_variance = (control * (1 - control) + arm * (1 - arm)) / 2
    n = contacts_for(need().fixed, arm - control, mean_variance)
    assert n == pytest.approx(expected, rel=0.01)


def test_looking_every_day_costs_contacts_but_most_experiments_end_earlier_than_planned() -> None:
    needed = need()
    print(
        f"\none look {needed.fixed:.2f}, by 80 % {needed.sequential:.2f}, mean {needed.typical:.2f}"
    )
    assert needed.fixed < needed.typical < needed.sequential < 2 * needed.fixed
    assert need(0.025).sequential > needed.sequential
    assert need(0.05, 0.9).sequential > needed.sequential


def test_simulated_experiments_end_when_the_plan_says() -> None:
    effect, variance = 0.1, (0.3 * 0.7 + 0.4 * 0.6) / 2
    planned = 2 * contacts_for(need().sequential, effect, variance)
    typical = 2 * contacts_for(need().typical, effect, variance)
    ends = np.array([_ends_after(shares(np.random.default_rng([13, r]), 4000, 0.3, 0.4))
                     for r in range(400)])  # fmt: skip
    by_plan, mean = (ends <= planned).mean(), ends.mean()
    print(f"\nplanned {planned:.0f} contacts for 80 %: {by_plan:.0%} had ended; mean {mean:.0f} "
          f"(plan {typical:.0f})")  # fmt: skip
    assert by_plan == pytest.approx(0.8, abs=0.06)
    assert mean == pytest.approx(typical, rel=0.1)


def _ends_after(seen: Observations) -> int:
    low = difference(seen, 0.1, 0.05, share=True).low
    return int(np.argmax(low > 0)) + 1 if (low > 0).any() else len(low)


TRAFFIC = Traffic(days=28, per_day=40.0, customers=100, value=0.3, variance=0.21)


def test_half_the_share_takes_twice_the_days_and_a_smaller_effect_far_more() -> None:
    days = days_for(12.0, 0.1, TRAFFIC, 1.0, 2)
    assert days_for(12.0, 0.1, TRAFFIC, 0.5, 2) == pytest.approx(2 * days)
    assert days_for(12.0, 0.05, TRAFFIC, 1.0, 2) == pytest.approx(4 * days)
    assert days_for(12.0, 0.1, TRAFFIC, 1.0, 3) == pytest.approx(1.5 * days)


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_the_smallest_effect_of_sixty_days_takes_sixty_days(share: float) -> None:
    effect = smallest_effect(need().sequential, LONGEST, TRAFFIC, share, 2)
    assert days_for(need().sequential, effect, TRAFFIC, share, 2) == pytest.approx(LONGEST)


def test_traffic_is_the_metric_its_spread_and_its_contacts_per_day() -> None:
    rng = np.random.default_rng(14)
    value = rng.normal(300, 50, 2000)
    seen = Counted(
        customer_id=np.arange(2000).astype(str),
        arm=np.full(2000, ""),
        numerator=value,
        denominator=np.ones(2000),
        day=np.zeros(2000, dtype="datetime64[D]"),
    )
    traffic = traffic_of(seen, 20, 1.0)
    assert traffic is not None
    assert (traffic.per_day, traffic.customers) == (100.0, 2000)
    assert traffic.value == pytest.approx(value.mean())
    assert traffic.variance == pytest.approx(value.var(ddof=1))


def plan(days: float) -> Plan:
    return Plan(
        name="ask-less", metric="solved", title="Solved", unit="share", currency="EUR",
        value=0.7, effect=0.05, per_day=12.5, arms=2, n_fixed=900, n_sequential=1400,
        days_fixed=days * 0.6, days_sequential=days, days_typical=days * 0.7,
        smallest_in_time=0.082, confidence=0.95, history_days=28, history_customers=80,
    )  # fmt: skip


def test_a_plan_within_sixty_days_says_how_long_with_and_without_looking() -> None:
    words = plan(days=40).words
    assert "about 28 days" in words and "80 % of such experiments are done after 40 days" in words
    assert "One look at the end would need 24 days (900 per arm)" in words


def test_a_plan_out_of_reach_says_what_can_be_seen_instead() -> None:
    words = plan(days=140).words
    assert "Not reachable in 60 days with 12.5 contacts a day" in words
    assert "The smallest effect you can see in 60 days is 8.2 points." in words
