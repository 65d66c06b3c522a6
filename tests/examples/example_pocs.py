"""What the tests of the examples share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench.intake import ImportReport, ImportTarget

ROOT = Path(__file__).parents[2]
Imported = tuple[ImportTarget, tuple[ImportReport, ...]]
Importing = Callable[[str], Imported]
"""Imports an example by name, once a session."""
