"""Nobody passes a limit alone: not in one step, not in small ones, not under a second name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from store_world import (
    ADMIN,
    AGENT,
    ANNA,
    NOON,
    SERVICE,
    SUPERVISOR,
    act,
    begin,
    credit,
    dispute,
    fill,
    invoice,
    person,
)

from workbench.errors import Conflict, InputError, NotAllowed, WorkbenchError
from workbench.records.actions import Action
from workbench.records.authority import Authority
from workbench.records.base import Ids, SteppingClock
from workbench.records.events import Event, EventKind, NewEvent
from workbench.records.operations import (
    DecideApproval,
    ExpireApproval,
    OpenDispute,
    RequestApproval,
    WithdrawApproval,
    plan,
)
from workbench.records.principals import Principal, Role, name_of
from workbench.store import Approval, ApprovalStatus, Committed, Store

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
LIMITS = {Role.CUSTOMER: 50, Role.HUMAN_AGENT: 80, Role.SUPERVISOR: 120}
AUTHORITY = Authority(
    limits={
        role: {operation: {"EUR": Decimal(limit)} for operation in ("credit.issue", "dispute.open")}
        for role, limit in LIMITS.items()
        if role is not Role.CUSTOMER
    },
    of_assistant=frozenset({"dispute.open"}),
    window=timedelta(days=30),
    policy_version="sample-1",
)
ANA_UPSTAIRS = person(Role.SUPERVISOR, "ana")
OLGA = person(Role.SUPERVISOR, "olga")


@pytest.fixture
def store(store_url: str, clock: SteppingClock, ids: Ids) -> Any:
    with Store.open(store_url, clock=clock, ids=ids, authority=AUTHORITY) as opened:
        fill(opened)
        begin(opened)
        yield opened


def ask(
    store: Store,
    action: Action,
    principal: Principal = AGENT,
    expires_at: datetime | None = None,
) -> Approval:
    number = action.parameters["number"]
    wish = RequestApproval(
        action=action,
        record=f"invoice {number}",
        record_revision=store.account(SERVICE, number).invoice.revision,
        conversation_id="conv-1",
        expires_at=expires_at,
    )
    act(store, principal, plan(wish, f"ask-{action.key}"))
    return store.approvals(SUPERVISOR)[-1]


def decide(
    store: Store, request: Approval, principal: Principal = SUPERVISOR, approved: bool = True
) -> Committed:
    wish = DecideApproval(
        approval_id=request.id, approved=approved, fingerprint=request.fingerprint
    )
    return act(store, principal, plan(wish, f"decide-{request.id}-{principal.id}"))


def automated(amount: str, operation: str = "credit.issue") -> NewEvent:
    """The policy's word that this much may be moved without a person."""
    situation = {"action": operation, "amount": amount, "currency": "EUR"}
    level = "automate" if Decimal(amount) <= LIMITS[Role.CUSTOMER] else "assist"
    decision = {"level": level, "rule_id": "limit", "policy_version": "sample-1"}
    data = {"stage": operation, "situation": situation, "decision": decision}
    return NewEvent(kind=EventKind.DECIDED, data=data, policy_version="sample-1")


def test_a_human_agent_above_their_limit_needs_a_supervisor(store: Store) -> None:
    with pytest.raises(NotAllowed, match="more than a human_agent may decide alone"):
        act(store, AGENT, credit("80.01"))
    request = ask(store, credit("80.01"))
    assert decide(store, request).receipts[0].result["status"] == "approved"


def claim(amount: str, number: str = "INV-1", key: str = "d-1", customer: str = "C-100") -> Action:
    wish = dispute(amount, None, number, key).model_copy(update={"customer_id": customer})
    return plan(OpenDispute(dispute=wish), key)


