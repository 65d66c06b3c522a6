"""A part of the front door: some methods about one matter, reached as `workbench.<matter>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.front.workbench import Workbench


@dataclass(frozen=True)
class Part:
    """Thin methods over one open POC; each is one call into the room that knows."""

    workbench: Workbench
