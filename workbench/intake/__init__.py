"""Own data in: files and databases become records of a POC, every row accounted for."""

from __future__ import annotations

from workbench.intake.failed_rows import harmless
from workbench.intake.importing import import_file, suggest_for
from workbench.intake.kinds import KINDS
from workbench.intake.mapping import Mapping, load_mapping
from workbench.intake.report import Counts, ImportReport, Rejection
from workbench.intake.sinks import ImportTarget
from workbench.intake.sources import import_sources
from workbench.intake.suggest import Suggestion, suggest_mapping

__all__ = [
    "KINDS",
    "Counts",
    "ImportReport",
    "ImportTarget",
    "Mapping",
    "Rejection",
    "Suggestion",
    "harmless",
    "import_file",
    "import_sources",
    "load_mapping",
    "suggest_for",
    "suggest_mapping",
]
