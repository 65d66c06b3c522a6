"""What triage would read in each contact, and whether the assistant would get it right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.records.signals import SOMETHING_ELSE
from workbench.sample.arrays import Bools, Floats, Ints, Rng, beta, chance, pick
from workbench.sample.arrivals import Arrivals
from workbench.sample.calendar import FIRST_DAY
from workbench.sample.needs import needs
from workbench.sample.planted import CONFIDENT_BUT_WRONG, COPY_TOOL_FAULT, NEW_WORDING
from workbench.sample.population import Population
from workbench.sample.world import world

LANGUAGES = ("en", "de", "fr", "es", "pl", "it", "tr")
SUPPORTED = 4
"""The first languages are those that the assistant may answer in."""
_CONFIDENCE_WEIGHT = 9.0
_IDENTITY_PROVEN = {"chat": 0.90, "email": 0.84, "phone": 0.93, "portal": 0.995}
_ORDINARY_TOOL_FAULTS = 0.003
UNKNOWN = -1
"""In a column of 0 and 1: does not apply, or nobody looked."""


@dataclass(frozen=True)
class Readings:
    """One position per contact; names as in `Situation`."""

    intent: Ints
    """As read; where it differs from what the customer wants, triage was wrong."""
    confidence: Floats
    out_of_scope: Floats
    requests: Ints
    sentiment: Floats
    sentiment_change: Floats
    urgency: Floats
    language: Ints
    wants_person: Bools
    sensitive: Ints
    """Position in `Needs.sensitive`, or `UNKNOWN` for none."""
    abusive: Bools
    third_party: Bools
    suspicious: Bools
    identity_proven: Bools
    identity_failures: Ints
    foreign_attempts: Ints
    open_cases: Ints
    clarifications: Ints
    turns: Ints
    knowledge_found: Ints
    tool_failed: Ints
    would_be_wrong: Bools
    """Whether an answer by the assistant alone would be wrong."""


def draw_readings(rng: Rng, population: Population, arrivals: Arrivals) -> Readings:
    """Signals of each contact, consistent with one another and with what the customer wants."""
    tables, size = needs(), len(arrivals)
    wanted = arrivals.intent
    confidence = _draw_confidence(rng, arrivals)
    intent = _draw_read_intent(rng, wanted, confidence)
    abusive = chance(rng, 0.007 + 0.02 * arrivals.follow_up, size)
    sentiment = _draw_sentiment(rng, arrivals, abusive)
    turns = 1 + rng.poisson(tables.turns[wanted] - 1)
    failures = pick(rng, np.array([0.97, 0.024, 0.006]), size)
    return Readings(
        intent=intent,
        confidence=confidence,
        out_of_scope=_draw_out_of_scope(rng, wanted),
        requests=1 + pick(rng, np.array([0.86, 0.12, 0.02]), size),
        sentiment=sentiment,
        sentiment_change=np.where(turns > 1, np.round(rng.normal(0.03, 0.15, size), 3), np.nan),
        urgency=np.round(beta(rng, tables.urgency[wanted] + 0.1 * arrivals.follow_up, 6.0), 3),
        language=_draw_language(rng, population, arrivals),
        wants_person=(wanted == tables.code("ask_person"))
        | chance(rng, 0.018 + 0.10 * arrivals.follow_up, size),
        sensitive=_draw_sensitive(rng, size),
        abusive=abusive,
        third_party=chance(rng, 0.010, size),
        suspicious=chance(rng, 0.003, size),
        identity_proven=_draw_identity(rng, arrivals.channel) & (failures < 2),
        identity_failures=failures,
        foreign_attempts=pick(rng, np.array([0.997, 0.0025, 0.0005]), size),
        open_cases=rng.poisson(0.12 + 0.5 * arrivals.follow_up),
        clarifications=((confidence < 0.75) & chance(rng, 0.6, size)).astype(np.int64),
        turns=turns,
        knowledge_found=_draw_knowledge(rng, intent),
        tool_failed=_draw_tool_faults(rng, arrivals, intent),
        would_be_wrong=_draw_wrong(rng, wanted, intent),
    )


def _draw_confidence(rng: Rng, arrivals: Arrivals) -> Floats:
    mean = needs().confidence[arrivals.intent] - NEW_WORDING.size * arrivals.new_words
    return np.round(np.clip(beta(rng, mean, _CONFIDENCE_WEIGHT), 0.05, 0.999), 4)


def _draw_read_intent(rng: Rng, wanted: Ints, confidence: Floats) -> Ints:
    """Right with exactly the stated confidence, so confidence is calibrated by construction.

    A wrong reading is some other intent of the same flow. Nothing is ever read as out of scope:
    that has a probability of its own.
    """
    tables = needs()
    flows = np.array([sorted(set(tables.flows)).index(flow) for flow in tables.flows])
    weights = np.where(flows[:, None] == flows[None, :], tables.share, 0.02 * tables.share)
    np.fill_diagonal(weights, 0.0)
    weights[:, tables.code(SOMETHING_ELSE)] = 0.0
    out_of_scope = wanted == tables.code(SOMETHING_ELSE)
    missed = ~chance(rng, confidence, len(wanted)) | out_of_scope
    intent = wanted.copy()
    for code in range(len(tables.intents)):
        rows = missed & (wanted == code)
        intent[rows] = pick(rng, weights[code], int(rows.sum()))
    return intent


def _draw_out_of_scope(rng: Rng, wanted: Ints) -> Floats:
    outside = wanted == needs().code(SOMETHING_ELSE)
    return np.round(beta(rng, np.where(outside, 0.78, 0.06), 9.0), 4)


def _draw_sentiment(rng: Rng, arrivals: Arrivals, abusive: Bools) -> Floats:
    mean = needs().mood[arrivals.intent] - 0.25 * arrivals.follow_up - 0.5 * abusive
    sentiment: Floats = np.round(np.clip(rng.normal(mean, 0.25), -1, 1), 3)
    return sentiment


def _draw_language(rng: Rng, population: Population, arrivals: Arrivals) -> Ints:
    """Mostly the customer's own; some write English, a few a language nobody here supports."""
    own = np.array([LANGUAGES.index(country.language) for country in world().countries])
    language = own[population.country[arrivals.customer]]
    other = rng.random(len(arrivals))
    language = np.where(other < 0.03, LANGUAGES.index("en"), language)
    foreign = rng.integers(SUPPORTED, len(LANGUAGES), len(arrivals))
    return np.where(other > 0.988, foreign, language)


