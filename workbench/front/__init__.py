"""The front door: one open POC, with everything that can be asked of it."""

from workbench.front.workbench import Workbench as Workbench

__all__ = ["Workbench"]
