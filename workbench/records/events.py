"""The vocabulary of the ledger: what can happen, and what each event carries.

An event's `data` is JSON. Keys by kind:

    conversation_started  customer_id, channel, language, phase, release, arm ("EXPERIMENT/ARM"),
                          shadow (experiment whose other policy is asked beside)
    message_received      text (masked), speaker, masked (kinds of what was masked), signals,
                          awaits (the clock that starts while a person has the conversation)
    identity_checked      matched [kinds], failed [kinds], proven
    request_opened        request (a Request)
    request_updated       request (a Request)
    decided               request_id, situation, decision, stage ("request" or the action),
                          shadow (experiment, level, rule_id, policy_version; it changed nothing)
    tool_called           operation, parameters (no secrets), outcome, milliseconds, record
    acted                 operation, key, parameters, result, repeated, amount
    question_asked        request_id, slot
    replied               text, speaker, language, statements, writer, blocked, milliseconds,
                          cost_micros, asks_again (a person's first words after a hand-off: slots
                          that they ask for although the packet holds them)
    handed_off            reason, escalation, queue, packet (a Packet), kind ("requested",
                          "policy" or "failure"), route (rule_id, why, from_queue where another
                          overflowed, person it is offered to, person_why)
    handed_back           note, by
    rerouted              packet_id, queue, from_queue (a packet that waited went with its case)
    presence_changed      person, state ("on", "pause" or "off"), queue (they work for; may be "")
    security              what, detail
    approval_requested    approval_id, action, record, record_revision, limit
    approval_decided      approval_id, approved, status, reason
    verdict_requested     task (a MicroTask)
    verdict_given         task_id, request_id, about, choice, suggested, timed_out (the fallback
                          counted, nobody answered), overridden (a person chose otherwise than
                          suggested), note (its hash; the words are for people only)
    escalation_labelled   packet_id, reason, label ("needed", "not_needed" or "too_late"), note
    case_changed          case_id, before, after, activity
    taken_over            by (a person speaks from now on, without a hand-off)
    suggestion_shown      conversation_id, turn, intent, sentiment, shown, withheld (Suggestions)
    suggestion_used       conversation_id, suggestion_id, outcome, diff, reason
    note_written          text, by (a person's private note)
    policy_proposed       proposal_id, base, proposed (policy versions), changes, reason,
                          evidence (a ChangeEvidence; null: none was measured)
    policy_decided        proposal_id, approved, reason
    threshold_adapted     policy (version that sets the limits), setting, before, after (stages),
                          threshold_before, threshold_after, lowest, highest, measure, load (null:
                          nobody is there), owner, decides (version that decides from now on)
    autonomy_decided      intent, recommended, chosen (levels), evidence, by, reason
    rated                 csat (1-5; null: asked, not answered)
    conversation_ended    resolution ("contained", "assumed", "confirmed"), why
    imported              records, source_digest, added, changed
    message_labelled      message (id of the wording), text (masked), language, source, label,
                          answer ("intent", "new_intent", "skip" or "undone"), and what triage
                          said: guess, confidence, model
    evaluated             run, name, digest (SHA-256 of its run.json), versions, cases,
                          totals {scorer: value}
    experiment_changed    change ("started", "stopped", "learned"), text (reason or learning);
                          started: experiment (its definition), versions {arm: policy version}
    alert_raised          alert_id, state (an AlertState)
    alert_updated         alert_id, state
    alert_closed          alert_id, reason; state where the monitor itself closed it
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from workbench.records.base import Instant, Record


class EventKind(StrEnum):
    CONVERSATION_STARTED = "conversation_started"
    MESSAGE_RECEIVED = "message_received"
    IDENTITY_CHECKED = "identity_checked"
    REQUEST_OPENED = "request_opened"
    REQUEST_UPDATED = "request_updated"
    DECIDED = "decided"
    TOOL_CALLED = "tool_called"
    ACTED = "acted"
    QUESTION_ASKED = "question_asked"
    REPLIED = "replied"
    HANDED_OFF = "handed_off"
    HANDED_BACK = "handed_back"
    REROUTED = "rerouted"
    PRESENCE_CHANGED = "presence_changed"
    SECURITY = "security"
    APPROVAL_REQUESTED = "approval_requested"
    APPROVAL_DECIDED = "approval_decided"
    VERDICT_REQUESTED = "verdict_requested"
    VERDICT_GIVEN = "verdict_given"
    ESCALATION_LABELLED = "escalation_labelled"
    CASE_CHANGED = "case_changed"
    TAKEN_OVER = "taken_over"
    SUGGESTION_SHOWN = "suggestion_shown"
    SUGGESTION_USED = "suggestion_used"
    NOTE_WRITTEN = "note_written"
    POLICY_PROPOSED = "policy_proposed"
    POLICY_DECIDED = "policy_decided"
    THRESHOLD_ADAPTED = "threshold_adapted"
    AUTONOMY_DECIDED = "autonomy_decided"
    RATED = "rated"
    CONVERSATION_ENDED = "conversation_ended"
    IMPORTED = "imported"
    MESSAGE_LABELLED = "message_labelled"
    EVALUATED = "evaluated"
    EXPERIMENT_CHANGED = "experiment_changed"
    ALERT_RAISED = "alert_raised"
    ALERT_UPDATED = "alert_updated"
    ALERT_CLOSED = "alert_closed"


class NewEvent(Record):
    """An event about to be written; the ledger adds place, time and hash."""

    kind: EventKind
    data: dict[str, Any] = {}
    stream: str = ""
    """Conversation or `case:<id>` it belongs to; empty: the transaction's own stream."""
    actor: str = ""
    """Who did it: `assistant`, `customer:C-1`, `human_agent:ana`; empty: the principal."""
    on_behalf_of: str = ""
    policy_version: str = ""


class Event(Record):
    """An event as it lies in the ledger."""

    seq: int
    """Position in the whole ledger."""
    id: str
    tenant: str
    stream: str
    position: int
    """Position in its stream, from 1."""
    at: Instant
    kind: EventKind
    actor: str
    on_behalf_of: str
    request_id: str
    policy_version: str
    data: dict[str, Any]
    previous: str
    """Hash of the event before it in the stream, empty for the first."""
    hash: str
