"""Cases at the front door: a double is merged and parted, a bundle split, a late word refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from front_door import morning_clock, sample_workbench

from workbench.errors import Conflict, InputError
from workbench.front import Workbench
from workbench.records.base import SteppingClock
from workbench.records.cases import Case, CaseStatus
from workbench.systems.ports import CaseDraft


@pytest.fixture
def clock() -> SteppingClock:
    return morning_clock()


@pytest.fixture
def workbench(tmp_path: Path, clock: SteppingClock) -> Iterator[Workbench]:
    with sample_workbench(tmp_path, clock=clock) as opened:
        yield opened


def opened(workbench: Workbench, subject: str) -> Case:
    """A case of the first customer, opened by a person in a conversation of that customer."""
    customer_id = workbench.customers()[0].id
    said = workbench.converse(customer_id, "hello", conversation_id="conv-cases", channel="portal")
    person = workbench.person("ana")
    draft = CaseDraft(
        topic="complaint", subject=subject, title=subject, requests=("refund", "copy")
    )
    case, action = workbench.systems.ticketing.open_case(person, customer_id, draft, subject)
    workbench._commit(person, said.conversation_id, actions=(action,))
    return workbench.cases.get(case.id)


def test_a_double_is_merged_and_parted_again(workbench: Workbench) -> None:
    kept, double = opened(workbench, "lamp"), opened(workbench, "lamp again")
    workbench.cases.merge(kept, double, "ana")
    closed = workbench.cases.get(double.id)
    assert (closed.status, closed.merged_into) == (CaseStatus.CLOSED, kept.id)
    workbench.cases.part(closed, "sam")
    again = workbench.cases.get(double.id)
    assert again.clocks == double.clocks
    assert again.status is double.status


def test_a_bundle_is_split_into_cases_that_run_on(workbench: Workbench) -> None:
    bundle = opened(workbench, "lamp")
    workbench.cases.split(bundle, "ana", workbench.cases.new_part(bundle, "billing", "copy"))
    (part,) = [
        c
        for c in workbench.store.cases(workbench.service, bundle.customer_id)
        if c.parent_id == bundle.id
    ]
    assert (part.queue, part.requests, part.clocks) == ("billing", ("copy",), bundle.clocks)
    assert workbench.cases.get(bundle.id).requests == ("refund",)


def test_who_acts_on_an_old_reading_is_told_and_the_clocks_run_on(workbench: Workbench) -> None:
    case = opened(workbench, "lamp")
    workbench.cases.change(case, "ana", owner="ana", queue="billing")
    with pytest.raises(Conflict, match="changed by somebody else"):
        workbench.cases.change(case, "sam", owner="sam")
    assigned = workbench.cases.get(case.id)
    assert (assigned.owner, assigned.queue, assigned.clocks) == ("ana", "billing", case.clocks)


def test_a_case_is_opened_again_within_the_window_only(
    workbench: Workbench, clock: SteppingClock
) -> None:
    case = opened(workbench, "lamp")
    workbench.cases.append(case, "ana", "Both are done.")
    answered = workbench.cases.get(case.id)
    workbench.cases.change(answered, "ana", answered=case.requests, status=CaseStatus.SOLVED)
    clock.at += timedelta(days=workbench.settings.sla.reopen_days - 1)
    workbench.cases.change(workbench.cases.get(case.id), "ana", status=CaseStatus.OPEN)
    again = workbench.cases.get(case.id)
    workbench.cases.change(again, "ana", status=CaseStatus.SOLVED)
    clock.at += timedelta(days=workbench.settings.sla.reopen_days + 1)
    with pytest.raises(InputError, match="Open a follow-up"):
        workbench.cases.change(workbench.cases.get(case.id), "ana", status=CaseStatus.OPEN)
    assert workbench.cases.get(case.id).reopened == 1


def test_who_asks_for_a_merged_case_hears_of_the_one_that_took_it_over(
    workbench: Workbench,
) -> None:
    kept, double = opened(workbench, "lamp"), opened(workbench, "lamp again")
    workbench.cases.merge(kept, double, "ana")
    asked = f"What is the status of case {double.id}?"
    heard = workbench.converse(kept.customer_id, asked, channel="portal")
    assert heard.reply is not None
    assert kept.id in heard.reply.text
    assert double.id not in heard.reply.text


@pytest.mark.parametrize("wrong", [{"status": "lost"}, {"mood": "sour"}, {"urgency": 3}])
def test_a_field_or_a_value_that_a_case_cannot_have_is_refused_by_name(
    workbench: Workbench, wrong: dict[str, object]
) -> None:
    case = opened(workbench, "lamp")
    with pytest.raises(InputError, match=next(iter(wrong))):
        workbench.cases.change(case, "ana", **wrong)
    assert workbench.cases.get(case.id) == case
    workbench.cases.change(case, "ana", status="waiting_for_customer")
    assert workbench.cases.get(case.id).status is CaseStatus.WAITING
