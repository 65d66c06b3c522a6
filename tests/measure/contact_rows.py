"""Random contacts, nulls included, as Arrow table and as plain rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import duckdb
import pyarrow as pa

from workbench.records.contacts import Contact
from workbench.store.history import contact_schema

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 40

Row = dict[str, Any]


def random_contacts(count: int, seed: int = 7) -> list[Row]:
    """Contacts over forty days whose fields are drawn one by one, as untidy as real data."""
    draw = Random(seed)
    return [_contact(draw, number).model_dump() for number in range(count)]


def _contact(draw: Random, number: int) -> Contact:
    started = START + timedelta(seconds=draw.randrange(DAYS * 86_400))
    open_still = draw.random() < 0.1
    people = draw.choice((0, 0, 0, 1, 1, 2))
    shown = draw.choice((0, 0, 1, 3))
    accepted = draw.randint(0, shown)
    due = draw.choice((0, 0, 1, 2))
    resolution = draw.choice((None, "contained", "assumed", "confirmed", "durable"))
    return Contact(
        contact_id=f"contact-{number:06}",
        customer_id=f"C-{draw.randrange(50)}",
        started_at=started,
        ended_at=None if open_still else started + timedelta(seconds=draw.randrange(50_000)),
        phase=draw.choice(("baseline", "pilot")),
        intent=draw.choice((None, "invoice_amount", "case_status", "duplicate_charge")),
        flow=draw.choice((None, "invoice_inquiry", "case_management")),
        channel=draw.choice(("chat", "email", "portal")),
        segment=draw.choice((None, "standard", "key_account")),
        language=draw.choice(("en", "de")),
        level=draw.choice((None, "automate", "assist", "escalate")),
        rule_id=draw.choice((None, "rule-a", "rule-b")),
        policy_version=draw.choice(("p1", "p2")),
        eligible=draw.random() < 0.9,
        entered_automation=draw.random() < 0.7,
        engaged=draw.random() < 0.8,
        handed_off=draw.random() < 0.3,
        handoff_kind=draw.choice((None, "requested", "policy", "failure")),
        called_back=draw.random() < 0.05,
        abandoned=draw.random() < 0.1,
        resolution=resolution,
        repeated_48h=draw.random() < 0.05,
        repeated_7d=draw.random() < 0.15,
        solved=draw.random() < 0.6,
        reopened=draw.random() < 0.1,
        human_agents=people,
        talk_s=draw.randrange(900) if people else 0,
        hold_s=draw.randrange(200) if people else 0,
        wrap_s=draw.randrange(300) if people else 0,
        assistant_s=draw.randrange(60),
        first_response_s=None if draw.random() < 0.1 else draw.randrange(4_000),
        resolution_s=None if open_still or draw.random() < 0.2 else draw.randrange(200_000),
        first_response_work_s=draw.choice((None, draw.randrange(2_000))),
        resolution_work_s=draw.choice((None, draw.randrange(60_000))),
        sla_due=due,
        sla_met=draw.randint(0, due),
        resolution_due=due,
        resolution_met=draw.randint(0, due),
        csat_asked=draw.random() < 0.5,
        csat=draw.choice((None, None, 1, 2, 3, 4, 5)),
        nps=draw.choice((None, None, None, *range(11))),
        judged=draw.random() < 0.3,
        wrong=draw.random() < 0.1,
        decision_seen=draw.random() < 0.2,
        overridden=draw.random() < 0.1,
        suggestions_shown=shown,
        suggestions_accepted=accepted,
        suggestions_edited=draw.randint(0, shown - accepted),
        repeat_question=draw.random() < 0.1,
        auth_s=draw.randrange(90),
        model_cost_micros=draw.randrange(20_000),
        tool_cost_micros=draw.randrange(500),
        telephony_cost_micros=draw.choice((0, 0, 250_000)),
        turns=draw.randint(1, 8),
    )


def connection_with(rows: list[Row]) -> duckdb.DuckDBPyConnection:
    """A private DuckDB whose `contact` view holds these rows."""
    connection = duckdb.connect()
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.register("contact", pa.Table.from_pylist(rows, schema=contact_schema()))
    return connection
