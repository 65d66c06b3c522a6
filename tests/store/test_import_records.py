"""Imports: all or nothing, and nothing when nothing changed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from store_world import (
    ADMIN,
    AGENT,
    ANNA,
    NOON,
    act,
    begin,
    case,
    customer,
    dispute,
    fill,
    invoice,
    payment,
    person,
)

from workbench.errors import InputError, NotAllowed
from workbench.records.cases import CaseEntry
from workbench.records.events import EventKind
from workbench.records.operations import AppendToCase, ChangeCase, OpenDispute, plan
from workbench.records.principals import Role
from workbench.store import ImportCounts, Store


def test_what_is_imported_comes_back_exactly(store: Store) -> None:
    given = invoice("INV-00123", "C-100").model_copy(
        update={"stated_total": Decimal("178.500"), "late_fee_rate": Decimal("1E+1")}
    )
    store.import_records(ADMIN, "customers", [customer("C-100")], "x")
    store.import_records(ADMIN, "invoices", [given], "x")
    found = store.account(AGENT, "INV-00123").invoice
    assert found == given
    assert str(found.stated_total) == "178.500"


def test_a_second_import_of_the_same_content_changes_nothing(store: Store) -> None:
    fill(store)
    events = store.events(ADMIN)
    again = store.import_records(ADMIN, "invoices", [invoice("INV-1", "C-100")], "again")
    assert again == ImportCounts(unchanged=1)
    assert store.events(ADMIN) == events
    assert store.account(AGENT, "INV-1").invoice.revision == 1


def test_changed_content_gives_a_new_revision(store: Store) -> None:
    fill(store)
    changed = invoice("INV-1", "C-100").model_copy(update={"terms": "net 14"})
    assert store.import_records(ADMIN, "invoices", [changed], "x") == ImportCounts(changed=1)
    found = store.account(AGENT, "INV-1").invoice
    assert (found.terms, found.revision) == ("net 14", 2)


def test_what_people_changed_here_survives_a_second_import(store: Store) -> None:
    fill(store)
    begin(store)
    imported = case()
    store.import_records(ADMIN, "cases", [imported], "x")
    after = imported.model_copy(update={"queue": "legal"})
    act(store, AGENT, plan(ChangeCase(before_revision=1, after=after), "move"))
    assert store.import_records(ADMIN, "cases", [imported], "x") == ImportCounts(unchanged=1)
    assert store.case(AGENT, imported.id).queue == "legal"


def test_a_payment_moves_the_revision_of_its_invoice(store: Store) -> None:
    fill(store)
    store.import_records(ADMIN, "payments", [payment("P-9", "C-100", "INV-1", "10")], "x")
    assert store.account(AGENT, "INV-1").invoice.revision == 2


def test_nothing_is_half_imported(store: Store) -> None:
    fill(store)
    rows = [customer("C-900"), invoice("INV-9", "C-900")]
    with pytest.raises(InputError, match="A Invoice is not one of customers"):
        store.import_records(ADMIN, "customers", rows, "x")
    assert [c.id for c in store.customers(AGENT)] == ["C-100", "C-200", "C-300"]


def test_a_key_twice_in_one_import_counts_once_and_the_last_row_wins(store: Store) -> None:
    rows = [customer("C-1", "first"), customer("C-1", "second")]
    counts = store.import_records(ADMIN, "customers", rows, "x")
    assert counts == ImportCounts(added=1, unchanged=1)
    assert store.customer(AGENT, "C-1").name == "Name second"


def test_entries_are_recognised_by_their_content(store: Store) -> None:
    fill(store)
    begin(store)
    store.import_records(ADMIN, "cases", [case()], "x")
    entries = [
        CaseEntry(case_id=case().id, at=NOON - timedelta(minutes=m), actor="import", text=f"{m}")
        for m in (2, 1)
    ]
    assert store.import_records(ADMIN, "case_entries", entries, "x").added == 2
    assert store.import_records(ADMIN, "case_entries", entries[::-1], "y").unchanged == 2
    act(store, ANNA, plan(AppendToCase(case_id=case().id, text="now"), "now"))
    assert [e.text for e in store.entries(AGENT, case().id)] == ["now", "2", "1"]


def test_an_import_leaves_one_event_with_its_source(store: Store) -> None:
    fill(store)
    event = store.events(ADMIN, "import:invoices", kinds=[EventKind.IMPORTED])[0]
    assert event.data == {"records": "invoices", "source_digest": "world", "added": 3, "changed": 0}


def test_thousands_of_records_are_imported_in_one_go(store: Store) -> None:
    rows = [customer(f"C-{number:05d}") for number in range(2_000)]
    assert store.import_records(ADMIN, "customers", rows, "x").added == 2_000
    assert store.import_records(ADMIN, "customers", rows, "x").unchanged == 2_000


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.SUPERVISOR, Role.ANALYST])
def test_only_administration_imports(store: Store, role: Role) -> None:
    with pytest.raises(NotAllowed):
        store.import_records(person(role), "customers", [customer("C-1")], "x")


def test_an_unknown_kind_is_named_with_the_known_ones(store: Store) -> None:
    with pytest.raises(InputError, match=r"'wishes' cannot be imported.*customers"):
        store.import_records(ADMIN, "wishes", [], "x")


def test_an_imported_dispute_counts_as_one_opened_here(store: Store) -> None:
    fill(store)
    begin(store)
    store.import_records(ADMIN, "disputes", [dispute("119.00", 1)], "x")
    with pytest.raises(Exception, match=r"0\.00 EUR is open"):
        act(store, ANNA, plan(OpenDispute(dispute=dispute("1.00", 1, name="2")), "d"))
