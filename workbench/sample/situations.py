"""The situation that policy decides on, one column per field of `Situation`."""

from __future__ import annotations

import numpy as np

from workbench.records.signals import Stakes
from workbench.sample.arrays import Bools, Floats, Ints
from workbench.sample.arrivals import Arrivals
from workbench.sample.columns import Column, Columns, flag, labelled, plain
from workbench.sample.needs import needs
from workbench.sample.outcomes import Echo
from workbench.sample.population import Population
from workbench.sample.readings import LANGUAGES, SUPPORTED, UNKNOWN, Readings
from workbench.sample.world import world


def situations_of(
    population: Population, arrivals: Arrivals, read: Readings, echo: Echo
) -> Columns:
    """Names as in `Situation`; fields that no past contact had are left out."""
    tables, customer = needs(), arrivals.customer
    return {
        "intent": labelled(read.intent, tables.intents),
        "flow": _of_intent(read.intent, tables.flows),
        "confidence": plain(read.confidence),
        "out_of_scope": plain(read.out_of_scope),
        "stakes": _of_intent(read.intent, tables.stakes),
        "complexity": plain(tables.complexity.astype(np.int64)[read.intent]),
        "requests": plain(read.requests),
        "sentiment": plain(read.sentiment),
        "sentiment_change": plain(read.sentiment_change),
        "urgency": plain(read.urgency),
        "language": labelled(read.language, LANGUAGES),
        "language_supported": plain(read.language < SUPPORTED),
        "wants_person": plain(read.wants_person),
        "sensitive": labelled(read.sensitive, tables.sensitive),
        "abusive": plain(read.abusive),
        "third_party": plain(read.third_party),
        "suspicious": plain(read.suspicious),
        "identity_proven": plain(read.identity_proven),
        "identity_failures": plain(read.identity_failures),
        "foreign_attempts": plain(read.foreign_attempts),
        "segment": labelled(population.segment[customer], [s.name for s in world().segments]),
        "channel": labelled(arrivals.channel, tables.channels),
        "vulnerable": plain(population.vulnerable[customer]),
        "repeat_contact": plain(echo.repeat_contact),
        "open_cases": plain(read.open_cases),
        "clarifications": plain(read.clarifications),
        "hops": plain(np.zeros(len(arrivals), dtype=np.int64)),
        "amount": plain(_amounts(population, arrivals, read)),
        "currency": _currencies(population, arrivals, read),
        "knowledge_found": flag(read.knowledge_found),
        "tool_failed": flag(read.tool_failed),
    }


def _of_intent(intent: Ints, texts: tuple[str, ...]) -> Column:
    """A property of the intent as a column of its own."""
    labels = tuple(dict.fromkeys([*Stakes, *texts])) if texts[0] in list(Stakes) else texts
    labels = tuple(dict.fromkeys(labels))
    return labelled(np.array([labels.index(text) for text in texts])[intent], labels)


def _about_invoice(read: Readings) -> Bools:
    about: Bools = np.array(needs().flows)[read.intent] == "invoice_inquiry"
    return about


def _amounts(population: Population, arrivals: Arrivals, read: Readings) -> Floats:
    """The total of the invoice in question; unknown when it is not about one."""
    amount = population.amount[arrivals.customer, arrivals.month]
    return np.where(_about_invoice(read), amount, np.nan)


def _currencies(population: Population, arrivals: Arrivals, read: Readings) -> Column:
    labels = tuple(dict.fromkeys(country.currency for country in world().countries))
    codes = np.array([labels.index(country.currency) for country in world().countries])
    own = codes[population.country[arrivals.customer]]
    return labelled(np.where(_about_invoice(read), own, UNKNOWN), labels)
