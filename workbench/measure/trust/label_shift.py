"""Whether customers still want what they wanted when the evidence was judged.

A promise holds for contacts like those that were judged. When other intents come in (label shift),
or confidence falls within the intents that came before (new wording), it is void. Both are tested
exactly: contacts of both times are dealt out anew, many times, and the real difference is compared
with those by chance (Phipson & Smyth, SAGMB 9 (2010) article 39). The risk of a false alarm is
split evenly between the two tests.

Which intents customers truly had is estimated by black-box shift estimation (Lipton, Wang & Smola
2018, arXiv 1802.03916): recognised intents of the new time, solved through the confusion matrix of
the labelled contacts of the old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workbench.measure.sums import Scope, contacts_source, last_known_time
from workbench.measure.trust.evidence import Evidence
from workbench.records.base import Record

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

FALSE_ALARMS = 0.05
LATELY = timedelta(days=28)
"""Contacts this new are compared with the older ones when nobody names a day."""
_DRAWS = 499
_STEPS = 20
"""Steps of confidence that are told apart."""
_NAMED = 3
"""Intents that are named in words."""


@dataclass(frozen=True)
class Contacts:
    """The recognised intents and confidences of one time."""

    intents: Sequence[str]
    confidence: NDArray[np.float64]
    true_intents: Sequence[str | None]
    """Labels of people, where there are any."""


class Mix(Record):
    """One intent then and now."""

    intent: str
    before: float
    """Share of contacts recognised as it, 0-1."""
    after: float
    truly_after: float | None = None
    """Estimated share of contacts that truly had it; None without labels."""


class ShiftReport(Record):
    """What has changed since the evidence."""

    before: int
    """Contacts of the evidence's time."""
    after: int
    p_mix: float
    """How likely so large a change of intents is by chance."""
    p_confidence: float
    """The same for confidence within intents."""
    mixes: tuple[Mix, ...]
    """The intents, by how much they changed."""
    false_alarms: float = FALSE_ALARMS

    @property
    def mix_shifted(self) -> bool:
        return self.p_mix <= self.false_alarms / 2

    @property
    def confidence_shifted(self) -> bool:
        return self.p_confidence <= self.false_alarms / 2

    @property
    def found(self) -> bool:
        return self.mix_shifted or self.confidence_shifted

    def to_dict(self) -> dict[str, Any]:
        found = ("mix_shifted", "confidence_shifted")
        told = {name: getattr(self, name) for name in found}
        return self.model_dump(mode="json") | told | {"text": str(self)}

    def __str__(self) -> str:
        return f"{_verdict(self)} ({self.before:,} contacts then, {self.after:,} since.)"


def compare(
    before: Contacts, after: Contacts, *, false_alarms: float = FALSE_ALARMS, seed: int = 0
) -> ShiftReport:
    """Test for a shift between two times; without contacts in either there is none to see."""
    import numpy as np

    names = sorted({*before.intents, *after.intents})
    old, new = _table(before, names), _table(after, names)
    random = np.random.default_rng(seed)
    return ShiftReport(
        before=len(before.intents),
        after=len(after.intents),
        p_mix=_mix_by_chance(old.sum(1), new.sum(1), random),
        p_confidence=_confidence_by_chance(old, new, random),
        mixes=_mixes(names, before, after),
        false_alarms=false_alarms,
    )


def contacts_of(connection: DuckDBPyConnection, scope: Scope) -> Contacts:
    """The contacts in scope of which triage said anything."""
    import numpy as np

    condition, values = scope.sql()
    source = contacts_source(connection, last_known_time(connection))
    rows = connection.sql(
        f"""
        SELECT intent, confidence, true_intent FROM {source.sql}
        WHERE {condition} AND intent IS NOT NULL AND confidence IS NOT NULL
        ORDER BY contact_id
        """,
        params=values,
    ).to_arrow_table()
    columns = rows.to_pydict()
    confidence = np.array(columns["confidence"], dtype=float)
    return Contacts(columns["intent"], confidence, columns["true_intent"])


def reweighted(evidence: Evidence, mixes: Sequence[Mix], *, seed: int = 0) -> Evidence:
    """The evidence as it would be under the new mix of recognised intents.

    Each judged answer stays with a probability in proportion to how much its intent grew, so those
    that stay are a plain sample of the new mix and the exact test applies to them (rejection
    sampling; Park, Dobriban, Lee & Bastani 2022, arXiv 2106.09848). It takes for granted that
    within an intent nothing changed: use it only while confidence has not shifted.
    """
    import numpy as np

    growth = {mix.intent: mix.after / mix.before if mix.before else 0.0 for mix in mixes}
    weights = np.array([growth.get(intent, 0.0) for intent in evidence.intents])
    most = max(growth.values(), default=0.0) or 1.0
    stays = np.random.default_rng(seed).random(len(weights)) < weights / most
    return evidence.only(stays)


