"""No file crashes an import, is read half, or loses a row without saying so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_files import CORPUS, MAPPING, Hostile, Refused

from workbench.errors import InputError
from workbench.intake import ImportTarget, import_file


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.file)
def test_every_row_of_a_hostile_file_is_accepted_or_rejected_with_its_reason(
    case: Hostile, tmp_path: Path, target: ImportTarget
) -> None:
    path = case.put(tmp_path)
    if isinstance(case.outcome, Refused):
        with pytest.raises(InputError, match="(?s)" + _literal(case.outcome.because)):
            import_file("invoices", path, target, MAPPING)
        return
    report = import_file("invoices", path, target, MAPPING)
    reasons = {rejection.line: rejection.reason for rejection in report.rejections}
    assert report.rows_in == report.rows_accepted + report.rows_rejected
    assert report.rows_accepted == case.outcome.accepted, report
    assert set(reasons) == set(case.outcome.rejected)
    for line, word in case.outcome.rejected.items():
        assert word in reasons[line]


def test_the_corpus_has_at_least_sixty_files() -> None:
    print(f"{len(CORPUS)} hostile files")
    assert len({case.file for case in CORPUS}) == len(CORPUS) >= 60


def _literal(text: str) -> str:
    return "".join("\\" + c if c in r"\.^$*+?()[]{}|" else c for c in text)
