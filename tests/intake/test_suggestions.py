"""A mapping is suggested as far as names and samples prove it; the rest is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from stored import stored

from workbench.errors import InputError
from workbench.intake import ImportTarget, Suggestion, import_file, load_mapping, suggest_for

RETAIL = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Currency\n"
    "536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850.0,GBP\n"
    "536365,71053,HEART,6,2010-12-01 08:26:00,3.39,17850.0,GBP\n"
)
GERMAN = (
    "Rechnungsnr.;Kundennummer;Rechnungsdatum;Gesamtbetrag;Währung\n"
    'R-1;0042;24.05.2026;"1.234,50 €";EUR\n'
    'R-2;0043;03.05.2026;"12,00 €";EUR\n'
)


def suggest(folder: Path, text: str, kind: str = "invoices") -> Suggestion:
    path = folder / "own.csv"
    path.write_text(text)
    return suggest_for(kind, path)


def test_known_names_and_plain_samples_need_no_mapping(
    tmp_path: Path, target: ImportTarget
) -> None:
    path = tmp_path / "retail.csv"
    path.write_text(RETAIL)
    report = import_file("invoices", path, target)
    invoice = stored(target, "invoices")["536365"]
    assert (report.rows_accepted, report.rows_rejected) == (2, 0)
    assert (invoice.customer_id, str(invoice.total)) == ("17850", "35.64 GBP")
    assert 'customer_id = { column = "CustomerID", text_number = true }' in report.mapping


def test_the_suggested_text_is_a_mapping_file_that_does_the_same(
    tmp_path: Path, target: ImportTarget
) -> None:
    suggestion = suggest(tmp_path, GERMAN)
    path = tmp_path / "map.toml"
    path.write_text(suggestion.to_toml())
    assert load_mapping(path) == suggestion.mapping()
    import_file("invoices", tmp_path / "own.csv", target, path)
    totals = {number: str(i.total) for number, i in stored(target, "invoices").items()}
    assert totals == {"R-1": "1234.50 EUR", "R-2": "12.00 EUR"}


def test_samples_are_shown_beside_what_they_would_become(tmp_path: Path) -> None:
    columns = {c.column: c for c in suggest(tmp_path, RETAIL).columns}
    assert columns["StockCode"].samples == ("85123A", "71053")
    assert columns["StockCode"].target == "lines.product"
    assert columns["InvoiceNo"].target == "number"


OPEN = (
    "invoice no,customer,invoice date,total,currency\n"
    "R-1,0042,24.05.2026,12.50,EUR\n"
    "R-2,0043,03.05.2026,1.00,EUR\n"
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"24.05.2026": "04/05/2026", "03.05.2026": "05/04/2026"}, "'%d/%m/%Y' or '%m/%d/%Y'"),
        ({"12.50": '"1,234"', "1.00": '"1,000"'}, "`decimal` = '.' or ','"),
        ({"currency": "note"}, "currency: which column"),
        ({"customer": "who"}, "customer_id: which column"),
        ({"24.05.2026": "24 May 2026"}, "how is '24 May 2026' written"),
    ],
)
def test_what_samples_leave_open_is_asked_and_never_guessed(
    change: dict[str, str], words: str, tmp_path: Path
) -> None:
    text = OPEN
    assert not suggest(tmp_path, text).questions
    for old, new in change.items():
        text = text.replace(old, new)
    suggestion = suggest(tmp_path, text)
    assert any(words in question for question in suggestion.questions), suggestion.questions
    with pytest.raises(InputError, match="Save this as a mapping file"):
        suggestion.mapping()


def test_a_currency_symbol_on_every_amount_tells_the_currency(tmp_path: Path) -> None:
    suggestion = suggest(tmp_path, GERMAN.replace("Währung", "Note"))
    assert suggestion.constants == {"currency": "EUR"}


def test_a_time_without_zone_is_asked_for(tmp_path: Path) -> None:
    text = "contact id,customer id,started at\n1,2,2026-05-04 10:00:00\n"
    assert any("no time zone" in q for q in suggest(tmp_path, text, "contacts").questions)
