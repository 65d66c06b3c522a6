"""The local systems: planned purely, checked by principal, in time or not at all."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from workbench.config import Settings
from workbench.errors import InputError, NotAllowed, NotFound, Unavailable
from workbench.records.base import SteppingClock
from workbench.records.cases import Case, CaseStatus, Degree, Subscription
from workbench.records.customers import ContactPoint, Customer, Delegate, PointKind
from workbench.records.events import EventKind, NewEvent
from workbench.records.invoices import Dispute, DisputeReason, ExchangeRate, Invoice, InvoiceLine
from workbench.records.money import Money
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store import Store, Transaction
from workbench.systems.local import LocalSystems, local_systems
from workbench.systems.ports import CaseDraft, Passage, Systems

ANNA = customer_principal("C-100", proven=True)
AGENT = Principal(id="human_agent:ana", role=Role.HUMAN_AGENT)
ADMIN = Principal(id="admin", role=Role.ADMIN)
ANALYST = Principal(id="analyst", role=Role.ANALYST)
EMAIL = ContactPoint(kind=PointKind.EMAIL, value="anna@example.com")


class NoArticles:
    """Knows nothing."""

    def search(self, question: str, *, language: str = "en", limit: int = 3) -> tuple[Passage, ...]:
        return ()


@pytest.fixture
def faults() -> dict[str, str]:
    return {}


@pytest.fixture
def systems(store: Store, clock: SteppingClock, faults: dict[str, str]) -> LocalSystems:
    """Two customers, one invoice of two lines (119.00 and 59.50 EUR), one conversation."""
    dora = Delegate(name="Dora", customer_id="C-300")
    customers = [
        Customer(id="C-100", contact_points=(EMAIL,), delegates=(dora,), postcode="10115"),
        Customer(id="C-200"),
    ]
    lines = [
        InvoiceLine(line=1, unit_price=Decimal(100), tax_rate=Decimal(19)),
        InvoiceLine(line=2, unit_price=Decimal(50), tax_rate=Decimal(19)),
    ]
    invoice = Invoice(
        number="INV-1",
        customer_id="C-100",
        issued_on=date(2026, 4, 1),
        currency="EUR",
        lines=tuple(lines),
        stated_total=Decimal("178.50"),
    )
    store.import_records(ADMIN, "customers", customers, "x")
    store.import_records(ADMIN, "invoices", [invoice], "x")
    started = NewEvent(kind=EventKind.CONVERSATION_STARTED, data={"customer_id": "C-100"})
    store.commit(Transaction(principal=ANNA, stream="conv", request_id="0", events=(started,)))
    return local_systems(
        store, Settings(), clock, NoArticles(), faults=faults, deadline_seconds=0.3
    )


def perform(store: Store, principal: Principal, *actions):
    name = "+".join(action.key for action in actions)
    return store.commit(
        Transaction(principal=principal, stream="conv", request_id=name, actions=actions)
    )


def draft(**changes) -> CaseDraft:
    given = {"topic": "complaint", "subject": "customer:C-100:x", "title": "A complaint"}
    return CaseDraft(**{**given, **changes})


def open_case(systems: LocalSystems, store: Store, **changes) -> Case:
    case, action = systems.ticketing.open_case(ANNA, "C-100", draft(**changes), "key-1")
    perform(store, ANNA, action)
    return case


def change(systems: LocalSystems, store: Store, before: Case, **fields) -> Case:
    after = before.model_copy(update=fields)
    action = systems.ticketing.change(AGENT, before, after, f"change-{before.revision}")
    perform(store, AGENT, action)
    return systems.ticketing.case(AGENT, before.id)


def test_the_local_systems_implement_the_ports(systems: LocalSystems) -> None:
    ports: Systems = systems
    assert ports.knowledge.search("anything") == ()


def test_a_plan_changes_nothing_until_it_is_performed(systems: LocalSystems, store: Store) -> None:
    before = store.verify(ADMIN)
    case, action = systems.ticketing.open_case(ANNA, "C-100", draft(), "key-1")
    assert store.verify(ADMIN) == before
    perform(store, ANNA, action)
    assert systems.ticketing.cases(ANNA, "C-100") == (case,)


def test_the_same_key_gives_the_same_case_number(systems: LocalSystems) -> None:
    numbers = [systems.ticketing.open_case(ANNA, "C-100", draft(), k)[0].id for k in "aab"]
    assert numbers[0] == numbers[1] != numbers[2]
    assert numbers[0].startswith("CASE-")


def test_a_new_case_promises_due_times_in_business_hours(systems: LocalSystems) -> None:
    case, _ = systems.ticketing.open_case(
        ANNA, "C-100", draft(impact=Degree.HIGH, urgency=Degree.HIGH), "k"
    )
    opened = case.opened_at
    assert case.priority == "P1"
    assert case.due("first_response") == opened + timedelta(minutes=30)
    assert case.due("resolution") == opened + timedelta(minutes=240)


def test_time_spent_waiting_for_the_customer_does_not_count(systems, store, clock) -> None:
    case = open_case(systems, store)
    waiting = change(systems, store, case, status=CaseStatus.WAITING)
    assert all(c.paused_at for c in waiting.clocks if not c.met_at)
    clock.at += timedelta(days=14)
    running = change(systems, store, waiting, status=CaseStatus.OPEN)
    moved = running.due() - case.due()
    assert timedelta(days=13, hours=23) < moved < timedelta(days=14, hours=1)
    assert not any(c.paused_at for c in running.clocks)


def test_moving_a_case_never_restarts_its_clock(systems, store, clock) -> None:
    case = open_case(systems, store)
    clock.at += timedelta(hours=3)
    moved = change(systems, store, case, queue="legal", owner="ana")
    assert moved.clocks == case.clocks


def test_a_higher_priority_keeps_what_was_used_up(systems, store, clock) -> None:
    case = open_case(systems, store)
    clock.at += timedelta(hours=1)
    raised = change(systems, store, case, impact=Degree.HIGH, urgency=Degree.HIGH)
    assert raised.due("resolution") == case.opened_at + timedelta(minutes=240)


def test_solving_meets_the_promises_and_reopening_counts(systems, store, clock) -> None:
    case = open_case(systems, store)
    solved = change(systems, store, case, status=CaseStatus.SOLVED)
    assert solved.solved_at is not None
    assert all(c.met_at for c in solved.clocks)
    clock.at += timedelta(days=7)
    again = change(systems, store, solved, status=CaseStatus.OPEN)
    assert (again.reopened, again.solved_at) == (1, None)
    assert again.due("resolution") > case.due("resolution") + timedelta(days=6)
    assert again.due("first_response") is None


def test_a_subscription_is_planned_and_set(systems: LocalSystems, store: Store) -> None:
    case = open_case(systems, store)
    wish = Subscription(case_id=case.id, customer_id="C-100", channel="email")
    perform(store, ANNA, systems.ticketing.subscribe(ANNA, wish, "sub"))
    assert store.subscriptions(ANNA, case.id) == (wish,)


def test_a_customer_reads_public_entries_only(systems: LocalSystems, store: Store) -> None:
    case = open_case(systems, store, text="broken", internal="looks like fraud")
    perform(store, AGENT, systems.ticketing.append(AGENT, case, "thinking", "i", internal=True))
    assert [e.text for e in systems.ticketing.entries(ANNA, case.id)] == ["broken"]
    assert len(systems.ticketing.entries(AGENT, case.id)) == 3


def complaint(amount: str, line: int | None) -> Dispute:
    return Dispute(
        id="DSP-1",
        customer_id="C-100",
        invoice_number="INV-1",
        line=line,
        reason=DisputeReason.QUALITY,
        amount=Decimal(amount),
        currency="EUR",
        opened_at=datetime(2026, 5, 4, tzinfo=UTC),
    )


def test_a_dispute_is_planned_up_to_what_is_open(systems: LocalSystems, store: Store) -> None:
    perform(store, ANNA, systems.billing.open_dispute(ANNA, complaint("59.50", 2), "d"))
    assert str(systems.billing.account(ANNA, "INV-1").undisputed) == "119.00 EUR"
    with pytest.raises(InputError, match=r"at most 119\.00 EUR"):
        systems.billing.open_dispute(ANNA, complaint("119.01", 1), "e")


def test_a_credit_is_planned_up_to_what_the_line_cost(systems: LocalSystems, store: Store) -> None:
    ten = Money.of("10", "EUR")
    action = systems.billing.issue_credit(AGENT, "INV-1", 1, ten, "quality", "c")
    assert action.amount == ten
    perform(store, AGENT, action)
    assert systems.billing.credit_notes(ANNA, "C-100")[0].number.startswith("CN-")
    with pytest.raises(InputError, match=r"at most 0\.00 EUR"):
        systems.billing.issue_credit(AGENT, "INV-1", 1, ten, "again", "c2")


def test_a_copy_goes_into_the_outbox(systems: LocalSystems, store: Store) -> None:
    perform(store, ANNA, systems.billing.send_copy(ANNA, "INV-1", EMAIL, "copy"))
    assert [m.kind for m in store.outbox(ADMIN)] == ["invoice_copy"]


def test_identity_names_kinds_never_values(systems: LocalSystems) -> None:
    check = systems.crm.check_identity(
        customer_principal("C-100"), "C-100", {"postcode": "10115", "email": "x@example.com"}
    )
    assert (check.matched, check.failed) == (("postcode",), ("email",))


def test_a_delegate_reads_but_does_not_act(systems: LocalSystems) -> None:
    dora = customer_principal("C-300", proven=True)
    assert systems.crm.may_speak_for(dora, "C-100", "invoices")
    assert systems.billing.account(dora, "INV-1").invoice.number == "INV-1"
    with pytest.raises(NotFound):
        systems.billing.open_dispute(dora, complaint("1.00", 1), "d")


@pytest.mark.parametrize(
    ("principal", "error"),
    [
        (customer_principal("C-200", proven=True), NotFound),
        (customer_principal("C-100"), NotFound),
        (ANALYST, NotAllowed),
    ],
)
def test_no_system_answers_whom_it_should_not(systems: LocalSystems, principal, error) -> None:
    one = Money.of("1", "EUR")
    for ask in (
        lambda: systems.billing.account(principal, "INV-1"),
        lambda: systems.billing.accounts(principal, "C-100"),
        lambda: systems.billing.payments(principal, "C-100"),
        lambda: systems.billing.open_dispute(principal, complaint("1.00", 1), "k"),
        lambda: systems.billing.issue_credit(principal, "INV-1", 1, one, "r", "k"),
        lambda: systems.billing.send_copy(principal, "INV-1", EMAIL, "k"),
        lambda: systems.crm.customer(principal, "C-100"),
        lambda: systems.ticketing.cases(principal, "C-100"),
        lambda: systems.ticketing.open_case(principal, "C-100", draft(), "k"),
        lambda: systems.orders.orders(principal, "C-100"),
    ):
        with pytest.raises(error):
            ask()


def test_a_rate_is_anybodys_to_ask(systems: LocalSystems, store: Store) -> None:
    rate = ExchangeRate(
        base="EUR", quote="USD", on=date(2026, 4, 1), rate=Decimal("1.1"), source="bank"
    )
    store.import_records(ADMIN, "exchange_rates", [rate], "x")
    unproven = customer_principal("C-100")
    assert systems.billing.rate(unproven, "EUR", "USD", date(2026, 4, 2)) == rate


@pytest.mark.parametrize("fault", ["unavailable", "hang"])
def test_a_system_that_is_down_is_unavailable_within_its_deadline(
    systems: LocalSystems, faults: dict[str, str], fault: str
) -> None:
    faults["billing"] = fault
    started = time.monotonic()
    with pytest.raises(Unavailable, match="billing did not answer"):
        systems.billing.account(ANNA, "INV-1")
    assert time.monotonic() - started < 0.8
    assert systems.crm.customer(ANNA, "C-100").id == "C-100"


def test_the_longest_wait_for_the_store_is_the_deadline_too(
    systems: LocalSystems, store: Store
) -> None:
    faults = {"knowledge": "unavailable"}
    other = local_systems(store, Settings(), systems.ticketing.clock, NoArticles(), faults=faults)
    with pytest.raises(Unavailable):
        other.knowledge.search("late fees")
    del faults["knowledge"]
    assert other.knowledge.search("late fees") == ()
