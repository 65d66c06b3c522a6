"""Contacts become rows of the history, labels become training messages or truths of contacts."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from workbench.intake import ImportTarget, Mapping, import_file
from workbench.poc import DEFAULTS
from workbench.store.history import contact_schema

CONTACTS = Mapping.model_validate(
    {
        "kind": "contacts",
        "columns": {
            "contact_id": "id",
            "customer_id": "who",
            "started_at": {"column": "at", "zone": "Europe/Berlin"},
            "intent": "why",
            "talk_s": {"column": "minutes", "scale": "60"},
            "csat": "stars",
        },
    }
)
ROWS = (
    "1,C-1,2026-05-04 10:00:00,invoice_amount,2.5,5",
    "2,C-1,2026-05-04 09:00:00,case_status,3,",
    "3,C-1,2026-05-04 11:00:00,case_status,3,9",
)


def contacts(folder: Path, *rows: str) -> Path:
    path = folder / "contacts.csv"
    path.write_text("\n".join(["id,who,at,why,minutes,stars", *rows, ""]))
    return path


def history(target: ImportTarget) -> list[dict[str, object]]:
    return pq.read_table(target.poc.history / "contacts.parquet").to_pylist()


def test_contacts_are_rows_of_the_history_in_order_of_time(
    tmp_path: Path, target: ImportTarget
) -> None:
    report = import_file("contacts", contacts(tmp_path, *ROWS), target, CONTACTS)
    rows = history(target)
    assert (report.rows_accepted, report.rows_rejected) == (2, 1)
    assert "`csat` is 9" in report.rejections[0].reason
    assert [row["contact_id"] for row in rows] == ["2", "1"]
    assert (rows[1]["talk_s"], rows[1]["csat"], rows[1]["phase"]) == (150, 5, "baseline")
    assert pq.read_schema(target.poc.history / "contacts.parquet").equals(contact_schema())


def test_contacts_imported_again_are_replaced_by_their_id(
    tmp_path: Path, target: ImportTarget
) -> None:
    import_file("contacts", contacts(tmp_path, *ROWS[:2]), target, CONTACTS)
    before = (target.poc.history / "contacts.parquet").stat().st_mtime_ns
    same = import_file("contacts", contacts(tmp_path, *ROWS[:2]), target, CONTACTS)
    assert same.records["contacts"].unchanged == 2
    assert (target.poc.history / "contacts.parquet").stat().st_mtime_ns == before
    new = ROWS[0].replace(",5", ",4"), ROWS[2].replace(",9", ",1")
    report = import_file("contacts", contacts(tmp_path, *new), target, CONTACTS)
    counts = report.records["contacts"]
    assert (counts.new, counts.changed, counts.unchanged) == (1, 1, 0)
    assert [row["csat"] for row in history(target)] == [None, 4, 1]


def labels(folder: Path, *rows: str, header: str) -> Path:
    path = folder / "judged.csv"
    path.write_text("\n".join([header, *rows, ""]))
    return path


def test_labelled_messages_join_those_that_the_poc_used_so_far(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = labels(
        tmp_path, "how much,invoice_amount,en", "hm,weather,en", header="text,label,language"
    )
    report = import_file("labels", path, target)
    folder = target.poc.root / "intents"
    with (folder / "judged.csv").open(newline="") as stream:
        assert list(csv.reader(stream))[1:] == [["how much", "invoice_amount", "en"]]
    assert (report.rows_accepted, report.rows_rejected) == (1, 1)
    assert "not an intent of this POC" in report.rejections[0].reason
    defaults = {found.name for found in (DEFAULTS / "intents").glob("*.csv")}
    assert {found.name for found in folder.glob("*.csv")} == defaults | {"judged.csv"}
    assert import_file("labels", path, target).records["labels"].unchanged == 1


def test_labels_of_contacts_become_their_true_intent(tmp_path: Path, target: ImportTarget) -> None:
    import_file("contacts", contacts(tmp_path, *ROWS[:2]), target, CONTACTS)
    path = labels(tmp_path, "1,case_status", "9,case_status", header="contact_id,label")
    report = import_file("labels", path, target)
    assert [row["true_intent"] for row in history(target)] == [None, "case_status"]
    assert (report.rows_accepted, report.rows_rejected) == (1, 1)
    assert "no contact '9'" in report.rejections[0].reason


@pytest.mark.parametrize("row", ["1,x,invoice_amount", ",,invoice_amount"])
def test_a_label_belongs_to_a_text_or_to_a_contact(
    row: str, tmp_path: Path, target: ImportTarget
) -> None:
    path = labels(tmp_path, row, header="contact_id,text,label")
    assert import_file("labels", path, target).rows_rejected == 1
