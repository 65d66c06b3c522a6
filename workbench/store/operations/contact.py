"""Requests that people must carry out: call-backs, changes of details, security reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.records.operations import ReportSecurity, RequestCallback, RequestDetailChange
from workbench.store.messages import tell_inside
from workbench.store.operations.cases import customer_target
from workbench.store.operations.registry import Outcome, Target, performs

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


def _reported(work: Work, wish: ReportSecurity) -> Target:
    """A report is on the reporter's own side; it needs no record behind it."""
    return wish.customer_id or work.principal.customer_id or "", "report"


@performs(ReportSecurity, _reported)
def report_security(work: Work, wish: ReportSecurity) -> Outcome:
    """An alert for the security queue."""
    customer_id = wish.customer_id or work.principal.customer_id or ""
    payload = wish.model_dump(mode="json", exclude={"customer_id"})
    tell_inside(work, "security_alert", "security", f"report {wish.what}", payload, customer_id)
    return Outcome({"queue": "security"})
