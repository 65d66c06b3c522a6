"""Expected against actual: a right expectation finds nothing, a wrong one names the difference."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workbench.config import Settings
from workbench.flows.result import ActionDone, TurnResult
from workbench.records.base import Ids, SteppingClock
from workbench.records.decisions import Level
from workbench.records.evidence import (
    DateValue,
    Fact,
    MoneyValue,
    NumberValue,
    ReferenceValue,
    Reply,
    Source,
    Statement,
    TimeValue,
    Value,
)
from workbench.records.money import Money
from workbench.records.operations import AppendToCase, plan
from workbench.records.principals import Principal, Role
from workbench.records.signals import IntentScore, Signals
from workbench.scenarios.expectations import Expectation
from workbench.scenarios.format import RecordSet
from workbench.scenarios.laws import broken_laws
from workbench.scenarios.matching import differences
from workbench.scenarios.notation import canonical, stands_in
from workbench.scenarios.seen import Moment, Scope, World
from workbench.store import Store, Transaction

SERVICE = Principal(id="service:test", role=Role.SERVICE)
NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)

GIVEN = RecordSet.model_validate(
    {
        "customers": [{"id": "C-1", "name": "Ada"}],
        "invoices": [
            {
                "number": "INV-1001",
                "customer_id": "C-1",
                "issued_on": "2026-04-01",
                "currency": "GBP",
                "stated_total": "139.12",
                "lines": [{"line": 1, "unit_price": "139.12"}],
            }
        ],
        "cases": [
            {
                "id": "CASE-4RT9WXKM",
                "customer_id": "C-1",
                "topic": "complaint",
                "subject": "customer:C-1:noise",
                "title": "Too loud",
                "opened_at": NOW,
                "updated_at": NOW,
            }
        ],
        "case_entries": [
            {"case_id": "CASE-4RT9WXKM", "at": NOW, "actor": "customer:C-1", "text": "Loud fan"}
        ],
    }
)


def fact(name: str, value: Value) -> Fact:
    source = Source(system="billing", record="invoice INV-1001", field=name)
    return Fact(name=name, value=value, source=source)


def money(amount: str, currency: str = "GBP") -> MoneyValue:
    return MoneyValue(value=Money.of(amount, currency))


REPLY = Reply(
    text="On invoice INV-1001, £139.12 is open, due on 1 June 2026.",
    statements=(
        Statement(
            key="invoice.open",
            facts={
                "number": fact("number", ReferenceValue(value="INV-1001")),
                "open": fact("open", money("139.12")),
                "due": fact("due", DateValue(value=date(2026, 6, 1))),
                "by": fact(
                    "by",
                    TimeValue(value=datetime(2026, 5, 5, 9, tzinfo=UTC), zone="America/New_York"),
                ),
            },
        ),
    ),
)

RESULT = TurnResult(
    conversation_id="conv-1",
    request_id="msg-1",
    reply=REPLY,
    level=Level.AUTOMATE,
    signals=Signals(intents=(IntentScore(intent="invoice_amount", confidence=0.9),)),
    actions=(ActionDone(operation="case.open", key="k"),),
)


@pytest.fixture
def world(tmp_path: Path, clock: SteppingClock, ids: Ids) -> Iterator[World]:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with Store.open(url, clock=clock, ids=ids) as store:
        for kind, rows in GIVEN.kinds.items():
            store.import_records(SERVICE, kind, rows, "given")
        began = store.events(SERVICE)[-1].seq
        yield World(store, SERVICE, Settings(), NOW, ("C-1",), began, tmp_path)


def seen(world: World, *moments: Moment) -> Scope:
    shown = moments or (Moment(1, "conv-1", "how much?", RESULT),)
    return Scope(shown, shown, world.events, world)


HOLDS: list[dict[str, Any]] = [
    {"level": "automate"},
    {"level": ("assist", "automate")},
    {"handed_off": False},
    {"intents": ["invoice_amount"]},
    {"says": ["139.12 GBP", "2026-06-01", "INV-1001"]},
    {"never_says": ["39.12 GBP", "1139.12", "INV-1002", "2026-06-02"]},
    {"facts": {"open": "139.12 GBP"}},
    {"sources": ["invoice INV-1001 due", "billing"]},
    {"statements": ["invoice.*"]},
    {"not_statements": ["credit.*"]},
    {"no_actions": ["credit.issue"]},
    {"actions_count": {"case.open": 0}},
    {"cases": [{"topic": "complaint", "status": "new", "contains": ["Loud fan"]}, {"count": 1}]},
    {"cases": [{"priority": ("P3", "P4"), "parent": "", "count": ">=1"}]},
    {"disputes": [{"count": 0}]},
    {"credit_notes": [{"invoice": "INV-1001", "count": 0}]},
    {"balances": {"INV-1001": "139.12 GBP"}, "undisputed": {"INV-1001": "139.12 GBP"}},
    {"asked": "", "silent": False, "language": "en"},
    {"masked": ["4111 1111 1111 1111"]},
    {"security_events": 0, "events": {"handed_off": 0}},
    {"promise_in": "America/New_York"},
]

FAILS: list[tuple[str, dict[str, Any]]] = [
    ("level", {"level": "escalate"}),
    ("reason", {"reason": "customer_request"}),
    ("handed_off", {"handed_off": True}),
    ("intents", {"intents": ["invoice_copy"]}),
    ("says", {"says": ["139.13 GBP"]}),
    ("never_says", {"never_says": ["139.12 GBP"]}),
    ("never_says", {"never_says": ["2026-06-01"]}),
    ("facts", {"facts": {"total": "139.12 GBP"}}),
    ("sources", {"sources": ["article"]}),
    ("statements", {"statements": ["invoice.paid"]}),
    ("not_statements", {"not_statements": ["invoice.*"]}),
    ("actions", {"actions": [("credit.issue", "copy.send")]}),
    ("actions_count", {"actions_count": {"case.open": ">=1"}}),
    ("cases", {"cases": [{"topic": "complaint", "status": "solved"}]}),
    ("cases", {"cases": [{"contains": ["Quiet fan"]}]}),
    ("disputes", {"disputes": [{"invoice": "INV-1001"}]}),
    ("balances", {"balances": {"INV-1001": "139.11 GBP"}}),
    ("asked", {"asked": "invoice"}),
    ("silent", {"silent": True}),
    ("packet", {"packet": {"queue": "billing"}}),
    ("masked", {"masked": ["Loud fan"]}),
    ("language", {"language": "de"}),
    ("promise_in", {"promise_in": "Europe/Berlin"}),
    ("error", {"error": "Conflict"}),
]


@pytest.mark.parametrize("expected", HOLDS, ids=",".join)
def test_what_holds_makes_no_difference(world: World, expected: dict[str, Any]) -> None:
    assert not [*differences("end", Expectation.model_validate(expected), seen(world))]


@pytest.mark.parametrize(("key", "expected"), FAILS, ids=lambda e: e if isinstance(e, str) else "")
def test_what_does_not_hold_is_named(world: World, key: str, expected: dict[str, Any]) -> None:
    found = [*differences("end", Expectation.model_validate(expected), seen(world))]
    assert [difference.what for difference in found] == [key]


def test_actions_of_people_count_too(world: World) -> None:
    case = GIVEN.cases[0].id
    world.store.commit(
        Transaction(
            principal=Principal(id="human_agent:ana", role=Role.HUMAN_AGENT),
            stream=f"case:{case}",
            request_id="click-1",
            actions=(plan(AppendToCase(case_id=case, text="Seen on site."), "k"),),
        )
    )
    expected = Expectation(actions=("case.append",), actions_count={"case.append": 1})
    assert not [*differences("end", expected, seen(world))]


def test_two_replies_that_differ_only_in_the_number_read_alike(world: World) -> None:
    moments = [Moment(n, "conv-1", "?", not_found(f"INV-100{n}", "I cannot find")) for n in (1, 2)]
    other = Moment(3, "conv-1", "?", not_found("INV-1003", "You may not see"))
    expected = Expectation(reads_like=1)
    assert not [*differences("turn 2", expected, Scope(moments[1:], moments, (), world))]
    assert [*differences("turn 3", expected, Scope([other], [*moments, other], (), world))]


def not_found(number: str, words: str) -> TurnResult:
    statement = Statement(
        key="not_found.invoice", facts={"number": fact("number", ReferenceValue(value=number))}
    )
    reply = Reply(text=f"{words} {number}.", statements=(statement,))
    return RESULT.model_copy(update={"reply": reply})


def test_a_first_reply_without_the_ai_notice_breaks_a_law(world: World) -> None:
    broken = [str(d.expected) for d in broken_laws([Moment(1, "conv-1", "?", RESULT)], world)]
    assert broken == ["the first reply gives the AI notice"]


def test_a_figure_that_is_no_fact_breaks_a_law(world: World) -> None:
    reply = REPLY.model_copy(update={"text": REPLY.text.replace("139.12", "193.12")})
    result = RESULT.model_copy(update={"reply": reply})
    broken = [str(d.expected) for d in broken_laws([Moment(1, "conv-1", "?", result)], world)]
    assert "every figure, date and name is a fact" in broken


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (money("139.1"), "139.10 GBP"),
        (money("57.9667"), "57.9667 GBP"),
        (money("18700", "JPY"), "18700 JPY"),
        (NumberValue(value=Decimal("19.00"), unit="%"), "19"),
        (NumberValue(value=Decimal(100)), "100"),
        (NumberValue(value=Decimal("1.1364")), "1.1364"),
        (TimeValue(value=NOW, zone="Europe/Helsinki"), "2026-05-04 13:00 Europe/Helsinki"),
    ],
)
def test_a_value_has_a_plain_form(value: Value, form: str) -> None:
    assert form in canonical(value)


@pytest.mark.parametrize(
    ("forbidden", "text", "there"),
    [
        ("1234.50 EUR", "Es sind 1.234,50 € offen.", True),
        ("1234.50 EUR", "€1,234.50 is open.", True),
        ("1234.50 EUR", "1234.50", True),
        ("0.00 USD", "900.00 USD", False),
        ("12.00 EUR", "112.00 EUR", False),
        ("2026-06-01", "fällig am 1. Juni 2026", True),
        ("2026-06-01", "due on 1 June 2026", True),
        ("2026-06-01", "due on 11 June 2026", False),
        ("sayle", "Ms Sayle", True),
        ("3015", "INV-30155", False),
    ],
)
def test_what_must_not_be_said_is_found_in_every_notation(
    forbidden: str, text: str, there: bool
) -> None:
    assert stands_in(forbidden, text) is there
