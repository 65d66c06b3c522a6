"""What the friction map is computed from: one row of numbers per contact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.config import Settings
from workbench.improve.needs import NO_NEED, is_transactional
from workbench.measure.metrics import load_metrics
from workbench.measure.sums import Scope, contacts_source, last_known_time

Answers = Callable[[str, str], bool]
"""(message, language) -> whether an article of today answers it."""

UNHAPPY = -0.5
"""Sentiment at or below which a contact counts as unhappy."""
STAKES_KEPT = {"low": 1.0, "medium": 0.6, "high": 0.2}
"""Share of a topic's value that is counted by what a wrong answer costs; unknown counts as low."""
LARGEST = 200_000
"""Contacts that are read; of more, a repeatable sample is, and volumes are scaled up."""
_WITHOUT_HISTORY = 300
_DAYS_A_MONTH = 30.4375
_ASKED_OF_ARTICLES = 12
"""Different messages per topic that are tried on the article search."""

COLUMNS = {
    "contacts": "1",
    "people_s": "talk_s + hold_s + wrap_s",
    "cost": "{cost}",
    "repeated_48h": "repeated_48h::INT",
    "repeated_7d": "repeated_7d::INT",
    "reopened": "reopened::INT",
    "handed_off": "handed_off::INT",
    "transferred": "(human_agents > 1)::INT",
    "unhappy": f"coalesce(sentiment <= {UNHAPPY}, FALSE)::INT",
    "sentiment": "coalesce(sentiment, 0)",
    "sentiment_known": "(sentiment IS NOT NULL)::INT",
    "friction": "(repeated_7d OR reopened OR human_agents > 1 OR handed_off"
    f" OR coalesce(sentiment <= {UNHAPPY}, FALSE))::INT",
    "judged": "judged::INT",
    "wrong": "(judged AND wrong)::INT",
    "labelled": "(true_intent IS NOT NULL)::INT",
    "recognised": "coalesce(true_intent = intent, FALSE)::INT",
    "wants_person": "coalesce(wants_person, FALSE)::INT",
    "sensitive": "(sensitive IS NOT NULL)::INT",
    "stakes_kept": "CASE stakes "
    + " ".join(f"WHEN '{stakes}' THEN {kept}" for stakes, kept in STAKES_KEPT.items())
    + " ELSE 1 END",
    "by_records": "(amount IS NOT NULL OR tool_failed IS NOT NULL)::INT",
}
"""What is summed per topic, as SQL over a contact."""
WORDED = ("by_words", "transactional", "asked_articles", "answered")
"""What is added from the messages themselves."""
SUMMED = (*COLUMNS, *WORDED)


@dataclass(frozen=True)
class FrictionFacts:
    """Contacts as columns; `numbers` has one row a contact and one column for each of `SUMMED`."""

    ids: tuple[str, ...]
    intents: tuple[str, ...]
    texts: tuple[str, ...]
    languages: tuple[str, ...]
    numbers: NDArray[np.float64]
    months: float
    """Time that the contacts cover."""
    scale: float = 1.0
    """Contacts in history for each one that was read."""

    def column(self, name: str) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.numbers[:, SUMMED.index(name)]
        return found


def facts_of_contacts(connection: Any, settings: Settings, **restrict: Any) -> FrictionFacts:
    """Facts of the contacts in a history.

    Args:
        connection: history's cursor, with its view `contact`.
        restrict: `since`, `until`, `phase`, `where`, as for KPIs.
    """
    scope = Scope(**restrict)
    condition, values = scope.sql()
    source = contacts_source(connection, last_known_time(connection)).sql
    ((found, days),) = connection.execute(
        f"SELECT count(*), date_diff('day', min(day), max(day)) + 1 FROM {source} "
        f"WHERE {condition}",
        values,
    ).fetchall()
    rows = connection.execute(
        f"SELECT contact_id, coalesce(intent, 'unknown'), summary, coalesce(language, 'en'), "
        f"{_expressions(settings)} FROM {source} WHERE {condition} "
        f"ORDER BY hash(contact_id), contact_id LIMIT {LARGEST}",
        values,
    ).fetchnumpy()
    ids, intents, texts, languages, *numbers = rows.values()
    return FrictionFacts(
        ids=tuple(map(str, ids)),
        intents=tuple(map(str, intents)),
        texts=tuple(map(str, texts)),
        languages=tuple(map(str, languages)),
        numbers=_with_words(np.column_stack(numbers).astype(float), list(map(str, texts))),
        months=max((days or 1) / _DAYS_A_MONTH, 1 / _DAYS_A_MONTH),
        scale=found / len(ids) if len(ids) else 1.0,
    )


