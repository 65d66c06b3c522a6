"""What benchmarks share: peers in processes of their own, timing, and tables in a document.

parser = arguments(__doc__, contacts="1000000")
measured = alone(measure, file)            # times, answers and peak memory of one peer
publish(section, parser.write)             # print, and replace the section in the document
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

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
        start = perf_counter()
        answer = work()
        times.append(perf_counter() - start)
    return min(times) * 1e3, answer


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
