"""What a replay answers with: frozen values that show themselves as text and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Self

from workbench.measure.metrics import Direction, Unit
from workbench.measure.tables import format_value
from workbench.records.base import Instant, Record
from workbench.records.decisions import Level


class Range(Record):
    """What a figure lies between; both ends are equal when history knows it."""

    low: float | None
    """None: no data."""
    high: float | None

    @classmethod
    def of(cls, values: Sequence[float | None]) -> Self:
        known = [value for value in values if value is not None]
        return cls(low=min(known, default=None), high=max(known, default=None))

    def show(self, unit: Unit, currency: str = "", *, sign: bool = False) -> str:
        """`41.2 %`, or `41.2 % to 47.0 %`."""
        low = format_value(self.low, unit, currency, sign=sign)
        high = format_value(self.high, unit, currency, sign=sign)
        return low if low == high else f"{low} to {high}"


class LevelCounts(Record):
    """Contacts per level under either policy; exact."""

    level: Level
    before: int
    after: int


class Transition(Record):
    """Contacts that one rule decided before and another one, or the same, decides after."""

    level_before: Level
    level_after: Level
    rule_before: str
    rule_after: str
    contacts: int
    judged: int
    """Of these, with an answer or would-be answer that a person judged."""
    recorded_so: int
    """Of these, recorded under the level that the policy before gives."""

    @property
    def newly_automated(self) -> bool:
        return self.level_before != self.level_after == Level.AUTOMATE


class ReplayedKpi(Record):
    """One KPI under either policy, by the cautious and the hopeful account."""

    metric: str
    title: str
    unit: Unit
    direction: Direction
    target: float | None = None
    before: Range
    after: Range
    change: Range
    """After minus before, each by the same account."""
    n: int
    """Contacts in the denominator after, by the account that has fewer."""
    upper_bound: float | None = None
    """One-sided exact bound after, where the metric carries a promise."""


class Change(Record):
    """A contact that changes level."""

    contact_id: str
    conversation_id: str | None
    started_at: Instant
    intent: str | None
    confidence: float | None
    level_before: Level
    level_after: Level
    rule_before: str
    rule_after: str
    reason: str
    """Why a person is involved after; empty when automated."""
    summary: str
    """First words of the customer, masked; data from outside."""
    judged: bool
    wrong: bool


class ReplayReport(Record):
    """What changes when one policy takes the place of another, on the same history."""

    before: str
    """Policy version."""
    after: str
    contacts: int
    levels: tuple[LevelCounts, ...]
    transitions: tuple[Transition, ...]
    kpis: tuple[ReplayedKpi, ...]
    changes: tuple[Change, ...]
    """The latest contacts that change level; `changed` counts all of them."""
    currency: str
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def changed(self) -> int:
        """Contacts whose level differs."""
        moved = (t for t in self.transitions if t.level_before != t.level_after)
        return sum(each.contacts for each in moved)

    def kpi(self, metric: str) -> ReplayedKpi:
        return next(kpi for kpi in self.kpis if kpi.metric == metric)

    def level(self, level: Level) -> LevelCounts:
        return next(counts for counts in self.levels if counts.level == level)

    def to_dict(self) -> dict[str, Any]:
        """JSON values only."""
        return self.model_dump(mode="json") | {"changed": self.changed}

    def __repr__(self) -> str:
        return "\n".join(_text(self))

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return "".join(_html(self))


_HEADINGS = ("", "before", "after", "change")


def _headline(report: ReplayReport) -> str:
    return (
        f"{report.contacts:,} contacts, {report.changed:,} change level: "
        f"{report.before} -> {report.after}"
    )


def _rows(report: ReplayReport) -> Iterator[tuple[str, ...]]:
    for counts in report.levels:
        moved = f"{counts.after - counts.before:+,}"
        yield str(counts.level), f"{counts.before:,}", f"{counts.after:,}", moved
    for kpi in report.kpis:
        show = (kpi.unit, report.currency)
        after = kpi.after.show(*show)
        if kpi.upper_bound is not None:
            after += f" (at most {format_value(kpi.upper_bound, *show)}, n {kpi.n:,})"
        yield kpi.title, kpi.before.show(*show), after, kpi.change.show(*show, sign=True)


def _text(report: ReplayReport) -> Iterator[str]:
    rows = [_HEADINGS, *_rows(report)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADINGS))]
    yield _headline(report)
    for row in rows:
        yield "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
    yield from (f"! {warning}" for warning in report.warnings)
    yield from (f"- {assumption}" for assumption in report.assumptions)


def _html(report: ReplayReport) -> Iterator[str]:
    yield f"<table><caption>{escape(_headline(report))}</caption><thead>"
    yield _html_row(_HEADINGS, "th") + "</thead><tbody>"
    yield from (_html_row(row, "td") for row in _rows(report))
    yield "</tbody></table>"
    for title, sentences in (("Warnings", report.warnings), ("Assumptions", report.assumptions)):
        if sentences:
            items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
            yield f"<p>{title}</p><ul>{items}</ul>"


def _html_row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"
