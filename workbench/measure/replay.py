"""Replay: what another policy would have decided on every contact of the past.

Levels are exact, since the policy runs as SQL on what was known at the time; outcomes of contacts
that would have been decided otherwise are ranges (see `hindsight`). One pass over history sums up
the contacts by the rules that decide before and after, for both levels that matter to an outcome
(the assistant alone, or a person) and by both accounts; everything else follows from those sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlglot import exp, parse_one

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.decide.rules import NO_MATCH, UNCOVERED_REASON
from workbench.decide.sql import level_at, policy_sql
from workbench.measure.addends import Addend, addends_of, moments_from
from workbench.measure.hindsight import (
    ASSUMPTIONS,
    CAUTIOUS,
    HOPEFUL,
    contacts_with_usual_time,
)
from workbench.measure.intervals import Moments, clopper_pearson_upper
from workbench.measure.metrics import Formula, Metric, load_metrics
from workbench.measure.replay_report import (
    Change,
    LevelCounts,
    Range,
    ReplayedKpi,
    ReplayReport,
    Transition,
)
from workbench.measure.sums import (
    Scope,
    Source,
    contacts_source,
    last_known_time,
    newest_mature_day,
)
from workbench.records.decisions import Level

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from workbench.measure.cube import Point

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

_Sums = dict[str, int]
_Columns = dict[tuple[bool, bool], dict[str, str]]
"""(automated, hopeful) -> column -> the SQL that sums it up."""


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
    catalogue = load_metrics()
    formulas = catalogue.formulas(catalogue.pick(REPLAYED_METRICS), chosen)
    source = contacts_source(connection, last_known_time(connection))
    scan = _Scan(source, Scope(since, until, where=where or {}), before, after, formulas, changes)
    groups = scan.groups()
    transitions = tuple(each.transition for each in groups)
    kpis = tuple(_kpi(formula, groups) for formula in formulas)
    return ReplayReport(
        before=before.version,
        after=after.version,
        contacts=sum(each.contacts for each in transitions),
        levels=_levels(transitions),
        transitions=transitions,
        kpis=kpis,
        changes=_changes(source, groups, changes),
        currency=chosen.cost.currency,
        assumptions=ASSUMPTIONS,
        warnings=tuple(_warnings(transitions, kpis)),
    )


def thin_evidence(now: Point, then: Point) -> str | None:
    """Why not to lean on the figures of a proposal, in words; None when they rest on enough."""
    if then.contacts < FEW:
        return f"Only {then.contacts} contacts: every share may be off by 10 points or more."
    if then.judged < FEW:
        return f"Only {then.judged} automated answers were judged: do not lean on the error rate."
    if then.automate > now.automate and then.judged == now.judged:
        return "None of the newly automated answers was judged: their quality is not known."
    return None


@dataclass(frozen=True)
class _Group:
    """The contacts that one rule decides before and one after."""

    transition: Transition
    reason: str
    sums: Mapping[tuple[bool, bool], _Sums]
    """(automated, hopeful) -> sums of the KPIs, by column."""
    latest: tuple[tuple[int, str], ...]
    """Of those that change level: time (negated, in microseconds) and id."""

    def under(self, level: Level, *, hopeful: bool) -> _Sums:
        return self.sums[level is Level.AUTOMATE, hopeful]


@dataclass(frozen=True)
class _Scan:
    """The one pass over history."""

    source: Source
    scope: Scope
    before: Policy
    after: Policy
    formulas: Sequence[Formula]
    changes: int

    def groups(self) -> list[_Group]:
        """One per pair of rules, the largest first."""
        contacts, values = contacts_with_usual_time(self.source, self.scope)
        columns = self._columns()
        sums = [sql for told in columns.values() for sql in told.values()]
        level_before, level_after = (
            level_at(policy, position)
            for policy, position in ((self.before, "rule_before"), (self.after, "rule_after"))
        )
        latest = f"min((-epoch_us(started_at), contact_id), {max(self.changes, 1)})"
        rows = self.source.connection.execute(
            f"""
            SELECT rule_before, rule_after, count(*), count_if(judged),
                   count_if(coalesce(level, '{Level.ESCALATE}') = {level_before}),
                   {latest} FILTER (WHERE {level_before} <> {level_after}), {", ".join(sums)}
            FROM (SELECT *, ({policy_sql(self.before).position})::USMALLINT AS rule_before,
                         ({policy_sql(self.after).position})::USMALLINT AS rule_after
                  FROM ({contacts}))
            GROUP BY ALL ORDER BY 3 DESC, 1, 2
            """,
            values,
        ).fetchall()
        return [self._group(row, columns) for row in rows]

    def _columns(self) -> _Columns:
        """(automated, hopeful) -> what is summed up for the KPIs, each once."""
        return {
            (automated, hopeful): self._told(automated=automated, hopeful=hopeful)
            for automated in (True, False)
            for hopeful in (True, False)
        }

    def _told(self, *, automated: bool, hopeful: bool) -> dict[str, str]:
        account = HOPEFUL if hopeful else CAUTIOUS
        outcome = account.outcome(f"'{Level.AUTOMATE if automated else Level.ESCALATE}'")
        return {
            addend.column: _replaced(
                addend.over_contacts(newest_mature_day(self.source.as_of, addend.mature_days)),
                outcome,
            )
            for addend in _counted(self.formulas)
        }

    def _group(self, row: tuple[Any, ...], columns: _Columns) -> _Group:
        rule_before, rule_after, contacts, judged, recorded, latest, *sums = row
        id_before, level_before, _ = _rule(self.before, rule_before)
        id_after, level_after, reason = _rule(self.after, rule_after)
        transition = Transition(
            level_before=level_before,
            level_after=level_after,
            rule_before=id_before,
            rule_after=id_after,
            contacts=contacts,
            judged=judged,
            recorded_so=recorded,
        )
        found = iter(sums)
        summed = {key: {name: int(next(found) or 0) for name in columns[key]} for key in columns}
        return _Group(transition, reason, summed, tuple(latest or ()))


def _counted(formulas: Sequence[Formula]) -> list[Addend]:
    """What numerators, denominators and counts need; the squares of intervals are left out."""
    parts = (addends_of(formula) for formula in formulas)
    return list(dict.fromkeys(a for each in parts for name, a in each.items() if name in "abn"))


def _replaced(sql: str, outcome: Mapping[str, str]) -> str:
    """The SQL with columns of the contact replaced by what they would have been."""

    def told(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.name in outcome:
            return exp.paren(parse_one(outcome[node.name], read="duckdb"))
        return node

    return parse_one(sql, read="duckdb").transform(told).sql("duckdb")


def _rule(policy: Policy, position: int) -> tuple[str, Level, str]:
    """Id, level and reason of the rule at a position counted from 1; 0 is no match."""
    if not position:
        return NO_MATCH, Level.ESCALATE, UNCOVERED_REASON
    rule = policy.rules[position - 1]
    return rule.id, rule.level, rule.reason or ""


def _levels(transitions: tuple[Transition, ...]) -> tuple[LevelCounts, ...]:
    return tuple(
        LevelCounts(
            level=level,
            before=sum(each.contacts for each in transitions if each.level_before == level),
            after=sum(each.contacts for each in transitions if each.level_after == level),
        )
        for level in Level
    )


def _kpi(formula: Formula, groups: Sequence[_Group]) -> ReplayedKpi:
    metric = formula.metric
    before = [_moments(formula, groups, hopeful, after=False) for hopeful in (False, True)]
    after = [_moments(formula, groups, hopeful, after=True) for hopeful in (False, True)]
    values = [[_value(metric, one) for one in side] for side in (before, after)]
    moved = [None if a is None or b is None else a - b for b, a in zip(*values, strict=True)]
    return ReplayedKpi(
        metric=metric.name,
        title=metric.title,
        unit=metric.unit,
        direction=metric.direction,
        target=metric.target,
        before=Range.of(values[0]),
        after=Range.of(values[1]),
        change=Range.of(moved),
        n=min(one.n for one in after),
        upper_bound=_upper_bound(metric, after),
    )


def _moments(formula: Formula, groups: Sequence[_Group], hopeful: bool, *, after: bool) -> Moments:
    """The sums of a KPI when every group has its level before, or its level after."""
    found = {part: 0 for part in addends_of(formula) if part in "abn"}
    for group in groups:
        chosen = group.transition.level_after if after else group.transition.level_before
        sums = group.under(chosen, hopeful=hopeful)
        for part in found:
            found[part] += sums[addends_of(formula)[part].column]
    return moments_from(found)


def _value(metric: Metric, sums: Moments) -> float | None:
    return sums.numerator / sums.denominator * metric.scale if sums.denominator else None


def _upper_bound(metric: Metric, after: Sequence[Moments]) -> float | None:
    """The one-sided bound of a promised share, at its worse account."""
    confidence = metric.bound
    if confidence is None or not all(each.n for each in after):
        return None
    return max(clopper_pearson_upper(each.numerator, each.n, confidence) for each in after)


def _changes(source: Source, groups: Sequence[_Group], limit: int) -> tuple[Change, ...]:
    """The latest contacts that change level, with what they were about."""
    latest = sorted((when, each) for group in groups for when, each in group.latest)[:limit]
    group_of = {each: group for group in groups for _, each in group.latest}
    found = source.connection.sql(
        """SELECT contact_id, started_at, summary, intent, confidence, conversation_id, judged,
                  wrong
           FROM contact WHERE contact_id IN (SELECT unnest($ids))""",
        params={"ids": [each for _, each in latest]},
    )
    rows = {row["contact_id"]: row for row in found.to_arrow_table().to_pylist()}
    return tuple(_change(rows[each], group_of[each]) for _, each in latest)


def _change(row: dict[str, Any], group: _Group) -> Change:
    moved = group.transition
    return Change(
        rule_before=moved.rule_before,
        rule_after=moved.rule_after,
        level_before=moved.level_before,
        level_after=moved.level_after,
        reason=group.reason,
        **row,
    )


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
