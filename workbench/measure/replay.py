"""Replay: what another policy would have decided on every contact of the past.

History is read once. Levels are exact, since the policy runs as SQL on what was known at the time;
outcomes of contacts that would have been decided otherwise are ranges (see `hindsight`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.decide.rules import NO_MATCH, UNCOVERED_REASON
from workbench.decide.sql import level_at, policy_sql
from workbench.measure.hindsight import (
    ASSUMPTIONS,
    CAUTIOUS,
    HOPEFUL,
    Account,
    contacts_with_usual_time,
)
from workbench.measure.intervals import clopper_pearson_upper
from workbench.measure.metrics import Formula, load_metrics
from workbench.measure.replay_report import (
    Change,
    LevelCounts,
    Range,
    ReplayedKpi,
    ReplayReport,
    Transition,
)
from workbench.measure.sums import Scope, Source, Tally, contacts_source, last_known_time, tally
from workbench.records.decisions import Level

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REPLAYED_METRICS = (
    "automation_share",
    "containment",
    "deflection",
    "resolution_assumed",
    "wrong_automation",
    "escalation",
    "human_time",
    "cost_per_contact",
)
"""The KPIs that a change of level moves and that the two accounts can bound."""

FEW = 100
"""Below this many contacts a share is off by 10 points or more; the report warns."""

_TABLE = "replayed_contact"
_KEPT = (
    "contact_id started_at day as_of level rule_id eligible repeated_48h entered_automation "
    "engaged handed_off handoff_kind called_back abandoned resolution human_agents talk_s hold_s "
    "wrap_s judged wrong model_cost_micros tool_cost_micros telephony_cost_micros "
    "usual_low usual_high"
).split()


def replay(
    connection: DuckDBPyConnection,
    before: Policy,
    after: Policy,
    *,
    settings: Settings | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    where: Mapping[str, Any] | None = None,
    changes: int = 200,
) -> ReplayReport:
    """Decide every contact of `contact` by two policies and compare counts, KPIs and contacts.

    Args:
        connection: DuckDB with the relation `contact` (columns of `records.contacts.Contact`).
        settings: costs for the KPIs.
        since, until, where: which contacts; all by default. `where` maps columns to values.
        changes: how many contacts that change level are listed, the latest first.
    """
    chosen = settings or Settings()
    source = contacts_source(connection, last_known_time(connection))
    scope = Scope(since, until, where=where or {})
    with _decided(source, scope, before, after) as replayed:
        transitions = _transitions(replayed, before, after)
        kpis = _kpis(replayed, chosen)
        listed = _changes(replayed, before, after, changes)
    return ReplayReport(
        before=before.version,
        after=after.version,
        contacts=sum(each.contacts for each in transitions),
        levels=_levels(transitions),
        transitions=transitions,
        kpis=kpis,
        changes=listed,
        currency=chosen.cost.currency,
        assumptions=ASSUMPTIONS,
        warnings=tuple(_warnings(transitions, kpis)),
    )


@contextmanager
def _decided(source: Source, scope: Scope, before: Policy, after: Policy) -> Iterator[Source]:
    """History read once, each contact with the rule and the level that either policy gives it."""
    contacts, values = contacts_with_usual_time(source, scope)
    source.connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {_TABLE} AS
        SELECT *, {level_at(before, "rule_before")} AS level_before,
               {level_at(after, "rule_after")} AS level_after
        FROM (SELECT {", ".join(_KEPT)},
                     ({policy_sql(before).position})::USMALLINT AS rule_before,
                     ({policy_sql(after).position})::USMALLINT AS rule_after
              FROM ({contacts}))
        """,
        values,
    )
    try:
        yield Source(source.connection, _TABLE, source.as_of)
    finally:
        source.connection.execute(f"DROP TABLE {_TABLE}")


def _transitions(replayed: Source, before: Policy, after: Policy) -> tuple[Transition, ...]:
    """How many contacts go from which level and rule to which, the largest groups first."""
    rows = replayed.connection.execute(
        f"""
        SELECT level_before, level_after, rule_before, rule_after, count(*),
               count(*) FILTER (WHERE judged),
               count(*) FILTER (WHERE coalesce(level, 'escalate') = level_before)
        FROM {replayed.sql} GROUP BY ALL ORDER BY 5 DESC, 1, 2, 3, 4
        """
    ).fetchall()
    return tuple(
        Transition(
            level_before=level_before,
            level_after=level_after,
            rule_before=_rule(before, rule_before)[0],
            rule_after=_rule(after, rule_after)[0],
            contacts=contacts,
            judged=judged,
            recorded_so=recorded,
        )
        for level_before, level_after, rule_before, rule_after, contacts, judged, recorded in rows
    )


def _rule(policy: Policy, position: int) -> tuple[str, str]:
    """Id and reason of the rule at a position counted from 1; 0 is no match."""
    if not position:
        return NO_MATCH, UNCOVERED_REASON
    rule = policy.rules[position - 1]
    return rule.id, rule.reason or ""


