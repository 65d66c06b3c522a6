"""How KPI reports look as plain text and in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from workbench.measure.metrics import Unit
from workbench.measure.report import Baseline, Kpi, KpiReport

_HEADINGS = ("KPI", "value", "interval", "n", "baseline", "change", "target", "status")


def format_value(value: float | None, unit: Unit, currency: str = "", *, sign: bool = False) -> str:
    """A value as people read it: `62.3 %`, `5 min 12 s`, `4.31 EUR`, `-12.0`; `-` for None."""
    if value is None:
        return "-"
    plus = "+" if sign and value > 0 else ""
    if unit == "share":
        return f"{plus}{value * 100:.1f} %"
    if unit == "s":
        return plus + _duration(value)
    if unit == "currency":
        return f"{plus}{value:.2f} {currency}".rstrip()
    return f"{plus}{value:.1f}"


def percent(share: float) -> str:
    """A share with three digits, for sentences: `95 %`, `97.5 %`, `0.512 %`."""
    return f"{share * 100:.3g} %"


def _duration(seconds: float) -> str:
    minus, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    if seconds < 60:
        return f"{minus}{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minus}{minutes} min {rest:02} s"
    return f"{minus}{minutes // 60} h {minutes % 60:02} min"


def _cells(row: Kpi, currency: str) -> tuple[str, ...]:
    def show(value: float | None, *, sign: bool = False) -> str:
        return format_value(value, row.unit, currency, sign=sign)

    interval = f"{show(row.low)} to {show(row.high)}" if row.value is not None else ""
    verdict = f" ({row.verdict})" if row.verdict else ""
    status = f"{row.status}: {row.note}" if row.note else str(row.status)
    if row.upper_bound is not None:
        status += f", at most {show(row.upper_bound)}"
    change = show(row.change, sign=True) + verdict
    return (
        row.title,
        show(row.value),
        interval,
        f"{row.n:,}",
        show(row.baseline),
        change,
        show(row.target),
        status,
    )


def _table(report: KpiReport) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    rows = []
    for row in report.rows:
        key = tuple(_key_text(row, name) for name in report.by)
        rows.append(key + _cells(row, report.currency))
    return report.by + _HEADINGS, rows


def _key_text(row: Kpi, name: str) -> str:
    value: Any = row.slice.get(name) if row.slice else "(all)"
    return "(none)" if value is None else str(value)


def _caption(report: KpiReport) -> str:
    period = f"{report.since or 'beginning'} to {report.until or report.as_of.date()}"
    parts = [f"{report.contacts:,} contacts", period, f"{report.confidence:.0%} intervals"]
    if report.phase:
        parts.append(f"phase {report.phase}")
    if report.baseline_period:
        parts.append(f"baseline {report.baseline_period}")
    if report.sample:
        parts.append("sample data")
    return ", ".join(parts)


def report_text(report: KpiReport) -> str:
    """Caption and an aligned table."""
    headings, rows = _table(report)
    return "\n".join([_caption(report), *aligned([headings, *rows])])


def baseline_text(baseline: Baseline) -> str:
    """Period and totals; slices are for comparisons."""
    caption = f"Baseline {baseline.period}: {baseline.contacts:,} contacts"
    cells = [_cells(row, baseline.currency)[:4] for row in baseline.rows if not row.slice]
    return "\n".join([caption, *aligned([_HEADINGS[:4], *cells])])


def aligned(lines: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines of a table whose first line is its headings, with a rule below them."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return [drawn[0], "-" * len(drawn[0]), *drawn[1:]]


def report_html(report: KpiReport) -> str:
    """The same table as HTML, every cell escaped."""
    headings, rows = _table(report)
    return html_table(_caption(report), headings, rows)


def html_table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as HTML, every cell escaped."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
