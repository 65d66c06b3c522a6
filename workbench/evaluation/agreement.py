"""How far a judge can be trusted: its agreement with people on the same cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import sqrt
from typing import Any

from workbench.errors import InputError
from workbench.measure.intervals import Interval, wilson, z_score
from workbench.records.base import Record

STRONG_ENOUGH = 0.6
"""Least kappa of a judge that may stand in for a person; "substantial agreement" begins here:
Landis & Koch, Biometrics 33 (1977) 159-174."""
ENOUGH_CASES = 50
"""Below, the interval of kappa is too wide to say much."""


class Agreement(Record):
    """Two columns of judgements held against each other."""

    cases: int
    """Judged by both."""
    only_judge: int
    only_people: int
    agree: float
    """Share of cases on which both say the same."""
    agree_low: float
    agree_high: float
    kappa: float | None
    """Agreement beyond chance, at most 1; None when both always say the same one thing."""
    kappa_low: float | None
    kappa_high: float | None
    confusion: dict[str, dict[str, int]]
    """What people said -> what the judge said -> cases."""
    warning: str = ""
    """Why the judge must not be used; empty when it may."""

    def to_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    def __str__(self) -> str:
        from workbench.evaluation.tables import agreement_text

        return agreement_text(self)


def agreement(
    judge: Mapping[str, str], people: Mapping[str, str], confidence: float = 0.95
) -> Agreement:
    """Raw agreement and Cohen's kappa of two columns of judgements, by case id.

    Raises `InputError` when no case has been judged by both.
    """
    both = [name for name in people if name in judge]
    if not both:
        raise InputError(
            f"The judge knows {len(judge):,} cases and people know {len(people):,}, none of both",
            expected="judgements of the same cases, by the same ids",
        )
    pairs = Counter((people[name], judge[name]) for name in both)
    agree = sum(n for (a, b), n in pairs.items() if a == b) / len(both)
    share = wilson(agree, len(both), confidence)
    kappa, interval = cohen_kappa(pairs, confidence)
    return Agreement(
        cases=len(both),
        only_judge=len(judge) - len(both),
        only_people=len(people) - len(both),
        agree=agree,
        agree_low=share.low,
        agree_high=share.high,
        kappa=kappa,
        kappa_low=interval.low if interval else None,
        kappa_high=interval.high if interval else None,
        confusion=_table(pairs),
        warning=_warning(kappa, len(both)),
    )


def cohen_kappa(
    pairs: Mapping[tuple[str, str], int], confidence: float = 0.95
) -> tuple[float | None, Interval | None]:
    """Agreement beyond chance of two raters, from counts of their pairs of labels.

    Cohen, Educational and Psychological Measurement 20 (1960) 37-46; the interval by the
    large-sample variance of Fleiss, Cohen & Everitt, Psychological Bulletin 72 (1969) 323-327.
    None when chance alone makes them agree always.
    """
    n = sum(pairs.values())
    first, second = Counter[str](), Counter[str]()
    for (a, b), count in pairs.items():
        first[a] += count
        second[b] += count
    agree = sum(count for (a, b), count in pairs.items() if a == b) / n
    chance = sum(first[label] * second[label] for label in first) / n**2
    if chance >= 1:
        return None, None
    kappa = (agree - chance) / (1 - chance)
    variance = _variance(pairs, first, second, agree, chance)
    half = z_score(confidence) * sqrt(max(variance, 0.0))
    return kappa, Interval(max(-1.0, kappa - half), min(1.0, kappa + half))


def _variance(
    pairs: Mapping[tuple[str, str], int],
    first: Mapping[str, int],
    second: Mapping[str, int],
    agree: float,
    chance: float,
) -> float:
    """Equation 13 of Fleiss, Cohen & Everitt."""
    n = sum(pairs.values())
    kappa = (agree - chance) / (1 - chance)
    same = sum(
        count / n * (1 - (first[a] + second[a]) / n * (1 - kappa)) ** 2
        for (a, b), count in pairs.items()
        if a == b
    )
    other = (1 - kappa) ** 2 * sum(
        count / n * ((second[a] + first[b]) / n) ** 2 for (a, b), count in pairs.items() if a != b
    )
    rest = (kappa - chance * (1 - kappa)) ** 2
    return (same + other - rest) / (n * (1 - chance) ** 2)


def _table(pairs: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    labels = sorted({label for pair in pairs for label in pair})
    return {said: {other: pairs.get((said, other), 0) for other in labels} for said in labels}


def _warning(kappa: float | None, cases: int) -> str:
    if kappa is None:
        return "Both always say the same one thing: nothing can be said about the judge."
    if kappa < STRONG_ENOUGH:
        return (
            f"Kappa {kappa:.2f} is below {STRONG_ENOUGH}: the judge does not see what people see. "
            "Do not let it stand in for them."
        )
    if cases < ENOUGH_CASES:
        return f"Only {cases} cases: ask people about {ENOUGH_CASES} before you rely on the judge."
    return ""
