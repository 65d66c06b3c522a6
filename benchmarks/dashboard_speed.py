"""Twelve questions of the dashboard over one million contacts: the daily pre-aggregate, DuckDB over
the contacts themselves, and pandas with everything in memory, all in one run.

    python -m benchmarks.dashboard_speed [--contacts 1000000]

pandas holds the columns it needs as categories and numbers and computes values only; ours computes
intervals as well. Answers must agree. Target: at least 10 times as fast as pandas.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.config import Settings
from workbench.measure.aggregate import build_daily
from workbench.measure.facts import open_history
from workbench.measure.kpis import Facts, kpis
from workbench.sample.history import generate_contacts

TARGET = 10.0
ROUNDS = 3
CARDS = (
    "resolution_assumed",
    "containment",
    "aht",
    "csat",
    "cost_per_contact",
    "wrong_automation",
)

Answer = dict[tuple[Any, ...], float | None]
Columns = Callable[[pd.DataFrame], "pd.Series[Any]"]


@dataclass(frozen=True)
class Question:
    """What one element of the page asks."""

    title: str
    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    phase: str | None = None
    since: date | None = None
    where: Mapping[str, Any] = field(default_factory=dict)


def questions(last_day: date) -> list[Question]:
    return [
        Question("cards, all time", CARDS),
        Question("cards, before launch", CARDS, phase="baseline"),
        Question("cards, last four weeks", CARDS, since=last_day - timedelta(days=28)),
        Question("trend of containment", ("containment",), ("week",)),
        Question("trend of resolution", ("resolution_assumed",), ("week",)),
        Question("trend of cost", ("cost_per_contact",), ("week",)),
        Question("trend of repeat contacts", ("repeat_contact",), ("day",)),
        Question("table by intent", CARDS, ("intent",)),
        Question("levels by intent", ("resolution_assumed", "escalation"), ("intent", "level")),
        Question("channels", ("csat", "escalation", "deflection"), ("channel",)),
        Question("segments in German", CARDS, ("segment",), where={"language": "de"}),
        Question("waiting by intent", ("first_response_median",), ("intent",)),
    ]


def ours(facts: Facts, question: Question) -> Answer:
    report = kpis(
        facts,
        by=question.by,
        phase=question.phase,
        since=question.since,
        where=question.where,
        metrics=question.metrics,
    )
    rows = [row for row in report.rows if bool(row.slice) == bool(question.by)]
    return {(row.metric, *row.slice.values()): row.value for row in rows}


# The same in pandas: (numerator, denominator) per metric.


def resolved(df: pd.DataFrame) -> pd.Series[Any]:
    return df["resolution"].isin(["assumed", "confirmed", "durable"])


def human_seconds(df: pd.DataFrame) -> pd.Series[Any]:
    return df["talk_s"] + df["hold_s"] + df["wrap_s"]


def cost(df: pd.DataFrame) -> pd.Series[Any]:
    machines = df["model_cost_micros"] + df["tool_cost_micros"] + df["telephony_cost_micros"]
    return human_seconds(df) * (42 * 1.08 / 3600) + machines / 1e6


def by_person(df: pd.DataFrame) -> pd.Series[Any]:
    return df["human_agents"] > 0


def engaged(df: pd.DataFrame) -> pd.Series[Any]:
    return df["entered_automation"] & df["engaged"]


def everyone(df: pd.DataFrame) -> pd.Series[Any]:
    return pd.Series(True, index=df.index)


RATIOS: dict[str, tuple[Columns, Columns, int]] = {
    "resolution_assumed": (resolved, everyone, 0),
    "containment": (
        lambda df: ~(df["handed_off"] | df["called_back"] | df["abandoned"]),
        lambda df: df["entered_automation"],
        0,
    ),
    "aht": (human_seconds, by_person, 0),
    "csat": (lambda df: df["csat"] >= 4, lambda df: df["csat"].notna(), 0),
    "cost_per_contact": (cost, everyone, 0),
    "wrong_automation": (
        lambda df: df["wrong"],
        lambda df: df["judged"] & (df["level"] == "automate"),
        0,
    ),
    "escalation": (lambda df: df["handed_off"], engaged, 0),
    "deflection": (
        lambda df: (
            resolved(df)
            & ~(df["handed_off"] | df["called_back"] | by_person(df))
            & ~df["repeated_48h"]
        ),
        lambda df: df["eligible"],
        2,
    ),
    "repeat_contact": (lambda df: df["repeated_7d"], everyone, 7),
}


def in_pandas(df: pd.DataFrame, as_of: pd.Timestamp, question: Question) -> Answer:
    keep = pd.Series(True, index=df.index)
    if question.phase:
        keep &= df["phase"] == question.phase
    if question.since:
        keep &= df["day"] >= pd.Timestamp(question.since)
    for column, value in question.where.items():
        keep &= df[column] == value
    chosen = df if keep.all() else df[keep]
    return dict(_answers(chosen, as_of, question))


def _answers(
    df: pd.DataFrame, as_of: pd.Timestamp, question: Question
) -> Iterator[tuple[tuple[Any, ...], float | None]]:
    for metric in question.metrics:
        for key, value in _one(df, as_of, metric, list(question.by)):
            yield (metric, *key), value


def _one(
    df: pd.DataFrame, as_of: pd.Timestamp, metric: str, by: list[str]
) -> Iterator[tuple[tuple[Any, ...], float | None]]:
    if metric == "first_response_median":
        yield from _medians(df, as_of, by)
        return
    top, bottom, days = RATIOS[metric]
    grown = df["day"] <= as_of.floor("D") - pd.Timedelta(days=days + 1)
    among = (bottom(df) & grown) if days else bottom(df)
    sums = pd.DataFrame({"top": top(df) * among, "bottom": among})
    if not by:
        yield (), _ratio(sums["top"].sum(), sums["bottom"].sum())
        return
    keys = [df[name] for name in by]
    for key, row in sums.groupby(keys, observed=True, dropna=False).sum().iterrows():
        yield _key(key), _ratio(row["top"], row["bottom"])


def _medians(
    df: pd.DataFrame, as_of: pd.Timestamp, by: list[str]
) -> Iterator[tuple[tuple[Any, ...], float | None]]:
    age = (as_of.floor("s") - df["started_at"].dt.floor("s")).dt.total_seconds()
    value = df["first_response_s"].fillna(age.where(df["ended_at"].isna()))
    groups = value.groupby([df[name] for name in by], observed=True, dropna=False)
    for key, median in groups.quantile(0.5, interpolation="lower").items():
        yield _key(key), median


def _key(key: Any) -> tuple[Any, ...]:
    parts = key if isinstance(key, tuple) else (key,)
    return tuple(
        p.date() if isinstance(p, pd.Timestamp) else None if pd.isna(p) else p for p in parts
    )


def _ratio(top: float, bottom: float) -> float | None:
    return float(top) / float(bottom) if bottom else None


def load(path: Path) -> pd.DataFrame:
    """The contacts as pandas likes them best: categories, booleans, numbers, plain times."""
    df = pd.read_parquet(path)
    for name in ("intent", "channel", "segment", "language", "level", "phase", "resolution"):
        df[name] = df[name].astype("category")
    df["day"] = df["started_at"].dt.tz_localize(None).dt.floor("D")
    df["week"] = df["day"] - pd.to_timedelta(df["day"].dt.day_of_week, unit="D")
    return df


def same(left: Answer, right: Answer) -> bool:
    return left.keys() == right.keys() and all(
        (a is None and b is None)
        or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-6))
        for a, b in ((left[key], right[key]) for key in left)
    )


def timed(ask: Callable[[Question], Answer], question: Question) -> tuple[float, Answer]:
    """Best of several rounds, in milliseconds."""
    best = math.inf
    for _ in range(ROUNDS):
        started = time.perf_counter()
        answer = ask(question)
        best = min(best, (time.perf_counter() - started) * 1000)
    return best, answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    contacts = parser.parse_args().contacts
    with tempfile.TemporaryDirectory() as folder:
        run(contacts, Path(folder))


def run(contacts: int, folder: Path) -> None:
    made = generate_contacts(contacts, seed=1, out=folder)
    df = load(made.path)
    with open_history(folder / "state", Settings(), imported=folder) as history:
        connection = history.connection()
        started = time.perf_counter()
        daily = build_daily(connection)
        print(f"{made}\npre-aggregate built in {time.perf_counter() - started:.1f} s\n")
        as_of = pd.Timestamp(daily.as_of)
        local = as_of.tz_localize(None)
        df["started_at"] = df["started_at"].dt.tz_localize(None)
        totals = {"ours": 0.0, "DuckDB": 0.0, "pandas": 0.0}
        print(f"{'question':28} {'ours':>9} {'DuckDB':>9} {'pandas':>9} {'ratio':>7}")
        for question in questions(daily.as_of.date()):
            fast, answer = timed(lambda q: ours(daily, q), question)
            slow, again = timed(lambda q: ours(connection, q), question)
            peer, other = timed(lambda q: in_pandas(df, local, q), question)
            assert same(answer, again), question.title
            assert same(answer, other), question.title
            for name, spent in zip(totals, (fast, slow, peer), strict=True):
                totals[name] += spent
            times = f"{fast:6.1f} ms {slow:6.0f} ms {peer:6.0f} ms"
            print(f"{question.title:28} {times} {peer / fast:6.1f}x")
    ratio = totals["pandas"] / totals["ours"]
    print("\nall twelve: " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in totals.items()))
    print(f"{ratio:.1f}x pandas (target {TARGET:.0f}x), answers equal")


if __name__ == "__main__":
    main()
