"""Histories of a simulated service in which one thing goes wrong, or nothing.

Contacts are drawn with replacement from the quiet weeks of a generated history, so their columns
hang together as they do there; days follow the season; then one fault is worked into them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from workbench.config import HoursSettings

FIRST = date(2025, 11, 3)
WEEKS = 22
HOLIDAYS = (date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1), date(2026, 4, 3))
HOURS = HoursSettings(time_zone="UTC", holidays=HOLIDAYS)
_WEEKDAYS = (1.5, 1.12, 1.0, 0.96, 0.88, 0.24, 0.14)
_WORDS = ("zephyr", "quillpass", "orbitcard", "mintfold", "tandembox", "vaultly")
_COLUMNS = (
    *("intent", "channel", "language", "segment", "confidence", "out_of_scope", "sentiment"),
    *("urgency", "summary", "tool_failed", "knowledge_found", "level", "reason", "policy_version"),
    *("entered_automation", "handed_off", "handoff_kind", "judged", "wrong", "decision_seen"),
    *("overridden", "repeated_7d", "solved", "reopened", "human_agents", "assistant_s"),
    *("first_response_work_s", "arm"),
)


@dataclass(frozen=True)
class Pool:
    """Contacts of quiet weeks: of open days, and of closed ones."""

    open: pa.Table
    closed: pa.Table

    @classmethod
    def of(cls, parquet: Path) -> Pool:
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        closed = "isodow(started_at) >= 6 OR started_at::DATE IN (DATE '2026-04-03')"
        sql = f"""
            SELECT {", ".join(_COLUMNS)} FROM '{parquet}'
            WHERE started_at BETWEEN TIMESTAMPTZ '2026-01-26' AND TIMESTAMPTZ '2026-03-15'
              AND NOT (started_at BETWEEN TIMESTAMPTZ '2026-02-17' AND TIMESTAMPTZ '2026-02-21')
              AND ({{}}{closed})"""
        return cls(
            connection.sql(sql.format("NOT ")).to_arrow_table(),
            connection.sql(sql.format("")).to_arrow_table(),
        )


@dataclass(frozen=True)
class Truth:
    """What was worked into a history; `cause` is empty for nothing."""

    cause: str
    first_week: int = 0
    last_week: int = WEEKS - 1
    intents: tuple[str, ...] = ()
    word: str = ""


@dataclass
class Book:
    """Contacts under way: one array per column."""

    day: Any
    columns: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.day)

    def between(self, truth: Truth) -> Any:
        return (self.day >= 7 * truth.first_week) & (self.day < 7 * (truth.last_week + 1))

    def to_person(self, rows: Any, reason: str) -> None:
        """The policy hands these over because something failed."""
        rows = rows & self["entered_automation"] & (self["level"] == "automate")
        self["level"][rows] = "escalate"
        self["reason"][rows] = reason
        self["handed_off"][rows] = True
        self["handoff_kind"][rows] = "failure"
        self["judged"][rows] = False


def simulate(pool: Pool, seed: int) -> tuple[duckdb.DuckDBPyConnection, Truth]:
    """A connection whose `contact` is the history of this seed, and what is true of it."""
    rng = np.random.default_rng([77, seed])
    book = _quiet(pool, rng, int(rng.integers(260, 700)))
    truth, book = _FAULTS[int(rng.integers(len(_FAULTS)))](rng, book, pool)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("drawn", _table(rng, book))
    connection.execute("CREATE TABLE contact AS SELECT * FROM drawn ORDER BY started_at")
    return connection, truth


def _weights() -> Any:
    days = [FIRST + timedelta(days=n) for n in range(WEEKS * 7)]
    weights = np.array([_WEEKDAYS[day.weekday()] for day in days])
    weights *= [1.4 if day.day <= 5 else 1.0 for day in days]
    return weights * [0.2 if day in HOLIDAYS else 1.0 for day in days]


def _quiet(pool: Pool, rng: Any, per_week: int) -> Book:
    weights = _weights()
    counts = rng.poisson(weights / weights.mean() * per_week / 7)
    return _drawn(pool, rng, np.repeat(np.arange(len(counts)), counts))


def _drawn(pool: Pool, rng: Any, day: Any) -> Book:
    dates = [FIRST + timedelta(days=int(n)) for n in range(WEEKS * 7)]
    closed = np.array([d.weekday() >= 5 or d in HOLIDAYS for d in dates])[day]
    parts, days = [], []
    for table, rows in ((pool.open, ~closed), (pool.closed, closed)):
        parts.append(table.take(rng.integers(0, table.num_rows, int(rows.sum()))))
        days.append(day[rows])
    drawn = pa.concat_tables(parts)
    columns = {name: _array(drawn[name]) for name in _COLUMNS}
    return Book(np.concatenate(days), columns)


def _array(column: Any) -> Any:
    values = column.to_numpy(zero_copy_only=False)
    kind = column.type
    return np.array(values, dtype=bool if pa.types.is_boolean(kind) and not column.null_count else
                    object if values.dtype == object else values.dtype)  # fmt: skip


def _table(rng: Any, book: Book) -> pa.Table:
    start = np.datetime64(FIRST.isoformat(), "us")
    seconds = rng.integers(0, 86_400, len(book))
    at = start + book.day * np.timedelta64(1, "D") + seconds * np.timedelta64(1, "s")
    columns = {name: pa.array(values, from_pandas=True) for name, values in book.columns.items()}
    ids = pa.array([f"S-{n}" for n in range(len(book))])
    zoned = pa.array(at).cast(pa.timestamp("us", tz="UTC"))
    return pa.table({"contact_id": ids, "started_at": zoned, **columns})


def _when(rng: Any, shortest: int, longest: int) -> tuple[int, int]:
    first = int(rng.integers(8, WEEKS - 3))
    return first, min(first + int(rng.integers(shortest, longest + 1)) - 1, WEEKS - 1)


def _frequent(rng: Any, book: Book, size: int, among: Any = None) -> tuple[str, ...]:
    names, counts = np.unique(book["intent"][slice(None) if among is None else among].astype(str),
                              return_counts=True)  # fmt: skip
    names = names[counts >= 0.03 * len(book)]
    return tuple(rng.choice(names, min(size, len(names)), replace=False))


def nothing(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    return Truth(""), book


def new_wording(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    """A share of the messages on some intents uses a new word; triage is less sure of them."""
    first, last = _when(rng, 4, WEEKS)
    intents, word = _frequent(rng, book, int(rng.integers(2, 6))), str(rng.choice(_WORDS))
    truth = Truth("model_unsure", first, last, intents, word)
    rows = book.between(truth) & np.isin(book["intent"].astype(str), intents)
    rows &= rng.random(len(book)) < rng.uniform(0.4, 0.8)
    fall = rng.uniform(0.15, 0.30)
    book["confidence"][rows] = np.clip(book["confidence"][rows] - fall, 0.05, 1)
    book["summary"][rows] = [f"{text} ({word})" for text in book["summary"][rows]]
    book.to_person(rows & (book["confidence"] < 0.8), "low_confidence")
    return truth, book


def tool_fault(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    """The tool of one intent fails for some days."""
    intents = _frequent(rng, book, 1, np.array([v is not None for v in book["tool_failed"]]))
    first, days = 7 * _when(rng, 1, 1)[0] + int(rng.integers(0, 4)), int(rng.integers(4, 12))
    truth = Truth("tool_failing", first // 7, (first + days - 1) // 7, intents)
    rows = (book.day >= first) & (book.day < first + days) & (book["intent"] == intents[0])
    rows &= rng.random(len(book)) < rng.uniform(0.5, 0.95)
    book["tool_failed"][rows] = True
    book.to_person(rows, "tool_failure")
    return truth, book


def articles_gone(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    first, last = _when(rng, 1, 4)
    truth = Truth("articles_missing", first, last, ("general_question",))
    rows = book.between(truth) & (book["intent"] == "general_question")
    rows &= rng.random(len(book)) < rng.uniform(0.6, 0.95)
    book["knowledge_found"][rows] = False
    book.to_person(rows, "missing_knowledge")
    return truth, book


def people_late(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    first, last = _when(rng, 1, 3)
    truth = Truth("backlog", first, last)
    rows = book.between(truth) & (book["human_agents"] > 0)
    longer = book["first_response_work_s"].astype(float)
    longer[rows] = (longer[rows] + 600) * rng.uniform(3, 8)
    book.columns["first_response_work_s"] = longer
    return truth, book


def more_demand(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    """More contacts for one or two weeks: of all intents alike, or of a few."""
    first, last = _when(rng, 1, 2)
    intents = _frequent(rng, book, int(rng.integers(0, 4)))
    truth = Truth("demand_changed", first, last, intents)
    rows = np.flatnonzero(book.between(truth))
    extra = _drawn(pool, rng, rng.choice(book.day[rows], int(len(rows) * rng.uniform(0.6, 1.5))))
    if intents:
        extra["intent"][:] = rng.choice(np.array(intents), len(extra))
    joined = {n: np.concatenate([book[n], extra[n]]) for n in book.columns}
    return truth, Book(np.concatenate([book.day, extra.day]), joined)


def stricter_policy(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    first = int(rng.integers(8, WEEKS - 3))
    truth = Truth("policy_changed", first, first)
    later = book.day >= 7 * first
    book["policy_version"][later] = "policy-2"
    book.to_person(later & (book["confidence"] < rng.uniform(0.92, 0.97)), "low_confidence")
    return truth, book


def quietly_wrong(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    """Automated answers on some intents are wrong, with the confidence that they always had."""
    first, last = _when(rng, 4, WEEKS)
    intents = _frequent(rng, book, int(rng.integers(2, 5)))
    truth = Truth("confident_but_wrong", first, last, intents)
    rows = book.between(truth) & np.isin(book["intent"].astype(str), intents) & book["judged"]
    rows &= (book["level"] == "automate") & (rng.random(len(book)) < rng.uniform(0.5, 0.8))
    book["wrong"][rows] = True
    return truth, book


def new_topic(rng: Any, book: Book, pool: Pool) -> tuple[Truth, Book]:
    """Customers ask for something that the assistant was never made for."""
    first, last = _when(rng, 3, WEEKS)
    word = str(rng.choice(_WORDS))
    truth = Truth("unsupported_requests", first, last, (), word)
    rows = book.between(truth) & (rng.random(len(book)) < rng.uniform(0.10, 0.20))
    book["out_of_scope"][rows] = rng.uniform(0.6, 0.95, int(rows.sum()))
    book["summary"][rows] = [f"Question about {word}"] * int(rows.sum())
    book.to_person(rows, "out_of_scope")
    return truth, book


_FAULTS: tuple[Callable[..., tuple[Truth, Book]], ...] = (
    nothing, nothing, new_wording, new_wording, tool_fault, articles_gone, people_late,
    more_demand, stricter_policy, quietly_wrong, new_topic,
)  # fmt: skip
