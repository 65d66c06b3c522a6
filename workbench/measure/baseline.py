"""The baseline: KPIs of a period, saved with the definitions by which they were measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.config import Settings
from workbench.errors import Corrupt, NotFound
from workbench.files import replacing
from workbench.measure.kpis import Facts, kpis
from workbench.measure.report import Baseline
from workbench.measure.sums import Day


def measure_baseline(
    facts: Facts,
    settings: Settings | None = None,
    *,
    by: Sequence[str] = ("intent",),
    since: Day | None = None,
    until: Day | None = None,
    phase: str | None = "baseline",
    as_of: datetime | None = None,
    confidence: float = 0.95,
) -> Baseline:
    """Measure every metric of a period, in total and per slice, to compare others with.

    Raises `NotFound` when the period holds no contact: an empty baseline compares with nothing.
    """
    report = kpis(
        facts,
        by=by,
        since=since,
        until=until,
        phase=phase,
        settings=settings,
        as_of=as_of,
        confidence=confidence,
    )
    if not report.contacts:
        raise NotFound(
            f"There are no contacts{f' of phase {phase}' if phase else ''} in this period",
            next_step="Import history with `workbench import contacts FILE`, or widen the period.",
        )
    return Baseline(
        since=report.since,
        until=report.until,
        as_of=report.as_of,
        contacts=report.contacts,
        confidence=report.confidence,
        currency=report.currency,
        definitions=report.definitions,
        rows=report.rows,
    )


def save_baseline(
    facts: Facts, path: Path, settings: Settings | None = None, **restrict: Any
) -> Baseline:
    """Measure a baseline and write it as JSON in one step; arguments as for `measure_baseline`."""
    baseline = measure_baseline(facts, settings, **restrict)
    with replacing(path) as draft:
        draft.write_text(baseline.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return baseline


def load_baseline(path: Path) -> Baseline | None:
    """The saved baseline; None where none was saved. Raises `Corrupt` when it cannot be read."""
    if not path.exists():
        return None
    try:
        return Baseline.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise Corrupt(
            f"{path} is not a baseline",
            expected="a file written by `workbench baseline save`",
            next_step="Save the baseline again.",
        ) from error
