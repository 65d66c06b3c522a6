"""The Case page: what it shows is what the store holds, what is done there is done in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from demo_poc import played_poc
from streamlit.testing.v1 import AppTest

from workbench import Workbench, open_workbench
from workbench.records.cases import Case, CaseStatus, Grade, Subscription
from workbench.records.principals import customer_principal
from workbench.store.work import Transaction
from workbench.systems.ports import CaseDraft


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played_poc(tmp_path_factory, "case-page")


@pytest.fixture(scope="module")
def workbench(folder: Path) -> Iterator[Workbench]:
    with open_workbench(folder) as opened:
        yield opened


def new_case(workbench: Workbench, subject: str) -> Case:
    """A case with two requests, opened for the second customer by a person."""
    person = workbench.person("ana")
    customer_id = workbench.customers()[1].id
    draft = CaseDraft(
        topic="complaint",
        subject=f"order:{subject}",
        title=f"The {subject}",
        queue="cases",
        requests=("Send the refund", "Send a copy"),
        text="It is broken.",
        internal="Third time this month.",
    )
    ticketing = workbench.systems.ticketing
    case, action = ticketing.open_case(person, customer_id, draft, f"case-page:{subject}")
    said = workbench.converse(customer_id, "hello", channel="portal")
    workbench.store.commit(
        Transaction(
            principal=person,
            stream=said.conversation_id,
            request_id=action.key,
            actions=(action,),
        )
    )
    return workbench.cases.get(case.id)


@pytest.fixture
def shown(folder: Path, open_on: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """Opens the page of a case for somebody who has given their name."""

    def look(case: Case, name: str = "ana", **address: str) -> AppTest:
        app = open_on(folder, "case", id=case.id, **address)
        app.text_input("reviewer").set_value(name).run()
        assert not app.exception
        return app

    return look


def press(app: AppTest, key: str) -> AppTest:
    app.button(key).click().run()
    assert not app.exception
    return app


def links(app: AppTest) -> list[str]:
    return [one.proto.label.replace("\\", "") for one in app.get("page_link")]


def words(app: AppTest) -> str:
    """All words on the page, without the signs that keep Markdown from being read."""
    said = (*app.markdown, *app.caption, *app.text, *app.error)
    return "\n".join(one.value for one in said).replace("\\", "")


def test_an_answer_is_for_the_customer_and_meets_the_clock(shown, workbench) -> None:
    case = new_case(workbench, "lamp")
    app = shown(case)
    app.text_area(f"words-{case.id}").set_value("A new one is on its way.")
    press(app, "write-Answer")
    customer = customer_principal(case.customer_id, proven=True)
    read = {entry.text for entry in workbench.store.entries(customer, case.id)}
    assert read == {"It is broken.", "A new one is on its way."}
    met = {clock.kind: clock.met_at for clock in workbench.cases.get(case.id).clocks}
    assert met["first_response"] is not None
    assert app.text_area(f"words-{case.id}").value == "", "what is kept is cleared"
    assert "promise kept" in words(app)


def test_a_note_is_shown_inside_and_never_to_the_customer(shown, workbench) -> None:
    case = new_case(workbench, "chair")
    app = shown(case)
    app.text_area(f"words-{case.id}").set_value("Ask the carrier.")
    press(app, "write-Internal note")
    (note,) = (e for e in workbench.cases.entries(case.id) if e.text == "Ask the carrier.")
    assert (note.internal, note.actor) == (True, "human_agent:ana")
    assert "Ask the carrier." in words(app)
    public = shown(case, public="true")
    assert "Ask the carrier." not in words(public)
    assert "Third time" not in words(public)
    assert "It is broken." in words(public)


def test_only_legal_changes_are_offered_and_the_clocks_follow(shown, workbench) -> None:
    case = new_case(workbench, "table")
    app = shown(case)
    offered = app.selectbox(f"status-{case.id}").options
    assert offered == ["new", "open", "waiting for customer"]
    app.selectbox(f"status-{case.id}").set_value("waiting_for_customer")
    app.selectbox(f"urgency-{case.id}").set_value("high")
    app.selectbox(f"impact-{case.id}").set_value("high")
    app.selectbox(f"queue-{case.id}").set_value("billing")
    app.text_input(f"owner-{case.id}").set_value("ana")
    app.toggle(f"legal_hold-{case.id}").set_value(True)
    press(app, "Change")
    now = workbench.cases.get(case.id)
    assert (now.status, now.priority, now.queue) == (CaseStatus.WAITING, "P1", "billing")
    assert (now.owner, now.legal_hold, now.revision) == ("ana", True, case.revision + 1)
    assert all(clock.paused_at or clock.met_at for clock in now.clocks)
    assert "stands still" in words(app)


def test_who_was_overtaken_is_told_loses_nothing_and_undoes_nothing(shown, workbench) -> None:
    case = new_case(workbench, "sofa")
    app = shown(case)
    app.text_input(f"owner-{case.id}").set_value("ana")
    workbench.cases.change(case, "sam", queue="legal", owner="sam")
    press(app, "Change")
    assert "changed by somebody else meanwhile" in words(app)
    theirs = workbench.cases.get(case.id)
    assert (theirs.owner, theirs.queue) == ("sam", "legal"), "nothing was written"
    assert app.text_input(f"owner-{case.id}").value == "ana", "what was typed stays"
    assert app.selectbox(f"queue-{case.id}").value == "legal", "the rest is as it is now"
    press(app, "Change")
    mine = workbench.cases.get(case.id)
    assert (mine.owner, mine.queue) == ("ana", "legal")


def test_an_answer_to_a_case_that_was_closed_meanwhile_stays_in_the_box(shown, workbench) -> None:
    case = new_case(workbench, "desk")
    app = shown(case)
    app.text_area(f"words-{case.id}").set_value("One more thing")
    workbench.cases.change(case, "sam", status=CaseStatus.CLOSED, answered=case.requests)
    press(app, "write-Answer")
    assert "closed and cannot be appended" in words(app)
    assert app.text_area(f"words-{case.id}").value == "One more thing"
    keys = {button.key for button in app.button}
    assert "write-Answer" not in keys
    assert not keys & {"End it", "Split", "Merge"}
    assert "write-Internal note" in keys


def test_a_case_ends_with_its_grade_once_every_request_is_answered(shown, workbench) -> None:
    case = new_case(workbench, "shelf")
    app = shown(case)
    app.checkbox(f"done-{case.id}-Send the refund").check()
    press(app, "End it")
    assert "Still open: Send a copy" in words(app)
    assert workbench.cases.get(case.id).is_open
    app.checkbox(f"done-{case.id}-Send a copy").check()
    app.selectbox("grade").set_value("confirmed")
    press(app, "End it")
    ended = workbench.cases.get(case.id)
    assert (ended.status, ended.grade) == (CaseStatus.SOLVED, Grade.CONFIRMED)
    assert ended.solved_at is not None
    again = app.selectbox(f"status-{case.id}")
    assert again.options == ["solved", "open"]
    again.set_value("open")
    press(app, "Change")
    assert workbench.cases.get(case.id).reopened == 1


def test_two_cases_are_merged_and_parted_again(shown, workbench) -> None:
    kept, double = new_case(workbench, "bed"), new_case(workbench, "bed again")
    foreign = next(c for c in workbench.cases.open_cases() if c.customer_id != kept.customer_id)
    app = shown(kept)
    choice = app.selectbox("merge-with")
    assert any(double.id in one for one in choice.options)
    assert not any(foreign.id in one for one in choice.options)
    choice.set_value(double.id)
    press(app, "Merge")
    assert workbench.cases.get(double.id).merged_into == kept.id
    assert any(one.startswith(f"took over: {double.id}") for one in links(app))
    press(app, f"part-{double.id}")
    assert workbench.cases.get(double.id).is_open
    assert workbench.cases.get(double.id).merged_into == ""


def test_what_leaves_a_case_becomes_one_of_its_own_in_its_queue(shown, workbench) -> None:
    case = new_case(workbench, "rug")
    app = shown(case)
    press(app, "Split")
    assert "Choose a queue for what is to leave." in words(app)
    app.selectbox(f"part-{case.id}-Send a copy").set_value("billing")
    press(app, "Split")
    (child,) = (c for c in workbench.cases.of_customer(case.customer_id) if c.parent_id == case.id)
    assert (child.queue, child.requests) == ("billing", ("Send a copy",))
    assert workbench.cases.get(case.id).requests == ("Send the refund",)
    assert any(one.startswith(f"led to: {child.id}") for one in links(app))
    assert any(one.startswith(f"came from: {case.id}") for one in links(shown(child)))


def test_nothing_is_done_without_a_name(shown, workbench) -> None:
    app = shown(new_case(workbench, "lid"), name="")
    assert all(b.disabled for b in app.button if b.key)
    assert "Give your name" in words(app)


def test_open_cases_stand_by_time_left_and_every_filter_is_in_the_address(
    open_on, folder, workbench
):
    app = open_on(folder, "case")
    assert not app.exception
    rows = app.dataframe[0].value
    assert set(rows["case"]) == {case.id for case in workbench.cases.open_cases()}
    left = rows["hours left"].dropna()
    assert left.is_monotonic_increasing
    key_accounts = open_on(folder, "case", queue="key_accounts").dataframe[0].value
    expected = {c.id for c in workbench.cases.open_cases() if c.queue == "key_accounts"}
    assert set(key_accounts["case"]) == expected
    assert expected


def test_a_case_that_is_not_there_and_a_poc_without_cases_say_what_to_do(
    open_on, folder, open_empty
):
    missing = open_on(folder, "case", id="CASE-NOTHING")
    assert not missing.exception
    assert "There is no case" in missing.warning[0].value.replace("\\", "")
    empty = open_empty("case")
    assert not empty.exception
    assert "Try it" in empty.info[0].value


def test_solved_cases_like_it_and_every_change_are_at_hand(shown, workbench) -> None:
    disputes = (c for c in workbench.cases.open_cases() if c.topic == "invoice_dispute")
    case = next(c for c in disputes if c.queue == "billing")
    workbench.cases.change(case, "sam", owner="sam")
    app = shown(case)
    assert "alike" in words(app)
    assert "credited" in words(app) or "rejected" in words(app)
    (audit,) = (t.value for t in app.dataframe if "changed" in t.value.columns)
    assert f"owner: {case.owner or 'none'} -> sam" in audit["changed"][0]


def test_who_wants_to_hear_of_changes_is_shown_with_quiet_hours(shown, workbench) -> None:
    case = new_case(workbench, "cup")
    wish = Subscription(
        case_id=case.id,
        customer_id=case.customer_id,
        channel="email",
        quiet_from=22,
        quiet_until=7,
    )
    customer = customer_principal(case.customer_id, proven=True)
    action = workbench.systems.ticketing.subscribe(customer, wish, f"case-page:{case.id}")
    workbench.store.commit(
        Transaction(
            principal=customer, stream=f"case:{case.id}", request_id="hear", actions=(action,)
        )
    )
    app = shown(case)
    (told,) = (t.value for t in app.dataframe if "quiet" in t.value.columns)
    assert (told["channel"][0], told["quiet"][0]) == ("email", "22:00 to 7:00")
    assert bool(told["active"][0])
