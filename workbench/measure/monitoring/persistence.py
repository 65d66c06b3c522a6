"""Whether what was found is still there, judged by the latest week alone."""

from __future__ import annotations

import numpy as np

from workbench.measure.monitoring import compare
from workbench.measure.monitoring.catalogue import catalogue
from workbench.measure.monitoring.compare import Floats
from workbench.measure.monitoring.examiner import Examiner
from workbench.measure.monitoring.readings import Ints
from workbench.measure.monitoring.seasons import expected_contacts
from workbench.measure.monitoring.symptom import Symptom

_STILL = 0.05


def persists(examiner: Examiner, symptom: Symptom, week: int, reference: Ints) -> bool:
    """Whether one week alone still looks like the symptom, at its own intents.

    An unfinished week ends nothing: two quiet days are no proof.
    """
    if 7 * (week + 1) > examiner.readings.days:
        return True
    if symptom.name == "volume":
        return _volume(examiner, week, reference)
    places = _places(examiner, symptom)
    if symptom.name == "mix":
        return _mix(examiner, week, reference, places)
    if symptom.name in catalogue().amounts:
        return _amount(examiner, symptom.name, week, reference, places)
    if symptom.name in catalogue().shares:
        return _share(examiner, symptom.name, week, reference, places)
    return False


def _places(examiner: Examiner, symptom: Symptom) -> Ints:
    names = examiner.readings.intents
    chosen = [names.index(name) for name in symptom.intents] or list(range(len(names)))
    return np.array(chosen, dtype=np.int64)


def _volume(examiner: Examiner, week: int, reference: Ints) -> bool:
    days = range(7 * week, 7 * week + 7)
    expected = expected_contacts(
        examiner.readings, days, examiner.days_of(reference), examiner.settings.hours
    )
    away = abs(int(examiner.arrivals[week].sum()) - expected.mean)
    half = examiner.shift("volume") / 2 * expected.mean
    return bool(away > max(2 * expected.spread, half))


def _mix(examiner: Examiner, week: int, reference: Ints, places: Ints) -> bool:
    now, usual = examiner.arrivals[week], examiner.arrivals[reference].sum(0)
    rise = now[places].sum() / max(now.sum(), 1) - usual[places].sum() / max(usual.sum(), 1)
    p = compare.p_more(now[places].sum(), now.sum(), usual[places].sum(), usual.sum())
    return bool(p < _STILL and rise > examiner.shift("mix") / 2)


def _share(examiner: Examiner, name: str, week: int, reference: Ints, places: Ints) -> bool:
    last = week - catalogue().shares[name].known
    look = examiner.look(name, range(last, last + 1), reference).only(places)
    p = compare.p_more_in_all(look.hits, look.n, look.ref_hits, look.ref_n)
    return p < _STILL and look.now - look.usual > examiner.shift(name) / 2


def _amount(examiner: Examiner, name: str, week: int, reference: Ints, places: Ints) -> bool:
    flip = slice(None) if name == "confidence" else slice(None, None, -1)
    counts, usual = examiner.amounts[name][week], examiner.amounts[name][reference].sum(0)
    together: Floats | float
    _, together = compare.p_lower(counts[places][:, flip], usual[places][:, flip])
    return together < _STILL
