"""A private question to a person: the assistant keeps the conversation and goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from front_door import MORNING, sample_workbench

from workbench import Workbench
from workbench.errors import Conflict, InputError, NotFound
from workbench.flows.result import TurnResult
from workbench.records.base import Ids, SteppingClock
from workbench.records.customers import Customer
from workbench.records.decisions import HandOffReason
from workbench.records.events import EventKind
from workbench.records.invoices import Invoice, InvoiceLine, Order, OrderLine
from workbench.records.verdicts import Verdict, VerdictStatus
from workbench.store.views import Message

SPOILT = "Line 1 of INV-9001: the coffee was mouldy, bad quality. I dispute that line."


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(MORNING, timedelta(milliseconds=1))


@pytest.fixture
def workbench(tmp_path: Path, clock: SteppingClock) -> Iterator[Workbench]:
    with sample_workbench(tmp_path, books="empty", clock=clock) as opened:
        bring_in(opened)
        yield opened


def bring_in(workbench: Workbench, price: str = "4.00", language: str = "en") -> None:
    """C-9001 with INV-9001 of ten bags of coffee, all of which were delivered."""
    customer = Customer(id="C-9001", name="Ida", language=language, time_zone="Europe/Berlin")
    ordered = OrderLine(product="COF", ordered=Decimal(10), delivered=Decimal(10))
    order = Order(
        id="ORD-9001",
        customer_id="C-9001",
        placed_on=date(2026, 4, 1),
        currency="EUR",
        delivered_on=date(2026, 4, 10),
        lines=(ordered,),
    )
    line = InvoiceLine(
        line=1,
        product="COF",
        description="Coffee beans",
        quantity=Decimal(10),
        unit_price=Decimal(price),
        order_id="ORD-9001",
    )
    invoice = Invoice(
        number="INV-9001",
        customer_id="C-9001",
        issued_on=date(2026, 4, 15),
        due_on=date(2026, 5, 15),
        currency="EUR",
        order_id="ORD-9001",
        stated_total=Decimal(price) * 10,
        lines=(line,),
    )
    records = {"customers": [customer], "orders": [order], "invoices": [invoice]}
    for kind, rows in records.items():
        workbench.store.import_records(workbench.service, kind, rows, f"{kind}:{price}:{language}")


def say(workbench: Workbench, text: str = SPOILT, conversation: str = "conv-1") -> TurnResult:
    return workbench.converse("C-9001", text, conversation_id=conversation, channel="portal")


def asked(workbench: Workbench) -> Verdict:
    (only,) = workbench.verdicts.all()
    return only


def keys(turn: TurnResult) -> list[str]:
    return [s.key for s in turn.reply.statements] if turn.reply else []


def replies(workbench: Workbench) -> list[Message]:
    return [m for m in workbench.store.outbox(workbench.service) if m.kind == "reply"]


def test_the_customer_reads_that_it_is_checked_and_nobody_is_handed_over(
    workbench: Workbench,
) -> None:
    turn = say(workbench)
    assert keys(turn)[-2:] == ["dispute.opened", "verdict.checking"]
    assert turn.reply is not None and "I am checking" in turn.reply.text
    assert turn.packet is None
    assert workbench.conversation("conv-1").speaker == "assistant"
    task = asked(workbench).task
    assert [c.key for c in task.choices] == ["credit", "reject", "hand_off"]
    assert {f.name for f in task.evidence} >= {"disputed amount", "delivered quantity", "reason"}
    assert all(fact.source.record for fact in task.evidence)
    assert task.words in SPOILT


def test_the_answer_is_given_at_once_and_grounded(workbench: Workbench) -> None:
    say(workbench)
    turn = workbench.verdicts.answer(asked(workbench).task.id, "credit", "ana", "photos seen")
    assert keys(turn) == ["credit.issued"]
    (message,) = replies(workbench)
    assert turn.reply is not None and message.payload["text"] == turn.reply.text
    assert "€40.00" in turn.reply.text or "40.00" in turn.reply.text
    (account,) = workbench.store.accounts(workbench.service, "C-9001")
    assert [note.total.amount for note in account.credit_notes] == [Decimal("40.00")]
    verdict = workbench.verdicts.get(asked_before(workbench).task.id)
    assert (verdict.choice, verdict.decided_by, verdict.note) == (
        "credit",
        "human_agent:ana",
        "photos seen",
    )
    assert verdict.overridden and verdict.told_at is not None


def asked_before(workbench: Workbench) -> Verdict:
    (only,) = workbench.verdicts.all(status=None)
    return only


def test_a_claim_that_is_rejected_keeps_its_case_and_credits_nothing(workbench: Workbench) -> None:
    say(workbench)
    turn = workbench.verdicts.answer(asked(workbench).task.id, "reject", "ana")
    assert keys(turn) == ["verdict.rejected"]
    (account,) = workbench.store.accounts(workbench.service, "C-9001")
    assert account.credit_notes == ()
    assert not asked_before(workbench).overridden


def test_a_verdict_gives_no_authority_above_the_limit(workbench: Workbench) -> None:
    bring_in(workbench, price="40.00")
    say(workbench)
    turn = workbench.verdicts.answer(asked(workbench).task.id, "credit", "ana")
    assert turn.reason is HandOffReason.AUTHORITY_LIMIT
    (waiting,) = workbench.approvals()
    assert waiting.action.operation == "credit.issue"
    result = workbench.decide_approval(waiting.id, "sam", True, "agreed").receipts[0].result
    assert result["status"] == "approved"
    assert workbench.decide_approval(waiting.id, "sam", True, "agreed").receipts[0].repeated
    with pytest.raises(Conflict, match="approved already"):
        workbench.decide_approval(waiting.id, "olga", False, "too late")
    with pytest.raises(NotFound, match="no approval appr-0"):
        workbench.verdicts.withdraw_approval("appr-0", "ana", "a slip")


def test_the_private_note_stays_out_of_the_ledger(workbench: Workbench) -> None:
    say(workbench)
    workbench.verdicts.answer(asked(workbench).task.id, "reject", "ana", "customer lies often")
    told = [event.model_dump_json() for event in workbench.events("conv-1")]
    assert not any("lies often" in text for text in told)


def test_a_message_of_the_customer_is_answered_with_the_verdict(workbench: Workbench) -> None:
    from workbench.records.operations import plan
    from workbench.records.verdicts import GiveVerdict

    say(workbench)
    task = asked(workbench).task
    wish = GiveVerdict(task_id=task.id, choice="reject")
    workbench._commit(workbench.person("ana"), "conv-1", actions=(plan(wish, "given"),))
    turn = say(workbench, "thanks")
    assert "verdict.rejected" in keys(turn)
    assert workbench.verdicts.sweep().resumed == (task.id,)
    assert replies(workbench) == [], "it has been said in the conversation"


def test_the_first_answer_counts_and_a_repeated_one_says_nothing_twice(
    workbench: Workbench,
) -> None:
    say(workbench)
    task = asked(workbench).task
    first = workbench.verdicts.answer(task.id, "credit", "ana")
    assert workbench.verdicts.answer(task.id, "credit", "ana") == first
    with pytest.raises(Conflict, match="answered already"):
        workbench.verdicts.answer(task.id, "reject", "bo")
    with pytest.raises(Conflict, match="answered already"):
        workbench.verdicts.answer(task.id, "reject", "ana")
    assert len(replies(workbench)) == 1


def test_an_answer_that_was_not_offered_is_refused(workbench: Workbench) -> None:
    say(workbench)
    with pytest.raises(InputError, match="one of credit, reject, hand_off"):
        workbench.verdicts.answer(asked(workbench).task.id, "maybe", "ana")


def test_a_reminder_comes_before_the_deadline_and_the_fallback_after_it_once(
    workbench: Workbench, clock: SteppingClock
) -> None:
    say(workbench)
    task = asked(workbench).task
    quiet = workbench.verdicts.sweep()
    assert not any(quiet.model_dump().values())
    clock.at = task.remind_at
    assert workbench.verdicts.sweep().reminded == (task.id,)
    assert workbench.verdicts.sweep().reminded == ()
    clock.at = task.due_at
    swept = workbench.verdicts.sweep()
    assert (swept.expired, swept.resumed) == ((task.id,), (task.id,))
    again = workbench.verdicts.sweep()
    assert (again.expired, again.resumed) == ((), ())
    timed_out = asked_before(workbench)
    assert (timed_out.status, timed_out.choice) == (VerdictStatus.TIMED_OUT, "hand_off")
    assert timed_out.decided_by == "" and not timed_out.overridden
    assert workbench.verdicts.labels() == (), "a fallback is nobody's judgement"
    (packet,) = workbench.inbox()
    assert packet.reason == HandOffReason.DISPUTED_AMOUNT
    kinds = [event.kind for event in workbench.events("conv-1")]
    assert kinds.count(EventKind.VERDICT_GIVEN) == kinds.count(EventKind.HANDED_OFF) == 1


def test_several_workers_sweep_at_once_and_everything_happens_once(
    workbench: Workbench, clock: SteppingClock, tmp_path: Path
) -> None:
    say(workbench)
    task = asked(workbench).task
    clock.at = task.due_at

    def sweep(number: int) -> tuple[str, ...]:
        worker = SteppingClock(task.due_at, timedelta(milliseconds=1))
        with sample_workbench(tmp_path, clock=worker, ids=Ids(seed=100 + number)) as opened:
            return opened.verdicts.sweep().expired

    with ThreadPoolExecutor(4) as workers:
        expired = list(workers.map(sweep, range(4)))
    assert sorted(expired, key=len)[-1] == (task.id,) and sum(map(len, expired)) == 1
    workbench.verdicts.sweep()
    kinds = [event.kind for event in workbench.events("conv-1")]
    assert kinds.count(EventKind.VERDICT_GIVEN) == kinds.count(EventKind.HANDED_OFF) == 1
    assert len(replies(workbench)) == 1


def test_nothing_is_said_where_a_person_speaks(workbench: Workbench) -> None:
    say(workbench)
    task = asked(workbench).task
    workbench.human_reply("conv-1", "ana", "I am taking care of this.")
    turn = workbench.verdicts.answer(task.id, "credit", "bo")
    assert turn.reply is None
    assert replies(workbench) == []


def test_what_people_judged_becomes_labels(workbench: Workbench) -> None:
    say(workbench)
    workbench.verdicts.answer(asked(workbench).task.id, "credit", "ana")
    bring_in(workbench, price="3.00")
    (label,) = workbench.verdicts.labels()
    assert (label.about, label.choice, label.suggested) == ("claim", "credit", "reject")
    assert label.words and label.evidence


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        (
            "de",
            "Position 1 auf INV-9001: der Kaffee war verschimmelt, das reklamiere ich.",
            "prüfe",
        ),
        (
            "fr",
            "Ligne 1 de INV-9001 : le café est arrivé endommagé, je conteste.",
            "vérifie",
        ),
        (
            "es",
            "Línea 1 de INV-9001: el café llegó dañado, lo disputo.",
            "comprobando",
        ),
    ],
)
def test_the_customer_reads_it_in_their_language(
    workbench: Workbench, language: str, text: str, words: str
) -> None:
    bring_in(workbench, language=language)
    turn = say(workbench, text)
    assert turn.reply is not None and words in turn.reply.text
