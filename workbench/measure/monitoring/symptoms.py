"""What is unusual in one week, knowing only what came before it."""

from __future__ import annotations

from workbench.measure.monitoring.amounts import amount, amount_over
from workbench.measure.monitoring.catalogue import catalogue
from workbench.measure.monitoring.compare import Floats
from workbench.measure.monitoring.demand import mix, mix_over, volume, volume_over, words
from workbench.measure.monitoring.examiner import Examiner, When
from workbench.measure.monitoring.readings import Ints
from workbench.measure.monitoring.shares import policy, share, share_over
from workbench.measure.monitoring.symptom import Symptom


def examine(
    examiner: Examiner, week: int, usable: Floats, fresh_from: int = 0
) -> tuple[Symptom, ...]:
    """Every symptom of a week, alarms and weaker ones.

    Args:
        usable: Per week whether it may serve as reference.
        fresh_from: The first week that may be looked at together with this one.
    """
    when = When(week, usable, fresh_from)
    found = [look(examiner, when) for look in (volume, mix, words, policy)]
    found += [share(examiner, name, when) for name in catalogue().shares if name != "automated"]
    found += [amount(examiner, name, when) for name in catalogue().amounts]
    return tuple(one for one in found if one)


def over(examiner: Examiner, name: str, weeks: range, reference: Ints) -> Symptom | None:
    """One symptom over all weeks since it began."""
    if name == "volume":
        return volume_over(examiner, weeks, reference)
    if name == "mix":
        return mix_over(examiner, weeks, reference)
    if name in catalogue().amounts:
        return amount_over(examiner, name, weeks, reference)
    known = range(weeks.start, max(weeks.stop - catalogue().shares[name].known, 0))
    return share_over(examiner, name, known, reference) if known else None
