"""The friction map: what customers come for, where it hurts, and where to start next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from workbench.errors import InputError, NotFound
from workbench.improve.friction_facts import SUMMED, Answers, FrictionFacts, with_articles
from workbench.improve.friction_score import (
    Parts,
    Spread,
    Values,
    parts_of,
    spread_of,
    sums_by_group,
)
from workbench.improve.topics import find_topics
from workbench.records.base import Record

By = Literal["intent", "topic"]

_MOST_SHOWN = 500
_SURE = 0.95
"""Share of draws in which one topic must score higher for the order to be told."""


class FrictionRow(Record):
    """One topic or intent. Shares are 0-1 of its contacts unless said otherwise."""

    name: str
    contacts: int
    """As many as history holds, also where a sample was read."""
    share: float
    """Of all contacts."""
    a_month: float
    """Contacts a month."""
    minutes_each: float
    """Of people, per contact."""
    cost_each: float
    """Reporting currency, per contact."""
    repeated_48h: float
    repeated_7d: float
    reopened: float
    handed_off: float
    transferred: float
    """More than one person handled it."""
    unhappy: float
    sentiment: float | None
    """Mean, -1 to 1; None where no message was read."""
    friction: float
    """At least one of: repeated in 7 days, reopened, handed off, transferred, unhappy."""
    minutes: float
    """Value: minutes of people a month."""
    transactional: float
    """Needs a record or a tool: one was used, or the words say so."""
    transactional_by_words: float
    coverage: float | None
    """Of the other messages, share that an article answers; None where there are no others."""
    competence: float
    """Share of labelled messages that triage read right."""
    feasibility: float
    stakes: float
    """Share of the value counted in view of what a wrong answer costs."""
    sensitive: float
    wrong: float
    """Of judged answers."""
    safety: float
    score: float
    """minutes x feasibility x safety: minutes a month that could be given back."""
    score_low: float
    score_high: float
    best_place: int
    worst_place: int
    tied_with: tuple[str, ...]
    """Rows whose order with this one the data does not tell."""
    contact_ids: tuple[str, ...] = Field(exclude=True, repr=False)
    """Contacts behind the row, to look at; at most 500."""

    @property
    def place(self) -> str:
        """`3`, or `2-5` where the data leaves the place open."""
        if self.best_place == self.worst_place:
            return str(self.best_place)
        return f"{self.best_place}-{self.worst_place}"


class FrictionMap(Record):
    """All topics or intents, the most worthwhile first."""

    by: By
    contacts: int
    months: float
    currency: str
    sentence: str
    """Names the next use case and what speaks for it."""
    rows: tuple[FrictionRow, ...]

    def row(self, name: str) -> FrictionRow:
        """The row of one topic or intent; `NotFound` when there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        raise NotFound(f"The friction map has no {self.by} {name!r}")

    def __str__(self) -> str:
        from workbench.improve.friction_text import map_text

        return map_text(self)


@dataclass(frozen=True)
class Grouping:
    """Contacts by topic or intent."""

    by: By
    facts: FrictionFacts
    names: tuple[str, ...]
    groups: NDArray[np.intp] = field(repr=False)


def group_contacts(facts: FrictionFacts, by: By, count: int | None = None) -> Grouping:
    """Contacts by recorded intent, or by the topics of their first words.

    Raises `InputError` when there is nothing to group.
    """
    if not facts.ids:
        raise InputError(
            "There are no contacts to look at",
            expected="imported history or conversations",
            next_step="Import contacts with `workbench import contacts FILE`, or pass --from FILE.",
        )
    if by == "topic":
        found = find_topics(facts.texts, count)
        names = tuple(topic.name for topic in found.topics)
        return Grouping(by, facts, names, np.array(found.labels, np.intp))
    intents, groups = np.unique(np.array(facts.intents), return_inverse=True)
    return Grouping(by, facts, tuple(map(str, intents)), groups)


def friction_map(grouping: Grouping, answers: Answers, currency: str) -> FrictionMap:
    """Value, feasibility and risk of every group, ranked, with how sure the ranking is."""
    facts = with_articles(grouping.facts, grouping.groups, answers)
    count = len(grouping.names)
    sums = sums_by_group(facts, grouping.groups, count)
    parts = parts_of(sums, facts.months, facts.scale)
    spread = spread_of(facts, grouping.groups, count)
    order = np.argsort(-parts.score, kind="stable")
    rows = tuple(_row(int(i), grouping, sums, parts, spread) for i in order)
    return FrictionMap(
        by=grouping.by,
        contacts=round(len(facts.ids) * facts.scale),
        months=facts.months,
        currency=currency,
        sentence=_next_use_case(rows),
        rows=rows,
    )


def _row(i: int, grouping: Grouping, sums: Values, parts: Parts, spread: Spread) -> FrictionRow:
    names, facts = grouping.names, grouping.facts
    one = dict(zip(SUMMED, sums[i], strict=True))
    n = one["contacts"]
    return FrictionRow(
        name=names[i],
        contacts=round(n * facts.scale),
        share=n / sums[:, 0].sum(),
        a_month=n * facts.scale / facts.months,
        minutes_each=one["people_s"] / 60 / n,
        cost_each=one["cost"] / n,
        sentiment=one["sentiment"] / one["sentiment_known"] if one["sentiment_known"] else None,
        transactional_by_words=one["by_words"] / n,
        stakes=one["stakes_kept"] / n,
        coverage=float(parts.coverage[i]) if one["asked_articles"] else None,
        **{name: one[name] / n for name in _SHARES},
        **{name: float(getattr(parts, name)[i]) for name in _PARTS},
        score_low=float(spread.low[i]),
        score_high=float(spread.high[i]),
        best_place=int(spread.best_place[i]),
        worst_place=int(spread.worst_place[i]),
        tied_with=_ties(i, names, spread),
        contact_ids=_behind(i, grouping),
    )


_SHARES = (
    *("repeated_48h", "repeated_7d", "reopened", "handed_off", "transferred", "unhappy"),
    *("friction", "sensitive"),
)
_PARTS = (
    *("minutes", "competence", "transactional", "feasibility", "wrong", "safety"),
    "score",
)


def _behind(i: int, grouping: Grouping) -> tuple[str, ...]:
    inside = np.flatnonzero(grouping.groups == i)[:_MOST_SHOWN]
    return tuple(grouping.facts.ids[row] for row in inside)


def _ties(i: int, names: Sequence[str], spread: Spread) -> tuple[str, ...]:
    undecided = np.maximum(spread.beats[i], spread.beats[:, i]) < _SURE
    return tuple(names[int(j)] for j in np.flatnonzero(undecided) if j != i)


def _next_use_case(rows: Sequence[FrictionRow]) -> str:
    """What to automate next, in a sentence or two; says so when several are equally good."""
    first = rows[0]
    if first.score <= 0:
        return "Nothing here can be taken over yet: no records, tools or articles answer it."
    told = (
        f"Start with {first.name}: people spend {first.minutes:,.0f} minutes a month on it, "
        f"{first.feasibility:.0%} of it is within reach, and counted with care "
        f"{first.score:,.0f} minutes a month could be given back "
        f"(95 % interval {first.score_low:,.0f} to {first.score_high:,.0f})."
    )
    if first.tied_with:
        others = ", ".join(first.tied_with[:3])
        told += f" The data does not tell it apart from {others}."
    return told
