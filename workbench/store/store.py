"""The operational store: the only way to read or write what must not be lost."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from workbench.govern.audit import (
    Anchor,
    AuditReport,
    append_anchor,
    check_chain,
    read_anchors,
)
from workbench.govern.roles import Owner, authorise, operation
from workbench.records.authority import Authority
from workbench.records.base import Clock, Ids, Record, SystemClock
from workbench.records.money import Money
from workbench.records.principals import Principal
from workbench.store import delivery, importing, ledger, work
from workbench.store.desk import DeskReader
from workbench.store.engine import Database
from workbench.store.migrate import migrate
from workbench.store.operations.authority import moved_alone
from workbench.store.records import RecordReader
from workbench.store.views import ImportCounts, Message

_AUDIT = operation("audit.verify")
_IMPORT = operation("record.import")
_DELIVER = operation("outbox.deliver")


class Store(RecordReader, DeskReader):
    """Records, conversations and their ledger, on SQLite or PostgreSQL.

    Safe to share between threads. Any number of processes may open the same database.
    """

    def __init__(
        self, database: Database, clock: Clock, ids: Ids, authority: Authority | None = None
    ) -> None:
        super().__init__(database)
        self._clock, self._ids = clock, ids
        self._authority = authority or Authority()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        authority: Authority | None = None,
    ) -> Self:
        """Open the database under a SQLAlchemy URL and bring its schema up to date.

        `authority` is what people may decide alone; without it only their roles limit them.

        Raises `ConfigError` for a URL that cannot be used and `Unavailable` when nothing answers.
        """
        database = Database(url)
        migrate(database)
        return cls(database, clock or SystemClock(), ids or Ids(), authority)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The database's URL, with its password: for readers in other processes."""
        return self._database.url.render_as_string(hide_password=False)

    def commit(self, transaction: work.Transaction) -> work.Committed:
        """Write events, perform actions and fill the outbox in one transaction, or do nothing.

        Raises `NotFound` or `NotAllowed` for what the principal may not touch, `Conflict` when
        somebody else was first, `InputError` for parameters that cannot be, `Unavailable` when
        the database does not answer. After any of them nothing has been written.
        """
        return self._database.write(
            lambda connection: work.run(self._work(connection, transaction))
        )

    def import_records(
        self, principal: Principal, kind: str, records: Iterable[Record], source_digest: str
    ) -> ImportCounts:
        """Bring records in by primary key: all of them or none; same content changes nothing.

        `kind` is one of `rows.IMPORTABLE`. Local changes to a record survive a second import of
        the same content.
        """
        wanted, given = importing.kind_named(kind), list(records)
        transaction = work.Transaction(
            principal=principal, stream=f"import:{kind}", request_id=self._ids.new("import")
        )

        def bring_in(connection: Connection) -> ImportCounts:
            under_way = self._work(connection, transaction)
            under_way.authorise(_IMPORT.name, "", "import")
            self._database.lock(connection, [f"{principal.tenant}/import"])
            counts = importing.import_all(under_way, wanted, given, source_digest)
            work.append(under_way)
            return counts

        return self._database.write(bring_in)

    def moved_alone(
        self, principal: Principal, name: str, customer_id: str, currency: str
    ) -> Money:
        """What an operation moved for a customer lately without a second person."""
        with self._look(principal) as look:
            look.admit_customer(name, customer_id)
            since = self._clock.now() - self._authority.window
            moved = moved_alone(
                look.connection, principal.tenant, customer_id, name, currency, since
            )
        return Money(amount=moved, currency=currency)

    def due(self, principal: Principal, channel: str, limit: int = 100) -> tuple[Message, ...]:
        """Messages of a channel that wait to be sent now, oldest first."""
        with self._look(principal) as look:
            look.admit_all(_DELIVER.name)
            return delivery.due(
                look.connection, principal.tenant, channel, self._clock.now(), limit
            )

    def settle(self, principal: Principal, key: str, *, sent: bool) -> Message:
        """Note what became of a message: sent, or to be tried again after a growing pause."""
        authorise(principal, _DELIVER.name, Owner.OTHER_CUSTOMER, "outbox")
        now = self._clock.now()
        return self._database.write(
            lambda connection: delivery.settle(connection, principal.tenant, key, now, sent)
        )

    def anchor(self, principal: Principal, path: Path) -> Anchor:
        """Append a checkpoint of the tenant's ledger to a file outside the database."""
        with self._look(principal) as look:
            look.admit_all(_AUDIT.name)
            return append_anchor(
                path,
                lambda last: ledger.checkpoint(
                    look.connection, principal.tenant, self._clock.now(), last
                ),
            )

    def verify(self, principal: Principal, anchors: Path | None = None) -> AuditReport:
        """Check every hash of the tenant's ledger, and its end against the checkpoints."""
        with self._look(principal) as look:
            look.admit_all(_AUDIT.name)
            walk = check_chain(ledger.links(look.connection, principal.tenant))
        return walk.report(read_anchors(anchors) if anchors else [])

    def _work(self, connection: Connection, transaction: work.Transaction) -> work.Work:
        return work.Work(
            self._database,
            connection,
            self._ids,
            self._clock.now(),
            transaction,
            self._authority,
        )