def _table(contacts: Contacts, names: Sequence[str]) -> Counts:
    """Contacts by intent and step of confidence."""
    import numpy as np

    rows = np.searchsorted(names, contacts.intents)
    steps = np.minimum((contacts.confidence * _STEPS).astype(np.int64), _STEPS - 1)
    table = np.zeros((len(names), _STEPS), dtype=np.int64)
    np.add.at(table, (rows, steps), 1)
    return table


def _mix_by_chance(before: Counts, after: Counts, random: np.random.Generator) -> float:
    """Chance of a chi-square statistic at least as large when both times are one."""
    total = before + after
    if not before.sum() or not after.sum():
        return 1.0
    dealt = random.multivariate_hypergeometric(total, int(after.sum()), size=_DRAWS)
    expected = total * (after.sum() / total.sum())
    known = total > 0
    drawn = ((dealt - expected)[:, known] ** 2 / expected[known]).sum(1)
    real = ((after - expected)[known] ** 2 / expected[known]).sum()
    return _chance(drawn, real)


def _confidence_by_chance(before: Counts, after: Counts, random: np.random.Generator) -> float:
    """Chance of as large a change of mean confidence within intents when both times are one."""
    import numpy as np

    drawn, real = np.zeros(_DRAWS), 0.0
    steps = np.arange(_STEPS)
    for old, new in zip(before, after, strict=True):
        total, size = old + new, int(new.sum())
        mean = (total * steps).sum() / max(total.sum(), 1)
        spread = (total * (steps - mean) ** 2).sum() / max(total.sum(), 1)
        if not size or not old.sum() or not spread:
            continue
        dealt = random.multivariate_hypergeometric(total, size, size=_DRAWS)
        scale = spread * size * old.sum() / total.sum()
        drawn += ((dealt @ steps) - size * mean) ** 2 / scale
        real += ((new @ steps) - size * mean) ** 2 / scale
    return _chance(drawn, real)


def _chance(drawn: NDArray[np.float64], real: float) -> float:
    """The p-value, exact because the real difference counts as one of the draws."""
    return float((1 + (drawn >= real * (1 - 1e-12)).sum()) / (1 + len(drawn)))


def _mixes(names: Sequence[str], before: Contacts, after: Contacts) -> tuple[Mix, ...]:
    import numpy as np

    old, new = (
        np.array([list(one.intents).count(name) for name in names]) / max(len(one.intents), 1)
        for one in (before, after)
    )
    truly = _truly(names, before, new)
    mixes = [
        Mix(intent=name, before=o, after=n, truly_after=truly.get(name))
        for name, o, n in zip(names, old.tolist(), new.tolist(), strict=True)
    ]
    return tuple(sorted(mixes, key=lambda mix: -abs(mix.after - mix.before)))


def _truly(
    names: Sequence[str], before: Contacts, recognised: NDArray[np.float64]
) -> Mapping[str, float]:
    """Shares of true intents that would give the recognised ones; empty without labels."""
    import numpy as np
    from scipy.optimize import nnls

    place = {name: number for number, name in enumerate(names)}
    confusion = np.zeros((len(names), len(names)))
    for seen, true in zip(before.intents, before.true_intents, strict=True):
        if true in place:
            confusion[place[seen], place[true]] += 1
    labelled = confusion.sum(0)
    if not labelled.any():
        return {}
    shares, _ = nnls(confusion / np.maximum(labelled, 1), recognised)
    return dict(zip(names, (shares / (shares.sum() or 1)).tolist(), strict=True))


def _verdict(report: ShiftReport) -> str:
    if not report.found:
        return "Nothing speaks against it that contacts are still like those of the evidence."
    parts = []
    if report.mix_shifted:
        changed = ", ".join(
            f"{mix.intent} {mix.before:.1%} to {mix.after:.1%}".replace("%", " %")
            for mix in report.mixes[:_NAMED]
        )
        parts.append(f"customers come for other things ({changed})")
    if report.confidence_shifted:
        parts.append("confidence has changed within intents, as with words that are new")
    return f"Promises from before do not hold any more: {' and '.join(parts)}."
