"""Simulated histories, one thing wrong in each or nothing: is it named, and when, and only it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from simulated_service import FIRST, HOURS, WEEKS, Pool, Truth, simulate

from workbench.config import Settings
from workbench.measure.monitoring.readings import read
from workbench.measure.monitoring.watch import Episode, watch
from workbench.sample import generate_contacts

END = FIRST + timedelta(weeks=WEEKS)
SETTINGS = Settings(hours=HOURS)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    return Pool.of(generate_contacts(60_000, 11, tmp_path_factory.mktemp("pool")).path)


@dataclass
class Tally:
    """What became of a campaign."""

    histories: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    false_alarms: int = 0
    quiet_weeks: int = 0

    def add(self, seed: int, truth: Truth, episodes: tuple[Episode, ...]) -> None:
        name = truth.cause or "nothing"
        near = [one for one in episodes if truth.cause and _touches(one, truth)]
        first = max(near, key=lambda one: one.finding.score, default=None)
        if truth.cause:
            right = first is not None and _names(first, truth)
        else:
            right = not episodes
        self.histories[name] += 1
        self.right[name] += right
        self.false_alarms += len(episodes) - len(near)
        self.quiet_weeks += sum(_is_quiet(week, truth) for week in range(4, WEEKS))
        if not right:
            told = [(e.finding.cause.name, e.first_week) for e in episodes]
            self.wrong.append(f"{seed}: {truth} named {told}")

    @property
    def share(self) -> float:
        return self.right.total() / self.histories.total()

    def __str__(self) -> str:
        parts = [f"{name} {self.right[name]}/{n}" for name, n in sorted(self.histories.items())]
        return (
            f"right diagnosis (cause, week +-1) in {self.right.total()} of "
            f"{self.histories.total()} histories ({self.share:.1%}): {', '.join(parts)}; false "
            f"alarms in {self.quiet_weeks:,} quiet weeks: {self.false_alarms} "
            f"({self.false_alarms / self.quiet_weeks:.2%})"
        )


def _touches(episode: Episode, truth: Truth) -> bool:
    last = WEEKS if episode.last_week is None else episode.last_week
    return episode.first_week <= truth.last_week + 1 and last >= truth.first_week - 1


def _names(episode: Episode, truth: Truth) -> bool:
    right = episode.finding.cause.name == truth.cause
    return right and abs(episode.first_week - truth.first_week) <= 1


def _is_quiet(week: int, truth: Truth) -> bool:
    return not truth.cause or not truth.first_week <= week <= truth.last_week


Case = tuple[int, Truth, tuple[Episode, ...]]


def watched(pool: Pool, seeds: Iterable[int]) -> Iterator[Case]:
    """What is true of each history, and what the monitor says."""
    for seed in seeds:
        connection, truth = simulate(pool, seed)
        readings = read(connection, END)
        assert readings is not None
        yield seed, truth, watch(readings, SETTINGS).episodes


def tallied(cases: Iterable[Case]) -> Tally:
    tally = Tally()
    for case in cases:
        tally.add(*case)
    return tally


@pytest.fixture(scope="module")
def twenty(pool: Pool) -> list[Case]:
    return list(watched(pool, range(20)))


def test_twenty_histories_are_diagnosed_rightly(twenty: list[Case], capsys) -> None:
    tally = tallied(twenty)
    with capsys.disabled():
        print(f"\n{tally}")
    assert tally.share >= 0.95, tally.wrong
    assert tally.false_alarms <= 1


def test_word_and_intents_of_a_drift_are_named(twenty: list[Case]) -> None:
    """The new word leads in every case; of the intents named, hardly one is innocent."""
    named = innocent = 0
    for _, truth, episodes in twenty:
        for one in episodes if truth.cause == "model_unsure" else ():
            terms = next((s.terms for s in one.finding.symptoms if s.terms), ())
            assert truth.word in terms[0].term, (truth, terms)
            named += len(one.finding.intents)
            innocent += len(set(one.finding.intents) - set(truth.intents))
    assert named >= 6
    assert innocent <= 0.1 * named


@pytest.mark.full
def test_two_hundred_histories_are_diagnosed_rightly(pool: Pool, capsys) -> None:
    tally = tallied(watched(pool, range(200)))
    with capsys.disabled():
        print(f"\n{tally}", *tally.wrong, sep="\n")
    assert tally.share >= 0.95, tally.wrong
    assert tally.false_alarms <= 0.01 * tally.quiet_weeks
