"""Review: what a person does at the desk, and what the ledger holds afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workbench.records.money import Money
from workbench.records.operations import RequestApproval, plan
from workbench.records.principals import Role
from workbench.store.views import ApprovalStatus, HandOffStatus
from workbench.store.work import Transaction

REVIEW = "review"
DISPUTE = "Line 2 of INV-1001 is wrong, only 28 of 40 arrived. Get me a person"
SPOILT = "Line 1 of {}: the cartons came wet, bad quality. I dispute that line."
OWN_WORDS = "This is Ana. I am looking into it."
EXCUSE = "This is not our fault."


def handed_off(workbench, text: str = DISPUTE, customer: str = "C-1001") -> str:
    """A conversation that waits for a person."""
    result = workbench.converse(customer, text, channel="portal")
    assert result.packet, result
    return result.conversation_id


def signed_on(open_page, name: str = "ana", **address: str):
    """The page with somebody's name on it."""
    shown = open_page(REVIEW, **address)
    return shown.text_input(key="reviewer").set_value(name).run()


def click(shown, key: str):
    return shown.button(key=key).click().run()


def words(shown) -> str:
    told = (*shown.markdown, *shown.caption, *shown.text, *shown.info, *shown.success)
    return " ".join(one.value for one in told)


def said(workbench, talk: str) -> list[tuple[str, str]]:
    return [(one.speaker, one.text) for one in workbench.conversation(talk).utterances]


def outcomes(workbench, talk: str) -> dict[int, str]:
    uses = [one for one in workbench.desk.uses() if one.conversation_id == talk]
    return {one.place: one.outcome.value for one in uses}


def test_without_a_name_nothing_can_be_done(open_page, workbench):
    talk = handed_off(workbench)
    shown = open_page(REVIEW, talk=talk)
    for key in ("take", "hold", "wrap_up", "send-reply", "hand-back", "save-note"):
        assert shown.button(key=f"{key}-{talk}").disabled, key
    assert shown.segmented_control(key="presence").disabled
    assert any("Sign on" in one.value for one in shown.info)


def test_presence_is_recorded_and_shown_to_colleagues(open_page, workbench):
    shown = signed_on(open_page, "mia")
    shown = shown.segmented_control(key="presence").set_value("on").run()
    assert {w.person_id: w.state for w in workbench.routing.presence()}["human_agent:mia"] == "on"
    shown = shown.segmented_control(key="presence").set_value("pause").run()
    assert not shown.error
    assert any(each.person.name == "mia" and each.paused for each in workbench.routing.floor().on)
    assert "mia" in words(signed_on(open_page, "ben"))


def test_a_name_is_recognised_with_the_presence_last_said(open_page, workbench):
    workbench.routing.set_presence("noa", "pause")
    shown = signed_on(open_page, "noa")
    assert shown.segmented_control(key="presence").value == "pause"


def test_taking_over_silences_the_assistant(open_page, workbench):
    talk = handed_off(workbench)
    shown = click(signed_on(open_page, talk=talk), f"take-{talk}")
    assert not shown.error
    assert workbench.desk.keeper(talk) == "human_agent:ana"
    assert workbench.converse("C-1001", "hello?", conversation_id=talk, channel="portal").silent


def test_what_a_colleague_took_meanwhile_is_a_clear_conflict(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, "ben", talk=talk)
    workbench.desk.take_over(talk, "ana")
    shown = click(shown, f"take-{talk}")
    assert "Somebody was faster" in shown.error[0].value and "ana" in shown.error[0].value
    assert workbench.desk.keeper(talk) == "human_agent:ana"


def test_whoever_does_not_have_it_does_not_speak(open_page, workbench):
    talk = handed_off(workbench)
    workbench.desk.take_over(talk, "ana")
    shown = signed_on(open_page, "ben", talk=talk)
    shown.text_area(key=f"reply-{talk}").set_value("Ben here.")
    shown = click(shown, f"send-reply-{talk}")
    assert shown.error and shown.text_area(key=f"reply-{talk}").value == "Ben here."
    assert "Ben here." not in [text for _, text in said(workbench, talk)]
    assert shown.button(key=f"hand-back-{talk}").disabled


