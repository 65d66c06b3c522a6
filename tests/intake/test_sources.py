"""A POC folder says where its records come from; opening it brings them in once."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.config import load_settings
from workbench.errors import ConfigError
from workbench.intake import ImportTarget, import_sources

POC = """
name = "own"
[[sources]]
kind = "customers"
path = "${OWN_DATA}/customers*.csv"
[[sources]]
kind = "invoices"
url = "sqlite:///${OWN_DATA}/shop.db"
map = "invoices.toml"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    import sqlite3

    folder = tmp_path / "data"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"customers-{number}.csv").write_text(f"customer id,name\nC-{number},Ann\n")
    with sqlite3.connect(folder / "shop.db") as connection:
        connection.execute("CREATE TABLE bill (id, who, day, total)")
        connection.execute("INSERT INTO bill VALUES ('R-1', 'C-1', '2026-05-04', 12.5)")
    return folder


@pytest.fixture
def own(target: ImportTarget) -> ImportTarget:
    root = target.poc.root
    (root / "poc.toml").write_text(POC)
    (root / "invoices.toml").write_text(
        'kind = "invoices"\n[source]\ntable = "bill"\n[columns]\nnumber = "id"\n'
        'customer_id = "who"\nissued_on = "day"\nstated_total = "total"\n'
        'currency = { constant = "EUR" }\n'
    )
    return target


def test_every_source_is_imported_once_in_its_order(own: ImportTarget, data: Path) -> None:
    settings, environ = load_settings(own.poc.root, {}), {"OWN_DATA": str(data)}
    reports = import_sources(own, settings, environ)
    assert [(r.kind, r.rows_in, r.rows_rejected) for r in reports] == [
        ("customers", 1, 0),
        ("customers", 1, 0),
        ("invoices", 1, 0),
    ]
    assert [str(a.balance) for a in own.store.accounts(own.principal, "C-1")] == ["12.50 EUR"]
    assert import_sources(own, settings, {}) == ()


def test_a_changed_mapping_is_imported_again(own: ImportTarget, data: Path) -> None:
    settings, environ = load_settings(own.poc.root, {}), {"OWN_DATA": str(data)}
    import_sources(own, settings, environ)
    mapping = own.poc.root / "invoices.toml"
    mapping.write_text(mapping.read_text().replace("EUR", "USD"))
    assert import_sources(own, settings, environ)[-1].records["invoices"].changed == 1


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "environment variable OWN_DATA is not set"),
        ({"OWN_DATA": "/nowhere"}, "Check OWN_DATA"),
    ],
)
def test_a_source_that_is_not_there_names_the_variable(
    environ: dict[str, str], words: str, own: ImportTarget
) -> None:
    with pytest.raises(ConfigError, match=words):
        import_sources(own, load_settings(own.poc.root, {}), environ)


def test_a_source_is_a_path_or_a_url(own: ImportTarget) -> None:
    text = '[[sources]]\nkind = "customers"\npath = "a.csv"\nurl = "sqlite:///a.db"\n'
    (own.poc.root / "poc.toml").write_text(text)
    with pytest.raises(ConfigError, match="either `path` or `url`"):
        load_settings(own.poc.root, {})
