"""Real data comes in whole: every row accounted for, every total right to the penny."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from example_pocs import Importing
from raw_figures import chinook_totals, retail_rows, retail_totals

from workbench.intake import ImportTarget, import_sources
from workbench.records.invoices import CreditNote, Invoice


def documents(target: ImportTarget) -> tuple[dict[str, Invoice], dict[str, CreditNote]]:
    """All invoices and credit notes as the systems of record give them, customer by customer."""
    store, principal = target.store, target.principal
    customers = [customer.id for customer in store.customers(principal, limit=10**6)]
    accounts = [a for customer in customers for a in store.accounts(principal, customer)]
    notes = [n for customer in customers for n in store.credit_notes(principal, customer)]
    return {a.invoice.number: a.invoice for a in accounts}, {note.number: note for note in notes}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("online_retail", {"customers": 19_350, "invoices": 19_350}),
        ("chinook", {"customers": 59, "invoices": 2_240}),
        ("helpdesk", {"customers": 13_710, "cases": 13_710}),
    ],
)
def test_rows_in_are_rows_accepted_plus_rows_rejected(
    name: str, rows: dict[str, int], imported: Importing
) -> None:
    _, reports = imported(name)
    rows_in, accepted, rejected = Counter(), Counter(), Counter()  # type: ignore[var-annotated]
    for report in reports:
        assert report.rows_in == report.rows_accepted + report.rows_rejected
        rows_in[report.kind] += report.rows_in
        accepted[report.kind] += report.rows_accepted
        rejected[report.kind] += report.rows_rejected
    for kind in rows_in:
        print(
            f"{name} {kind}: {rows_in[kind]:,} rows in = "
            f"{accepted[kind]:,} accepted + {rejected[kind]:,} rejected"
        )
    assert dict(rows_in) == rows


def test_the_only_rejected_retail_rows_are_those_without_a_customer(
    real_data: Path, imported: Importing
) -> None:
    _, reports = imported("online_retail")
    nameless = sum(not row["CustomerID"] for row in retail_rows(real_data))
    invoices = [report for report in reports if report.kind == "invoices"]
    assert sum(report.rows_rejected for report in invoices) == nameless > 0
    assert {reason for r in invoices for reason in r.reasons} == {
        "`customer_id` is missing. Fill the cell, or give the column a `default` in the mapping."
    }


def test_every_retail_total_is_right_to_the_penny(real_data: Path, imported: Importing) -> None:
    invoices, notes = documents(imported("online_retail")[0])
    expected = retail_totals(real_data)
    found = {number: invoice.stated_total for number, invoice in invoices.items()}
    found |= {number: -note.amount for number, note in notes.items()}
    wrong = [number for number in expected if found.get(number) != expected[number]]
    print(f"online_retail: {len(expected)} documents, {len(wrong)} differences")
    assert not wrong
    assert set(found) == set(expected)
    assert all(invoice.adds_up for invoice in invoices.values())
    assert all(number.startswith("C") for number in notes)


def test_retail_identifiers_are_text_as_people_write_them(
    real_data: Path, imported: Importing
) -> None:
    invoices, _ = documents(imported("online_retail")[0])
    codes = {row["StockCode"] for row in retail_rows(real_data) if row["CustomerID"]}
    assert invoices["536365"].customer_id == "17850"
    assert {line.product for invoice in invoices.values() for line in invoice.lines} <= codes


def test_every_chinook_total_is_the_shops_own_and_adds_up(
    real_data: Path, imported: Importing
) -> None:
    invoices, _ = documents(imported("chinook")[0])
    expected = chinook_totals(real_data)
    found = {n: (i.stated_total, i.computed_total.amount) for n, i in invoices.items()}
    wrong = [number for number in expected if found.get(number) != expected[number]]
    print(f"chinook: {len(expected)} invoices, {len(wrong)} differences")
    assert not wrong
    assert set(found) == set(expected)


def test_every_case_of_the_help_desk_has_its_whole_history_in_order(
    real_data: Path, imported: Importing
) -> None:
    target, _ = imported("helpdesk")
    lines = (real_data / "helpdesk_log/helpdesk.csv").read_text().splitlines()[1:]
    events: dict[str, set[tuple[str, str]]] = {}
    for line in lines:
        case, activity, at = line.split(",")
        events.setdefault(case, set()).add((at, activity))
    assert len(target.store.all_cases(target.principal, limit=10**6)) == len(events)
    for case in list(events)[::97]:
        entries = target.store.entries(target.principal, case)
        found = [(f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.activity) for entry in entries]
        assert sorted(events[case]) == sorted(found)
        assert found == sorted(found, key=lambda entry: entry[0])


@pytest.mark.parametrize("name", ["online_retail", "chinook", "helpdesk"])
def test_a_second_import_changes_nothing(name: str, real_data: Path, imported: Importing) -> None:
    target, first = imported(name)
    (target.poc.state / "sources.json").unlink()
    before = len(target.store.events(target.principal))
    environ = {"WORKBENCH_REAL_DATA": str(real_data)}
    second = import_sources(target, target.poc.settings(), environ)
    counts = [c for report in second for c in report.records.values()]
    print(f"{name}: second import {sum(c.new + c.changed for c in counts)} records changed")
    assert all(c.new == c.changed == 0 for c in counts)
    assert [r.fingerprint for r in second] == [r.fingerprint for r in first]
    assert len(target.store.events(target.principal)) == before
