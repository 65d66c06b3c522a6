"""A shift of what customers want, or of how they say it, is found; quiet times raise no alarm."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from workbench.decide.promise import Promise
from workbench.measure.trust.evidence import Evidence
from workbench.measure.trust.guarantee import keep
from workbench.measure.trust.label_shift import Contacts, Mix, ShiftReport, compare, reweighted
from workbench.measure.trust.renewal import Basis, renew

INTENTS = np.array([f"intent_{number}" for number in range(8)])
USUAL = np.array([0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.04])
GROWN = np.array([0.18, 0.15, 0.12, 0.10, 0.09, 0.06, 0.06, 0.24])
"""The rarest intent has become as frequent as the most frequent one."""
THEN, NOW = 600, 300


def contacts(random: np.random.Generator, size: int, shares=USUAL, lower: float = 0.0) -> Contacts:
    """Contacts of a time; `lower` is how much confidence has fallen on two intents."""
    true = random.choice(len(INTENTS), size, p=shares / shares.sum())
    seen = np.where(random.random(size) < 0.1, random.integers(0, len(INTENTS), size), true)
    confidence = random.beta(6, 1, size) - lower * (seen < 2)
    labels = [str(INTENTS[n]) if random.random() < 0.5 else None for n in true]
    return Contacts(INTENTS[seen].tolist(), np.clip(confidence, 0, 1), labels)


def reports(count: int, **now) -> list[ShiftReport]:
    random = np.random.default_rng(4)
    return [
        compare(contacts(random, THEN), contacts(random, NOW, **now), seed=n) for n in range(count)
    ]


def test_quiet_times_raise_false_alarms_as_rarely_as_it_says() -> None:
    found = [report.found for report in reports(600)]
    share = sum(found) / len(found)
    print(f"\nfalse alarms of a shift: {share:.1%} of {len(found)}")
    assert share <= 0.05 + 2 * sqrt(0.05 * 0.95 / len(found))


@pytest.mark.parametrize(
    ("now", "which"),
    [({"shares": GROWN}, "mix_shifted"), ({"lower": 0.15}, "confidence_shifted")],
)
def test_a_shift_is_found(now, which) -> None:
    found = [getattr(report, which) for report in reports(100, **now)]
    share = sum(found) / len(found)
    print(f"\n{which} found: {share:.1%} of {len(found)}")
    assert share >= 0.95


def test_it_says_in_words_what_has_changed() -> None:
    report = reports(1, shares=GROWN)[0]
    assert report.mixes[0].intent == "intent_7"
    assert "do not hold any more" in str(report) and "intent_7" in str(report)
    assert "are still like" in str(reports(1)[0])


def test_the_true_mix_is_estimated_through_the_confusions() -> None:
    random = np.random.default_rng(5)
    report = compare(contacts(random, 20_000), contacts(random, 20_000, shares=GROWN))
    truly = {mix.intent: mix.truly_after for mix in report.mixes}
    wrong_by = max(abs(truly[name] - share) for name, share in zip(INTENTS, GROWN, strict=True))
    print(f"\nlargest error of an estimated share: {wrong_by:.3f}")
    assert wrong_by < 0.02


def test_without_contacts_since_there_is_no_shift_to_see() -> None:
    random = np.random.default_rng(6)
    report = compare(contacts(random, 100), contacts(random, 0))
    assert not report.found and report.p_mix == report.p_confidence == 1.0


ERRORS = np.array([0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.12])
"""The intent that grows is the one that often goes wrong."""


def answers(random: np.random.Generator, size: int, shares=USUAL) -> Evidence:
    intents = random.choice(len(INTENTS), size, p=shares / shares.sum())
    return Evidence(
        confidence=random.random(size),
        wrong=random.random(size) < ERRORS[intents],
        intents=INTENTS[intents],
        scouts=random.random(500),
        contacts=size + 500,
    )


def mixes() -> tuple[Mix, ...]:
    pairs = zip(INTENTS, USUAL / USUAL.sum(), GROWN / GROWN.sum(), strict=True)
    return tuple(Mix(intent=name, before=old, after=new) for name, old, new in pairs)


def shifted(**found: float) -> ShiftReport:
    quiet = {"p_mix": 1.0, "p_confidence": 1.0}
    return ShiftReport(before=1, after=1, mixes=mixes(), **(quiet | found))


def test_evidence_drawn_anew_has_the_new_mix_and_its_errors() -> None:
    random = np.random.default_rng(7)
    drawn = reweighted(answers(random, 50_000), mixes())
    share = (drawn.intents == "intent_7").mean()
    assert abs(share - GROWN[7] / GROWN.sum()) < 0.02
    assert abs(drawn.wrong.mean() - (ERRORS * GROWN).sum() / GROWN.sum()) < 0.005


def test_a_promise_from_before_a_shift_breaks_and_a_renewed_one_does_not() -> None:
    random, draws, promise = np.random.default_rng(8), 200, Promise(error=0.02)
    truth = (ERRORS * GROWN).sum() / GROWN.sum()
    assert truth > 0.02
    old = new = 0
    for _ in range(draws):
        before, after = answers(random, 2_000), answers(random, 0, GROWN)
        old += keep(promise, before).kept
        new += renew(promise, before, after, shifted(p_mix=0.001)).result.kept
    print(f"\nafter a shift: kept blindly {old / draws:.0%}, renewed wrongly {new / draws:.1%}")
    assert old / draws > 0.5
    assert new / draws <= 0.05 + 2 * sqrt(0.05 * 0.95 / draws)


@pytest.mark.parametrize(
    ("shift", "basis"),
    [
        (shifted(), Basis.ALL),
        (shifted(p_mix=0.001), Basis.REWEIGHTED),
        (shifted(p_confidence=0.001), Basis.NEW),
        (shifted(p_mix=0.001, p_confidence=0.001), Basis.NEW),
    ],
)
def test_what_still_counts_depends_on_what_has_shifted(shift, basis) -> None:
    random = np.random.default_rng(9)
    renewed = renew(Promise(error=0.1), answers(random, 400), answers(random, 100), shift)
    assert renewed.basis is basis
    assert str(renewed.basis) in str(renewed)


def test_an_intent_that_is_new_leaves_only_new_evidence() -> None:
    random = np.random.default_rng(10)
    shift = shifted(p_mix=0.001)
    new = Mix(intent="unheard_of", before=0.0, after=0.1)
    shift = shift.model_copy(update={"mixes": (*shift.mixes, new)})
    renewed = renew(Promise(error=0.1), answers(random, 400), answers(random, 100), shift)
    assert renewed.basis is Basis.NEW
