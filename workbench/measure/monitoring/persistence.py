"""Whether what was found is still there, judged by the latest week alone."""

from __future__ import annotations

import numpy as np

from workbench.measure.monitoring.amounts import mean_amount
from workbench.measure.monitoring.catalogue import catalogue
from workbench.measure.monitoring.examiner import Examiner
from workbench.measure.monitoring.readings import Ints
from workbench.measure.monitoring.seasons import expected_contacts
from workbench.measure.monitoring.symptom import Symptom


def persists(examiner: Examiner, symptom: Symptom, week: int, reference: Ints) -> bool:
    """Whether a week looks more like the symptom than like the usual, at the symptom's intents.

    An unfinished week ends nothing: two quiet days are no proof.
    """
    if 7 * (week + 1) > examiner.readings.days:
        return True
    found = _value(examiner, symptom, week, reference)
    if found is None:
        return False
    nearer = abs(found - symptom.now) < abs(found - symptom.usual)
    beyond = (found - symptom.now) * (symptom.now - symptom.usual) > 0
    return nearer or beyond


def _value(examiner: Examiner, symptom: Symptom, week: int, reference: Ints) -> float | None:
    """The week in the unit of the symptom; None where it cannot show it."""
    places = _places(examiner, symptom)
    if symptom.name == "volume":
        return _volume(examiner, symptom, week, reference)
    if symptom.name == "mix":
        arrived = examiner.arrivals[week]
        return float(arrived[places].sum() / max(arrived.sum(), 1))
    if symptom.name in catalogue().amounts and not symptom.chart:
        counts = examiner.amounts[symptom.name][week][places]
        return mean_amount(symptom.name, counts) if counts.sum() else None
    if symptom.name in catalogue().shares:
        hits, n = (part[places] for part in _week_of(examiner, symptom.name, week))
        return float(hits.sum() / n.sum()) if n.sum() else None
    return None


def _places(examiner: Examiner, symptom: Symptom) -> Ints:
    names = examiner.readings.intents
    chosen = [names.index(name) for name in symptom.intents] or list(range(len(names)))
    return np.array(chosen, dtype=np.int64)


def _week_of(examiner: Examiner, name: str, week: int) -> tuple[Ints, Ints]:
    """Hits and contacts per intent of the latest week that is known."""
    known = max(week - catalogue().shares[name].known, 0)
    hits, of = examiner.counts(name)
    return hits[known], of[known]


def _volume(examiner: Examiner, symptom: Symptom, week: int, reference: Ints) -> float:
    """Contacts of the week, scaled to what was expected when the symptom was found."""
    days = range(7 * week, 7 * week + 7)
    expected = expected_contacts(
        examiner.readings, days, examiner.days_of(reference), examiner.settings.hours
    )
    return float(examiner.arrivals[week].sum() / expected.mean * symptom.usual)
