"""From a promise to the lowest threshold that keeps it, with a guarantee for finite samples.

Learn then test (Angelopoulos, Bates, Candes, Jordan & Lei 2021, arXiv 2110.01052): each threshold
t stands for the hypothesis "more than `error` of the answers at or above t are wrong". Given how
many judged answers lie above t, the wrong ones among them are binomial, so its exact p-value is
P(Bin(n, error) <= wrong), and p <= 1 - confidence is the same as saying that the Clopper-Pearson
upper bound is at most `error`.

Many thresholds are looked at. They are tested in a fixed sequence, from strict to loose, until the
first that fails (Bauer, Statistics in Medicine 10 (1991) 871-890): each at the full level, and yet
the chance that any threshold passes that should not is at most 1 - confidence, whatever the
shape of the errors. The sequence is fixed by the grid of confidences and by contacts that nobody
judged: it starts at the strictest threshold that a fifth of those reach and above which enough
judged answers are to be expected, so that a handful of them does not end it before it begins.

A look is one statement. Judging some more answers and looking again until it works is not covered;
promise again on answers that were judged since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil, log
from typing import TYPE_CHECKING, Any

from workbench.decide.promise import GivenPromise, Promise, PromiseEvidence
from workbench.errors import InputError
from workbench.measure.intervals import clopper_pearson_upper
from workbench.measure.trust.evidence import Evidence
from workbench.records.base import Record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRID = tuple(step / 100 for step in range(100, -1, -1))
"""Thresholds that are tested, from strict to loose."""
_LIKELY = 0.5
"""Chance of enough judged answers that the first threshold must have."""
_FLOOR = 0.2
"""Share of the contacts that it must cover: on a handful one mistake by chance ends the search."""
_MOST = 1_000_000
"""Judgements beyond which asking for more is no advice."""


class PromiseResult(Record):
    """What came of a promise: a threshold, or what is missing."""

    promise: Promise
    tested_at: float
    """Confidence of its own tests: that of the promise, or more when several hold together."""
    threshold: float | None
    """The lowest that keeps the promise; None when there is not enough evidence."""
    judged: int
    """Judged answers at or above the threshold; without one, all of them."""
    wrong: int
    upper_bound: float
    """Of the share wrong at the threshold, at confidence `tested_at`; exact."""
    automated: float | None
    """Share of the scope's contacts at or above the threshold; None without contacts."""
    contacts: int
    """Contacts in scope, judged or not."""
    start: float | None
    """Where the sequence began; None when no threshold has enough to hope for."""
    label_more: int | None = None
    """Fewest further judgements, all of them right, that would do; None when kept."""
    label_more_likely: int | None = None
    """The same at the share wrong so far; None when kept, and when no number would do."""
    label_from: float | None = None
    """Answers of at least this confidence are to be judged."""
    digest: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def kept(self) -> bool:
        return self.threshold is not None

    @property
    def words(self) -> str:
        """The threshold and its evidence, or what is missing."""
        return _kept(self) if self.kept else _missing(self)

    def given(self, owner: str, since: date) -> GivenPromise:
        """The entry for the policy file. Raises `InputError` when there is no threshold."""
        if self.threshold is None or self.since is None or self.until is None:
            raise InputError(
                f"Nothing keeps the promise about {self.promise.subject} yet",
                next_step=f"Judge {self.label_more} more answers.",
            )
        evidence = PromiseEvidence(
            judged=self.judged,
            wrong=self.wrong,
            digest=self.digest,
            since=self.since,
            until=self.until,
        )
        told = self.promise.model_dump()
        return GivenPromise(
            **told | {"threshold": self.threshold, "evidence": evidence},
            owner=owner,
            since=since,
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON values only."""
        return self.model_dump(mode="json") | {"kept": self.kept, "text": str(self)}

    def __str__(self) -> str:
        return f"{self.promise}\n  {self.words}"


class PromiseReport(Record):
    """Several promises, and whether they hold one by one or all together."""

    results: tuple[PromiseResult, ...]
    together: bool = False

    @property
    def kept(self) -> bool:
        """Whether every one has its threshold."""
        return all(result.kept for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        rows = [result.to_dict() for result in self.results]
        return {"kept": self.kept, "together": self.together, "promises": rows}

    def __str__(self) -> str:
        how = "All of these hold at once." if self.together else "Each is a statement of its own."
        lines = [str(result) for result in self.results]
        return "\n".join([*lines, *([how] if len(lines) > 1 else [])])


def keep(promise: Promise, evidence: Evidence, *, share: float = 1.0) -> PromiseResult:
    """The lowest threshold for which the promise holds, or what is missing for one.

    Args:
        share: of the risk 1 - confidence that this promise may use up.
    """
    risk = (1 - promise.confidence) * share
    judged, wrong = _counts(evidence)
    start = _start(evidence, promise.error, risk)
    chosen = _last_passed(judged, wrong, start, promise.error, risk)
    found = _found(promise, evidence, 1 - risk, chosen, start)
    if chosen is not None:
        return found
    return found.model_copy(update=_wanted(evidence, start, promise.error, risk))


def keep_all(
    promises: Sequence[Promise], evidence: Sequence[Evidence], *, together: bool = False
) -> PromiseReport:
    """Thresholds for several promises.

    Each is a statement of its own, at its own confidence. With `together` the statement is that all
    of them hold: each gets an equal part of the risk (Bonferroni).
    """
    share = 1 / len(promises) if together and promises else 1.0
    pairs = zip(promises, evidence, strict=True)
    results = tuple(keep(promise, one, share=share) for promise, one in pairs)
    return PromiseReport(results=results, together=together)


def _counts(evidence: Evidence) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Judged answers at or above each threshold of the grid, and the wrong ones among them."""
    return _above(evidence.confidence), _above(evidence.confidence[evidence.wrong])


def _above(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many reach each threshold of the grid."""
    import numpy as np

    below = np.searchsorted(np.sort(values), GRID, side="left")
    return np.asarray(len(values) - below, dtype=np.int64)


def _start(evidence: Evidence, error: float, risk: float) -> int | None:
    """Step of the grid where enough judged answers are to be expected."""
    import numpy as np
    from scipy.special import bdtrc

    if not len(evidence.scouts):
        return None
    share = _above(evidence.scouts) / len(evidence.scouts)
    fewest = ceil(log(risk) / log(1 - error))
    total = len(evidence.confidence)
    chance = bdtrc(fewest - 1, total, share) if total >= fewest else np.zeros(len(GRID))
    likely = np.flatnonzero((chance >= _LIKELY) & (share >= _FLOOR))
    return int(likely[0]) if len(likely) else None


def _last_passed(
    judged: NDArray[np.int64],
    wrong: NDArray[np.int64],
    start: int | None,
    error: float,
    risk: float,
) -> int | None:
    """The loosest step that the sequence reaches without a failure."""
    import numpy as np
    from scipy.special import bdtr

    if start is None:
        return None
    p_values = np.where(judged > 0, bdtr(wrong, np.maximum(judged, 1), error), 1.0)[start:]
    failed = np.flatnonzero(p_values > risk)
    passed = int(failed[0]) if len(failed) else len(p_values)
    return start + passed - 1 if passed else None


def _found(
    promise: Promise, evidence: Evidence, tested_at: float, chosen: int | None, start: int | None
) -> PromiseResult:
    threshold = None if chosen is None else GRID[chosen]
    judged, wrong = evidence.at(0.0 if threshold is None else threshold)
    return PromiseResult(
        promise=promise,
        tested_at=tested_at,
        threshold=threshold,
        judged=judged,
        wrong=wrong,
        upper_bound=clopper_pearson_upper(wrong, judged, tested_at),
        automated=None if threshold is None else evidence.share(threshold),
        contacts=evidence.contacts,
        start=None if start is None else GRID[start],
        digest=evidence.digest,
        since=evidence.since,
        until=evidence.until,
    )


def fewest_judged(wrong: int, error: float, risk: float) -> int:
    """How many answers must be judged, `wrong` of them wrong, to prove at most `error` wrong."""
    from scipy.special import bdtr

    low, high = wrong, wrong + 1
    while bdtr(wrong, high, error) > risk:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bdtr(wrong, middle, error) <= risk else (middle, high)
    return high


def _wanted(
    evidence: Evidence, start: int | None, error: float, risk: float
) -> dict[str, float | int | None]:
    """How many further judgements would let the sequence begin, and above which confidence."""
    threshold = GRID[start] if start is not None else _upper_half(evidence)
    judged, wrong = evidence.at(threshold)
    return {
        "label_more": max(fewest_judged(wrong, error, risk) - judged, 1),
        "label_more_likely": _likely_wanted(judged, wrong, error, risk),
        "label_from": threshold,
    }


def _upper_half(evidence: Evidence) -> float:
    """The strictest threshold that at least half of the contacts reach."""
    return next((step for step in GRID if (evidence.share(step) or 0) >= 0.5), GRID[-1])


def _likely_wanted(judged: int, wrong: int, error: float, risk: float) -> int | None:
    """Further judgements when as many go wrong as so far; None when no number would do."""
    import numpy as np
    from scipy.special import bdtr

    rate = wrong / judged if judged else 0.0
    if rate >= error:
        return None
    totals = np.unique(np.geomspace(max(judged, 1), _MOST, 2_000).astype(np.int64))
    enough = np.flatnonzero(bdtr(np.ceil(totals * rate), totals, error) <= risk)
    return int(max(totals[enough[0]] - judged, 1)) if len(enough) else None


def _kept(result: PromiseResult) -> str:
    automated = f"{(result.automated or 0) * 100:.1f} %"
    return (
        f"threshold {result.threshold:g}: {result.wrong} of {result.judged:,} judged answers "
        f"wrong, at most {result.upper_bound * 100:.2f} %; {automated} of {result.contacts:,} "
        "contacts at or above it"
    )


def _missing(result: PromiseResult) -> str:
    if not result.contacts:
        return "no contact of history is about this"
    text = (
        f"not enough evidence ({result.wrong} of {result.judged:,} judged answers wrong): label "
        f"{result.label_more:,} more of confidence {result.label_from:g} and above if all are right"
    )
    if result.label_more_likely is None:
        return f"{text}; at the share wrong so far no number would do"
    return f"{text}, {result.label_more_likely:,} at the share wrong so far"
