"""A run as CSV: one row per case, try and score, safe to open in a spreadsheet.

A score whose question did not arise has no row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import InputError
from workbench.evaluation.run import EvaluationRun
from workbench.files import replacing
from workbench.intake.failed_rows import harmless

COLUMNS = (
    "run", "case", "source", "group", "says", "expected", "read_as", "confidence", "level", "rule",
    "trial", "scorer", "value", "why",
)  # fmt: skip


def export_run(run: EvaluationRun, path: Path) -> int:
    """Write a run; the file appears whole, its folder is made. Gives the number of rows.

    Raises `InputError` where the file cannot be written.
    """
    try:
        rows = [[harmless(cell) for cell in row] for row in _rows(run)]
        with (
            replacing(path) as draft,
            draft.open("w", encoding="utf-8-sig", newline="") as file,
        ):
            csv.writer(file).writerows([COLUMNS, *rows])
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}", expected="a place where you may write"
        ) from error
    return len(rows)


def _rows(run: EvaluationRun) -> Iterator[list[str]]:
    for result in run.results:
        case = result.case
        for number, trial in enumerate(result.trials, 1):
            heard = trial.outcome.first
            about = [
                run.id,
                case.id,
                case.source,
                case.group,
                " / ".join(case.says),
                ", ".join(intent for wish in case.expected for intent in wish.intents),
                ", ".join(score.intent for score in heard.intents),
                f"{result.confidence:.4f}",
                str(heard.level or ""),
                heard.rule,
                str(number),
            ]
            for name, score in trial.scores.items():
                if score.value is not None:
                    yield [*about, name, f"{score.value:g}", score.why]