def test_a_running_conversation_can_be_taken_over(open_page, workbench):
    talk = workbench.converse("C-1005", "Is INV-1013 paid?", channel="portal").conversation_id
    shown = signed_on(open_page, show="with the assistant")
    assert shown.query_params["talk"] == talk, "the last one spoken in comes first"
    shown = click(shown, f"take-{talk}")
    assert not shown.error and workbench.desk.keeper(talk) == "human_agent:ana"


def test_a_suggestion_is_sent_as_it_is_and_counts_as_accepted(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, talk=talk)
    offered = workbench.desk.suggestions(talk, "ana").shown
    assert 1 <= len(offered) <= 3
    assert all(one.text.split(".")[0] in words(shown) for one in offered)
    shown = click(shown, f"send-{offered[0].id}")
    assert not shown.error
    assert said(workbench, talk)[-1] == ("human_agent:ana", offered[0].text)
    ignored = dict.fromkeys(range(2, len(offered) + 1), "ignored")
    assert outcomes(workbench, talk) == {1: "accepted", **ignored}


def test_an_edited_suggestion_keeps_its_difference(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, talk=talk)
    one = workbench.desk.suggestions(talk, "ana").shown[0]
    shown = click(shown, f"edit-{one.id}")
    assert shown.text_area(key=f"reply-{talk}").value == one.text
    shown.text_area(key=f"reply-{talk}").set_value(f"{one.text} Thank you.")
    shown = click(shown, f"send-reply-{talk}")
    assert not shown.error and not shown.text_area(key=f"reply-{talk}").value
    assert outcomes(workbench, talk)[1] == "edited"
    edit = workbench.desk.median_edit()
    assert edit is not None and 0 < edit < 1
    assert "none yet" not in [cell.value for cell in shown.metric if cell.label == "Median edit"]


def test_words_of_ones_own_pass_over_what_was_suggested(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, talk=talk)
    shown.text_area(key=f"reply-{talk}").set_value(OWN_WORDS)
    shown = click(shown, f"send-reply-{talk}")
    assert not shown.error and said(workbench, talk)[-1] == ("human_agent:ana", OWN_WORDS)
    assert set(outcomes(workbench, talk).values()) == {"ignored"}


def test_a_macro_of_the_team_is_put_into_the_reply(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, talk=talk)
    texts = {one.key: one.text for one in workbench.desk.macros(talk)}
    assert "dispute-under-review" in texts
    assert all("{" not in text for text in texts.values()), "placeholders are filled from facts"
    shown = shown.selectbox(key=f"macro-{talk}").set_value("dispute-under-review").run()
    assert shown.text_area(key=f"reply-{talk}").value == texts["dispute-under-review"]
    shown = click(shown, f"send-reply-{talk}")
    assert said(workbench, talk)[-1][1] == texts["dispute-under-review"]
    assert shown.selectbox(key=f"macro-{talk}").value is None


def test_a_rejection_needs_a_reason(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, talk=talk)
    one = workbench.desk.suggestions(talk, "ana").shown[0]
    shown = click(click(shown, f"reject-{one.id}"), f"rejected-{one.id}")
    assert "reason" in shown.error[0].value and outcomes(workbench, talk) == {}
    shown.text_input(key=f"why-{one.id}").set_value("wrong invoice")
    shown = click(shown, f"rejected-{one.id}")
    assert not shown.error and outcomes(workbench, talk) == {1: "rejected"}


def test_words_that_break_a_rule_go_out_on_a_second_thought_only(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, talk=talk)
    shown.text_area(key=f"reply-{talk}").set_value(EXCUSE)
    shown = click(shown, f"send-reply-{talk}")
    assert "no excuses" in shown.warning[0].value
    assert EXCUSE not in [text for _, text in said(workbench, talk)]
    shown = click(shown, f"anyway-{talk}")
    assert not shown.warning and said(workbench, talk)[-1][1] == EXCUSE


