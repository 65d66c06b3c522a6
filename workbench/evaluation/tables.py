"""How runs, comparisons and agreements look as text and in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.evaluation.mistakes import confident_mistakes, error_kinds
from workbench.evaluation.scorers import Unit
from workbench.measure.tables import aligned, html_table

if TYPE_CHECKING:
    from workbench.evaluation.agreement import Agreement
    from workbench.evaluation.compare import CaseChange, Comparison, Difference
    from workbench.evaluation.run import EvaluationRun, Runs, Summary

Row = tuple[str, ...]
_TOTALS: Row = ("score", "value", "95 % interval", "n", "question")
_DIFFERENCES: Row = ("score", "before", "after", "change", "95 % interval", "better", "worse", "p")
_CONFIDENT: Row = ("confidence", "expected", "read as", "what is wrong", "message")
_SHOWN = 20
"""Cases that a text shows of each kind; all stand in JSON, CSV and the app."""


def run_text(run: EvaluationRun) -> str:
    """Caption, totals, the most frequent confusions and confident mistakes."""
    parts = [caption(run.summary) + (" (made before)" if run.repeated else ""), ""]
    parts += aligned([_TOTALS, *total_rows(run.summary)])
    kinds = [
        (kind.expected, kind.read_as, f"{len(kind.cases):,}", f"{kind.acted_alone:,}")
        for kind in error_kinds(run)[:_SHOWN]
    ]
    if kinds:
        parts += ["", *aligned([("expected", "read as", "cases", "acted alone"), *kinds])]
    sure = [
        (f"{one.confidence:.2f}", one.expected, one.read_as, one.why[:40], one.says[:60])
        for one in confident_mistakes(run)[:_SHOWN]
    ]
    if sure:
        parts += ["", *aligned([_CONFIDENT, *sure])]
    return "\n".join(parts)


def run_html(run: EvaluationRun) -> str:
    return html_table(caption(run.summary), _TOTALS, total_rows(run.summary))


def runs_text(found: Runs) -> str:
    """One line a run."""
    rows = [
        (
            one.id,
            f"{one.at:%Y-%m-%d %H:%M}",
            one.name,
            f"{one.cases:,}",
            "-" if one.pass_k is None else f"{one.pass_k:.3f}",
            one.versions.policy,
            one.by,
        )
        for one in found.runs
    ]
    headings = ("run", "made (UTC)", "cases from", "cases", "pass^k", "policy", "by")
    return "\n".join(aligned([headings, *rows])) if rows else "No run yet."


def caption(summary: Summary) -> str:
    """What was run, in one line."""
    versions = summary.versions
    passed = "" if summary.pass_k is None else f", pass^{versions.repeat} {summary.pass_k:.3f}"
    return (
        f"{summary.id}: {summary.name}, {summary.cases:,} cases{passed}; policy "
        f"{versions.policy}, triage {versions.triage}, model {versions.model}"
    )


def total_rows(summary: Summary) -> list[Row]:
    return [
        (
            total.scorer,
            amount(total.value, total.unit),
            f"{amount(total.low, total.unit)} to {amount(total.high, total.unit)}",
            f"{total.groups:,}",
            total.question,
        )
        for total in summary.totals
        if total.value is not None
    ]


def comparison_text(comparison: Comparison) -> str:
    """The verdict, what differs, the cases that changed, then the totals."""
    parts = [comparison.verdict, *_versions(comparison), *_changed_cases(comparison.cases), ""]
    parts += aligned([_DIFFERENCES, *difference_rows(comparison.totals)])
    return "\n".join(parts)


def comparison_html(comparison: Comparison) -> str:
    cases = [
        (case.change, case.says[0] if case.says else "", case.before, case.after, case.why)
        for case in comparison.cases
        if case.change != "same" or case.differs
    ]
    headings = ("change", "message", "before", "after", "why")
    return html_table(comparison.verdict, headings, cases[:_SHOWN]) + html_table(
        "Totals", _DIFFERENCES, difference_rows(comparison.totals)
    )


def _versions(comparison: Comparison) -> Iterator[str]:
    for name, (before, after) in comparison.versions.items():
        yield f"  {name}: {before} -> {after}"


def _changed_cases(cases: Sequence[CaseChange]) -> Iterator[str]:
    for change in ("worse", "better"):
        found = [case for case in cases if case.change == change]
        for case in found[:_SHOWN]:
            yield f"\n{change.upper()} {case.case_id}: {' / '.join(case.says)[:100]}"
            yield f"  before: {case.before}"
            yield f"  after:  {case.after}" + (f" ({case.why})" if case.why else "")
        if len(found) > _SHOWN:
            yield f"\n... and {len(found) - _SHOWN:,} more that are {change}"


def difference_rows(differences: Sequence[Difference]) -> list[Row]:
    return [
        (
            one.scorer,
            amount(one.before, one.unit),
            amount(one.after, one.unit),
            amount(one.change, one.unit, sign=True),
            f"{amount(one.low, one.unit, sign=True)} to {amount(one.high, one.unit, sign=True)}",
            f"{one.better:,}",
            f"{one.worse:,}",
            f"{one.p:.3f}" if one.judges else "",
        )
        for one in differences
    ]


def amount(value: float | None, unit: Unit, *, sign: bool = False) -> str:
    """A score as people read it: `62.3 %`, `2.10 turns`, `41.0 ms`; `-` for None."""
    if value is None:
        return "-"
    plus = "+" if sign else ""
    if unit == "share":
        return f"{value * 100:{plus}.1f} %"
    if unit == "ms":
        return f"{value:{plus}.1f} ms"
    if unit == "micros":
        return f"{value / 1e6:{plus}.4f}"
    return f"{value:{plus}.2f} {unit}"


def agreement_text(found: Agreement) -> str:
    """Shares, kappa, the table of judgements, the warning."""
    kappa = "not defined"
    if found.kappa is not None:
        kappa = f"{found.kappa:.2f} ({found.kappa_low:.2f} to {found.kappa_high:.2f})"
    labels = tuple(found.confusion)
    table = [
        (f"people: {said}", *(f"{row[label]:,}" for label in labels))
        for said, row in found.confusion.items()
    ]
    return "\n".join(
        [
            f"{found.cases:,} cases judged by both: {found.agree:.1%} agree "
            f"({found.agree_low:.1%} to {found.agree_high:.1%}), Cohen's kappa {kappa}",
            *aligned([("", *(f"judge: {label}" for label in labels)), *table]),
            *([f"Warning: {found.warning}"] if found.warning else []),
        ]
    )
