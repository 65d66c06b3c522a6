"""Opening a store: the right database, the newest schema, and clear errors otherwise."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from store_world import ADMIN, NOON, case, fill

from workbench.errors import ConfigError, Corrupt, Unavailable
from workbench.records.cases import CaseStatus, Grade, SlaClock
from workbench.store import Store, migrate
from workbench.store.columns import (
    ExactDecimal,
    JsonText,
    PlainText,
    UtcTime,
    canonical_json,
    storable,
    time_text,
)
from workbench.store.engine import Database
from workbench.store.schema import metadata, support_case


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "is not a database URL"),
        ("mysql://host/name", "cannot be kept in"),
        ("sqlite://", "cannot be kept in"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_an_example(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=f"{words}.*sqlite:///FILE"):
        Store.open(url)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(ConfigError) as error:
        Store.open("mysql://ana:secret@host/name")
    assert "secret" not in str(error.value)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="The store did not answer"):
        Store.open("postgresql://127.0.0.1:1/none")


def test_a_damaged_file_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"this was a database once" * 1000)
    with pytest.raises(Corrupt, match="file is damaged"):
        Store.open(f"sqlite:///{path}")


def test_a_store_of_a_newer_version_is_left_alone(store_url: str) -> None:
    with Store.open(store_url):
        pass
    database = Database(store_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(ConfigError, match="at revision 9999, which this version does not know"):
        Store.open(store_url)


def test_migrations_lead_to_the_schema_of_the_code(store: Store) -> None:
    database = Database(store.url)
    with database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    database.close()


def test_the_newest_revision_is_the_one_that_opening_looks_for() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert scripts.get_current_head() == migrate.HEAD


def test_cases_of_an_older_store_learn_when_time_changes_them(store_url: str) -> None:
    clock = SlaClock(kind="resolution", started_at=NOON, due_at=NOON + timedelta(hours=4))
    stopped = clock.model_copy(update={"paused_at": NOON, "kind": "first_response"})
    solved = {"status": CaseStatus.SOLVED, "solved_at": NOON}
    cases = [
        case("CASE-1", clocks=(stopped, clock)),
        case("CASE-2", clocks=(stopped,)),
        case("CASE-3", clocks=(clock,), **solved),
        case("CASE-4", **solved, grade=Grade.DURABLE),
        case("CASE-5", **solved, merged_into="CASE-1"),
    ]
    with Store.open(store_url) as store:
        store.import_records(ADMIN, "cases", cases, "x")
    database = Database(store_url)
    with database.engine.begin() as connection:
        written = connection.execute(_WATCHED).all()
        for statement in (
            "DROP INDEX ix_support_case_tenant_watch_at",
            "DROP INDEX ix_handoff_tenant_customer_id_status",
            "ALTER TABLE support_case DROP COLUMN watch_at",
            "UPDATE alembic_version SET version_num = '0003'",
        ):
            connection.exec_driver_sql(statement)
    Store.open(store_url).close()
    with database.reading() as connection:
        assert connection.execute(_WATCHED).all() == written
    database.close()
    expected = [clock.due_at, None, NOON + timedelta(days=7), None, None]
    assert [row.watch_at for row in written] == expected


_WATCHED = select(support_case.c.id, support_case.c.watch_at).order_by(support_case.c.id)


def test_sqlite_waits_for_the_disk_at_every_commit(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    with database.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        }
    database.close()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_what_was_written_is_there_after_reopening(store_url: str) -> None:
    with Store.open(store_url) as store:
        fill(store)
    with Store.open(store_url) as store:
        assert len(store.customers(ADMIN)) == 3


def test_a_full_disk_is_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with Store.open(url) as store:
        fill(store)
        pages = sqlite3.connect(tmp_path / "store.db").execute("PRAGMA page_count").fetchone()[0]

        with store._database.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        from store_world import customer

        many = [customer(f"C-9{number:04d}") for number in range(3_000)]
        with pytest.raises(Unavailable, match="full"):
            store.import_records(ADMIN, "customers", many, "x")
        assert len(store.customers(ADMIN)) == 3


VALUES = Table(
    "probe",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("amount", ExactDecimal),
    Column("at", UtcTime),
    Column("words", PlainText),
    Column("data", JsonText),
)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4)
ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
TIMES = st.integers(0, 7_000_000_000_000_000).flatmap(
    lambda us: ZONES.map(datetime.fromtimestamp(us / 1_000_000, UTC).astimezone)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amount=DECIMALS, at=TIMES, words=st.text(), data=JSON)
def test_every_value_comes_back_as_it_went_in(store_url, amount, at, words, data) -> None:
    database = Database(store_url)
    with database.engine.begin() as connection:
        VALUES.drop(connection, checkfirst=True)
        VALUES.create(connection)
        connection.execute(insert(VALUES).values(amount=amount, at=at, words=words, data=data))
        row = connection.execute(select(VALUES)).one()
    database.close()
    assert row.amount == amount
    assert str(row.amount) == f"{amount:f}"
    assert row.at == at
    assert row.at.tzinfo is UTC
    assert row.words == storable(words)
    assert canonical_json(row.data) == canonical_json(data)


@given(first=TIMES, second=TIMES)
def test_times_as_text_sort_as_times_do(first: datetime, second: datetime) -> None:
    assert (time_text(first) < time_text(second)) == (first < second)
    assert len(time_text(first)) == 27


def test_decimals_and_times_in_json_are_text() -> None:
    data = {"b": Decimal("1.50"), "a": datetime(2026, 5, 4, tzinfo=UTC)}
    assert canonical_json(data) == '{"a":"2026-05-04T00:00:00Z","b":"1.50"}'