def test_a_note_is_for_colleagues_only(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, talk=talk)
    shown.text_area(key=f"private-{talk}").set_value("called the warehouse")
    shown = click(shown, f"save-note-{talk}")
    assert [note.text for note in workbench.desk.notes(talk)] == ["called the warehouse"]
    assert "called the warehouse" in words(signed_on(open_page, "ben", talk=talk))
    assert "called the warehouse" not in str(said(workbench, talk))


def test_holding_and_wrapping_up_are_said_and_taken_back(open_page, workbench):
    talk = handed_off(workbench)
    shown = click(signed_on(open_page, talk=talk), f"take-{talk}")
    for key, states in (("hold", ["hold", "working"]), ("wrap_up", ["wrap_up", "done"])):
        for state in states:
            shown = click(shown, f"{key}-{talk}")
            assert workbench.desk.doing(talk) == state and not shown.error


def test_the_assistant_goes_on_after_a_hand_back_with_a_note(open_page, workbench):
    talk = handed_off(workbench)
    shown = click(signed_on(open_page, talk=talk), f"take-{talk}")
    shown = click(shown, f"hand-back-{talk}")
    assert "needs a note" in shown.error[0].value
    shown.text_input(key=f"note-{talk}").set_value("credited, nothing open")
    shown = click(shown, f"hand-back-{talk}")
    assert not shown.error
    assert workbench.conversation(talk).speaker == "assistant"
    assert shown.query_params["talk"] == talk, "what is open stays open"


@pytest.mark.parametrize("label", ["needed", "not_needed", "too_late"])
def test_a_hand_off_is_labelled_afterwards(open_page, workbench, label):
    talk = handed_off(workbench)
    packet = workbench.conversation(talk).packet_id
    shown = click(signed_on(open_page, talk=talk), f"{label}-{packet}")
    assert not shown.error
    labels = [e.data["label"] for e in workbench.events(talk) if e.kind == "escalation_labelled"]
    assert labels == [label]


def test_the_list_is_filtered_by_its_address(open_page, workbench):
    talk = handed_off(workbench)
    queue = next(row.queue for row in workbench.inbox() if row.conversation_id == talk)
    rows = (*workbench.inbox(), *workbench.inbox(status=HandOffStatus.TAKEN))
    own = [row for row in rows if row.queue == queue]
    listed = open_page(REVIEW, queue=queue).radio(key="talk").options
    assert len(listed) == len(own) < len(rows)
    workbench.desk.take_over(talk, "zoe")
    assert len(signed_on(open_page, "zoe", show="mine").radio(key="talk").options) == 1


