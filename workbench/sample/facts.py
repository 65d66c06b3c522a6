"""Contact facts: every column of the `Contact` record that the sample fills."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from workbench.records.decisions import Level
from workbench.sample.arrays import Bools, Ints
from workbench.sample.calendar import DAYS, END, FIRST_DAY, at
from workbench.sample.columns import Columns, labelled, plain
from workbench.sample.contacts import Contacts
from workbench.sample.decisions import queue_labels, queue_of
from workbench.sample.experiment import CAREFUL, arm_labels
from workbench.sample.needs import needs
from workbench.sample.outcomes import GRADES, HANDOFF_KINDS, final_grade, reopened_of
from workbench.sample.past_policy import launch_policy
from workbench.sample.planted import MORE_CAREFUL
from workbench.sample.ratings import NO_RATING, Ratings, ratings_of
from workbench.sample.readings import UNKNOWN
from workbench.sample.times import Times, staffed, times_of

SERVICE_ZONE = ZoneInfo("Europe/Berlin")
RELEASE = "pilot-1"
_HIGH_URGENCY = 0.5
_TARGETS = np.array([[480 * 60, 2400 * 60], [240 * 60, 1440 * 60]])
"""Business seconds to first response and to resolution, for P4 and for P3."""
_END_MICROS = int(at(END, hour=0).timestamp()) * 1_000_000
_KNOWN_AT_THE_END = (
    *("ended_at", "resolution", "resolution_s", "resolution_work_s", "csat", "nps"),
)
_NEXT_IN_TIME = 0.94
_MATURE_DAYS = 5
"""Resolution targets of the last days have not fallen due yet."""
_CALL_MICROS_PER_SECOND = 250
_MODEL_MICROS_PER_TURN = 1_800
_TOOL_MICROS_PER_STEP = 400


def fact_columns(contacts: Contacts) -> Columns:
    """Columns by name; those that are missing have the record's defaults."""
    course = contacts.course
    times = times_of(contacts.arrivals, contacts.read, contacts.decided, course, contacts.luck)
    ratings = ratings_of(contacts.read, contacts.decided, course, contacts.luck)
    columns = {
        **contacts.situations,
        **_when(contacts, times),
        **_decision(contacts),
        **_course(contacts),
        **_durations(contacts, times),
        **_sla(contacts, times),
        **_said_afterwards(contacts, ratings),
        **_costs(contacts, times),
    }
    return columns | _still_open(columns)


def _still_open(columns: Columns) -> Columns:
    """Contacts that end after the sample do not know their end yet."""
    ended = columns["ended_at"].values <= _END_MICROS
    not_known = {
        name: replace(columns[name], known=columns[name].known & ended)
        for name in _KNOWN_AT_THE_END
    }
    nothing_yet = {
        name: plain(columns[name].values * ended)
        for name in columns
        if name in ("solved", "reopened") or name.endswith(("_due", "_met"))
    }
    return not_known | nothing_yet


def _when(contacts: Contacts, times: Times) -> Columns:
    course = contacts.course
    started = started_micros(contacts)
    handled = times.first_response + times.talk + times.hold + times.assistant
    lasted = np.where(course.resolved, np.maximum(times.resolution, handled), handled)
    ended = started + lasted * 1_000_000
    phase = np.where(course.baseline, 0, 1)
    return {
        "started_at": plain(started),
        "ended_at": plain(ended),
        "phase": labelled(phase, ("baseline", "pilot")),
    }


def started_micros(contacts: Contacts) -> Ints:
    """Microseconds since 1970 in UTC."""
    day, second = contacts.arrivals.day, contacts.arrivals.second
    return (_midnights()[day] + second) * 1_000_000


@cache
def _midnights() -> Ints:
    """Midnight at the service desk as Unix seconds, by the clock that holds at office hours."""
    noons = [
        datetime.combine(FIRST_DAY + timedelta(days=n), datetime.min.time(), SERVICE_ZONE).replace(
            hour=12
        )
        for n in range(DAYS)
    ]
    return np.array([int(noon.astimezone(UTC).timestamp()) - 12 * 3600 for noon in noons])


def _decision(contacts: Contacts) -> Columns:
    """The baseline decided nothing by rule; everything went to people."""
    decided, course, policy = contacts.decided, contacts.course, launch_policy()
    pilot = ~course.baseline
    tables, customer = needs(), contacts.arrivals.customer
    flows = tuple(dict.fromkeys(tables.flows))
    flow = np.array([flows.index(name) for name in tables.flows])[contacts.read.intent]
    segment = contacts.situations["segment"]
    key_account = segment.values == (segment.labels or ()).index("key_account")
    queue = queue_of(decided, flow, flows, key_account)
    rules = [*(rule.id for rule in policy.rules), "no-match"]
    rule = np.where(decided.rule < 0, len(policy.rules), decided.rule)
    nothing = np.full(len(customer), UNKNOWN)
    careful = policy.with_settings({"confidence": MORE_CAREFUL.size})
    version = (contacts.arm == CAREFUL).astype(np.int64)
    return {
        "queue": labelled(np.where(course.by_person, queue, UNKNOWN), queue_labels()),
        "level": labelled(np.where(pilot, decided.level, UNKNOWN), tuple(Level)),
        "rule_id": labelled(np.where(pilot, rule, UNKNOWN), rules),
        "reason": labelled(np.where(pilot, decided.reason, UNKNOWN), decided.reason_labels),
        "policy_version": labelled(
            np.where(pilot, version, nothing), [policy.version, careful.version]
        ),
        "release": labelled(np.where(pilot, 0, nothing), [RELEASE]),
        "arm": labelled(contacts.arm, arm_labels()),
    }


