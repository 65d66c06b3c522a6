"""Findings in words: one sentence a symptom, each with its figures."""

from __future__ import annotations

from datetime import date

from workbench.measure.monitoring.catalogue import catalogue
from workbench.measure.monitoring.causes import Finding, Kind
from workbench.measure.monitoring.symptom import Symptom

KINDS: dict[Kind, str] = {
    "process": "The process broke",
    "model": "The model drifted",
    "customers": "The customers changed",
    "unclear": "Something got worse",
}
_NAMED = 4
_ALWAYS_SAID = ("new_words", "mix")
"""Symptoms that name what the others only count."""


def symptom_words(symptom: Symptom) -> str:
    """What is unusual, how it usually is, and of how many contacts."""
    if symptom.name == "volume":
        return f"{symptom.now:,.0f} contacts came where {symptom.usual:,.0f} were expected"
    if symptom.name == "new_words":
        terms = ", ".join(f"“{one.term}” {one.n}" for one in symptom.terms)
        return f"new words in {symptom.terms[0].of:,} contacts: {terms}"
    if symptom.name == "mix":
        return f"{_share(symptom)} of {symptom.n:,} contacts{_on(symptom)}, {_usually(symptom)}"
    if symptom.name == "policy_break":
        return (
            f"the share of contacts that changed hands is {_share(symptom)} of"
            f" {symptom.n:,}{_on(symptom)}, {_usually(symptom)}"
        )
    if symptom.name == "confidence":
        told = f"confidence {symptom.now:.2f} over {symptom.n:,} contacts{_on(symptom)}"
        return f"{told}, usually {symptom.usual:.2f}"
    if symptom.name in catalogue().amounts and not symptom.chart:
        title = catalogue().signal(symptom.name).title
        return f"{title} {_time(symptom.now)}{_on(symptom)}, usually {_time(symptom.usual)}"
    title = catalogue().signal(symptom.name).title
    slow = "slow ones, " if symptom.name in catalogue().amounts else ""
    return f"{title}: {slow}{_share(symptom)} of {symptom.n:,}{_on(symptom)}, {_usually(symptom)}"


def finding_words(finding: Finding, since: date, until: date | None) -> str:
    """The finding in one sentence: kind, cause, time, its plainest figure."""
    title = title_of(finding)
    head = f"{KINDS[finding.cause.kind]}: {title[0].lower()}{title[1:]}, {_span(since, until)}"
    parts = [symptom_words(finding.decisive)]
    parts += [symptom_words(one) for one in finding.symptoms[1:] if one.name in _ALWAYS_SAID]
    return f"{head}: {'; '.join(parts)}."


def title_of(finding: Finding) -> str:
    """The title of the cause; of demand, in which direction."""
    if finding.decisive.name != "volume":
        return finding.cause.title
    often = "more" if finding.decisive.now > finding.decisive.usual else "less"
    return f"Customers come {often} often"


def _span(since: date, until: date | None) -> str:
    if until is None:
        return f"since {_day(since)}"
    return f"on {_day(since)}" if since == until else f"from {_day(since)} to {_day(until)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _on(symptom: Symptom) -> str:
    """Where it shows; the first few of many intents."""
    named = ", ".join(symptom.intents[:_NAMED])
    more = len(symptom.intents) - _NAMED
    return f" on {named}{f' and {more} more' if more > 0 else ''}" if named else ""


def _share(symptom: Symptom) -> str:
    return f"{symptom.now:.0%}"


def _usually(symptom: Symptom) -> str:
    return f"usually {symptom.usual:.0%}" if symptom.usual >= 0.01 else "usually below 1%"


def _time(seconds: float) -> str:
    return f"{seconds / 60:,.0f} min" if seconds >= 120 else f"{seconds:,.0f} s"
