"""Records to rows and back: which class lies in which table, under which key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, insert, select, update
from sqlalchemy.sql import ColumnElement

from workbench.govern.case_life import next_moment
from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry, Subscription
from workbench.records.customers import Customer
from workbench.records.invoices import CreditNote, Dispute, ExchangeRate, Invoice, Order, Payment
from workbench.store import schema
from workbench.store.columns import JsonText

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Kind(Generic[R]):
    """A class of records with its table."""

    name: str
    """Plural, as in the files and commands that import it: `invoices`."""
    model: type[R]
    table: Table
    key: tuple[str, ...] = ("id",)
    order: tuple[str, ...] = ()
    """Columns that put rows in order; the key by default."""
    derived: Callable[[R], dict[str, Any]] = lambda _: {}
    """Columns that are computed from a record whenever it is written, to find it by."""

    @cached_property
    def _json_fields(self) -> set[str]:
        return {c.name for c in self.table.columns if isinstance(c.type, JsonText)}

    @cached_property
    def _columns(self) -> list[ColumnElement[Any]]:
        fields = self.model.model_fields
        return [column for column in self.table.columns if column.name in fields]

    @cached_property
    def _by_key(self) -> Select[Any]:
        """Built once: that takes longer than SQLite needs to answer."""
        names = ("tenant", *self.key)
        same = [self.table.c[name] == bindparam(name) for name in names]
        return select(*self._columns).where(*same)

    def row(self, record: R) -> dict[str, Any]:
        """All columns of a record, without tenant and digest."""
        plain = record.model_dump(exclude=self._json_fields)
        words = {name: value.value for name, value in plain.items() if isinstance(value, Enum)}
        nested = record.model_dump(mode="json", include=self._json_fields)
        return plain | words | nested | self.derived(record)

    def record(self, row: RowMapping | Mapping[str, Any]) -> R:
        return self.model.model_validate(dict(row))

    def select(self, tenant: str, *conditions: ColumnElement[bool], **equal: Any) -> Select[Any]:
        """All records of the tenant for which the conditions hold, in order."""
        query = select(*self._columns).where(self.table.c.tenant == tenant, *conditions)
        for column, value in equal.items():
            query = query.where(self.table.c[column] == value)
        return query.order_by(*(self.table.c[name] for name in self.order or self.key))

    def all(
        self, connection: Connection, tenant: str, *conditions: ColumnElement[bool], **equal: Any
    ) -> tuple[R, ...]:
        return self.records(connection, self.select(tenant, *conditions, **equal))

    def records(self, connection: Connection, query: Select[Any]) -> tuple[R, ...]:
        """The records that a query made from `select` gives."""
        return tuple(self.record(row) for row in connection.execute(query).mappings())

    def one(self, connection: Connection, tenant: str, *key: Any, hold: bool = False) -> R | None:
        """The record under the key, or None; `hold` keeps other writers off it until the end."""
        query = self._by_key.with_for_update() if hold else self._by_key
        values = dict(zip(("tenant", *self.key), (tenant, *key), strict=True))
        row = connection.execute(query, values).mappings().one_or_none()
        return self.record(row) if row else None

    def insert(self, connection: Connection, tenant: str, record: R, **extra: Any) -> None:
        connection.execute(insert(self.table), {"tenant": tenant, **self.row(record), **extra})

    def update(self, connection: Connection, tenant: str, record: R) -> None:
        """Write every field of the record over the row with its key."""
        row = self.row(record)
        same = [self.table.c[name] == row[name] for name in self.key]
        connection.execute(
            update(self.table).where(self.table.c.tenant == tenant, *same).values(row)
        )


CUSTOMERS = Kind("customers", Customer, schema.customer)
INVOICES = Kind("invoices", Invoice, schema.invoice, ("number",))
CREDIT_NOTES = Kind("credit_notes", CreditNote, schema.credit_note, ("number",))
PAYMENTS = Kind("payments", Payment, schema.payment)
ORDERS = Kind("orders", Order, schema.customer_order)
DISPUTES = Kind("disputes", Dispute, schema.dispute)
CASES = Kind(
    "cases", Case, schema.support_case, derived=lambda case: {"watch_at": next_moment(case)}
)
CASE_ENTRIES = Kind("case_entries", CaseEntry, schema.case_entry, order=("at", "id"))
EXCHANGE_RATES = Kind("exchange_rates", ExchangeRate, schema.exchange_rate, ("base", "quote", "on"))
SUBSCRIPTIONS = Kind("subscriptions", Subscription, schema.subscription, ("case_id", "customer_id"))

IMPORTABLE: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        CUSTOMERS,
        INVOICES,
        CREDIT_NOTES,
        PAYMENTS,
        ORDERS,
        DISPUTES,
        CASES,
        CASE_ENTRIES,
        EXCHANGE_RATES,
    )
}
"""What `import_records` takes, in the order in which files of a POC are read."""