def test_what_has_least_time_left_comes_first_and_then_the_riskier(open_page, workbench):
    handed_off(workbench, "I will sue you, my lawyer writes tomorrow", "C-1010")
    rows = (*workbench.inbox(), *workbench.inbox(status=HandOffStatus.TAKEN))
    first = open_page(REVIEW).query_params["talk"]
    least = min(row.due_at.timestamp() // 1800 for row in rows if row.due_at)
    soon = [row for row in rows if row.due_at and row.due_at.timestamp() // 1800 == least]
    assert first in [row.conversation_id for row in soon]
    assert min(row.priority for row in soon) == next(
        row.priority for row in rows if row.conversation_id == first
    )


def test_what_is_open_stays_open_when_something_more_urgent_comes(open_page, workbench):
    shown = signed_on(open_page)
    opened = shown.query_params["talk"]
    handed_off(workbench, "I will sue you, my lawyer writes tomorrow", "C-1010")
    assert shown.run().query_params["talk"] == opened


def test_a_choice_in_the_list_opens_it_and_stands_in_the_address(open_page, workbench):
    handed_off(workbench)
    other = handed_off(workbench)
    shown = signed_on(open_page)
    assert shown.query_params["talk"] != other
    shown = shown.radio(key="talk").set_value(other).run()
    assert not shown.exception and shown.query_params["talk"] == other
    back = click(click(shown, "Next-talk"), "Previous-talk")
    assert back.query_params["talk"] == other


def test_a_conversation_that_is_not_there_is_said_so(open_page):
    shown = open_page(REVIEW, talk="conv-nobody")
    assert "conv-nobody" in shown.warning[0].value.replace("\\", "") and not shown.exception


def asked_about(workbench, invoice: str) -> str:
    """A question about line 1 of an invoice that waits for a person's answer."""
    turn = workbench.converse("C-1001", SPOILT.format(invoice), channel="portal")
    (task,) = [
        one.task
        for one in workbench.verdicts.all()
        if one.task.conversation_id == turn.conversation_id
    ]
    return task.id


def test_a_question_is_answered_here_and_the_assistant_goes_on(open_page, workbench):
    question = asked_about(workbench, "INV-1001")
    task = workbench.verdicts.get(question).task
    shown = signed_on(open_page, view="Questions", question=question)
    assert task.question in words(shown).replace("\\", "") and task.words in words(shown)
    assert len(shown.dataframe[0].value) == len(task.evidence)
    stale = signed_on(open_page, "ben", view="Questions", question=question)

    shown.text_input(key=f"verdict-note-{question}").set_value("no photos")
    shown = click(shown, f"reject-{question}")
    answered = workbench.verdicts.get(question)
    assert not shown.error and (answered.choice, answered.note) == ("reject", "no photos")
    assert answered.told_at is not None, "the conversation has gone on with it"
    assert workbench.conversation(task.conversation_id).speaker == "assistant"

    stale = click(stale, f"credit-{question}")
    assert "Somebody was faster" in stale.error[0].value
    assert workbench.verdicts.get(question).choice == "reject"


def commit(workbench, person, stream: str, action) -> None:
    workbench.store.commit(
        Transaction(principal=person, stream=stream, request_id=action.key, actions=(action,))
    )


def credit(workbench, person, key: str, amount: str, number: str = "INV-1013"):
    """A credit on a whole invoice; what somebody wants or does."""
    open_now = Money.of(amount, workbench.systems.billing.account(person, number).invoice.currency)
    return workbench.systems.billing.issue_credit(
        person, number, None, open_now, "price", workbench.ids.new(key)
    )


def asked_by(workbench, name: str, amount: str = "300") -> str:
    """A request for approval of a credit on INV-1013 by somebody at the desk."""
    person = workbench.person(name)
    talk = workbench.converse("C-1005", "Is INV-1013 paid?", channel="portal").conversation_id
    account = workbench.systems.billing.account(person, "INV-1013")
    wish = RequestApproval(
        action=credit(workbench, person, "credit", amount),
        record="invoice INV-1013",
        record_revision=account.invoice.revision,
        reason="goodwill after two late deliveries",
        conversation_id=talk,
    )
    commit(workbench, person, talk, plan(wish, workbench.ids.new("ask")))
    return next(one.id for one in workbench.approvals() if one.conversation_id == talk)


def decide(shown, approval: str, act: str, reason: str = "delivery note checked"):
    shown.text_input(key=f"why-{approval}").set_value(reason)
    return click(shown, f"{act}-{approval}")


def test_an_approval_names_the_exact_action_and_what_it_adds_up_to(open_page, workbench):
    approval = asked_by(workbench, "ana")
    shown = signed_on(open_page, "sam", view="Approvals", approval=approval)
    told = words(shown).replace("\\", "")
    asked = workbench.verdicts.approval(approval)
    for what in (str(asked.action.amount), "INV-1013", "Asked by ana", "late deliveries"):
        assert what in told, what
    assert f"revision {asked.record_revision} of invoice INV-1013" in told
    cells = {cell.label: cell.value for cell in shown.metric}
    weighed = workbench.verdicts.weigh(approval, "sam")
    assert weighed.together == weighed.amount + weighed.alone
    assert cells["Together"] == str(weighed.together)
    assert str(weighed.limits[Role.SUPERVISOR]) in told


def test_a_decision_needs_a_reason_and_is_then_performed(open_page, workbench):
    approval = asked_by(workbench, "ana", "301")
    shown = signed_on(open_page, "sam", view="Approvals", approval=approval)
    shown = decide(shown, approval, "approve", " ")
    assert "needs a reason" in shown.error[0].value
    shown = decide(shown, approval, "approve")
    assert not shown.error and "approved by sam" in words(shown)
    asked = workbench.verdicts.approval(approval)
    notes = workbench.systems.billing.credit_notes(workbench.person("sam"), "C-1005")
    assert asked.status is ApprovalStatus.APPROVED
    assert Decimal(301) in [note.amount for note in notes]


def test_nobody_approves_what_they_asked_for_but_may_withdraw_it(open_page, workbench):
    approval = asked_by(workbench, "ana", "302")
    shown = signed_on(open_page, "Ana", view="Approvals", approval=approval)
    assert shown.button(key=f"approve-{approval}").disabled
    assert shown.button(key=f"decline-{approval}").disabled
    shown = decide(shown, approval, "withdraw", "sent to billing instead")
    assert not shown.error
    assert workbench.verdicts.approval(approval).status is ApprovalStatus.WITHDRAWN


def test_a_declined_request_does_nothing(open_page, workbench):
    approval = asked_by(workbench, "ana", "303")
    shown = signed_on(open_page, "sam", view="Approvals", approval=approval)
    shown = decide(shown, approval, "decline", "no proof")
    asked = workbench.verdicts.approval(approval)
    assert (asked.status, asked.decision_reason) == (ApprovalStatus.DECLINED, "no proof")
    assert "nothing was done" in words(shown)


def test_a_record_that_changed_meanwhile_is_asked_for_again(open_page, workbench):
    approval = asked_by(workbench, "ana", "304")
    shown = signed_on(open_page, "sam", view="Approvals", approval=approval)
    person = workbench.person("kim")
    talk = workbench.verdicts.approval(approval).conversation_id
    commit(workbench, person, talk, credit(workbench, person, "small", "1"))
    shown = decide(shown, approval, "approve")
    assert "nothing was done" in shown.error[0].value
    assert workbench.verdicts.approval(approval).status is ApprovalStatus.SUPERSEDED
    (again,) = [one for one in workbench.approvals() if one.action.amount.amount == 304]
    shown = signed_on(open_page, "sam", view="Approvals", approval=again.id)
    assert workbench.verdicts.weigh(again.id, "sam").moved_on is False
    commit(workbench, person, talk, credit(workbench, person, "small", "1"))
    assert "has changed since" in shown.run().warning[0].value


def test_every_key_of_the_page_is_listed_behind_one_button(open_page, workbench):
    talk, question, approval = (
        handed_off(workbench),
        asked_about(workbench, "INV-1003"),
        asked_by(workbench, "eva", "305"),
    )
    pages = (
        signed_on(open_page, talk=talk),
        signed_on(open_page, view="Questions", question=question),
        signed_on(open_page, view="Approvals", approval=approval),
    )
    pressed = {one.proto.shortcut.lower() for page in pages for one in page.button} - {""}
    listed = words(pages[0]).lower()
    assert len(pressed) >= 15
    assert [key for key in sorted(pressed) if f"`{key}`" not in listed] == []


def test_solved_cases_like_a_packet_are_shown_when_asked_for(open_page, workbench):
    talk = handed_off(workbench)
    shown = signed_on(open_page, talk=talk)
    assert "alike" not in words(shown)
    shown = shown.toggle(key=f"alike-{talk}").set_value(True).run()
    packet = workbench.packet(workbench.conversation(talk).packet_id)
    found = workbench.cases.similar(packet)
    assert found and not shown.exception
    assert all(f"{one.likeness:.0%} alike" in words(shown) for one in found)
