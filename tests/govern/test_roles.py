"""Every role x operation x owner cell has a declared expectation, written down a second time."""

from __future__ import annotations

import pytest

from workbench.errors import InputError, NotAllowed, NotFound
from workbench.govern.roles import OPERATIONS, Access, Owner, access, authorise, owner_of
from workbench.records.actions import Kind
from workbench.records.principals import Principal, Role, customer_principal
from workbench.store.operations import PERFORMERS

A, S, N, D, V = (
    Role.HUMAN_AGENT,
    Role.SUPERVISOR,
    Role.ANALYST,
    Role.ADMIN,
    Role.SERVICE,
)
PROVEN, CLAIMED, DELEGATE = Owner.OWN_PROVEN, Owner.OWN_UNPROVEN, Owner.DELEGATED
EVERYBODYS = {PROVEN, CLAIMED, DELEGATE, Owner.OTHER_CUSTOMER}

# Operation -> whose records a customer may use it on (None: never), and which other roles may.
EXPECTED: dict[str, tuple[set[Owner] | None, set[Role]]] = {
    "customer.read": ({PROVEN}, {A, S, D, V}),
    "identity.check": ({PROVEN, CLAIMED}, {A, S, V}),
    "invoice.read": ({PROVEN, DELEGATE}, {A, S, D, V}),
    "invoice.list": ({PROVEN, DELEGATE}, {A, S, D, V}),
    "payment.list": ({PROVEN, DELEGATE}, {A, S, D, V}),
    "credit.list": ({PROVEN, DELEGATE}, {A, S, D, V}),
    "order.read": ({PROVEN, DELEGATE}, {A, S, D, V}),
    "rate.read": (EVERYBODYS, {A, S, N, D, V}),
    "knowledge.search": (EVERYBODYS, {A, S, N, D, V}),
    "case.read": ({PROVEN, DELEGATE}, {A, S, D, V}),
    "case.list": ({PROVEN, DELEGATE}, {A, S, D, V}),
    "conversation.read": ({PROVEN, CLAIMED}, {A, S, D, V}),
    "conversation.list": ({PROVEN}, {A, S, D, V}),
    "packet.read": (None, {A, S, D, V}),
    "approval.read": (None, {A, S, D, V}),
    "verdict.read": (None, {A, S, D, V}),
    "outbox.read": (None, {S, D, V}),
    "ledger.read": (None, {S, D, V}),
    "audit.verify": (None, {S, D, V}),
    "history.read": (None, {S, N, D, V}),
    "kpi.read": (None, {A, S, N, D, V}),
    "conversation.write": ({PROVEN, CLAIMED}, {A, S, V}),
    "case.open": ({PROVEN, DELEGATE}, {A, S, V}),
    "case.append": ({PROVEN, DELEGATE}, {A, S, V}),
    "case.change": ({PROVEN}, {A, S, V}),
    "case.merge": (None, {A, S}),
    "case.unmerge": (None, {A, S}),
    "case.split": (None, {A, S}),
    "dispute.open": ({PROVEN}, {A, S}),
    "credit.issue": ({PROVEN}, {A, S}),
    "copy.send": ({PROVEN}, {A, S}),
    "subscription.set": ({PROVEN}, {A, S}),
    "callback.request": ({PROVEN, CLAIMED}, {A, S, V}),
    "detail_change.request": ({PROVEN}, {A, S}),
    "handoff.queue": ({PROVEN, CLAIMED}, {A, S, V}),
    "handoff.take": (None, {A, S}),
    "conversation.hand_back": (None, {A, S}),
    "presence.change": (None, {A, S}),
    "approval.request": ({PROVEN}, {A, S, V}),
    "approval.decide": (None, {S}),
    "approval.withdraw": (None, {A, S}),
    "approval.expire": (None, {V}),
    "verdict.request": ({PROVEN}, {A, S, V}),
    "verdict.give": (None, {A, S}),
    "verdict.expire": (None, {V}),
    "verdict.remind": (None, {V}),
    "verdict.tell": ({PROVEN}, {V}),
    "escalation.label": (None, {A, S}),
    "conversation.take_over": (None, {A, S}),
    "handling.change": (None, {A, S}),
    "suggestion.show": (None, {A, S}),
    "suggestion.use": (None, {A, S}),
    "note.write": (None, {A, S}),
    "security.report": ({PROVEN, CLAIMED}, {A, S, D, V}),
    "label.write": (None, {A, S, N, D}),
    "record.import": (None, {D, V}),
    "erasure.run": (None, {D}),
    "policy.change": (None, {S, D}),
    "policy.propose": (None, {S, N, D}),
    "policy.decide": (None, {S, D}),
    "threshold.adapt": (None, {V}),
    "evaluation.record": (None, {S, N, D, V}),
    "experiment.change": (None, {S, D, V}),
    "clock.watch": (None, {V}),
    "alert.raise": (None, {S, D, V}),
    "alert.close": (None, {S, D}),
    "outbox.deliver": (None, {D, V}),
}


