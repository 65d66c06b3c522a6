"""Routing rules: the first match decides, grave matters stay, a second transfer goes up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from front_door import SAMPLE, sample_workbench

from workbench.config import QueueSettings, Settings, load_settings
from workbench.errors import ConfigError
from workbench.people.load import Floor
from workbench.people.queues import Destination, destination
from workbench.people.routing import Matter, RoutingRules, load_routing, rules_of
from workbench.records.decisions import HandOffReason

RULES = load_routing(SAMPLE / "routing.toml", QueueSettings())
SETTINGS = load_settings(SAMPLE, environ={})
MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)
NIGHT = datetime(2026, 5, 4, 22, tzinfo=UTC)

ROUTES = {
    "a question about an invoice": ({"flow": "invoice_inquiry"}, "invoices", "billing"),
    "a case": ({"flow": "case_management"}, "cases", "cases"),
    "nothing known": ({}, "no-rule", "general"),
    "a key account": (
        {"flow": "invoice_inquiry", "segment": "key_account"},
        "key-accounts",
        "key_accounts",
    ),
    "a legal threat of a key account": (
        {"reason": "legal_or_regulatory_matter", "segment": "key_account"},
        "legal",
        "legal",
    ),
    "a second transfer": (
        {"flow": "invoice_inquiry", "hops": 1},
        "second-transfer-goes-up",
        "supervisors",
    ),
    "a second transfer of a legal matter": (
        {"reason": "legal_or_regulatory_matter", "hops": 2},
        "legal",
        "legal",
    ),
    "a disputed amount": ({"reason": "disputed_amount"}, "disputes", "billing"),
}

RULE = """
[[rule]]
id = "{id}"
owner = "Ana"
since = 2026-05-04
why = "A test."
to = "{to}"
when = {when}
"""
HEAD = """
[routing]
owner = "Ana"
since = 2026-05-04
default = "general"
next_level = "supervisors"
"""


def written(folder: Path, *rules: tuple[str, str, str], more: str = "") -> RoutingRules:
    """The rules of a file with these (id, queue, when)."""
    parts = [RULE.format(id=name, to=to, when=when) for name, to, when in rules]
    path = folder / "routing.toml"
    path.write_text("\n".join([HEAD, *parts, more]), encoding="utf-8")
    return load_routing(path, QueueSettings())


def sent(
    rules: RoutingRules, floor: Floor, now: datetime = MORNING, **known: object
) -> Destination:
    return destination(Matter.model_validate(known), rules, floor, SETTINGS, now)


@pytest.mark.parametrize(("known", "rule", "queue"), ROUTES.values(), ids=ROUTES)
def test_the_first_rule_that_matches_decides(
    known: dict[str, object], rule: str, queue: str
) -> None:
    route = RULES.route(Matter.model_validate(known))
    assert (route.rule_id, route.queue) == (rule, queue)


def test_every_rule_of_the_sample_decides_something() -> None:
    matters = [
        Matter(reason=reason, flow=flow, segment=segment)
        for reason in [None, *HandOffReason]
        for flow in ("", "invoice_inquiry", "case_management")
        for segment in ("standard", "key_account")
    ]
    assert {RULES.route(m).rule_id for m in matters} >= {rule.id for rule in RULES.rules}


def test_the_settings_of_a_poc_without_a_file_amount_to_the_same_queues() -> None:
    shorthand = rules_of(QueueSettings())
    for reason in HandOffReason:
        for segment in ("standard", "key_account"):
            for hops in (0, 1):
                matter = Matter(reason=reason, flow="invoice_inquiry", segment=segment, hops=hops)
                one, other = RULES.route(matter), shorthand.route(matter)
                assert (one.queue, one.up, one.stays) == (other.queue, other.up, other.stays)


def test_the_people_of_the_sample_are_as_many_as_its_settings_declare() -> None:
    working = [queue for person in RULES.people for queue in person.queues]
    assert {queue: working.count(queue) for queue in working} == SETTINGS.queues.staffed
    assert set(RULES.queues) <= set(working)


def test_little_time_left_is_a_condition_and_an_unknown_time_meets_none(tmp_path: Path) -> None:
    rules = written(tmp_path, ("late", "fast", "{ sla_minutes_below = 15 }"))
    left = {None: "general", 14.0: "fast", -3.0: "fast", 15.0: "general"}
    assert {m: rules.route(Matter(sla_minutes_left=m)).queue for m in left} == left


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([("a", "x", '{ flow = ["f"] }'), ("a", "y", '{ flow = ["g"] }')], "two entries"),
        (
            [
                ("a", "x", '{ flow = ["f", "g"] }'),
                ("b", "y", '{ flow = ["g"], language = ["de"] }'),
            ],
            "'b' can never decide: 'a' matches first",
        ),
        ([("a", "x", "{ colour = 'red' }")], "colour"),
        ([("a", "x", '{ reason = ["no such"] }')], "reason"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(
    tmp_path: Path, rules: list[tuple[str, str, str]], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        written(tmp_path, *rules)


def test_a_narrower_rule_above_a_wider_one_is_fine(tmp_path: Path) -> None:
    rules = written(
        tmp_path,
        ("german", "de", '{ flow = ["f"], language = ["de"] }'),
        ("all", "x", '{ flow = ["f"] }'),
    )
    assert rules.route(Matter(flow="f", language="de")).queue == "de"
    assert rules.route(Matter(flow="f", language="en")).queue == "x"


def test_a_spike_overflows_from_the_declared_number_on_and_only_to_where_fewer_wait() -> None:
    people = SETTINGS.queues.staffed["billing"]
    waiting = {
        "too few": ({"billing": 5 * people - 1}, "billing"),
        "a spike": ({"billing": 5 * people}, "general"),
        "as bad over there": ({"billing": 5 * people, "general": 500}, "billing"),
    }
    for name, (queued, queue) in waiting.items():
        found = sent(RULES, Floor(waiting=queued), flow="invoice_inquiry")
        assert found.queue == queue, name
    spike = sent(RULES, Floor(waiting={"billing": 99}), flow="invoice_inquiry").recorded()
    assert (spike["rule_id"], spike["from_queue"]) == ("billing-overflows", "billing")


def test_matters_that_stay_never_overflow(tmp_path: Path) -> None:
    overflow = '[[overflow]]\nid = "o"\nowner = "A"\nsince = 2026-05-04\nwhy = "x"\n'
    overflow += 'queue = "legal"\nto = "general"\nwaiting_per_person = 1\n'
    grave = ("law", "legal", '{ reason = ["legal_or_regulatory_matter"] }\nstays = true')
    rules = written(tmp_path, grave, more=overflow)
    found = sent(rules, Floor(waiting={"legal": 50}), reason="legal_or_regulatory_matter")
    assert found.queue == "legal"


def test_at_night_nobody_is_there_and_no_wait_is_promised() -> None:
    found = sent(RULES, Floor(), NIGHT, flow="invoice_inquiry")
    assert (found.staffed, found.wait_minutes) == (False, 0)


def test_the_wait_grows_with_those_who_wait_already() -> None:
    waits = [
        sent(RULES, Floor(waiting={"legal": n}), reason="legal_or_regulatory_matter").wait_minutes
        for n in (0, 1, 2)
    ]
    each = Settings().queues.wait_minutes
    assert waits == [each, 2 * each, 3 * each]


def test_a_hand_off_records_the_rule_that_routed_it_and_why(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        result = workbench.converse("C-1001", "I want to talk to a person about INV-1001")
        events = workbench.events(result.conversation_id)
        [route] = [e.data["route"] for e in events if e.kind == "handed_off"]
        rule = next(r for r in workbench.routing.rules.rules if r.id == route["rule_id"])
        assert result.packet and result.packet.queue == rule.to == "billing"
        assert route["why"] == rule.why
