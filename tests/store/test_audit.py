"""Tampering is found and located: along the chain, and where a chain alone is blind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from store_world import ADMIN, ANNA, act, begin, fill, said

from workbench.errors import Corrupt
from workbench.govern.audit import HEADER, digest_of, hash_of
from workbench.store import AuditReport, Finding, Store
from workbench.store.columns import time_text
from workbench.store.engine import Database
from workbench.store.schema import event as table

Tamper = Callable[[Store, str], None]


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    return tmp_path / "outside" / "anchors.jsonl"


@pytest.fixture(autouse=True)
def _world(store: Store, anchors: Path) -> None:
    """Three conversations of five events each, checkpointed after ten and after fifteen."""
    fill(store)
    for number in (1, 2, 3):
        begin(store, stream=f"conv-{number}")
        for turn in (3, 4, 5):
            act(store, ANNA, stream=f"conv-{number}", request_id=f"t{turn}", events=(said("hi"),))
        if number > 1:
            store.anchor(ADMIN, anchors)


def sql(store: Store, statement: str, **values: object) -> None:
    """What somebody with the database's password can do once the triggers are gone."""
    database = Database(store.url)
    on = "" if database.is_sqlite else " ON event"
    guards = ["event_no_delete", "event_no_replace", "event_erase_only"]
    with database.engine.begin() as connection:
        for guard in guards if database.is_sqlite else guards[::2]:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {guard}{on}"))
        connection.execute(text(statement), values)
    database.close()


def edit_data(store: Store, stream: str) -> None:
    where = "stream = :s AND position = 3"
    sql(store, f'UPDATE event SET data = \'{{"text":"bye"}}\' WHERE {where}', s=stream)


def edit_actor(store: Store, stream: str) -> None:
    sql(store, "UPDATE event SET actor = 'nobody' WHERE stream = :s AND position = 3", s=stream)


def delete_one(store: Store, stream: str) -> None:
    sql(store, "DELETE FROM event WHERE stream = :s AND position = 3", s=stream)


def delete_stream(store: Store, stream: str) -> None:
    sql(store, "DELETE FROM event WHERE stream = :s", s=stream)


def swap_two(store: Store, stream: str) -> None:
    swap = "UPDATE event SET position = CASE position WHEN -3 THEN 4 ELSE 3 END"
    sql(
        store,
        "UPDATE event SET position = -position WHERE stream = :s AND position in (3, 4)",
        s=stream,
    )
    sql(store, f"{swap} WHERE stream = :s AND position < 0", s=stream)


def insert_one(store: Store, stream: str) -> None:
    """A forged event in the middle, the later ones moved up by one."""
    move = "UPDATE event SET position = {} WHERE stream = :s AND {}"
    sql(store, move.format("-position - 1", "position >= 3"), s=stream)
    sql(store, move.format("-position", "position < 0"), s=stream)
    columns = ", ".join(c.name for c in table.columns)
    forged = columns.replace("seq", "seq + 1000").replace("position", "3")
    forged = forged.replace(" id", " id || 'x'").replace("request_id || 'x'", "request_id")
    sql(
        store,
        f"INSERT INTO event ({columns}) SELECT {forged} FROM event "
        "WHERE stream = :s AND position = 2",
        s=stream,
    )


def truncate(store: Store, stream: str) -> None:
    sql(store, "DELETE FROM event WHERE stream = :s AND position > 3", s=stream)


def rewrite_tail(store: Store, stream: str) -> None:
    """Another last event with all its hashes made right, as an insider would."""
    database = Database(store.url)
    with database.reading() as connection:
        row = (
            connection.execute(
                table.select().where(table.c.stream == stream, table.c.position == 5)
            )
            .mappings()
            .one()
        )
    data = '{"text":"I agree to everything"}'
    digest = digest_of(row["salt"], data)
    header = {**{name: row[name] for name in HEADER}, "at": time_text(row["at"])}
    sql(
        store,
        "UPDATE event SET data = :data, digest = :digest, hash = :hash WHERE seq = :seq",
        data=data,
        digest=digest,
        seq=row["seq"],
        hash=hash_of(row["previous"], header, digest),
    )
    database.close()


TAMPERINGS: dict[str, tuple[Tamper, str, int, bool]] = {
    # how: what is found, at which position, and whether the chain alone finds it
    "an edit of the data": (edit_data, "edited", 3, True),
    "an edit of the header": (edit_actor, "header_edited", 3, True),
    "a deletion": (delete_one, "missing", 4, True),
    "a swap": (swap_two, "out_of_order", 3, True),
    "an insertion": (insert_one, "out_of_order", 3, True),
    "the deletion of a stream": (delete_stream, "truncated", 1, False),
    "a truncation": (truncate, "truncated", 4, False),
    "a rewritten tail": (rewrite_tail, "rewritten", 5, False),
}


