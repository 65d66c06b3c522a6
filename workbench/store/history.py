"""Contact facts of the past and of this minute, as one view in a private DuckDB.

Every process opens its own in-memory DuckDB; nothing is shared between processes but files that
never change once they have their name. The view `contact` is

    published    Parquet in the state folder, written by whoever calls `publish`
    imported     Parquet that an import or a generator put into the POC's `history` folder
    live         contacts built from events that are not published, which replace published ones

DuckDB may read those two folders and nothing else: no other file, no network, no extension, no
spill file, and the configuration is locked. Zoned times are UTC.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import Corrupt
from workbench.records.base import Clock, Instant, Record, SystemClock
from workbench.store.contact_columns import CONTACT_COLUMNS, ContactColumn, contact_schema
from workbench.store.publication import Manifest, Publication

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from workbench.store.tail import LedgerTail, Tail

__all__ = [
    "CONTACT_COLUMNS",
    "ContactColumn",
    "FactsBuilder",
    "Freshness",
    "History",
    "contact_schema",
]

FactsBuilder = Callable[["DuckDBPyConnection", datetime], None]
"""Turns table `event` and view `neighbour` of a connection into table `live`, as of a time."""

LOOK_AGAIN = timedelta(minutes=10)
"""After this time contacts are built again even without new events: silence ends conversations."""

REPEAT_WINDOW = timedelta(days=7)
"""How far back a new contact can make an earlier one a repeated one."""

_ATTEMPTS = 5


class Freshness(Record):
    """How new the history is and what it is made of."""

    as_of: Instant
    """When it was last looked at."""
    last_event_at: Instant | None
    """The newest event in it; None without a ledger."""
    published_at: Instant | None
    version: int
    """Of the published facts; 0 when nothing was ever published."""
    contacts: int
    published: int
    imported: int
    live: int
    """Contacts built from new events, and published ones that these may have changed."""


class History:
    """Contact facts of one tenant. Threads may share it; each gets a cursor of its own."""

    def __init__(
        self,
        folder: Path,
        store_url: str | None = None,
        tenant: str = "main",
        *,
        imported: Path | None = None,
        build_facts: FactsBuilder | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Open the history.

        Args:
            folder: Where facts are published, e.g. `.workbench/history`.
            store_url: The ledger whose new events are looked at; None: published facts only.
            imported: Folder with `*.parquet` files of contacts that came from elsewhere.
            build_facts: How contacts are made of events; needed with a `store_url`.
        """
        if store_url and build_facts is None:
            raise ValueError("a history with a ledger needs build_facts")
        self._publication = Publication(folder.absolute(), tenant)
        self._tenant, self._imported = tenant, imported.absolute() if imported else None
        self._build_facts, self._clock = build_facts, clock or SystemClock()
        self._tail = _ledger_tail(store_url, tenant) if store_url else None
        self._connection = _private_duckdb([self._publication.folder, self._imported])
        self._cursors = threading.local()
        self._changing = threading.RLock()
        self._seen: tuple[object, ...] = ()
        self._manifest = Manifest()
        self._last_seq = 0
        self._last_event_at: datetime | None = None

    def close(self) -> None:
        self._connection.close()
        if self._tail:
            self._tail.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def connection(self) -> DuckDBPyConnection:
        """This thread's cursor over the newest facts; ask again for newer ones."""
        self.refresh()
        if not hasattr(self._cursors, "cursor"):
            self._cursors.cursor = self._connection.cursor()
        cursor: DuckDBPyConnection = self._cursors.cursor
        return cursor

    def refresh(self) -> bool:
        """Look for new events and files; True when the view changed."""
        with self._changing:
            manifest, now = self._publication.manifest(), self._clock.now()
            last_seq = self._tail.last_seq() if self._tail else 0
            files = _imported_files(self._imported)
            period = int(now.timestamp() // LOOK_AGAIN.total_seconds())
            seen = (manifest.version, last_seq, files, period if self._tail else 0)
            if seen == self._seen:
                return False
            self._rebuild(manifest, [Path(name) for name, *_ in files], now)
            self._seen = seen
            return True

    def state(self) -> tuple[object, ...]:
        """Equal for as long as the facts are the same: a key for what was computed from them."""
        with self._changing:
            self.refresh()
            return self._seen

    def _rebuild(self, manifest: Manifest, imported: list[Path], now: datetime) -> None:
        """Change view and live contacts in one step: a query sees all of the old or the new."""
        published = [self._publication.folder / file.path for file in manifest.files]
        tail = self._tail.read(manifest.through, manifest.open) if self._tail else None
        with _transaction(self._connection) as connection:
            _define(connection, "published", published, self._tenant)
            _define(connection, "imported", imported, self._tenant)
            last_event_at = self._build_live(connection, tail, now)
            connection.execute(_CONTACT_VIEW)
        self._manifest = manifest
        self._last_seq = tail.last_seq if tail else 0
        self._last_event_at = max(
            filter(None, (last_event_at, manifest.last_event_at)), default=None
        )

    def _build_live(
        self, connection: DuckDBPyConnection, tail: Tail | None, now: datetime
    ) -> datetime | None:
        """Make `live`, the streams it was `rebuilt` from and the published ids it `replaced`."""
        if tail is None or self._build_facts is None:
            connection.execute(_NOTHING_LIVE)
            return None
        connection.register("tail_event", tail.events)
        connection.execute(_EVENTS)
        connection.unregister("tail_event")
        self._build_facts(connection, now)
        connection.execute(_REPLACED)
        ((last_event_at,),) = connection.execute(
            "SELECT epoch_us(max(happened_at)) FROM event"
        ).fetchall()
        connection.execute("DROP VIEW neighbour; DROP TABLE event")
        return last_event_at and datetime.fromtimestamp(last_event_at / 1e6, UTC)

    def freshness(self) -> Freshness:
        """How new the facts are, after a look for newer ones."""
        with self._changing:
            self.refresh()
            counts = self._connection.execute(_COUNTS).fetchall()[0]
            contacts, imported, live = counts
            return Freshness(
                as_of=self._clock.now(),
                last_event_at=self._last_event_at,
                published_at=self._manifest.published_at,
                version=self._manifest.version,
                contacts=contacts,
                published=self._manifest.rows,
                imported=imported,
                live=live,
            )

    def publish(self) -> Freshness:
        """Move the contacts of conversations that ended from the tail to Parquet.

        Any number of processes may do this at once. Does nothing when nothing has ended.
        """
        with self._changing:
            for _ in range(_ATTEMPTS):
                self.refresh()
                if self._publish_ended():
                    break
            self._publication.sweep()
            return self.freshness()

    def _publish_ended(self) -> bool:
        """Write the months that changed and a manifest; False when another publisher was faster."""
        months = [month for (month,) in self._connection.execute(_CHANGED_MONTHS).fetchall()]
        if not months:
            return True
        written = tuple(
            self._publication.write_month(month, self._month(month)) for month in months
        )
        still_open = self._connection.execute(_STILL_OPEN).fetchall()
        manifest = Manifest(
            version=self._manifest.version + 1,
            through=self._last_seq,
            open=tuple(stream for (stream,) in still_open),
            files=tuple(f for f in self._manifest.files if f.month not in months) + written,
            published_at=self._clock.now(),
            last_event_at=self._last_event_at,
        )
        committed = self._publication.commit(manifest)
        if not committed:
            self._publication.discard(written)
        return committed

    def _month(self, month: str) -> pa.Table:
        table = self._connection.sql(_MONTH, params={"month": month}).to_arrow_table()
        return table.cast(contact_schema())


def _ledger_tail(url: str, tenant: str) -> LedgerTail:
    from workbench.store.tail import LedgerTail

    return LedgerTail(url, tenant)


_NEVER = "1000 TB"
"""What would have to be written before DuckDB goes through all tables again to compress them; it
does so in the middle of some other statement, which then takes seconds."""


def _private_duckdb(folders: list[Path | None]) -> DuckDBPyConnection:
    """An in-memory DuckDB that may read these folders and nothing else."""
    import duckdb

    allowed = ", ".join(_quoted(str(folder)) for folder in folders if folder)
    connection = duckdb.connect()
    connection.execute(f"""
        SET GLOBAL TimeZone = 'UTC';
        SET GLOBAL temp_directory = '';
        SET GLOBAL checkpoint_threshold = '{_NEVER}';
        SET GLOBAL autoinstall_known_extensions = false;
        SET GLOBAL autoload_known_extensions = false;
        SET GLOBAL allowed_directories = [{allowed}];
        SET GLOBAL enable_external_access = false;
        SET GLOBAL lock_configuration = true;
    """)
    return connection


@contextmanager
def _transaction(connection: DuckDBPyConnection) -> Iterator[DuckDBPyConnection]:
    connection.execute("BEGIN")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _imported_files(folder: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Parquet files of a folder with what shows that one was replaced."""
    if folder is None:
        return ()
    found = [(path, path.stat()) for path in sorted(folder.glob("*.parquet"))]
    return tuple((str(path), stat.st_mtime_ns, stat.st_ino) for path, stat in found)


def _define(connection: DuckDBPyConnection, name: str, files: list[Path], tenant: str) -> None:
    """A view of the tenant's contacts in Parquet files; columns a file lacks have their default."""
    source = "(SELECT 1) WHERE FALSE"
    present: set[str] = set()
    if files:
        listed = ", ".join(_quoted(str(file)) for file in files)
        parquet = f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {parquet}").fetchall()
        present = {column for column, *_ in described}
        _check_required(present, files)
        in_tenant = f"tenant = {_quoted(tenant)}" if "tenant" in present else "TRUE"
        source = f"{parquet} WHERE {in_tenant}"
    columns = ", ".join(_stored(column, present) for column in CONTACT_COLUMNS)
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT {columns} FROM {source}")


def _stored(column: ContactColumn, present: set[str]) -> str:
    value = f"{column.name}::{column.sql_type}" if column.name in present else column.default_sql
    if column.name in present and not column.nullable and not column.required:
        value = f"coalesce({value}, {column.default_sql})"
    return f"{value} AS {column.name}"


def _check_required(present: set[str], files: list[Path]) -> None:
    for column in CONTACT_COLUMNS:
        if column.required and column.name not in present:
            raise Corrupt(
                f"{files[0].parent} holds Parquet files without the column `{column.name}`",
                expected="contact facts as `workbench import contacts FILE` writes them",
            )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_CONTACT_VIEW = """
    CREATE OR REPLACE VIEW contact AS
    SELECT * FROM published ANTI JOIN replaced USING (contact_id)
    UNION ALL SELECT * FROM imported
    UNION ALL SELECT * FROM live
"""

_NOTHING_LIVE = """
    CREATE OR REPLACE TABLE live AS SELECT * FROM published LIMIT 0;
    CREATE OR REPLACE TABLE replaced AS SELECT contact_id FROM live;
    CREATE OR REPLACE TABLE rebuilt AS SELECT conversation_id AS stream FROM live
"""

# A contact is a neighbour when a new one of its customer can make it a repeated one.
_EVENTS = f"""
    CREATE OR REPLACE TABLE event AS
    SELECT tenant, stream, position::BIGINT AS position, "at"::TIMESTAMPTZ AS happened_at,
           kind, actor, policy_version, data::JSON AS data
    FROM tail_event;
    CREATE OR REPLACE TABLE rebuilt AS SELECT DISTINCT stream FROM event;
    CREATE OR REPLACE VIEW neighbour AS
    SELECT * FROM published
    WHERE started_at >= (SELECT min(happened_at) FROM event) - INTERVAL {REPEAT_WINDOW.days} DAY
      AND customer_id IN (SELECT data ->> '$.customer_id' FROM event
                          WHERE kind = 'conversation_started')
      AND conversation_id NOT IN (SELECT stream FROM rebuilt)
"""

_REPLACED = """
    CREATE OR REPLACE TABLE replaced AS
    SELECT contact_id FROM live
    UNION
    SELECT contact_id FROM published
    WHERE started_at >= (SELECT min(happened_at) FROM event)
      AND conversation_id IN (SELECT stream FROM rebuilt)
"""

_LAST_EVENT = "SELECT epoch_us(max(happened_at)) FROM event"

_COUNTS = """
    SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM imported),
           (SELECT count(*) FROM live)
"""

_ENDED = "ended_at IS NOT NULL"

_CHANGED_MONTHS = f"""
    SELECT DISTINCT strftime(started_at, '%Y-%m') AS month FROM live
    WHERE {_ENDED}
      AND EXISTS (FROM live SEMI JOIN rebuilt ON conversation_id = stream WHERE {_ENDED})
    ORDER BY month
"""

_MONTH = f"""
    SELECT * FROM (SELECT * FROM published ANTI JOIN replaced USING (contact_id)
                   UNION ALL SELECT * FROM live WHERE {_ENDED})
    WHERE strftime(started_at, '%Y-%m') = $month
    ORDER BY started_at, contact_id
"""

_STILL_OPEN = """
    SELECT DISTINCT conversation_id FROM live WHERE ended_at IS NULL ORDER BY conversation_id
"""