def test_a_limit_holds_for_whatever_operation_it_is_declared(store: Store) -> None:
    act(store, AGENT, claim("60.00", key="first"))
    with pytest.raises(NotAllowed, match=r"100\.00 EUR is more than a human_agent"):
        act(store, AGENT, claim("40.00", "INV-2", key="second"))
    act(store, AGENT, credit("60.00", number="INV-2", key="another operation"))
    with pytest.raises(NotAllowed, match=r"Nobody decided to let dispute\.open move"):
        act(store, ANNA, claim("1.00", "INV-2", key="third"))
    with pytest.raises(NotAllowed, match=r"at least 61\.00 EUR"):
        act(store, ANNA, claim("1.00", "INV-2"), events=(automated("1.00", "dispute.open"),))


def test_an_action_that_hides_its_amount_is_held_to_its_parameters(store: Store) -> None:
    hidden = credit("60.00", number="INV-1", key="first").model_copy(update={"amount": None})
    act(store, AGENT, hidden)
    with pytest.raises(NotAllowed, match=r"100\.00 EUR is more than a human_agent"):
        act(store, AGENT, credit("40.00", number="INV-2", key="second"))


def test_a_supervisor_above_theirs_needs_another_one(store: Store) -> None:
    action = credit("150.00", line=None)
    with pytest.raises(NotAllowed, match="more than a supervisor may decide alone"):
        act(store, SUPERVISOR, action)
    request = ask(store, action, SUPERVISOR)
    with pytest.raises(NotAllowed, match="request of their own"):
        decide(store, request, SUPERVISOR)
    assert decide(store, request, OLGA).receipts[0].result["status"] == "approved"


def test_small_steps_add_up_over_invoices_people_and_the_assistant(store: Store) -> None:
    act(store, AGENT, credit("60.00", number="INV-1", key="first"))
    with pytest.raises(NotAllowed, match=r"100\.00 EUR is more than a human_agent"):
        act(store, AGENT, credit("40.00", number="INV-2", key="second"))
    with pytest.raises(NotAllowed, match="with what was moved lately"):
        act(store, ANNA, credit("10.00", number="INV-2", key="third"), events=(automated("10"),))
    act(store, AGENT, credit("60.00", number="INV-3", key="another customer"))


def test_what_two_people_agreed_to_counts_against_nobody(store: Store) -> None:
    decide(store, ask(store, credit("100.00", number="INV-1", key="agreed")))
    act(store, AGENT, credit("80.00", number="INV-2", line=None, key="alone"))


def test_after_the_window_the_limit_is_whole_again(store: Store, clock: SteppingClock) -> None:
    act(store, AGENT, credit("80.00", number="INV-1", key="first"))
    clock.at += timedelta(days=31)
    act(store, AGENT, credit("80.00", number="INV-2", line=None, key="second"))


@pytest.mark.parametrize("again", [ANA_UPSTAIRS, person(Role.SUPERVISOR, "Ana ")])
def test_a_second_identity_of_the_requester_is_no_second_person(
    store: Store, again: Principal
) -> None:
    request = ask(store, credit("100.00"), AGENT)
    with pytest.raises(NotAllowed, match="another identity of the same one"):
        decide(store, request, again)
    assert decide(store, request, OLGA).receipts[0].result["status"] == "approved"


def test_a_request_expires_once_and_nothing_is_done(store: Store, clock: SteppingClock) -> None:
    until = clock.at + timedelta(hours=1)
    request = ask(store, credit("100.00"), expires_at=until)

    def expire() -> Committed:
        wish = ExpireApproval(approval_id=request.id, at=clock.at)
        return act(store, SERVICE, plan(wish, f"expire-{request.id}"))

    with pytest.raises(InputError, match="does not expire"):
        expire()
    clock.at = until
    with pytest.raises(Conflict, match="expired at"):
        decide(store, request)
    expire()
    assert expire().repeated
    assert store.account(ANNA, "INV-1").credit_notes == ()
    (gone,) = store.approvals(SUPERVISOR, ApprovalStatus.EXPIRED)
    assert gone.id == request.id
    assert [m.kind for m in store.outbox(SUPERVISOR)] == ["approval_expired"]


