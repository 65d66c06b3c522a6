"""A mapping file is checked before anything is read; its errors say file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from stored import stored

from workbench.errors import ConfigError, InputError
from workbench.intake import ImportTarget, import_file, load_mapping

SOUND = """
kind = "payments"

[columns]
id = "id"
customer_id = "who"
received_on = { column = "day", date = "%d/%m/%y" }
amount = { column = "paid", decimal = ",", thousands = ".", round = 2 }
currency = { column = "cur", map = { "€" = "EUR", "*" = "USD" } }
state = { column = "state", map = { ok = "applied" }, default = "unapplied" }
method = { column = "how", strip = false }
"""


def load(folder: Path, text: str) -> None:
    path = folder / "map.toml"
    path.write_text(text)
    load_mapping(path)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('kind = "payments"', "", "kind"),
        ('kind = "payments"', 'kind = "paymets"', "paymets"),
        ('id = "id"', "", "no column gives `id`"),
        ('id = "id"', 'id = "id"\nnumbr = "x"', "map.toml, line 6: payments have no `numbr`"),
        ('"%d/%m/%y"', '"%d/%m/%y", zone = "UTC"', "`zone` does not apply to `received_on`"),
        ('decimal = ","', 'decimal = "."', "differs from `thousands`"),
        ("round = 2", "round = 99", "round"),
        ("strip = false", "trim = false", "trim"),
        ('column = "how", ', "", "either `column` or `constant`"),
        ("[columns]", '[lines]\nx = "y"\n[columns]', "payments lines have no `x`"),
        ("[columns]", "[columns", "not valid TOML"),
        ("[columns]", '[[route]]\nkind = "orders"\nwhen = { column = "a" }\n[columns]', "one of"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(
    before: str, after: str, words: str, tmp_path: Path
) -> None:
    load(tmp_path, SOUND)
    with pytest.raises((ConfigError, InputError)) as error:
        load(tmp_path, SOUND.replace(before, after))
    assert words in str(error.value)


def test_every_step_of_a_mapping_is_taken_in_its_order(
    tmp_path: Path, target: ImportTarget
) -> None:
    path, data = tmp_path / "map.toml", tmp_path / "payments.csv"
    path.write_text(SOUND)
    data.write_text(
        "id;who;day;paid;cur;state;how\n"
        'P1;C-1;04/05/26;"1.234,505";€;ok; wire \n'
        "P2;C-1;04/05/26;-5;$;;card\n"
        "P3;C-1;04/05/26;5;$;lost;card\n"
    )
    report = import_file("payments", data, target, path)
    payments = stored(target, "payments")
    assert set(payments) == {"P1"}
    assert (str(payments["P1"].money), payments["P1"].method) == ("1234.51 EUR", " wire ")
    reasons = {rejection.line: rejection.reason for rejection in report.rejections}
    assert "negate = true" in reasons[3]
    assert "'lost' is not in the mapping's list" in reasons[4]


def test_a_mapping_for_something_else_is_refused(tmp_path: Path, target: ImportTarget) -> None:
    path = tmp_path / "map.toml"
    path.write_text(SOUND)
    with pytest.raises(InputError, match="for payments, not for invoices"):
        import_file("invoices", tmp_path / "x.csv", target, path)
    with pytest.raises(InputError, match="Nothing called 'bills'"):
        import_file("bills", tmp_path / "x.csv", target)