def _levels(transitions: tuple[Transition, ...]) -> tuple[LevelCounts, ...]:
    return tuple(
        LevelCounts(
            level=level,
            before=sum(each.contacts for each in transitions if each.level_before == level),
            after=sum(each.contacts for each in transitions if each.level_after == level),
        )
        for level in Level
    )


@dataclass(frozen=True)
class _Sides:
    """Sums under the policy before and after, by the cautious and by the hopeful account."""

    before: tuple[Tally, Tally]
    after: tuple[Tally, Tally]


def _kpis(replayed: Source, settings: Settings) -> tuple[ReplayedKpi, ...]:
    catalogue = load_metrics()
    formulas = [catalogue.formula(m, settings) for m in catalogue.pick(REPLAYED_METRICS)]

    def under(decided: str, account: Account) -> Tally:
        outcome = ", ".join(f"{sql} AS {name}" for name, sql in account.outcome(decided).items())
        told = Source(
            replayed.connection,
            f"(SELECT * REPLACE ({outcome}) FROM {replayed.sql})",
            replayed.as_of,
        )
        return tally(told, formulas, (), Scope())[0]

    sides = _Sides(
        (under("level_before", CAUTIOUS), under("level_before", HOPEFUL)),
        (under("level_after", CAUTIOUS), under("level_after", HOPEFUL)),
    )
    return tuple(_kpi(formula, sides) for formula in formulas)


def _kpi(formula: Formula, sides: _Sides) -> ReplayedKpi:
    metric = formula.metric
    before = [_value(formula, one) for one in sides.before]
    after = [_value(formula, one) for one in sides.after]
    pairs = zip(before, after, strict=True)
    moved = [None if a is None or b is None else a - b for b, a in pairs]
    return ReplayedKpi(
        metric=metric.name,
        title=metric.title,
        unit=metric.unit,
        direction=metric.direction,
        target=metric.target,
        before=Range.of(before),
        after=Range.of(after),
        change=Range.of(moved),
        n=min(one.moments(formula).n for one in sides.after),
        upper_bound=_upper_bound(formula, sides.after),
    )


def _value(formula: Formula, one: Tally) -> float | None:
    sums = one.moments(formula)
    if not sums.denominator:
        return None
    return sums.numerator / sums.denominator * formula.metric.scale


def _upper_bound(formula: Formula, after: tuple[Tally, Tally]) -> float | None:
    """The one-sided bound of a promised share, at its worse account."""
    confidence = formula.metric.bound
    sums = [one.moments(formula) for one in after]
    if confidence is None or not all(each.n for each in sums):
        return None
    return max(clopper_pearson_upper(each.numerator, each.n, confidence) for each in sums)


def _changes(replayed: Source, before: Policy, after: Policy, limit: int) -> tuple[Change, ...]:
    latest = replayed.connection.sql(
        f"""
        WITH latest AS (
            SELECT contact_id, started_at, level_before, level_after, rule_before, rule_after
            FROM {replayed.sql} WHERE level_before <> level_after
            ORDER BY started_at DESC, contact_id LIMIT {int(limit)})
        SELECT latest.*, summary, intent, confidence, conversation_id, judged, wrong
        FROM latest JOIN contact USING (contact_id)
        ORDER BY latest.started_at DESC, contact_id
        """
    )
    return tuple(_change(row, before, after) for row in latest.to_arrow_table().to_pylist())


def _change(row: dict[str, Any], before: Policy, after: Policy) -> Change:
    rule_before, _ = _rule(before, row.pop("rule_before"))
    rule_after, reason = _rule(after, row.pop("rule_after"))
    return Change(rule_before=rule_before, rule_after=rule_after, reason=reason, **row)


def _warnings(transitions: tuple[Transition, ...], kpis: tuple[ReplayedKpi, ...]) -> Iterator[str]:
    contacts = sum(each.contacts for each in transitions)
    if contacts < FEW:
        yield f"Only {contacts} contacts: every share may be off by 10 points or more."
    newly = [each for each in transitions if each.newly_automated]
    opened, judged = sum(t.contacts for t in newly), sum(t.judged for t in newly)
    if opened and judged < FEW:
        yield (
            f"Of {opened} contacts that would newly be automated only {judged} were judged: "
            "how many of those answers would be wrong is hardly known."
        )
    wrong = next(kpi for kpi in kpis if kpi.metric == "wrong_automation")
    if not wrong.n:
        yield "No automated answer was judged: how many are wrong is not known."
    elif wrong.n < FEW:
        yield f"Only {wrong.n} automated answers were judged: read the upper bound, not the rate."
    otherwise = contacts - sum(each.recorded_so for each in transitions)
    if otherwise * 10 > contacts:
        yield (
            f"{otherwise} of {contacts} contacts were recorded under another level than the policy "
            "before gives them, so its figures are ranges too."
        )