@pytest.fixture(scope="module")
def found_kinds(request: pytest.FixtureRequest) -> Iterator[dict[str, bool]]:
    """How -> whether the chain alone found it; told when the module is through."""
    found: dict[str, bool] = {}
    yield found
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(
            f"\naudit: {len(found)} of {len(TAMPERINGS)} kinds of tampering found and located, "
            f"{sum(found.values())} of them by the chain alone"
        )


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_is_found_and_located(store: Store, anchors: Path, how: str, found_kinds) -> None:
    tamper, what, position, chain_alone = TAMPERINGS[how]
    tamper(store, "conv-2")
    report = store.verify(ADMIN, anchors)
    found = {(f.what, f.stream, f.position) for f in report.findings}
    assert not report.ok
    assert (what, "conv-2", position) in found
    assert {f.stream for f in report.findings} <= {"conv-2", ""}
    assert store.verify(ADMIN).ok is not chain_alone
    found_kinds[how] = chain_alone


def test_an_honest_ledger_has_no_findings(store: Store, anchors: Path) -> None:
    report = store.verify(ADMIN, anchors)
    assert report.findings == ()
    assert (report.streams, report.anchors, report.erased) == (7, 2, 0)


def test_an_event_smuggled_in_under_a_checkpoint_is_found(store: Store, anchors: Path) -> None:
    columns = ", ".join(c.name for c in table.columns)
    forged = columns.replace("seq", "0").replace("stream", "'conv-0'").replace(" id", " id || 'x'")
    forged = forged.replace("request_id || 'x'", "request_id")
    sql(
        store,
        f"INSERT INTO event ({columns}) SELECT {forged} FROM event "
        "WHERE stream = 'conv-1' AND position = 1",
    )
    whats = {(f.what, f.stream) for f in store.verify(ADMIN, anchors).findings}
    assert {("header_edited", "conv-0"), ("inserted", "")} <= whats


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM event WHERE seq = 1",
        "UPDATE event SET data = '{}' WHERE seq = 1",
        "UPDATE event SET data = NULL, salt = NULL, actor = 'x' WHERE seq = 1",
        "UPDATE event SET hash = 'x'",
    ],
)
def test_the_database_itself_refuses_changes(store: Store, statement: str) -> None:
    database = Database(store.url)
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text(statement))
    database.close()


def test_an_insert_over_an_event_is_refused_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with Store.open(url) as store:
        fill(store)
    engine = create_engine(url)
    columns = ", ".join(c.name for c in table.columns)
    replace = f"INSERT OR REPLACE INTO event ({columns}) SELECT {columns} FROM event"
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(replace))
    engine.dispose()


def test_erased_data_leaves_a_chain_that_still_verifies(store: Store, anchors: Path) -> None:
    database = Database(store.url)
    with database.engine.begin() as connection:
        erase = "UPDATE event SET data = NULL, salt = NULL WHERE stream = 'conv-2'"
        connection.execute(text(erase))
    database.close()
    report = store.verify(ADMIN, anchors)
    assert report.ok
    assert report.erased == 5
    assert [e.data for e in store.events(ADMIN, "conv-2")] == [{}] * 5


def test_checkpoints_chain_themselves_and_wait_for_news(store: Store, anchors: Path) -> None:
    lines = anchors.read_text().splitlines()
    store.anchor(ADMIN, anchors)
    assert anchors.read_text().splitlines() == lines
    anchors.write_text("\n".join(lines[1:]) + "\n")
    assert [(f.what, f.position) for f in broken(store.verify(ADMIN, anchors))] == [
        ("anchor_broken", 1)
    ]


def test_a_checkpoint_cut_short_by_a_crash_is_written_again(store: Store, anchors: Path) -> None:
    whole = anchors.read_text()
    anchors.write_text(whole + whole[:40])
    act(store, ANNA, stream="conv-1", request_id="more", events=(said("more"),))
    store.anchor(ADMIN, anchors)
    assert anchors.read_text().startswith(whole)
    assert store.verify(ADMIN, anchors).ok


def test_a_file_that_holds_no_checkpoints_is_corrupt(store: Store, anchors: Path) -> None:
    anchors.write_text("no checkpoint\n")
    with pytest.raises(Corrupt, match="not a file of checkpoints"):
        store.verify(ADMIN, anchors)


def broken(report: AuditReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.what == "anchor_broken"]
