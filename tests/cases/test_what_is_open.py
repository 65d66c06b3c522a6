"""What a page offers for a case is what the store would let happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from workbench.errors import InputError, NotAllowed
from workbench.govern.case_life import ACTIVITIES, check_step, open_to
from workbench.records.cases import Case, CaseStatus
from workbench.records.principals import Role

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WINDOW = timedelta(days=14)


def case(status: CaseStatus, **more: object) -> Case:
    return Case(
        id="CASE-1",
        customer_id="C-1",
        topic="complaint",
        subject="x",
        title="x",
        status=status,
        opened_at=NOON,
        updated_at=NOON,
    ).model_copy(update=more)


def passes(name: str, before: CaseStatus, after: CaseStatus, role: Role) -> bool:
    try:
        check_step("CASE-1", name, before, after, role)
    except (InputError, NotAllowed):
        return False
    return True


@pytest.mark.parametrize(("status", "role"), product(CaseStatus, Role))
def test_every_step_that_is_offered_passes_and_no_other_does(
    status: CaseStatus, role: Role
) -> None:
    offered: dict[str, frozenset[CaseStatus]] = {}
    for hold, merged in product((True, False), ("CASE-2", "")):
        one = case(status, legal_hold=hold, merged_into=merged)
        offered |= open_to(one, role, NOON, WINDOW)
    passing = {
        (name, after)
        for name, after in product(ACTIVITIES, CaseStatus)
        if passes(name, status, after, role)
    }
    assert {(name, after) for name, ends in offered.items() for after in ends} == passing


@pytest.mark.parametrize(
    ("more", "activity", "is_open"),
    [
        ({"solved_at": NOON - WINDOW}, "reopened", True),
        ({"solved_at": NOON - WINDOW - timedelta(seconds=1)}, "reopened", False),
        ({"legal_hold": True}, "held", False),
        ({"legal_hold": True}, "released", True),
        ({}, "held", True),
        ({}, "released", False),
    ],
)
def test_what_the_rest_of_a_case_rules_out_is_not_offered(
    more: dict[str, object], activity: str, is_open: bool
) -> None:
    one = case(CaseStatus.SOLVED, **more)
    assert (activity in open_to(one, Role.HUMAN_AGENT, NOON, WINDOW)) is is_open
