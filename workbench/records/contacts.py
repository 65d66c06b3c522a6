"""The contact fact: one row per customer need, the grain of every KPI.

Its first columns are the `Situation` that policy decides on, under the same names, so a policy
compiled to SQL runs on history as it stands. Times are UTC; durations are whole seconds; money is
whole micro-units (1e-6) of the POC's reporting currency, so sums are exact integers.
"""

from __future__ import annotations

from datetime import datetime

from workbench.records.signals import Situation


class Contact(Situation):
    """One contact: what was known when it was decided, what was decided, and how it ended."""

    # What it is
    contact_id: str
    tenant: str = "main"
    conversation_id: str | None = None
    """Link to the conversation in the ledger; None for imported history."""
    customer_id: str
    started_at: datetime
    ended_at: datetime | None = None
    phase: str = "pilot"
    """`baseline` before launch, `pilot` after."""
    true_intent: str | None = None
    """A person's label, where there is one."""
    queue: str | None = None
    summary: str = ""
    """First words of the customer, masked, for lists."""

    # What was decided
    level: str | None = None
    rule_id: str | None = None
    reason: str | None = None
    policy_version: str | None = None
    release: str | None = None
    arm: str | None = None

    # How it went
    eligible: bool = True
    """Had an opportunity to be deflected."""
    entered_automation: bool = False
    engaged: bool = False
    """The customer answered the assistant at least once, or it acted."""
    handed_off: bool = False
    handoff_kind: str | None = None
    """`requested`, `policy` or `failure`."""
    called_back: bool = False
    abandoned: bool = False
    resolution: str | None = None
    """`contained`, `assumed`, `confirmed`, `durable`; None: not resolved."""
    repeated_48h: bool = False
    """Same customer, same topic, again within 48 hours."""
    repeated_7d: bool = False
    solved: bool = False
    reopened: bool = False
    human_agents: int = 0
    """Distinct people who handled it."""
    talk_s: int = 0
    hold_s: int = 0
    wrap_s: int = 0
    """After-contact work."""
    assistant_s: int = 0
    first_response_s: int | None = None
    """Elapsed seconds to the first reply of anybody."""
    resolution_s: int | None = None
    """Elapsed seconds until resolved; None while open or never resolved."""
    first_response_work_s: int | None = None
    """The same in business hours."""
    resolution_work_s: int | None = None
    sla_due: int = 0
    """SLA targets that fell due, of every kind; open but overdue ones included."""
    sla_met: int = 0
    first_response_due: int = 0
    first_response_met: int = 0
    next_response_due: int = 0
    next_response_met: int = 0
    resolution_due: int = 0
    resolution_met: int = 0
    csat_asked: bool = False
    csat: int | None = None
    nps: int | None = None
    """0-10, relationship survey, only where one was asked."""
    judged: bool = False
    """Whether a person judged the automated answer (or would-be answer)."""
    wrong: bool = False
    """Judged wrong: label, reopen or override."""
    decision_seen: bool = False
    overridden: bool = False
    suggestions_shown: int = 0
    suggestions_accepted: int = 0
    suggestions_edited: int = 0
    suggestions_ignored: int = 0
    repeat_question: bool = False
    """The person asked for something already given."""
    auth_s: int = 0
    """Seconds of authentication done before a person."""
    model_cost_micros: int = 0
    tool_cost_micros: int = 0
    telephony_cost_micros: int = 0
    turns: int = 1