def _draw_sensitive(rng: Rng, size: int) -> Ints:
    shares = needs().sensitive_share
    drawn = pick(rng, np.append(shares, 1 - shares.sum()), size)
    return np.where(drawn == len(shares), UNKNOWN, drawn)


def _draw_identity(rng: Rng, channel: Ints) -> Bools:
    proven = np.array([_IDENTITY_PROVEN[name] for name in needs().channels])
    return chance(rng, proven[channel], len(channel))


def _draw_knowledge(rng: Rng, intent: Ints) -> Ints:
    """Only questions of the general flow are looked up in articles."""
    names = ("general_question", "price_change", "contract_cancel", "address_change")
    asked = np.isin(intent, [needs().code(name) for name in names])
    return np.where(asked, chance(rng, 0.93, len(intent)).astype(np.int64), UNKNOWN)


def _draw_tool_faults(rng: Rng, arrivals: Arrivals, intent: Ints) -> Ints:
    """Account flows call tools, which rarely fail; on the planted days the copy tool does."""
    flows = np.array(needs().flows)[intent]
    first, last = (
        (day - FIRST_DAY).days for day in (COPY_TOOL_FAULT.first_day, COPY_TOOL_FAULT.last_day)
    )
    broken = (intent == needs().code("invoice_copy")) & (arrivals.day >= first)
    broken &= arrivals.day <= last
    share = np.where(broken, COPY_TOOL_FAULT.size, _ORDINARY_TOOL_FAULTS)
    failed = chance(rng, share, len(intent)).astype(np.int64)
    return np.where(np.isin(flows, ("invoice_inquiry", "case_management")), failed, UNKNOWN)


def _draw_wrong(rng: Rng, wanted: Ints, intent: Ints) -> Bools:
    """A misread intent gives a wrong answer unless the customer corrects it; else it depends."""
    right = needs().assistant.copy()
    for name in CONFIDENT_BUT_WRONG.intents:
        right[needs().code(name)] = 1 - CONFIDENT_BUT_WRONG.size
    misread = (intent != wanted) & chance(rng, 0.7, len(wanted))
    wrong: Bools = misread | ~chance(rng, right[wanted], len(wanted))
    return wrong
