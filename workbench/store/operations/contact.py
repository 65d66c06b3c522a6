"""Requests that people must carry out: call-backs, changes of details, security reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.records.cases import Case
from workbench.records.events import EventKind
from workbench.records.invoices import Invoice
from workbench.records.operations import ReportSecurity, RequestCallback, RequestDetailChange
from workbench.store.messages import tell_inside
from workbench.store.operations.cases import customer_target
from workbench.store.operations.registry import Outcome, Target, performs
from workbench.store.rows import CASES, INVOICES, Kind

if TYPE_CHECKING:
    from workbench.store.work import Work


@performs(RequestCallback, lambda work, wish: customer_target(work, wish.customer_id))
def request_callback(work: Work, wish: RequestCallback) -> Outcome:
    """A call-back for the people of a queue."""
    payload = wish.model_dump(mode="json", exclude={"customer_id", "queue"})
    tell_inside(
        work, "callback", wish.queue, f"customer {wish.customer_id}", payload, wish.customer_id
    )
    return Outcome({"queue": wish.queue})


@performs(RequestDetailChange, lambda work, wish: customer_target(work, wish.customer_id))
def request_detail_change(work: Work, wish: RequestDetailChange) -> Outcome:
    """A wish to change details; nothing changes until a person has checked who asks."""
    queue = "security" if wish.detail == "bank_details" else "identity"
    payload = wish.model_dump(mode="json", exclude={"customer_id"})
    tell_inside(
        work, "detail_change", queue, f"customer {wish.customer_id}", payload, wish.customer_id
    )
    return Outcome({"queue": queue})


def _owner(work: Work, record: str) -> str | None:
    """Whose invoice or case it is, None when there is none."""
    kind, _, key = record.partition(" ")
    rows: dict[str, Kind[Invoice] | Kind[Case]] = {"invoice": INVOICES, "case": CASES}
    found = rows[kind].one(work.connection, work.principal.tenant, key) if kind in rows else None
    return found.customer_id if found else None


def _reported(work: Work, wish: ReportSecurity) -> Target:
    """A report is on the reporter's own side; it needs no record behind it."""
    return wish.customer_id or work.principal.customer_id or "", "report"


@performs(ReportSecurity, _reported)
def report_security(work: Work, wish: ReportSecurity) -> Outcome:
    """An event in the ledger and an alert for the security queue."""
    customer_id = wish.customer_id or work.principal.customer_id or ""
    if wish.record and _owner(work, wish.record) in (None, customer_id):
        return Outcome({"queue": "security"})
    work.record(EventKind.SECURITY, {"what": wish.what, "detail": wish.detail or wish.record})
    payload = wish.model_dump(mode="json", exclude={"customer_id"})
    tell_inside(work, "security_alert", "security", f"report {wish.what}", payload, customer_id)
    return Outcome({"queue": "security"})