def test_who_asked_may_withdraw_and_others_may_not(store: Store) -> None:
    request = ask(store, credit("100.00"))

    def withdraw(principal: Principal) -> Committed:
        wish = WithdrawApproval(approval_id=request.id, reason="asked in error")
        return act(store, principal, plan(wish, f"withdraw-{principal.id}"))

    with pytest.raises(NotAllowed, match="asked for by human_agent:ana"):
        withdraw(person(Role.HUMAN_AGENT, "bo"))
    withdraw(AGENT)
    with pytest.raises(Conflict, match="withdrawn already"):
        decide(store, request)
    assert store.account(ANNA, "INV-1").credit_notes == ()


OPERATIONS = ("credit.issue", "dispute.open")
INVOICES = [f"INV-{number}" for number in range(10, 22)]
PEOPLE = [ANNA, AGENT, SUPERVISOR, ANA_UPSTAIRS, OLGA, person(Role.HUMAN_AGENT, "sam")]


def owner_of(number: str) -> str:
    return "C-200" if INVOICES.index(number) % 3 == 2 else "C-100"


class FourEyes(RuleBasedStateMachine):
    """Whoever credits, asks and approves in whatever order: the ledger shows two people."""

    new_database: Callable[[], AbstractContextManager[str]]
    performed = 0
    refused = 0

    def __init__(self) -> None:
        super().__init__()
        self.clock = SteppingClock(NOON)
        self.database = type(self).new_database()
        url = self.database.__enter__()
        self.store = Store.open(url, clock=self.clock, ids=Ids(seed=5), authority=AUTHORITY)
        fill(self.store)
        rows = [invoice(number, owner_of(number)) for number in INVOICES]
        self.store.import_records(ADMIN, "invoices", rows, "more")
        self.stream = "conv-1"
        begin(self.store, stream=self.stream)
        self.ids = Ids(seed=6)

    def attempt(self, principal: Principal, action: Action, *events: NewEvent) -> None:
        try:
            act(self.store, principal, action, stream=self.stream, events=events)
            type(self).performed += 1
        except WorkbenchError as error:
            type(self).refused += 1
            note(str(error))

    def moving(self, operation: str, number: str, cents: int) -> Action:
        key, amount = self.ids.new("money"), str(Decimal(cents) / 100)
        if operation == "credit.issue":
            return credit(amount, line=None, number=number, key=key)
        return claim(amount, number, key, owner_of(number))

    @rule(
        operation=st.sampled_from(OPERATIONS),
        who=st.sampled_from(PEOPLE),
        number=st.sampled_from(INVOICES),
        cents=st.integers(1, 13_000),
        told=st.integers(1, 6_000),
    )
    def moves_alone(
        self, operation: str, who: Principal, number: str, cents: int, told: int
    ) -> None:
        """The assistant may even lie about the amount that it had decided."""
        events = (automated(str(Decimal(told) / 100), operation),) if who is ANNA else ()
        self.attempt(who, self.moving(operation, number, cents), *events)

    @rule(
        operation=st.sampled_from(OPERATIONS),
        who=st.sampled_from(PEOPLE),
        number=st.sampled_from(INVOICES),
        cents=st.integers(1, 13_000),
        hours=st.none() | st.integers(1, 200),
    )
    def asks(
        self, operation: str, who: Principal, number: str, cents: int, hours: int | None
    ) -> None:
        wish = RequestApproval(
            action=self.moving(operation, number, cents),
            record=f"invoice {number}",
            record_revision=self.store.account(SERVICE, number).invoice.revision,
            conversation_id=self.stream,
            expires_at=self.clock.at + timedelta(hours=hours) if hours else None,
        )
        self.attempt(who, plan(wish, self.ids.new("ask")))

    @rule(who=st.sampled_from(PEOPLE), which=st.integers(0, 5), approved=st.booleans())
    def decides(self, who: Principal, which: int, approved: bool) -> None:
        waiting = self.store.approvals(SUPERVISOR)
        if waiting:
            found = waiting[which % len(waiting)]
            wish = DecideApproval(
                approval_id=found.id, approved=approved, fingerprint=found.fingerprint
            )
            self.attempt(who, plan(wish, self.ids.new("decide")))

    @rule(which=st.integers(0, 5))
    def decides_under_a_second_name(self, which: int) -> None:
        waiting = self.store.approvals(SUPERVISOR)
        if waiting:
            found = waiting[which % len(waiting)]
            again = person(Role.SUPERVISOR, name_of(found.requested_by))
            wish = DecideApproval(
                approval_id=found.id, approved=True, fingerprint=found.fingerprint
            )
            self.attempt(again, plan(wish, self.ids.new("decide")))

    @rule(who=st.sampled_from(PEOPLE), which=st.integers(0, 5))
    def withdraws(self, who: Principal, which: int) -> None:
        waiting = self.store.approvals(SUPERVISOR)
        if waiting:
            wish = WithdrawApproval(approval_id=waiting[which % len(waiting)].id, reason="no")
            self.attempt(who, plan(wish, self.ids.new("withdraw")))

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        self.clock.at += timedelta(hours=hours)

    def teardown(self) -> None:
        events = self.store.events(SUPERVISOR)
        self.store.close()
        self.database.__exit__(None, None, None)
        check_ledger(events)


