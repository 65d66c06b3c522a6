"""Performers: one function per write operation, registered under its parameters.

A performer runs inside the transaction, after its principal has been authorised for the target
that it names. It checks again what a plan has checked, since the world may have moved.
"""

from workbench.store.operations import (
    adapting,
    alerts,
    approvals,
    billing,
    case_merging,
    case_splitting,
    cases,
    clocks,
    contact,
    desk,
    people,
    policies,
    presence,
    verdicts,
)
from workbench.store.operations.registry import PERFORMERS, Outcome, performer_of

__all__ = [
    "PERFORMERS",
    "Outcome",
    "adapting",
    "alerts",
    "approvals",
    "billing",
    "case_merging",
    "case_splitting",
    "cases",
    "clocks",
    "contact",
    "desk",
    "people",
    "performer_of",
    "policies",
    "presence",
    "verdicts",
]
