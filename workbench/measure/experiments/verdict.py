"""What to do about an experiment, in words, from what is known at this look.

Asked in this order; the first answer counts:

    split       customers did not fall to the arms as planned       stop
    guards      one is surely worse by more than it may be          stop
    goal        surely worse                                        stop
                surely less than the smallest effect that matters   stop (futility)
                surely better, every guard surely within its limit  ship
    time        the planned days are over, or it was ended          undecided
    otherwise                                                       continue
"""

from __future__ import annotations

from math import ceil, inf
from typing import Literal

from workbench.measure.experiments.comparison import Comparison
from workbench.measure.experiments.planning import difference_in_words, need
from workbench.measure.experiments.split import Split
from workbench.measure.tables import percent
from workbench.records.base import Record

Action = Literal["ship", "stop", "continue", "undecided"]


class Verdict(Record):
    """What to do about one arm, and why."""

    arm: str
    action: Action
    words: str
    guard: str = ""
    """The stop rule that speaks: a guard's metric, or `split`; empty for none."""


class Course(Record):
    """How far an experiment has come."""

    days: float
    """Since its start, or until its end."""
    planned_days: int
    ended: bool
    alpha: float
    """Of the goal of one arm."""


def verdict_on(
    primary: Comparison, guards: tuple[Comparison, ...], split: Split, course: Course
) -> Verdict:
    """Stop, ship, continue or undecided, and why."""
    stopped = _split_says(primary, split) or _guards_say(primary, guards)
    return stopped or _goal_says(primary, guards) or _time_says(primary, guards, course)


def _split_says(primary: Comparison, split: Split) -> Verdict | None:
    if not split.alarm:
        return None
    words = (
        f"Stop: the split is broken. {split.words} Something keeps customers out of an arm, so no "
        "difference between the arms can be trusted; find out what before starting again."
    )
    return Verdict(arm=primary.arm, action="stop", words=words, guard="split")


def _guards_say(primary: Comparison, guards: tuple[Comparison, ...]) -> Verdict | None:
    for guard in guards:
        if guard.broken:
            least = -guard.gain(guard.broken)[1]
            words = (
                f"Stop: guard {_name(guard)} is worse by at least {_diff(least, guard)} "
                f"({percent(guard.confidence)} always valid); {_diff(guard.limit, guard)} was the "
                f"most that was accepted. Seen on {guard.broken.day} after "
                f"{guard.broken.control + guard.broken.arm:,} contacts."
            )
            return Verdict(arm=primary.arm, action="stop", words=words, guard=guard.metric)
    return None


def _goal_says(primary: Comparison, guards: tuple[Comparison, ...]) -> Verdict | None:
    least, most = primary.gain(primary.latest)
    sure = f"({percent(primary.confidence)} always valid, {primary.n:,} contacts)"
    goal = _name(primary)
    action: Action = "stop"
    if most < 0:
        words = f"Stop: {goal} is worse by at least {_diff(most, primary)} {sure}."
    elif most < primary.limit:
        words = (
            f"Stop for futility: no gain in {goal} larger than {_diff(most, primary)} is left "
            f"{sure}; {_diff(primary.limit, primary)} would have mattered."
        )
    elif least > 0 and not _not_clear(guards):
        action = "ship"
        words = f"Ship: {goal} is better by at least {_diff(least, primary)} {sure}."
        words += " Every guard is surely within its limit." if guards else ""
    else:
        return None
    return Verdict(arm=primary.arm, action=action, words=words)


def _not_clear(guards: tuple[Comparison, ...]) -> list[Comparison]:
    """Guards that may still be worse than they may be."""
    return [guard for guard in guards if -guard.gain(guard.latest)[0] > guard.limit]


def _time_says(primary: Comparison, guards: tuple[Comparison, ...], course: Course) -> Verdict:
    known = f"{_state_of(primary)}{_guards_left(guards)}"
    over = course.days >= course.planned_days
    if course.ended or over:
        head = "Undecided: it ended" if course.ended else "Undecided: the planned days are over"
        known = known[0].upper() + known[1:]
        words = f"{head} after {ceil(course.days)} days and {primary.n:,} contacts. {known}"
        return Verdict(arm=primary.arm, action="undecided", words=words)
    words = f"Continue: {known} {_days_left(primary, course)}"
    return Verdict(arm=primary.arm, action="continue", words=words)


def _state_of(primary: Comparison) -> str:
    """What the sequence of the goal still allows."""
    least, most = primary.gain(primary.latest)
    name = _name(primary)
    if least == -inf or most == inf:
        return f"{primary.n:,} contacts are too few to say anything about {name}."
    if least > 0:
        return f"{name} is already better by at least {_diff(least, primary)}."
    return (
        f"{name} may be anything from {_diff(least, primary)} worse to {_diff(most, primary)} "
        f"better; {_diff(primary.limit, primary)} is what matters."
    )


def _guards_left(guards: tuple[Comparison, ...]) -> str:
    """Which guards may still turn out too much worse, and by how much."""
    told = []
    for guard in _not_clear(guards):
        worst = -guard.gain(guard.latest)[0]
        by = "by an unknown amount" if worst == inf else f"by up to {_diff(worst, guard)}"
        told.append(f"{_name(guard)} may still be worse {by}")
    return f" Not cleared yet: {'; '.join(told)}." if told else ""


def _days_left(primary: Comparison, course: Course) -> str:
    """From how much is known per day so far, and how much the smallest effect needs."""
    planned = f"The planned end is in {max(ceil(course.planned_days - course.days), 1)} days."
    latest = primary.latest
    if latest is None or latest.low is None or latest.high is None:
        return planned
    wanted = _d_of(primary, course.alpha)
    more = course.days * (need(course.alpha).sequential / wanted - 1)
    if more <= 0:
        return f"A difference of {_diff(primary.limit, primary)} should show by now. {planned}"
    return (
        f"Expected {ceil(more)} more days until a difference of {_diff(primary.limit, primary)} "
        f"would show. {planned}"
    )


def _d_of(primary: Comparison, alpha: float) -> float:
    """(smallest effect)^2 / variance, read back off the width of the latest look."""
    from scipy.optimize import brentq

    from workbench.measure.experiments.sequences import mixture_radius

    least, most = primary.gain(primary.latest)
    radius = (most - least) / 2 / primary.limit
    found: float = brentq(lambda d: float(mixture_radius(1 / d, 1.0, alpha)) - radius, 1e-9, 1e9)
    return found


def _name(comparison: Comparison) -> str:
    """The title inside a sentence; abbreviations keep their capitals."""
    title = comparison.title
    return title if title[:2].isupper() else title[0].lower() + title[1:]


def _diff(value: float, comparison: Comparison) -> str:
    return difference_in_words(value, comparison.unit, comparison.currency)