def expected(role: Role, name: str, owner: Owner) -> Access:
    owners, people = EXPECTED[name]
    refused = owners is None if role is Role.CUSTOMER else role not in people
    if refused:
        return Access.REFUSED
    if owner is Owner.OTHER_TENANT:
        return Access.HIDDEN
    allowed = role is not Role.CUSTOMER or owner in (owners or set())
    return Access.ALLOWED if allowed else Access.HIDDEN


def test_every_cell_of_the_table_is_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert OPERATIONS.keys() == EXPECTED.keys()
    cells = [(role, name, owner) for role in Role for name in OPERATIONS for owner in Owner]
    for role, name, owner in cells:
        principal = Principal(id="x", role=role)
        assert access(principal, name, owner) is expected(role, name, owner), (role, name, owner)
    with capsys.disabled():
        print(f"\nroles: {len(cells)} role x operation x owner cells as expected")


def test_every_write_has_a_performer_or_is_a_command_of_its_own() -> None:
    commands = {"conversation.write", "record.import", "erasure.run"}
    commands |= {"policy.change", "experiment.change", "label.write", "evaluation.record"}
    commands |= {"outbox.deliver"}
    writes = {row.name for row in OPERATIONS.values() if row.kind is Kind.WRITE}
    assert writes - commands == PERFORMERS.keys()


def test_a_refusal_never_depends_on_whose_record_it_is() -> None:
    for row in OPERATIONS.values():
        assert len({seen is Access.REFUSED for seen in row.customer.values()}) == 1


def test_an_operation_without_a_row_is_an_error() -> None:
    with pytest.raises(InputError, match="needs a row"):
        authorise(customer_principal("C-1"), "invoice.burn", Owner.OWN_PROVEN, "invoice")


@pytest.mark.parametrize("owner", [Owner.OTHER_CUSTOMER, Owner.OTHER_TENANT, None])
def test_hidden_and_missing_are_the_same_words(owner: Owner | None) -> None:
    with pytest.raises(NotFound) as error:
        authorise(customer_principal("C-1", proven=True), "invoice.read", owner, "invoice INV-1")
    assert str(error.value) == "There is no invoice INV-1. Check the number and ask again."


def test_a_role_that_never_may_is_told_so_even_about_nothing() -> None:
    with pytest.raises(NotAllowed, match=r"A customer may not do packet\.read"):
        authorise(customer_principal("C-1", proven=True), "packet.read", None, "packet P")


@pytest.mark.parametrize(
    ("principal", "customer_id", "delegated", "owner"),
    [
        (customer_principal("C-1", proven=True), "C-1", False, PROVEN),
        (customer_principal("C-1"), "C-1", False, CLAIMED),
        (customer_principal("C-1", proven=True), "C-2", True, DELEGATE),
        (customer_principal("C-1"), "C-2", True, Owner.OTHER_CUSTOMER),
        (customer_principal("C-1", proven=True), "C-2", False, Owner.OTHER_CUSTOMER),
        (Principal(id="ana", role=A, customer_id="C-1"), "C-1", False, Owner.OTHER_CUSTOMER),
    ],
)
def test_whose_a_record_is(principal, customer_id, delegated, owner) -> None:
    assert owner_of(principal, customer_id, delegated=delegated) is owner
