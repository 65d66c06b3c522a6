"""The use cases, one file each, and the way of a message through them.

    assistant.py      receive, answer, commit: the way of one message
    answer.py         identity, requests, decision, flow, hand-over, reply
    invoice_inquiry   invoices: amounts, lines, copies, terms, disputes, double charges
    case_management   cases: open, status, add, reopen, subscribe, close
    escalation        a person, please
    general           questions that articles answer, courtesy

A new use case is one file with one function and one line in `FLOWS`.
"""

from __future__ import annotations

from workbench.flows.answer import Flow
from workbench.flows.case_management import case_management
from workbench.flows.escalation import escalation
from workbench.flows.general import general
from workbench.flows.invoice_inquiry import invoice_inquiry

FLOWS: dict[str, Flow] = {
    "invoice_inquiry": invoice_inquiry,
    "case_management": case_management,
    "escalation": escalation,
    "general": general,
}