def facts_of_messages(messages: Sequence[tuple[str, str]], people_s: float) -> FrictionFacts:
    """Facts of bare (text, language), as if a month's; each takes people `people_s` seconds."""
    known = {"contacts": 1.0, "people_s": people_s, "stakes_kept": 1.0}
    row = np.array([known.get(name, 0.0) for name in COLUMNS])
    texts = [text for text, _ in messages]
    return FrictionFacts(
        ids=tuple(f"row {number}" for number in range(1, len(texts) + 1)),
        intents=("unknown",) * len(texts),
        texts=tuple(texts),
        languages=tuple(language for _, language in messages),
        numbers=_with_words(np.tile(row, (len(texts), 1)), texts),
        months=1.0,
    )


def usual_people_s(connection: Any) -> float:
    """Seconds that people spend on a contact they handle; a round five minutes without history."""
    ((mean,),) = connection.execute(
        "SELECT avg(talk_s + hold_s + wrap_s) FROM contact WHERE human_agents > 0"
    ).fetchall()
    return float(mean or _WITHOUT_HISTORY)


def questions_of_contacts(connection: Any, **restrict: Any) -> list[tuple[str, str]]:
    """First words and language of contacts that no record, tool or person was needed for."""
    condition, values = Scope(**restrict).sql()
    source = contacts_source(connection, last_known_time(connection)).sql
    rows: list[tuple[str, str]] = connection.execute(
        f"SELECT summary, coalesce(language, 'en') FROM {source} WHERE {condition}"
        " AND summary <> '' AND amount IS NULL AND tool_failed IS NULL"
        " AND NOT coalesce(wants_person, FALSE) AND coalesce(NOT list_contains(?, intent), TRUE)"
        " ORDER BY contact_id",
        [*values, sorted(NO_NEED)],
    ).fetchall()
    return rows


def _expressions(settings: Settings) -> str:
    catalogue = load_metrics()
    (metric,) = catalogue.pick(["cost_per_contact"])
    formula = catalogue.formula(metric, settings)
    cost = f"({formula.numerator})::DOUBLE * {metric.scale}"
    return ", ".join(f"{sql.format(cost=cost)} AS {name}" for name, sql in COLUMNS.items())


def _with_words(numbers: NDArray[np.float64], texts: Sequence[str]) -> NDArray[np.float64]:
    """The columns that need the words; a contact whose record was read is transactional too."""
    told = {text: is_transactional(text) for text in set(texts)}
    by_words = np.array([told[text] for text in texts], float)
    by_records = numbers[:, list(COLUMNS).index("by_records")]
    unasked = np.zeros(len(texts))
    return np.column_stack([numbers, by_words, np.maximum(by_words, by_records), unasked, unasked])


def with_articles(
    facts: FrictionFacts, groups: NDArray[np.intp], answers: Answers
) -> FrictionFacts:
    """The same facts after trying each group's untransactional messages on the articles.

    At most a dozen different messages of a group are tried, the most frequent first; every contact
    with one of them counts.
    """
    numbers = facts.numbers.copy()
    asked, answered = SUMMED.index("asked_articles"), SUMMED.index("answered")
    plain = facts.column("transactional") == 0
    for group in np.unique(groups[plain]):
        for (text, language), rows in _frequent(facts, np.flatnonzero(plain & (groups == group))):
            numbers[rows, asked] = 1
            numbers[rows, answered] = answers(text, language)
    return replace(facts, numbers=numbers)


def _frequent(
    facts: FrictionFacts, rows: NDArray[np.intp]
) -> list[tuple[tuple[str, str], list[int]]]:
    """The most frequent messages among these contacts, with the contacts that have them."""
    said: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if facts.texts[row]:
            said.setdefault((facts.texts[row], facts.languages[row]), []).append(int(row))
    return sorted(said.items(), key=lambda one: (-len(one[1]), one[0]))[:_ASKED_OF_ARTICLES]
