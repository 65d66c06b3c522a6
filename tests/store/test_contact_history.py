"""History: what is published, what is live, and many processes at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.measure.contact_rows import random_contacts
from tests.measure.ledger_story import MONDAY, SetClock, Story, decided, open_store, request
from workbench.config import Settings
from workbench.errors import Corrupt
from workbench.measure.facts import open_history
from workbench.records.contacts import Contact
from workbench.store import Store
from workbench.store.history import CONTACT_COLUMNS, History, contact_schema
from workbench.store.publication import Manifest, Publication

ROOT = Path(__file__).parents[2]


@dataclass
class World:
    folder: Path
    url: str
    store: Store
    clock: SetClock
    history: History

    def end_one(self, name: str, customer_id: str = "C-1", resolution: str = "assumed") -> Story:
        """A conversation from its first message to its end."""
        story = self.begin_one(name, customer_id)
        story.end(resolution)
        return story

    def begin_one(self, name: str, customer_id: str = "C-1") -> Story:
        story = Story(self.store, name, customer_id)
        story.begin()
        self.clock.pass_time(seconds=2)
        story.answer(request("r1"), decided("r1", intent="invoice_amount"))
        return story

    def other_process(self) -> History:
        """A history over the same files and ledger that shares nothing with ours."""
        return open_history(
            self.folder / "history", Settings(), store_url=self.url, clock=self.clock
        )

    @property
    def published_only(self) -> History:
        return open_history(self.folder / "history", Settings(), clock=self.clock)


@pytest.fixture
def world(tmp_path: Path, store_url: str) -> Iterator[World]:
    clock = SetClock()
    with (
        open_store(store_url, clock) as store,
        open_history(tmp_path / "history", Settings(), store_url=store_url, clock=clock) as history,
    ):
        yield World(tmp_path, store_url, store, clock, history)


def rows(history: History) -> list[dict[str, Any]]:
    query = "SELECT * FROM contact ORDER BY contact_id"
    return list(history.connection().sql(query).to_arrow_table().to_pylist())


def test_the_schema_has_a_column_for_every_field_of_a_contact() -> None:
    assert contact_schema().names == [c.name for c in CONTACT_COLUMNS] == list(Contact.model_fields)


def test_a_record_survives_the_way_through_arrow() -> None:
    contacts = [Contact.model_validate(row) for row in random_contacts(50)]
    table = pa.Table.from_pylist([c.model_dump() for c in contacts], schema=contact_schema())
    assert [Contact.model_validate(row) for row in table.to_pylist()] == contacts


def test_a_column_that_every_contact_has_refuses_null() -> None:
    broken = pa.table({"contact_id": pa.array([None], pa.string())})
    with pytest.raises(ValueError, match="null"):
        broken.cast(pa.schema([contact_schema().field("contact_id")]))


def test_publishing_changes_nothing_that_a_reader_sees(world: World) -> None:
    for number in range(3):
        world.end_one(f"conv-{number}", f"C-{number + 2}")
    world.begin_one("conv-open")
    before = rows(world.history)
    freshness = world.history.publish()
    assert (freshness.contacts, freshness.published, freshness.live) == (4, 3, 1)
    assert rows(world.history) == before
    with world.other_process() as other:
        assert rows(other) == before


def test_published_contacts_need_no_ledger(world: World) -> None:
    world.end_one("conv-1")
    world.history.publish()
    with world.published_only as history:
        assert [row["contact_id"] for row in rows(history)] == ["conv-1/r1"]
        assert history.freshness().last_event_at == world.clock.at


def test_what_was_open_is_published_when_it_has_ended(world: World) -> None:
    story = world.begin_one("conv-1")
    world.end_one("conv-2")
    assert world.history.publish().published == 1
    story.end("confirmed")
    assert world.history.publish().published == 2
    with world.published_only as history:
        assert [row["resolution"] for row in rows(history)] == ["confirmed", "assumed"]


def test_silence_ends_a_conversation_without_any_event(world: World) -> None:
    world.begin_one("conv-1")
    assert world.history.publish().published == 0
    world.clock.pass_time(hours=25)
    assert world.history.publish().published == 1


def test_publishing_twice_writes_nothing_new(world: World) -> None:
    world.end_one("conv-1")
    first = world.history.publish()
    files = sorted(world.folder.rglob("*.parquet"))
    assert world.history.publish() == first
    assert sorted(world.folder.rglob("*.parquet")) == files


def test_a_late_event_replaces_the_published_contact(world: World) -> None:
    story = world.end_one("conv-1")
    world.end_one("conv-2", "C-2")
    world.history.publish()
    story.ask("It is still wrong")
    changed, untouched = rows(world.history)
    assert (changed["ended_at"], changed["resolution"]) == (None, None)
    assert untouched["resolution"] == "assumed"
    story.end("confirmed")
    world.history.publish()
    with world.published_only as history:
        assert [row["resolution"] for row in rows(history)] == ["confirmed", "assumed"]


def test_a_need_that_shows_later_takes_the_place_of_small_talk(world: World) -> None:
    story = Story(world.store, "conv-1")
    story.begin("Hello")
    story.answer(request("r0", "greeting", flow="general"))
    story.end("contained")
    world.history.publish()
    story.ask("How much is INV-1?")
    story.answer(request("r1"))
    assert [row["contact_id"] for row in rows(world.history)] == ["conv-1/r1"]


def test_a_new_contact_makes_a_published_one_a_repeated_one(world: World) -> None:
    world.end_one("conv-1")
    world.end_one("conv-2", "C-2")
    world.history.publish()
    world.clock.pass_time(days=3)
    world.end_one("conv-3")
    expected = [True, False, False]
    assert [row["repeated_7d"] for row in rows(world.history)] == expected
    world.history.publish()
    with world.published_only as history:
        assert [row["repeated_7d"] for row in rows(history)] == expected


def test_each_month_has_a_file_of_its_own_and_others_are_left_alone(world: World) -> None:
    world.end_one("conv-1")
    world.history.publish()
    (may,) = world.folder.rglob("month=2026-05/*.parquet")
    world.clock.at = datetime(2026, 6, 20, tzinfo=UTC)
    world.end_one("conv-2")
    world.history.publish()
    assert list(world.folder.rglob("month=2026-05/*.parquet")) == [may]
    assert len(list(world.folder.rglob("month=2026-06/*.parquet"))) == 1


def test_another_tenant_is_not_seen(world: World) -> None:
    world.end_one("conv-1")
    world.history.publish()
    foreign = Settings.model_validate({"store": {"tenant": "other"}})
    with open_history(
        world.folder / "history", foreign, store_url=world.url, clock=world.clock
    ) as history:
        assert rows(history) == []


def imported(folder: Path, table: pa.Table) -> Path:
    folder.mkdir(exist_ok=True)
    pq.write_table(table, folder / "contacts.parquet")
    return folder


def test_imported_contacts_stand_beside_live_ones_and_a_new_file_is_noticed(world: World) -> None:
    some = pa.Table.from_pylist(random_contacts(5), schema=contact_schema())
    folder = imported(world.folder / "imported", some)
    with open_history(
        world.folder / "history",
        Settings(),
        store_url=world.url,
        imported=folder,
        clock=world.clock,
    ) as history:
        world.end_one("conv-1")
        assert (history.freshness().contacts, history.freshness().imported) == (6, 5)
        imported(folder, pa.Table.from_pylist(random_contacts(9), schema=contact_schema()))
        assert history.freshness().contacts == 10


def test_columns_that_an_imported_file_lacks_have_their_default(tmp_path: Path) -> None:
    few = ["contact_id", "customer_id", "started_at"]
    table = pa.Table.from_pylist(random_contacts(1), schema=contact_schema()).select(few)
    with open_history(
        tmp_path / "history", Settings(), imported=imported(tmp_path / "imported", table)
    ) as history:
        (row,) = rows(history)
    assert Contact.model_validate({name: row[name] for name in few}).model_dump() == row


def test_an_imported_file_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    table = pa.table({"contact_id": ["c-1"]})
    with (
        open_history(
            tmp_path / "history", Settings(), imported=imported(tmp_path / "imported", table)
        ) as history,
        pytest.raises(Corrupt, match="without the column `customer_id`"),
    ):
        history.connection()


@pytest.mark.parametrize(
    "probe",
    [
        "SELECT * FROM read_text('{outside}')",
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM read_parquet('https://example.com/x.parquet')",
        "COPY (SELECT 1) TO '{outside}'",
        "ATTACH '{outside}.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET GLOBAL enable_external_access = true",
        "SET temp_directory = '/tmp'",
    ],
)
def test_the_private_duckdb_reaches_nothing_else(tmp_path: Path, probe: str) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    with (
        open_history(tmp_path / "history", Settings()) as history,
        pytest.raises(duckdb.Error),
    ):
        history.connection().execute(probe.format(outside=outside)).fetchall()
    assert outside.read_text() == "secret"


def test_every_thread_has_a_cursor_of_its_own(world: World) -> None:
    world.end_one("conv-1")
    together = threading.Barrier(8)

    def count() -> tuple[int, int]:
        cursor = world.history.connection()
        together.wait()
        seen = [cursor.execute("SELECT count(*) FROM contact").fetchall()[0][0] for _ in range(20)]
        return id(cursor), sum(seen)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: count(), range(8)))
    assert len({cursor for cursor, _ in results}) == 8
    assert {total for _, total in results} == {20}


def test_an_open_cursor_sees_what_its_history_has_learned(world: World) -> None:
    cursor = world.history.connection()
    world.end_one("conv-1")
    assert cursor.execute("SELECT count(*) FROM contact").fetchall() == [(0,)]
    assert world.history.refresh()
    assert cursor.execute("SELECT count(*) FROM contact").fetchall() == [(1,)]
    assert not world.history.refresh()


def test_only_one_of_many_publishers_takes_a_version(tmp_path: Path) -> None:
    publication = Publication(tmp_path, "main")
    together = threading.Barrier(6)

    def commit(_: int) -> bool:
        together.wait()
        return publication.commit(Manifest(version=1))

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(commit, range(6))) == [False] * 5 + [True]
    assert [path.name for path in publication.folder.iterdir()] == ["000000000001.json"]


def test_publishers_at_once_publish_everything_once(world: World) -> None:
    for number in range(8):
        world.end_one(f"conv-{number}", f"C-{number + 1}")
    histories = [world.other_process() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda history: history.publish(), histories))
    for history in histories:
        history.close()
    with world.published_only as history:
        assert len(rows(history)) == 8
    manifest = Publication(world.folder / "history", "main").manifest()
    on_disk = {path.name for path in world.folder.rglob("*.parquet")}
    assert on_disk == {Path(file.path).name for file in manifest.files}


def test_old_files_stay_a_day_for_readers_of_the_older_version(world: World) -> None:
    world.end_one("conv-1")
    world.history.publish()
    (first,) = world.folder.rglob("*.parquet")
    with world.published_only as reader:
        cursor = reader.connection()
        world.end_one("conv-2")
        world.history.publish()
        assert cursor.execute("SELECT count(*) FROM contact").fetchall() == [(1,)]
    two_days_ago = first.stat().st_mtime - 2 * 86_400
    os.utime(first, (two_days_ago, two_days_ago))
    leftover = first.with_suffix(".tmp")
    leftover.write_bytes(b"half a file of a killed publisher")
    os.utime(leftover, (two_days_ago, two_days_ago))
    world.end_one("conv-3")
    world.history.publish()
    assert not first.exists() and not leftover.exists()
    with world.published_only as reader:
        assert len(rows(reader)) == 3


def test_half_a_manifest_is_reported_with_what_to_do(world: World) -> None:
    world.end_one("conv-1")
    world.history.publish()
    (manifest,) = world.folder.rglob("*.json")
    manifest.write_text('{"version": 1, "fi')
    with world.other_process() as history, pytest.raises(Corrupt, match="built again from"):
        history.connection()


def test_before_the_store_was_ever_opened_there_is_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with open_history(tmp_path / "history", Settings(), store_url=url) as history:
        freshness = history.publish()
    assert (freshness.contacts, freshness.version, freshness.last_event_at) == (0, 0, None)


def start(*arguments: object) -> subprocess.Popen[str]:
    """Run a worker of `history_worker.py` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.history_worker", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_readers_publishers_and_writers_work_side_by_side(tmp_path: Path, store_url: str) -> None:
    with open_store(store_url, SetClock(MONDAY)):
        pass
    total, each = 120, 60
    readers = [start(task, tmp_path, store_url, total) for task in ("read", "publish", "publish")]
    assert [process.stdout and process.stdout.readline() for process in readers] == ["ready\n"] * 3
    writers = [start("write", tmp_path, store_url, first, each) for first in (0, each)]
    for process in writers:
        assert process.wait(120) == 0, process.communicate()[1]
    looks = 0
    for process in readers:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        counts = json.loads(out)
        looks += len(counts)
        assert counts == sorted(counts) and counts[-1] == total
    print(f"{looks} looks by 3 processes while 2 wrote {total} conversations: 0 errors, monotone")
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_conversation_that_began_in_another_zone_lies_in_its_utc_month(world: World) -> None:
    world.clock.at = datetime(2026, 5, 31, 22, 30, tzinfo=UTC) + timedelta(hours=1)
    world.end_one("conv-1")
    world.history.publish()
    assert len(list(world.folder.rglob("month=2026-05/*.parquet"))) == 1
