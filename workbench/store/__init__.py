"""The operational store: records, ledger and outbox behind one door."""

from workbench.govern.audit import AuditReport, Finding
from workbench.store.store import Store
from workbench.store.views import (
    Approval,
    ApprovalStatus,
    ConversationRow,
    ConversationStatus,
    HandOffRow,
    HandOffStatus,
    ImportCounts,
    Message,
)
from workbench.store.work import Committed, Transaction

__all__ = [
    "Approval",
    "ApprovalStatus",
    "AuditReport",
    "Committed",
    "ConversationRow",
    "ConversationStatus",
    "Finding",
    "HandOffRow",
    "HandOffStatus",
    "ImportCounts",
    "Message",
    "Store",
    "Transaction",
]
