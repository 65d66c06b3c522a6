"""How long contacts took, for people, for the assistant and for the customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.records.decisions import Level
from workbench.sample.arrays import Bools, Floats, Ints
from workbench.sample.arrivals import Arrivals, closed_days
from workbench.sample.decisions import Decided
from workbench.sample.luck import Luck
from workbench.sample.needs import needs
from workbench.sample.outcomes import Course
from workbench.sample.readings import Readings

_FAST_CHANNELS = ("chat", "phone")
_DAY = 86_400
_OPENS = 9 * 3600
_OFFICE_DAY = 8 * 3600
_DAYS_BEYOND = 60
"""Days after the sample in which late work may still end."""


@dataclass(frozen=True)
class Times:
    """Whole seconds."""

    talk: Ints
    hold: Ints
    wrap: Ints
    assistant: Ints
    first_response: Ints
    resolution: Ints
    """Until it was settled; meaningless where it was not."""
    first_in_hours: Ints
    """Business seconds until the first response."""
    resolution_in_hours: Ints


def times_of(
    arrivals: Arrivals, read: Readings, decided: Decided, course: Course, luck: Luck
) -> Times:
    """Handle times are lognormal by intent; waiting counts business hours where people work."""
    tables = needs()
    fast = np.isin(np.array(tables.channels)[arrivals.channel], _FAST_CHANNELS)
    fast &= staffed(arrivals)
    talk, hold, wrap = _handle_times(arrivals, read, decided, course, luck)
    assistant = course.entered * np.maximum(luck.lognormal("answer", 13.0, 0.4) * read.turns, 2)
    wait = luck.lognormal("wait", np.where(fast, 95.0, 9000.0), 0.9)
    wait = np.where(course.baseline, wait, wait * 0.85)
    by_machine = luck.lognormal("answer", 4.0, 0.4)
    first = np.where(course.entered, by_machine, wait)
    work = talk + hold + wrap + _examination(arrivals, luck)
    settled = np.where(
        course.by_person, np.where(course.entered, wait, first) + work, first + assistant
    )
    return Times(
        talk=_whole(talk),
        hold=_whole(hold),
        wrap=_whole(wrap),
        assistant=_whole(assistant),
        first_response=_whole(np.where(fast | course.entered, first, _elapsed(arrivals, first))),
        resolution=_whole(np.where(course.by_person, _elapsed(arrivals, settled), settled)),
        first_in_hours=_whole(first),
        resolution_in_hours=_whole(settled),
    )


def staffed(arrivals: Arrivals) -> Bools:
    """Whether the desk was open when the customer wrote."""
    in_hours = (arrivals.second >= _OPENS) & (arrivals.second < _OPENS + _OFFICE_DAY)
    return in_hours & ~closed_days()[arrivals.day]


def _handle_times(
    arrivals: Arrivals, read: Readings, decided: Decided, course: Course, luck: Luck
) -> tuple[Floats, Floats, Floats]:
    """Talk, hold and after-contact seconds of people; a draft or a packet saves some of them."""
    tables, wanted = needs(), arrivals.intent
    assisted = course.handed_off & (decided.level == list(Level).index(Level.ASSIST))
    saving = np.where(assisted, 0.70, np.where(course.handed_off, 0.88, 1.0))
    longer = 1 + 0.12 * (read.requests - 1) + 0.35 * course.transferred
    talk = tables.talk[wanted] * tables.talk_factor[arrivals.channel] * saving * longer
    held = (arrivals.channel == tables.channels.index("phone")) & luck.happens("held", 0.35)
    wrap = tables.wrap[wanted] * np.where(course.handed_off, 0.8, 1.0)
    return (
        course.by_person * luck.lognormal("talk", talk, 0.45),
        (course.by_person & held) * luck.lognormal("hold", 45.0, 0.7),
        course.by_person * luck.lognormal("wrap", wrap, 0.4),
    )


def _examination(arrivals: Arrivals, luck: Luck) -> Floats:
    """Business seconds that somebody needs to look into the harder needs."""
    hard = needs().complexity[arrivals.intent]
    examined = luck.happens("examined", np.array([0.05, 0.05, 0.30, 0.70])[hard.astype(int)])
    median = np.array([0.0, 3600.0, 2.5 * 3600, 9.0 * 3600])[hard.astype(int)]
    return examined * luck.lognormal("work", np.maximum(median, 1.0), 0.8)


def _elapsed(arrivals: Arrivals, business: Floats) -> Floats:
    """Elapsed seconds for business seconds that start at each arrival, closed days skipped."""
    closed = np.append(closed_days(), np.zeros(_DAYS_BEYOND, dtype=bool))
    open_days = np.flatnonzero(~closed)
    position = np.clip(arrivals.second - _OPENS, 0, _OFFICE_DAY)
    done = np.where(closed[arrivals.day], 0, position) + business
    days_on, rest = np.divmod(done, _OFFICE_DAY)
    ended = np.searchsorted(open_days, arrivals.day) + days_on.astype(np.int64)
    end = open_days[np.minimum(ended, len(open_days) - 1)] * _DAY + _OPENS + rest
    return np.maximum(end - (arrivals.day * _DAY + arrivals.second), business)


def _whole(seconds: Floats) -> Ints:
    return np.round(seconds).astype(np.int64)
