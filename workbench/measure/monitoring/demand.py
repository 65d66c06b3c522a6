"""What customers bring: how many come, for what, and in which words."""

from __future__ import annotations

import numpy as np

from workbench.measure.monitoring.catalogue import Signal
from workbench.measure.monitoring.examiner import WINDOWS, Examiner, Look, When
from workbench.measure.monitoring.readings import Ints
from workbench.measure.monitoring.seasons import expected_contacts
from workbench.measure.monitoring.shares import rise
from workbench.measure.monitoring.symptom import Symptom, surest
from workbench.measure.monitoring.vocabulary import new_terms

_ANY = Signal(title="", of="")
"""What every week can be compared on."""


def volume(examiner: Examiner, when: When) -> Symptom | None:
    """More or fewer contacts than weekday, month and holidays let expect."""
    found = [
        volume_over(examiner, weeks, reference) for weeks, reference in examiner.windows(_ANY, when)
    ]
    return surest(found)


def volume_over(examiner: Examiner, weeks: range, reference: Ints) -> Symptom | None:
    from scipy.special import ndtr

    days = range(7 * weeks.start, min(7 * weeks.stop, examiner.readings.days))
    expected = expected_contacts(
        examiner.readings, days, examiner.days_of(reference), examiner.settings.hours
    )
    seen = int(examiner.readings.arrivals[days.start : days.stop].sum())
    p = 2 * float(ndtr(-abs(seen - expected.mean) / expected.spread)) * len(WINDOWS)
    if abs(seen / expected.mean - 1) < examiner.shift("volume") or p >= 0.05:
        return None
    return Symptom(
        name="volume",
        p_value=p,
        first_week=weeks.start,
        now=seen,
        usual=expected.mean,
        n=seen,
        reference_n=int(examiner.arrivals[reference].sum()),
    )


def mix(examiner: Examiner, when: When) -> Symptom | None:
    """Intents that customers come for more often than they did, as a share of all contacts."""
    found = [
        mix_over(examiner, weeks, reference) for weeks, reference in examiner.windows(_ANY, when)
    ]
    return surest(found)


def mix_over(examiner: Examiner, weeks: range, reference: Ints) -> Symptom | None:
    damp = _mix_spread(examiner.arrivals[reference])
    now, ref = (
        (examiner.arrivals[part].sum(0) / damp).astype(np.int64) for part in (weeks, reference)
    )
    look = Look(now, np.full(len(now), now.sum()), ref, np.full(len(ref), ref.sum()))
    found = rise(examiner, "mix", look, weeks.start, examiner.shift("mix"))
    if found is None or not found.intents:
        return None
    places = [examiner.readings.intents.index(name) for name in found.intents]
    shares = (now[places].sum() / now.sum(), ref[places].sum() / ref.sum())
    seen = {"n": int(now.sum()), "reference_n": int(ref.sum())}
    return found.model_copy(update={"now": shares[0], "usual": shares[1], **seen})


def words(examiner: Examiner, when: When) -> Symptom | None:
    """Terms that the reference hardly had."""
    contacts = examiner.arrivals.sum(1)
    for weeks, reference in examiner.windows(_ANY, when):
        terms = new_terms(
            examiner.readings.terms, contacts, np.array(weeks), reference, examiner.surely
        )
        if terms:
            return Symptom(
                name="new_words",
                p_value=min(terms[0].p_value * len(examiner.readings.terms.terms), 1.0),
                first_week=weeks.start,
                now=terms[0].n / terms[0].of,
                usual=terms[0].reference_n / terms[0].reference_of,
                n=terms[0].n,
                reference_n=terms[0].reference_of,
                terms=terms,
            )
    return None


def _mix_spread(weeks: Ints) -> float:
    """Pearson's chi-square of weeks x intents over its degrees of freedom; at least 1."""
    expected = weeks.sum(1)[:, None] * weeks.sum(0) / max(weeks.sum(), 1)
    used = expected >= 1
    freedom = (weeks.shape[0] - 1) * (weeks.shape[1] - 1)
    return max(1.0, float(((weeks - expected) ** 2)[used] @ (1 / expected[used]) / max(freedom, 1)))
