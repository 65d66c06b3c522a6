"""What benchmarks share: peers in processes of their own, timing, and tables in a document.

on_histories(__doc__, PEERS, check, section)  # peers that answer from the same contacts
taken, answer = best_of(3, work)              # milliseconds
publish(section, options.write)               # print, and replace the section in the document
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any, TypeVar

import duckdb

from workbench.sample.history import generate_contacts

T = TypeVar("T")


def arguments(doc: str | None, contacts: str | None = None) -> argparse.ArgumentParser:
    """The options that benchmarks have in common; `contacts` is the default of `--contacts`."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    if contacts:
        parser.add_argument(
            "--contacts",
            type=lambda text: [int(part) for part in text.split(",")],
            default=contacts,
            help="how many, or several numbers with commas (default: %(default)s)",
        )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="replace the section of this benchmark in FILE"
    )
    return parser


@dataclass
class Measured:
    """One peer: milliseconds and answers by question, and the most memory it ever held."""

    times: dict[str, float] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    peak_mb: float = 0.0

    def take(self, question: str, runs: int, ask: Callable[[], Any]) -> None:
        """The shortest time of several runs, and the answer."""
        self.times[question], self.answers[question] = best_of(runs, ask)


def best_of(runs: int, work: Callable[[], T]) -> tuple[float, T]:
    """The shortest time in milliseconds, and the answer."""
    times = []
    for _ in range(runs):
        taken, answer = timed(work)
        times.append(taken)
    return min(times), answer


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """The time in milliseconds, and the answer."""
    start = perf_counter()
    answer = work()
    return (perf_counter() - start) * 1e3, answer


def slowest_of_twenty(times: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(times, n=20, method="inclusive")[-1]


def alone(measure: Callable[..., Measured], *args: Any) -> Measured:
    """Run a peer in a new process, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_peak, (measure, args))


def _with_peak(measure: Callable[..., Measured], args: Sequence[Any]) -> Measured:
    measured = measure(*args)
    # Not `ru_maxrss`: a process that was started by another begins with the peak of that one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    measured.peak_mb = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024
    return measured


def on_histories(
    doc: str | None,
    peers: Mapping[str, Callable[[str], Measured]],
    check: Callable[[Mapping[str, Measured]], None],
    section: Callable[[int, Mapping[str, Measured]], Section],
) -> None:
    """Let every peer answer from the same sample contacts, for each number that is asked for.

    Args:
        check: ends the run where answers differ.
    """
    options = arguments(doc, contacts="1000000").parse_args()
    for count in options.contacts:
        with tempfile.TemporaryDirectory() as folder:
            generate_contacts(count, 1, Path(folder))
            found = {name: alone(measure, folder) for name, measure in peers.items()}
        check(found)
        publish(section(count, found), options.write)


def contacts_in(folder: str, kind: str) -> duckdb.DuckDBPyConnection:
    """DuckDB with the contacts as a `TABLE` in memory or a `VIEW` of the file."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    # Tables in memory are not compressed in between, as in the workbench.
    connection.execute("SET checkpoint_threshold = '1000 TB'")
    connection.execute(f"CREATE {kind} contact AS FROM '{folder}/contacts.parquet'")
    return connection


def category(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """A text column of the contacts as a dictionary, in SQL."""
    texts = connection.execute(f"SELECT DISTINCT {name} FROM contact ORDER BY 1").fetchall()
    labels = ", ".join(f"'{text}'" for (text,) in texts if text is not None) or "'none'"
    return f"{name}::ENUM({labels}) AS {name}"


@dataclass(frozen=True)
class Section:
    """A part of the document, as the benchmark that made it names it."""

    title: str
    command: str
    lines: Sequence[str]

    def __str__(self) -> str:
        machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
        body = "\n".join(self.lines).strip()
        return f"## {self.title}\n\n`{self.command}` ({machine})\n\n{body}\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""
    return [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def milliseconds(value: float | None) -> str:
    """`1,234 ms`, `12.3 ms`, `0.045 ms`; a dash for what was not asked."""
    if value is None:
        return "-"
    digits = 0 if value >= 100 else 1 if value >= 10 else 3
    return f"{value:,.{digits}f} ms"


def publish(section: Section, document: Path | None) -> None:
    """Print the section; with a document, put it in the place of the one of the same title."""
    print(section, flush=True)
    if document:
        text = document.read_text(encoding="utf-8")
        document.write_text(_replaced(text, section), encoding="utf-8")


def _replaced(text: str, section: Section) -> str:
    old = re.compile(rf"^## {re.escape(section.title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    if old.search(text):
        return old.sub(lambda _: f"{section}\n", text, count=1).rstrip() + "\n"
    return f"{text.rstrip()}\n\n{section}"
