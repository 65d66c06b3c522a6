"""Shares of contacts that rose, in one intent or over all of them."""

from __future__ import annotations

import numpy as np

from workbench.measure.monitoring import compare
from workbench.measure.monitoring.catalogue import catalogue
from workbench.measure.monitoring.examiner import WINDOWS, Examiner, Look, When
from workbench.measure.monitoring.readings import Ints
from workbench.measure.monitoring.symptom import Symptom, surest


def share(examiner: Examiner, name: str, when: When) -> Symptom | None:
    """A share that rose, in one intent or over all; the window that shows it best."""
    signal = catalogue().shares[name]
    found = [
        share_over(examiner, name, weeks, reference)
        for weeks, reference in examiner.windows(signal, when)
    ]
    return surest(found)


def share_over(examiner: Examiner, name: str, weeks: range, reference: Ints) -> Symptom | None:
    look = examiner.look(name, weeks, reference)
    return rise(examiner, name, look, weeks.start, examiner.shift(name))


def rise(
    examiner: Examiner, name: str, look: Look, first_week: int, shift: float
) -> Symptom | None:
    rates = look.hits / np.maximum(look.n, 1) - look.ref_hits / np.maximum(look.ref_n, 1)
    tested = max(int(((look.n > 0) & (look.ref_n > 0)).sum()), 1)
    single = compare.p_more(look.hits, look.n, look.ref_hits, look.ref_n) * tested
    single = np.where(rates >= shift, single, 1.0)
    together = compare.p_more_in_all(look.hits, look.n, look.ref_hits, look.ref_n)
    if look.now - look.usual < shift:
        together = 1.0
    p = min(float(single.min()), together) * 2 * len(WINDOWS)
    if p >= 0.05:
        return None
    places = np.flatnonzero(single < 0.01)
    shown = look.only(places) if len(places) else look
    return _symptom(examiner, name, p, first_week, places, shown)


def _symptom(
    examiner: Examiner, name: str, p: float, week: int, places: Ints, shown: Look
) -> Symptom:
    order = places[np.argsort(-shown.hits)] if len(places) else places
    return Symptom(
        name=name,
        p_value=min(p, 1.0),
        first_week=week,
        intents=tuple(examiner.readings.intents[place] for place in order),
        now=shown.now,
        usual=shown.usual,
        n=int(shown.n.sum()),
        reference_n=int(shown.ref_n.sum()),
    )


def policy(examiner: Examiner, when: When) -> Symptom | None:
    """Who decides changed in the week in which another policy version came into force."""
    week = when.week
    before = examiner.versions[week - 1] if week else None
    if before is None or examiner.versions[week] == before:
        return None
    fit = when.usable.astype(bool) & np.array([version == before for version in examiner.versions])
    reference = np.flatnonzero(fit[:week])
    if not examiner.enough(reference):
        return None
    look = examiner.look("automated", range(week, week + 1), reference)
    less = Look(look.n - look.hits, look.n, look.ref_n - look.ref_hits, look.ref_n)
    shift = examiner.shift("automated")
    both = [rise(examiner, "policy_break", one, week, shift) for one in (look, less)]
    return surest(both)