def _course(contacts: Contacts) -> Columns:
    course, echo, luck, read = contacts.course, contacts.echo, contacts.luck, contacts.read
    grade = final_grade(contacts.arrivals, course, echo)
    out_of_hours = ~staffed(contacts.arrivals)
    return {
        "eligible": plain(_eligible(contacts)),
        "entered_automation": plain(course.entered),
        "engaged": plain(course.entered & ~course.abandoned & luck.happens("engage", 0.97)),
        "handed_off": plain(course.handed_off),
        "handoff_kind": labelled(course.handoff_kind, HANDOFF_KINDS),
        "called_back": plain(course.handed_off & out_of_hours & luck.happens("callback", 0.25)),
        "abandoned": plain(course.abandoned),
        "resolution": labelled(grade, GRADES),
        "repeated_48h": plain(echo.repeated_48h),
        "repeated_7d": plain(echo.repeated_7d),
        "solved": plain(course.resolved),
        "reopened": plain(reopened_of(course, grade, echo, luck)),
        "human_agents": plain(course.by_person.astype(np.int64) + course.transferred),
        "turns": plain(read.turns),
    }


def _eligible(contacts: Contacts) -> Bools:
    """Written, and not a matter that a person must handle whatever happens."""
    arrivals, read = contacts.arrivals, contacts.read
    written = arrivals.channel != needs().channels.index("phone")
    harmless = read.sensitive == UNKNOWN
    harmless &= arrivals.intent != needs().code("bank_details_change")
    eligible: Bools = written & harmless & ~contacts.population.vulnerable[arrivals.customer]
    return eligible


def _durations(contacts: Contacts, times: Times) -> Columns:
    course, read, luck = contacts.course, contacts.read, contacts.luck
    answered = course.by_person | ~course.abandoned
    authenticated = course.handed_off & read.identity_proven
    seconds = np.round(luck.lognormal("authenticate", 38.0, 0.4)).astype(np.int64)
    return {
        "talk_s": plain(times.talk),
        "hold_s": plain(times.hold),
        "wrap_s": plain(times.wrap),
        "assistant_s": plain(times.assistant),
        "first_response_s": plain(times.first_response, known=answered),
        "resolution_s": plain(times.resolution, known=course.resolved),
        "first_response_work_s": plain(times.first_in_hours, known=answered),
        "resolution_work_s": plain(times.resolution_in_hours, known=course.resolved),
        "auth_s": plain(np.where(authenticated, seconds, 0)),
    }


def _sla(contacts: Contacts, times: Times) -> Columns:
    """Targets that fell due and that were met; an open contact misses its resolution when due."""
    course, turns = contacts.course, contacts.read.turns
    urgent = (contacts.read.urgency >= _HIGH_URGENCY).astype(int)
    first, resolution = _TARGETS[urgent, 0], _TARGETS[urgent, 1]
    late_enough = contacts.arrivals.day < DAYS - _MATURE_DAYS
    waits_again = course.by_person & (turns > 1)
    due_and_met = {
        "first_response": (np.ones(len(contacts), dtype=bool), times.first_in_hours <= first),
        "next_response": (waits_again, contacts.luck.happens("next", _NEXT_IN_TIME)),
        "resolution": (
            course.resolved | late_enough,
            course.resolved & (times.resolution_in_hours <= resolution),
        ),
    }
    dues = {f"{kind}_due": plain(due.astype(int)) for kind, (due, _) in due_and_met.items()}
    mets = {
        f"{kind}_met": plain((due & met).astype(int)) for kind, (due, met) in due_and_met.items()
    }
    return {
        **dues,
        **mets,
        "sla_due": plain(np.sum([column.values for column in dues.values()], axis=0)),
        "sla_met": plain(np.sum([column.values for column in mets.values()], axis=0)),
    }


def _said_afterwards(contacts: Contacts, ratings: Ratings) -> Columns:
    wanted = np.where(ratings.labelled, contacts.arrivals.intent, UNKNOWN)
    again = contacts.course.handed_off & contacts.luck.happens("again", 0.16)
    return {
        "true_intent": labelled(wanted, needs().intents),
        "csat_asked": plain(ratings.csat_asked),
        "csat": plain(ratings.csat, known=ratings.csat != NO_RATING),
        "nps": plain(ratings.nps, known=ratings.nps != NO_RATING),
        "judged": plain(ratings.judged),
        "wrong": plain(ratings.wrong),
        "decision_seen": plain(ratings.seen),
        "overridden": plain(ratings.overridden),
        "suggestions_shown": plain(ratings.shown),
        "suggestions_accepted": plain(ratings.accepted),
        "suggestions_edited": plain(ratings.edited),
        "suggestions_ignored": plain(ratings.shown - ratings.accepted - ratings.edited),
        "repeat_question": plain(again),
    }


def _costs(contacts: Contacts, times: Times) -> Columns:
    """Telephony by the second of a call, model by the turn, tools by the step of the look-up."""
    entered, read = contacts.course.entered, contacts.read
    call = contacts.arrivals.channel == needs().channels.index("phone")
    steps = needs().complexity.astype(np.int64)[read.intent]
    return {
        "telephony_cost_micros": plain(call * (times.talk + times.hold) * _CALL_MICROS_PER_SECOND),
        "model_cost_micros": plain(entered * read.turns * _MODEL_MICROS_PER_TURN),
        "tool_cost_micros": plain(entered * steps * _TOOL_MICROS_PER_STEP),
    }
