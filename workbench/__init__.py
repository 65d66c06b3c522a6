"""Take AI-led customer service from a proof of concept to production.

    >>> from workbench import open_workbench
    >>> with open_workbench("sample_data") as wb:
    ...     turn = wb.converse("C-1001", "How much is invoice INV-2604-0001?")
    ...     print(turn.reply.text, turn.level, turn.rule)

The front door: what is listed here is stable. Names load when first used, so importing is cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.bootstrap import open_workbench as open_workbench
    from workbench.decide.promise import Promise as Promise
    from workbench.flows.result import TurnResult as TurnResult
    from workbench.front import Workbench as Workbench
    from workbench.records.cases import Case as Case
    from workbench.records.contacts import Contact as Contact
    from workbench.records.customers import Customer as Customer
    from workbench.records.decisions import Decision as Decision
    from workbench.records.decisions import HandOffReason as HandOffReason
    from workbench.records.decisions import Level as Level
    from workbench.records.evidence import Fact as Fact
    from workbench.records.evidence import Packet as Packet
    from workbench.records.evidence import Reply as Reply
    from workbench.records.invoices import Invoice as Invoice
    from workbench.records.invoices import InvoiceAccount as InvoiceAccount
    from workbench.records.money import Money as Money
    from workbench.records.signals import Signals as Signals
    from workbench.records.signals import Situation as Situation

_PLACES = {
    "open_workbench": "bootstrap",
    "Workbench": "front",
    "TurnResult": "flows.result",
    "Case": "records.cases",
    "Contact": "records.contacts",
    "Customer": "records.customers",
    "Decision": "records.decisions",
    "HandOffReason": "records.decisions",
    "Level": "records.decisions",
    "Fact": "records.evidence",
    "Packet": "records.evidence",
    "Reply": "records.evidence",
    "Invoice": "records.invoices",
    "InvoiceAccount": "records.invoices",
    "Money": "records.money",
    "Promise": "decide.promise",
    "Signals": "records.signals",
    "Situation": "records.signals",
}

__all__ = [
    "Case",
    "Contact",
    "Customer",
    "Decision",
    "Fact",
    "HandOffReason",
    "Invoice",
    "InvoiceAccount",
    "Level",
    "Money",
    "Packet",
    "Promise",
    "Reply",
    "Signals",
    "Situation",
    "TurnResult",
    "Workbench",
    "open_workbench",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'workbench' has no attribute {name!r}")
    return getattr(import_module(f"workbench.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
