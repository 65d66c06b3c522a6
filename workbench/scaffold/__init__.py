"""New POC folders: complete, small, and running at once."""

from __future__ import annotations

from workbench.scaffold.folder import new_poc

__all__ = ["new_poc"]