def check_ledger(events: Sequence[Event]) -> None:
    """What must hold, worked out from the ledger alone."""
    asked: dict[str, str] = {}
    approved: dict[str, Event] = {}
    alone: list[tuple[str, str, datetime, Decimal]] = []
    for event in events:
        if event.kind in (EventKind.APPROVAL_REQUESTED, EventKind.APPROVAL_DECIDED):
            assert event.policy_version == "sample-1"
        if event.kind is EventKind.APPROVAL_REQUESTED:
            asked.setdefault(event.data["action"]["key"], event.actor)
        if event.kind is EventKind.APPROVAL_DECIDED and event.data["approved"]:
            approved[event.request_id] = event
        if event.kind is EventKind.ACTED and event.data["operation"] in OPERATIONS:
            _check_moved(event, asked, approved, alone)


def _check_moved(
    event: Event,
    asked: dict[str, str],
    approved: dict[str, Event],
    alone: list[tuple[str, str, datetime, Decimal]],
) -> None:
    if event.request_id in approved:
        second, first = approved[event.request_id].actor, asked[event.data["key"]]
        assert name_of(second) != name_of(first), "nobody approves their own"
        return
    told, operation = event.data["parameters"], event.data["operation"]
    owner = owner_of(told.get("number") or told["dispute"]["invoice_number"])
    alone.append((owner, operation, event.at, Decimal(event.data["amount"]["amount"])))
    since = event.at - timedelta(days=30)
    total = sum(a for who, what, at, a in alone if (who, what) == (owner, operation) and at > since)
    limit = LIMITS[Role(event.actor.partition(":")[0])]
    assert total <= limit, f"{total} by {event.actor}, who may {limit}"


@contextmanager
def sqlite() -> Iterator[str]:
    with TemporaryDirectory(dir=MEMORY) as folder:
        yield f"sqlite:///{folder}/store.db"


@pytest.mark.parametrize(
    ("database", "examples"),
    [
        ("sqlite", 25),
        pytest.param("sqlite", 1000, marks=pytest.mark.full),
        pytest.param("postgres", 5, marks=pytest.mark.postgres),
        pytest.param("postgres", 50, marks=[pytest.mark.postgres, pytest.mark.full]),
    ],
)
def test_whatever_people_try_no_limit_is_passed_by_one_of_them(
    database: str,
    examples: int,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fresh = sqlite if database == "sqlite" else request.getfixturevalue("postgres")

    class Machine(FourEyes):
        new_database = staticmethod(fresh)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.performed > examples and Machine.refused > examples
    with capsys.disabled():
        print(
            f"\nfour eyes ({database}): {examples} runs of 30 steps, "
            f"{Machine.performed} acts done, {Machine.refused} refused, "
            "0 above a limit alone, 0 approved by who asked, "
            "every decision names its policy version"
        )
