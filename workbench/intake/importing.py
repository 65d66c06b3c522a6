"""One import from beginning to end: read, map, type, check, write once, report."""

from __future__ import annotations

import hashlib
from pathlib import Path

from workbench.errors import InputError
from workbench.intake.assemble import Tally, assemble
from workbench.intake.failed_rows import FailedRows
from workbench.intake.kinds import kind_named
from workbench.intake.mapping import Mapping, check_mapping, load_mapping
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
    A dry run does everything but write records. Rejected rows are written to `failed_rows`, by
    default a file in the POC's state folder. A second import of the same bytes changes nothing.

    Raises `InputError` when the source cannot be read to its end or does not have the mapping's
    columns, and `ConfigError` when the mapping is wrong; nothing has been imported then.
    """
    kind_named(kind)
    used, suggestion = _mapping(kind, source, mapping)
    table = open_table(source, used.source)
    path = failed_rows or target.poc.state / "imports" / f"{kind}-{_file_name(table)}.failed.csv"
    tally = Tally(FailedRows(path, table.columns), check_for(kind, target))
    try:
        outcome = sink_for(kind, table.name, target, dry_run=dry_run)(
            assemble(table, used, tally), lambda: _fingerprint(table, used)
        )
    except BaseException:
        tally.failed.abandon()
        raise
    return _report(kind, table, used, suggestion, tally, outcome, dry_run)


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


def _file_name(table: Table) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in table.name)[-80:]


def _fingerprint(table: Table, mapping: Mapping) -> str:
    """Equal for the same bytes read by the same mapping."""
    text = table.fingerprint() + mapping.model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()


def _report(
    kind: str,
    table: Table,
    mapping: Mapping,
    suggestion: Suggestion | None,
    tally: Tally,
    outcome: Outcome,
    dry_run: bool,
) -> ImportReport:
    again = [repeated(tally.repeated, kind)] if tally.repeated else []
    return ImportReport(
        kind=kind,
        source=table.name,
        fingerprint=_fingerprint(table, mapping),
        dry_run=dry_run,
        rows_in=tally.rows_in,
        rows_accepted=tally.accepted,
        rows_rejected=tally.rejected,
        records=outcome.counts,
        rejections=tuple(sorted(tally.rejections, key=lambda rejection: rejection.line)),
        reasons=dict(tally.reasons.most_common()),
        failed_rows=tally.failed.close(),
        notes=(*table.notes, *outcome.notes, *again),
        mapping=suggestion.to_toml() if suggestion else "",
    )
