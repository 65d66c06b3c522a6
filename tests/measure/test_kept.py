"""A changed rule is answered from the kept situations exactly as by reading all of history."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.decide.situations import random_policy, random_situation
from tests.measure.contact_rows import Row, connection_with
from tests.measure.decided_contacts import decidable_contacts, sample_policy
from tests.measure.ledger_story import SetClock
from tests.measure.test_cube import random_filter, uniform
from workbench.config import Settings
from workbench.decide import Policy
from workbench.decide.conditions import Condition
from workbench.measure.coded import CodedContacts
from workbench.measure.cube import GRID, ThresholdCube, scan
from workbench.measure.digits import Digit, FewValues, Stretches, fields_of
from workbench.measure.facts import open_history
from workbench.measure.finer import Split, told_apart
from workbench.measure.kept import PARTS, KeptSituations
from workbench.measure.situations import Situations
from workbench.records.decisions import Level
from workbench.records.signals import Situation
from workbench.sample.history import generate_contacts
from workbench.store.history import History


def edited(policy: Policy, rule_id: str, **changes: Any) -> Policy:
    rules = tuple(
        rule.model_copy(update=changes) if rule.id == rule_id else rule for rule in policy.rules
    )
    return policy.model_copy(update={"rules": rules})


def moved_to_the_top(policy: Policy, rule_id: str) -> Policy:
    first = [rule for rule in policy.rules if rule.id == rule_id]
    others = [rule for rule in policy.rules if rule.id != rule_id]
    return policy.model_copy(update={"rules": (*first, *others)})


def when(field: str, op: str, value: Any = None) -> tuple[Condition, ...]:
    return (Condition.model_validate({"field": field, "op": op, "value": value}),)


EDITS: dict[str, Any] = {
    "a rule switched off": lambda p: p.with_settings({"rule.wants-a-person": "off"}),
    "the confident rule off": lambda p: p.with_settings({"rule.confident": "off"}),
    "another level": lambda p: edited(p, "people-in-distress", level=Level.ASSIST),
    "a level that automates": lambda p: edited(
        p, "nothing-known", level=Level.AUTOMATE, reason=None
    ),
    "another text": lambda p: edited(p, "fraud", when=when("sensitive", "==", "legal")),
    "another count": lambda p: edited(p, "asked-back-twice", when=when("clarifications", ">=", 1)),
    "a text nobody has": lambda p: edited(p, "bank-details", when=when("intent", "==", "unseen")),
    "another order": lambda p: moved_to_the_top(p, "confident"),
    "thresholds": lambda p: p.with_settings({"confidence": 0.71, "threshold.stakes.high": 0.99}),
}
NEW_NUMBERS: dict[str, Any] = {
    "another number": lambda p: edited(p, "out-of-scope", when=when("out_of_scope", ">=", 0.31)),
    "a limit": lambda p: p.with_settings({"limit.credit.issue.EUR": 77.5}),
    "a threshold off the grid": lambda p: p.with_settings({"confidence": 0.512345}),
}
NEW_FIELDS: dict[str, Any] = {
    "another field": lambda p: edited(p, "fraud", when=when("suspicious", "is_true")),
    "a number nobody asked for": lambda p: edited(p, "fraud", when=when("sentiment", "<", -0.5)),
}


NUMBERS = ("confidence", "out_of_scope", "amount")


def varied_contacts(number: int, seed: int = 3) -> list[Row]:
    """Contacts that meet every rule of the sample policy; ten share what is not a number."""
    draw, policy = Random(seed), sample_policy()
    rows = decidable_contacts(number, seed)
    for place, row in enumerate(rows):
        drawn = random_situation(draw, policy).model_dump()
        row.update({name: value for name, value in drawn.items() if draw.random() < 0.7})
        shared = rows[place - place % 10]
        row.update({name: shared[name] for name in Situation.model_fields if name not in NUMBERS})
    for row in rows[: number // 10]:
        row.update(action="credit.issue", currency="EUR", amount=Decimal(draw.randrange(100)))
    return rows


@pytest.fixture(scope="module")
def policy() -> Policy:
    return sample_policy()


@pytest.fixture(scope="module")
def situations(policy: Policy) -> Situations:
    return Situations.build(CodedContacts.build(connection_with(varied_contacts(3_000)), policy))


@pytest.mark.parametrize("edit", EDITS)
def test_a_changed_rule_needs_the_kept_situations_only(
    situations: Situations, policy: Policy, edit: str
) -> None:
    changed = EDITS[edit](policy)
    assert situations.knows(changed)
    cube = ThresholdCube.of(situations, changed)
    assert cube.at() == scan(situations.coded.connection, changed)
    for threshold in (0.0, 0.4, 0.83, 1.0):
        point = scan(situations.coded.connection, uniform(changed, threshold))
        assert cube.at(threshold) == replace(point, threshold=threshold)


@pytest.mark.parametrize("edit", NEW_NUMBERS | NEW_FIELDS)
def test_a_new_number_or_field_needs_the_coded_contacts_only(
    situations: Situations, policy: Policy, edit: str
) -> None:
    changed = (NEW_NUMBERS | NEW_FIELDS)[edit](policy)
    assert not situations.knows(changed)
    finer = told_apart(situations, changed)
    assert finer.knows(changed) and finer.knows(policy)
    for each in (policy, changed):
        cube = ThresholdCube.of(finer, each)
        assert cube.at() == scan(situations.coded.connection, each)
        for threshold in (0.0, 0.4, 0.83, 1.0):
            point = scan(situations.coded.connection, uniform(each, threshold))
            assert cube.at(threshold) == replace(point, threshold=threshold)
    finer.drop()


@pytest.mark.parametrize("numbers", [(0.05,), (0.5,), (0.3, 0.4, 0.69, 0.71), (0.0, 0.99, 1.0)])
def test_numbers_anywhere_in_a_stretch_are_told_apart(
    situations: Situations, policy: Policy, numbers: tuple[float, ...]
) -> None:
    for number in numbers:
        changed = edited(policy, "out-of-scope", when=when("out_of_scope", "in", list(numbers)))
        changed = edited(changed, "nothing-known", when=when("out_of_scope", ">", number))
        finer = told_apart(situations, changed)
        assert ThresholdCube.of(finer, changed).at() == scan(situations.coded.connection, changed)
        finer.drop()


@hypothesis_settings(max_examples=8, deadline=None)
@given(st.integers(min_value=0))
def test_whatever_the_rules_situations_decide_as_contacts_do(seed: int) -> None:
    situations_decide_as_contacts_do(seed)


@pytest.mark.full
@hypothesis_settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0))
def test_whatever_200_pairs_of_policies_situations_decide_as_contacts_do(seed: int) -> None:
    situations_decide_as_contacts_do(seed)


def situations_decide_as_contacts_do(seed: int) -> None:
    """One policy and then another, with all their own numbers."""
    random = Random(seed)
    first, second = random_policy(random), random_policy(random)
    rows = decidable_contacts(120, seed=4)
    for row in rows:
        row.update(random_situation(random, first).model_dump())
    with connection_with(rows) as connection:
        situations = Situations.build(CodedContacts.build(connection, first))
        assert situations.knows(first)
        finer = told_apart(situations, second)
        for policy in (first, second):
            expected = scan(connection, policy)
            assert finer.knows(policy)
            for known in (situations, finer) if situations.knows(policy) else (finer,):
                assert ThresholdCube.of(known, policy).at() == expected


def test_four_times_the_contacts_have_no_more_cells(policy: Policy) -> None:
    rows = varied_contacts(500)
    tiled = [{**row, "contact_id": f"{row['contact_id']}-{n}"} for n in range(4) for row in rows]
    with connection_with(rows) as once, connection_with(tiled) as four_times:
        one, four = (ThresholdCube.build(each, policy) for each in (once, four_times))
    assert four.sums.shape == one.sums.shape
    assert four.at().automate == 4 * one.at().automate > 0
    values = math.prod(len(labels) for labels in one.labels.values())
    cells = one.sums.shape[2]
    print(f"{cells} cells of at most {values} for 500 contacts and for 2,000")
    assert cells <= min(values, len(rows))


@pytest.mark.parametrize("edit", NEW_NUMBERS | NEW_FIELDS)
def test_situations_told_apart_answer_all_thresholds_and_50_filters_as_if_built_anew(
    situations: Situations, policy: Policy, edit: str
) -> None:
    changed, draw = (NEW_NUMBERS | NEW_FIELDS)[edit](policy), Random(9)
    finer = told_apart(situations, changed)
    kept = ThresholdCube.of(finer, changed)
    anew = ThresholdCube.build(situations.coded.connection, changed)
    finer.drop()
    assert kept.curve() == anew.curve()
    rows, met = varied_contacts(200), 0
    for _ in range(50):
        filters = random_filter(draw, rows)
        assert kept.curve(filters) == anew.curve(filters)
        met += anew.at(None, filters).contacts > 0
    print(f"{edit}: 50 filters x {len(anew.grid)} thresholds, 0 differences, {met} with contacts")
    assert met > 10


@pytest.mark.parametrize(
    "field",
    [
        Stretches.among("out_of_scope", {0.31, 0.5, 0.7}),
        Stretches.among("sentiment", {-0.5, 0.25}),
        Stretches.from_steps("confidence", {*GRID, 0.512345}),
        FewValues("suspicious", size=2),
    ],
    ids=lambda field: field.name,
)
def test_who_stays_in_a_group_cannot_be_told_from_the_others_there(
    situations: Situations, field: Digit
) -> None:
    known = {**situations.fields, "confidence": situations.grid}.get(field.name)
    before = known if isinstance(known, Stretches) else None
    coded = situations.coded
    with coded.connection.cursor() as connection:
        split = Split.of(connection, situations, field, before)
        moves = " OR ".join(f"({each})" for each in split.moves_sql)
        digits = connection.execute(
            f"""SELECT {before.digit_sql if before else "0"}, {field.digit_sql}, ({moves}) IS TRUE
                FROM {coded.table}"""
        ).fetchall()
    assert {moved for *_, moved in digits} == {True, False}
    assert all(moved == (now != split.stays[was]) for was, now, moved in digits)


def test_buckets_made_by_multiplying_are_wrong_for_many_two_decimal_scores() -> None:
    """The trap: 0.29 * 100 is 28.999999999999996, so `floor` puts 0.29 below threshold 0.29."""
    scores = [step / 100 for step in range(101)]
    misplaced = [c for c in scores if math.floor(c * 100) != sum(c >= t for t in GRID) - 1]
    print(f"floor(c * 100) misplaces {len(misplaced)} of 101 two-decimal scores")
    assert 0.29 in misplaced
    rows = decidable_contacts(101)
    for row, score in zip(rows, scores, strict=True):
        row.update(random_calm(row), confidence=score, intent="invoice_copy", stakes="medium")
    with connection_with(rows) as connection:
        cube = ThresholdCube.build(connection, sample_policy())
    assert [cube.at(threshold).automate for threshold in GRID] == list(range(101, 0, -1))


def random_calm(row: Row) -> Row:
    """Nothing about the contact but its confidence keeps it from being automated."""
    unknown = {name: None for name in fields_of(sample_policy()) if name in row}
    return {**unknown, "identity_proven": True}


def test_kept_situations_answer_every_edit_as_history_does(tmp_path: Path) -> None:
    generate_contacts(4_000, 3, tmp_path)
    policy = sample_policy()
    with open_history(tmp_path / "state", Settings(), imported=tmp_path) as history:
        kept = KeptSituations(history)
        for edit in (EDITS | NEW_NUMBERS | NEW_FIELDS).values():
            changed = edit(policy)
            assert kept.cube(changed).at() == scan(history.connection(), changed)
        pilot = kept.cube(policy, where={"phase": "pilot"})
        expected = ThresholdCube.build(history.connection(), policy, where={"phase": "pilot"})
        assert pilot.at() == expected.at()
        assert pilot.at().contacts < kept.cube(policy).at().contacts


def test_no_more_is_read_than_a_policy_needs(tmp_path: Path) -> None:
    generate_contacts(500, 3, tmp_path)
    policy = sample_policy()
    number, field = NEW_NUMBERS["another number"](policy), NEW_FIELDS["another field"](policy)
    nothing, coded_contacts, history_itself = set[str](), {"situation"}, {"coded", "situation"}
    asked = {
        "the first policy": (policy, history_itself),
        "a rule off": (EDITS["a rule switched off"](policy), nothing),
        "a new number": (number, coded_contacts),
        "that number again, another threshold": (number.with_thresholds(0.6), nothing),
        "a new field": (field, coded_contacts),
        "the first policy again": (policy, nothing),
    }
    with open_history(tmp_path / "state", Settings(), imported=tmp_path) as history:
        kept, found, known = KeptSituations(history), {}, set[str]()
        for name, (asked_policy, _) in asked.items():
            kept.cube(asked_policy)
            tables = kept_tables(history)
            found[name] = {table.partition("_")[0] for table in tables - known}
            known = tables
    assert found == {name: made for name, (_, made) in asked.items()}


def test_no_more_parts_are_kept_than_said(tmp_path: Path) -> None:
    generate_contacts(500, 3, tmp_path)
    with open_history(tmp_path / "state", Settings(), imported=tmp_path) as history:
        kept = KeptSituations(history)
        for channel in ("chat", "email", "phone", "portal"):
            kept.cube(sample_policy(), where={"channel": channel})
        tables = kept_tables(history)
    assert sum(name.startswith("coded") for name in tables) == PARTS
    assert sum(name.startswith("situation") for name in tables) == PARTS


def kept_tables(history: History) -> set[str]:
    """What was made of the contacts and not dropped."""
    rows = history.connection().execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return {name for (name,) in rows if name.startswith(("coded", "situation"))}


def test_new_facts_are_in_the_next_answer_unless_it_may_be_older(tmp_path: Path) -> None:
    clock, policy = SetClock(), sample_policy()
    generate_contacts(300, 3, tmp_path)
    with open_history(tmp_path / "state", Settings(), imported=tmp_path, clock=clock) as history:
        fresh = KeptSituations(history, clock=clock)
        rested = KeptSituations(history, clock=clock, at_most_every=timedelta(minutes=5))
        assert fresh.cube(policy).at().contacts == rested.cube(policy).at().contacts == 300
        generate_contacts(400, 3, tmp_path)
        assert fresh.cube(policy).at().contacts == 400
        assert rested.cube(policy).at().contacts == 300
        clock.pass_time(minutes=5)
        assert rested.cube(policy).at().contacts == 400
