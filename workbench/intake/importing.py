"""One import from beginning to end: read, map, type, check, write once, report."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError
from workbench.govern.privacy import mask
from workbench.intake.assemble import Tally, assemble
from workbench.intake.failed_rows import FailedRows
from workbench.intake.kinds import kind_named
from workbench.intake.mapping import Mapping, check_mapping, load_mapping
from workbench.intake.masking import masked
from workbench.intake.report import ImportReport
from workbench.intake.sinks import ImportTarget, Outcome, check_for, repeated, sink_for
from workbench.intake.suggest import Suggestion, suggest_mapping
from workbench.store.reading import ReadOptions, Table, open_table


def import_file(
    kind: str,
    source: str | Path,
    target: ImportTarget,
    mapping: Path | Mapping | None = None,
    *,
    dry_run: bool = False,
    failed_rows: Path | None = None,
) -> ImportReport:
    """Import a file or database URL into a POC. Rows in = accepted + rejected, always.

    Without a mapping one is suggested and used, if names and samples leave no question open.
    A dry run does everything but write records. A second import of the same bytes changes nothing.

    Rejected rows are written to `failed_rows`, by default a file in the POC's state folder. It
    holds the source's own cells, so that they can be mended; everywhere else card numbers, bank
    details and passwords are masked.

    Raises `InputError` when the source cannot be read to its end or does not have the mapping's
    columns, and `ConfigError` when the mapping is wrong; nothing has been imported then.
    """
    kind_named(kind)
    used, suggestion = _mapping(kind, source, mapping)
    job = _Job(kind, open_table(source, used.source), used, suggestion, dry_run)
    keep = target.poc.settings().references.patterns
    tally = Tally(
        FailedRows(failed_rows or job.failed_rows(target), job.table.columns),
        check_for(kind, target),
        lambda text: mask(text, keep=keep).text,
    )
    sink = sink_for(kind, job.table.name, target, dry_run=dry_run)
    try:
        outcome = sink(masked(assemble(job.table, used, tally), keep), job.fingerprint)
    except BaseException:
        tally.failed.abandon()
        raise
    return job.report(tally, outcome)


def suggest_for(kind: str, source: str | Path, options: ReadOptions | None = None) -> Suggestion:
    """What `import_file` would use without a mapping, with samples and open questions."""
    return suggest_mapping(kind, open_table(source, options))


def _mapping(
    kind: str, source: str | Path, given: Path | Mapping | None
) -> tuple[Mapping, Suggestion | None]:
    if given is None:
        suggestion = suggest_for(kind, source)
        return suggestion.mapping(), suggestion
    mapping = given if isinstance(given, Mapping) else load_mapping(given)
    check_mapping(mapping, None if isinstance(given, Mapping) else given)
    if mapping.kind != kind:
        raise InputError(
            f"The mapping is for {mapping.kind}, not for {kind}",
            next_step=f"Import {mapping.kind}, or choose another mapping.",
        )
    return mapping, None


@dataclass(frozen=True)
class _Job:
    """What is imported and how."""

    kind: str
    table: Table
    mapping: Mapping
    suggestion: Suggestion | None
    dry_run: bool

    def failed_rows(self, target: ImportTarget) -> Path:
        """Where rejected rows go when nobody says otherwise."""
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in self.table.name)[-80:]
        return target.poc.state / "imports" / f"{self.kind}-{name}.failed.csv"

    def fingerprint(self) -> str:
        """Equal for the same bytes read by the same mapping."""
        text = self.table.fingerprint() + self.mapping.model_dump_json()
        return hashlib.sha256(text.encode()).hexdigest()

    def report(self, tally: Tally, outcome: Outcome) -> ImportReport:
        again = [repeated(tally.repeated, self.kind)] if tally.repeated else []
        return ImportReport(
            kind=self.kind,
            source=self.table.name,
            fingerprint=self.fingerprint(),
            dry_run=self.dry_run,
            rows_in=tally.rows_in,
            rows_accepted=tally.accepted,
            rows_rejected=tally.rejected,
            records=outcome.counts,
            rejections=tuple(sorted(tally.rejections, key=lambda rejection: rejection.line)),
            reasons=dict(tally.reasons.most_common()),
            failed_rows=tally.failed.close(),
            notes=(*self.table.notes, *outcome.notes, *again),
            mapping=self.suggestion.to_toml() if self.suggestion else "",
        )
