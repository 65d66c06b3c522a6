"""Rows in = accepted + rejected; a record is taken whole or not at all; twice changes nothing."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from stored import entries_of, stored

from workbench.errors import InputError, NotAllowed
from workbench.intake import ImportReport, ImportTarget, Mapping, import_file
from workbench.records.principals import Principal, Role

GROUPED = Mapping.model_validate(
    {
        "kind": "invoices",
        "group_by": "doc",
        "columns": {
            "number": "doc",
            "customer_id": {"column": "who", "text_number": True, "prefix": "C-"},
            "issued_on": {"column": "day", "date": "%d.%m.%Y"},
            "currency": {"constant": "GBP"},
        },
        "lines": {"product": "item", "quantity": "count", "unit_price": "price"},
        "route": [
            {
                "kind": "credit_notes",
                "when": {"column": "doc", "starts_with": "C"},
                "group_by": "doc",
                "columns": {
                    "number": "doc",
                    "customer_id": {"column": "who", "text_number": True, "prefix": "C-"},
                    "issued_on": {"column": "day", "date": "%d.%m.%Y"},
                    "currency": {"constant": "GBP"},
                },
                "lines": {
                    "product": "item",
                    "amount": {"column": "count", "times": "price", "negate": True},
                },
            }
        ],
    }
)
HEADER = "doc,who,day,item,count,price"


def put(folder: Path, *rows: str, header: str = HEADER, name: str = "shop.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows, ""]))
    return path


def reasons(report: ImportReport) -> dict[int, str]:
    return {rejection.line: rejection.reason for rejection in report.rejections}


def test_rows_that_share_a_number_become_one_invoice_with_its_lines(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = put(
        tmp_path,
        "A1,17850.0,04.05.2026,0001e5,2,1.25",
        "A2,17850.0,04.05.2026,X,1,9.99",
        "A1,17850.0,04.05.2026,0001e5,-1,0.50",
    )
    report = import_file("invoices", path, target, GROUPED)
    invoice = stored(target, "invoices")["A1"]
    assert (report.rows_in, report.rows_accepted, report.rows_rejected) == (3, 3, 0)
    assert invoice.customer_id == "C-17850"
    assert invoice.issued_on == date(2026, 5, 4)
    assert [(line.line, line.product) for line in invoice.lines] == [(1, "0001e5"), (2, "0001e5")]
    assert invoice.stated_total == Decimal("2.00")
    assert invoice.adds_up


def test_a_route_turns_cancellations_into_credit_notes_with_positive_amounts(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = put(
        tmp_path, "C9,1,04.05.2026,X,-2,1.25", "C9,1,04.05.2026,Y,-1,1", "A1,1,04.05.2026,X,1,1"
    )
    report = import_file("invoices", path, target, GROUPED)
    note = stored(target, "credit_notes")["C9"]
    assert {kind: counts.new for kind, counts in report.records.items()} == {
        "credit_notes": 1,
        "invoices": 1,
    }
    assert note.amount == Decimal("3.50")
    assert [line.amount for line in note.lines] == [Decimal("2.50"), Decimal(1)]


def test_one_bad_line_rejects_every_row_of_its_invoice_and_no_other(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = put(
        tmp_path,
        "A1,1,04.05.2026,X,1,1",
        "A1,1,04.05.2026,Y,one,1",
        "A2,1,04.05.2026,X,1,1",
    )
    report = import_file("invoices", path, target, GROUPED)
    assert report.rows_accepted == 1
    assert "not an amount" in reasons(report)[3]
    assert reasons(report)[2] == "Line 3 of the same record is at fault."
    assert set(stored(target, "invoices")) == {"A2"}


def test_a_row_that_cannot_be_split_rejects_the_invoices_it_stands_between(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = put(
        tmp_path,
        "A1,1,04.05.2026,X,1,1",
        "A2,1,04.05.2026,X,1,1",
        "A2,1,04.05.2026,a,b,1,1",
        "A3,1,04.05.2026,X,1,1",
        "A4,1,04.05.2026,X,1,1",
    )
    report = import_file("invoices", path, target, GROUPED)
    assert (report.rows_accepted, report.rows_rejected) == (2, 3)
    assert set(stored(target, "invoices")) == {"A1", "A4"}
    assert "may belong to the same record" in reasons(report)[3]


def test_rows_of_one_invoice_that_disagree_reject_it(tmp_path: Path, target: ImportTarget) -> None:
    path = put(tmp_path, "A1,1,04.05.2026,X,1,1", "A1,2,04.05.2026,X,1,1", "A1,,04.05.2026,X,1,1")
    report = import_file("invoices", path, target, GROUPED)
    assert report.rows_rejected == 3
    assert "`customer_id` differs within the record: line 2 says '1'" in reasons(report)[3]


def test_a_second_import_of_the_same_bytes_changes_nothing(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = put(tmp_path, "A1,1,04.05.2026,X,1,1", "C1,1,04.05.2026,X,-1,1")
    first = import_file("invoices", path, target, GROUPED)
    before = stored(target, "invoices"), target.store.events(target.principal)
    second = import_file("invoices", path, target, GROUPED)
    assert second.fingerprint == first.fingerprint
    assert {k: c.unchanged for k, c in second.records.items()} == {"invoices": 1, "credit_notes": 1}
    assert all(c.new == c.changed == 0 for c in second.records.values())
    assert (stored(target, "invoices"), target.store.events(target.principal)) == before


def test_a_corrected_file_changes_the_records_that_differ(
    tmp_path: Path, target: ImportTarget
) -> None:
    import_file("invoices", put(tmp_path, "A1,1,04.05.2026,X,1,1"), target, GROUPED)
    report = import_file("invoices", put(tmp_path, "A1,1,04.05.2026,X,2,1"), target, GROUPED)
    assert report.records["invoices"].changed == 1
    assert stored(target, "invoices")["A1"].stated_total == Decimal(2)


def test_a_dry_run_reports_the_same_and_writes_no_record(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = put(tmp_path, "A1,1,04.05.2026,X,1,1", "A2,,04.05.2026,X,1,1")
    dry = import_file("invoices", path, target, GROUPED, dry_run=True)
    assert not stored(target, "invoices")
    real = import_file("invoices", path, target, GROUPED)
    assert dry.dry_run
    assert dry.rejections == real.rejections
    assert (dry.rows_in, dry.rows_accepted) == (real.rows_in, real.rows_accepted)


def test_records_of_customers_that_the_store_does_not_know_are_pointed_out(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = put(tmp_path, "A1,1,04.05.2026,X,1,1")
    assert "import customers too: C-1" in import_file("invoices", path, target, GROUPED).notes[0]
    people = put(tmp_path, "C-1,Ann", header="customer id,name", name="people.csv")
    import_file("customers", people, target)
    assert import_file("invoices", path, target, GROUPED).notes == ()


def test_a_source_that_breaks_off_leaves_nothing_behind(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = put(tmp_path, "A1,1,04.05.2026,X,1,1", "A2,,04.05.2026,X,1,1", '"A3,1,04.05.2026,X,1,1')
    with pytest.raises(InputError, match="line 4"):
        import_file("invoices", path, target, GROUPED)
    assert not stored(target, "invoices")
    assert not list((target.poc.state / "imports").glob("*"))


def test_only_those_who_may_import_do(tmp_path: Path, target: ImportTarget) -> None:
    path = put(tmp_path, "A1,1,04.05.2026,X,1,1")
    person = Principal(id="human_agent:ana", role=Role.HUMAN_AGENT)
    with pytest.raises(NotAllowed):
        import_file("invoices", path, ImportTarget(target.poc, target.store, person), GROUPED)
    assert not stored(target, "invoices")


def test_the_failed_rows_can_be_mended_and_imported(tmp_path: Path, target: ImportTarget) -> None:
    path = put(tmp_path, "A1,1,04.05.2026,X,1,1", "A2,1,04.05.2026,=cmd,-1,", "A3,1,04.05.2026,X")
    report = import_file("invoices", path, target, GROUPED)
    failed = Path(report.failed_rows)
    with failed.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["_line", "_reason", *HEADER.split(",")]
    assert [row[0] for row in rows[1:]] == ["4", "3"]
    assert rows[2][2:] == ["A2", "1", "04.05.2026", "'=cmd", "-1", ""]
    text = failed.read_text(encoding="utf-8-sig")
    mended = text.replace(",-1,\n", ",-1,2\n").replace("A3,1,04.05.2026,X", "A3,1,04.05.2026,X,1,1")
    again = import_file("invoices", put(tmp_path, header=mended), target, GROUPED)
    assert (again.rows_accepted, again.rows_rejected) == (2, 0)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.text('AC1x,."\n \u20ac-=', max_size=25), max_size=12))
def test_whatever_the_rows_each_is_accepted_or_rejected_once(
    tmp_path: Path, target: ImportTarget, rows: list[str]
) -> None:
    path = put(tmp_path, *rows)
    try:
        report = import_file("invoices", path, target, GROUPED, dry_run=True)
    except InputError:  # quotes that swallow lines: refused as a whole
        assume(False)
        return
    lines = [rejection.line for rejection in report.rejections]
    assert report.rows_in == report.rows_accepted + report.rows_rejected
    assert len(set(lines)) == len(lines) == report.rows_rejected
    assert sum(report.reasons.values()) == report.rows_rejected


def test_a_report_shows_what_the_source_says_as_text_and_never_as_markup(
    tmp_path: Path, target: ImportTarget
) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    path = put(tmp_path, f"A1,1,04.05.2026,X,{hostile},1", f"{hostile},1,04.05.2026,X,1,1")
    report = import_file("invoices", path, target, GROUPED)
    page = report._repr_html_()
    assert "2 rows in = 1 accepted + 1 rejected" in page.replace(",", "")
    assert hostile not in page
    assert "&lt;img" in page
    assert report.to_dict()["rejections"][0]["value"] == hostile
    assert "1 x" in str(report)


CARD = "4111 1111 1111 1111"


def test_card_numbers_reach_neither_records_nor_reports(
    tmp_path: Path, target: ImportTarget
) -> None:
    rows = f"1,C-1,2026-05-04,EUR,5,my card {CARD}", f"2,C-1,2026-05-04,EUR,{CARD},x"
    path = put(tmp_path, *rows, header="payment id,customer,payment date,currency,amount,reference")
    report = import_file("payments", path, target)
    assert stored(target, "payments")["1"].reference == "my card [card number removed]"
    assert report.rows_rejected == 1
    assert CARD not in report.model_dump_json()


CASES = Mapping.model_validate(
    {
        "kind": "cases",
        "group_by": "case",
        "columns": {
            "id": {"column": "case", "prefix": "HD-"},
            "customer_id": {"column": "case", "prefix": "caller-"},
            "status": {"column": "step", "group": "last", "map": {"6": "closed", "*": "open"}},
            "opened_at": {"column": "at", "zone": "UTC", "group": "least"},
            "updated_at": {"column": "at", "zone": "UTC", "group": "greatest"},
        },
        "lines": {
            "at": {"column": "at", "zone": "UTC"},
            "actor": {"constant": "helpdesk"},
            "text": {"column": "step", "prefix": "Step "},
            "activity": "step",
        },
    }
)


def test_an_event_log_becomes_cases_with_their_history(
    tmp_path: Path, target: ImportTarget
) -> None:
    rows = (
        "2,1,2012-04-03 16:55:38",
        "2,8,2012-04-05 17:15:52",
        "3,1,2012-05-01 08:00:00",
        "2,6,2012-04-04 09:00:00",
    )
    path = put(tmp_path, *rows, header="case,step,at")
    report = import_file("cases", path, target, CASES)
    cases = stored(target, "cases")
    entries = sorted(entries_of(target, "HD-2"), key=lambda entry: entry.at)
    assert {k: c.new for k, c in report.records.items()} == {"cases": 2, "case_entries": 4}
    assert (cases["HD-2"].status.value, cases["HD-3"].status.value) == ("closed", "open")
    assert [entry.activity for entry in entries] == ["1", "6", "8"]
    assert cases["HD-2"].updated_at == entries[-1].at
