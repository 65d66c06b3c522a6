"""How contacts went: a pure function of what was wanted, read and decided, and of luck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.records.decisions import Level
from workbench.sample.arrays import Bools, Floats, Ints
from workbench.sample.arrivals import Arrivals
from workbench.sample.calendar import BASELINE_WEEKS, DAYS
from workbench.sample.decisions import Decided
from workbench.sample.luck import Luck
from workbench.sample.needs import needs
from workbench.sample.readings import Readings

UNRESOLVED = -1
GRADES = ("contained", "assumed", "confirmed", "durable")
HANDOFF_KINDS = ("requested", "policy", "failure")
_FAILURES = ("low_confidence", "missing_knowledge", "tool_failure", "model_failure")
_MATURE_DAYS = 7


@dataclass(frozen=True)
class Course:
    """Who handled a contact and whether it was settled."""

    baseline: Bools
    entered: Bools
    abandoned: Bools
    handed_off: Bools
    handoff_kind: Ints
    by_person: Bools
    transferred: Bools
    answered_alone: Bools
    """The assistant answered, and nobody else."""
    resolved: Bools
    confirmed: Bools
    grade: Ints
    """Position in `GRADES` before anything is known about the days after; `UNRESOLVED` for none."""


def course_of(arrivals: Arrivals, read: Readings, decided: Decided, luck: Luck) -> Course:
    """Follow each contact from its decision to its end."""
    baseline = arrivals.day < BASELINE_WEEKS * 7
    entered = ~baseline & (arrivals.channel != needs().channels.index("phone"))
    alone = entered & (decided.level == list(Level).index(Level.AUTOMATE))
    abandoned = alone & luck.happens("abandon", 0.025 + 0.06 * read.clarifications)
    turned_back = alone & ~abandoned
    turned_back &= luck.happens("turn_back", 0.03 + 0.16 * read.would_be_wrong)
    handed_off = turned_back | (entered & ~alone)
    by_person = baseline | handed_off | (~baseline & ~entered)
    answered_alone = alone & ~abandoned & ~turned_back
    resolved = _resolved(arrivals, read, answered_alone, by_person, luck)
    confirmed = resolved & luck.happens("grade", 0.45) & ~(answered_alone & read.would_be_wrong)
    assumed = resolved & ~confirmed & luck.happens("grade", 0.95)
    return Course(
        baseline=baseline,
        entered=entered,
        abandoned=abandoned,
        handed_off=handed_off,
        handoff_kind=_handoff_kind(handed_off, turned_back, decided, luck),
        by_person=by_person,
        transferred=by_person & luck.happens("transfer", _transfer_share(arrivals, handed_off)),
        answered_alone=answered_alone,
        resolved=resolved,
        confirmed=confirmed,
        grade=np.where(resolved, assumed + 2 * confirmed, UNRESOLVED),
    )


def _resolved(
    arrivals: Arrivals, read: Readings, alone: Bools, by_person: Bools, luck: Luck
) -> Bools:
    hard = needs().complexity[arrivals.intent] - 1
    person = 0.93 - 0.03 * hard - 0.04 * arrivals.follow_up
    assistant = np.where(read.would_be_wrong, 0.15, 0.975)
    return luck.happens("resolve", np.where(alone, assistant, np.where(by_person, person, 0.0)))


def _transfer_share(arrivals: Arrivals, handed_off: Bools) -> Floats:
    """People pass fewer contacts on when a packet brings them to the right queue."""
    hard = needs().complexity[arrivals.intent] == 3
    share: Floats = np.where(handed_off, 0.05, 0.10) + 0.06 * hard
    return share


def _handoff_kind(handed_off: Bools, turned_back: Bools, decided: Decided, luck: Luck) -> Ints:
    """Requested by the customer, required by policy, or caused by a failure."""
    reasons = decided.reason_labels
    requested = decided.reason == reasons.index("customer_request")
    requested |= turned_back & luck.happens("taken", 0.7)
    failures = [reasons.index(name) for name in _FAILURES if name in reasons]
    failed = np.isin(decided.reason, failures) | (turned_back & ~requested)
    kind = np.where(requested, 0, np.where(failed, 2, 1))
    return np.where(handed_off, kind, UNRESOLVED)


def come_back_weights(arrivals: Arrivals, read: Readings, course: Course) -> Floats:
    """How likely customers are to come back about the same thing."""
    weight = np.where(course.resolved, 0.05, 1.0)
    weight[course.confirmed] = 0.012
    weight[course.answered_alone & read.would_be_wrong] = 0.9
    weight[course.abandoned] = 0.5
    weight[arrivals.day >= DAYS - 1] = 0.0
    idle = np.isin(arrivals.intent, [needs().code(i) for i in ("greeting", "thanks")])
    return weight * np.where(idle, 0.05, 1.0)


@dataclass(frozen=True)
class Echo:
    """What the customer did later, read off the finished list of contacts."""

    repeat_contact: Bools
    """Comes within seven days of an earlier contact on the topic."""
    repeated_48h: Bools
    repeated_7d: Bools
    next_within_14d: Bools


def echoes(customer: Ints, intent: Ints, started: Ints) -> Echo:
    """Look for the next contact of the same customer with the same intent.

    Args:
        customer, intent: Codes.
        started: Seconds, any origin.
    """
    order = np.lexsort((started, intent, customer))
    same = (np.diff(customer[order]) == 0) & (np.diff(intent[order]) == 0)
    gap = np.where(same, np.diff(started[order]), np.iinfo(np.int64).max)
    until_next = np.full(len(order), np.iinfo(np.int64).max)
    until_next[order[:-1]] = gap
    since_last = np.full(len(order), np.iinfo(np.int64).max)
    since_last[order[1:]] = gap
    day = 86_400
    return Echo(
        repeat_contact=since_last <= 7 * day,
        repeated_48h=until_next <= 2 * day,
        repeated_7d=until_next <= 7 * day,
        next_within_14d=until_next <= 14 * day,
    )


def final_grade(arrivals: Arrivals, course: Course, echo: Echo) -> Ints:
    """A confirmed resolution is durable when nobody came back for seven days that have passed."""
    mature = arrivals.day < DAYS - _MATURE_DAYS
    durable = course.confirmed & ~echo.repeated_7d & mature
    return np.where(durable, GRADES.index("durable"), course.grade)


def reopened_of(course: Course, grade: Ints, echo: Echo, luck: Luck) -> Bools:
    """Solved, but the same customer came back on the same topic within the reopening days."""
    again = course.resolved & (grade != GRADES.index("durable")) & echo.next_within_14d
    reopened: Bools = again & luck.happens("reopen", 0.6)
    return reopened
