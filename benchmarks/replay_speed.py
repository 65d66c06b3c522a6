"""How fast one confidence threshold is answered over all history: cube, SQL scan, pandas.

    python benchmarks/replay_speed.py [--contacts 1000000]

All answer the same question about the same contacts under the sample policy and must agree to the
last unit: contacts per level, judged and wrong automated answers, seconds of people by both
accounts, other cost. DuckDB and pandas both hold the contacts in memory. pandas comes in three
forms: as read, with texts as categories, and prepared: with levels and seconds above and below the
threshold worked out in advance, as the cube has them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import duckdb
import numpy as np
import pandas as pd

from workbench.decide import Policy, load_policy
from workbench.decide.conditions import (
    COMPARE,
    FIELDS,
    LIMIT,
    THRESHOLD,
    Condition,
    Kind,
    Operator,
)
from workbench.measure.cube import Point, ThresholdCube, scan
from workbench.measure.hindsight import contacts_with_usual_time
from workbench.measure.sums import Scope, contacts_source, last_known_time
from workbench.records.decisions import Level
from workbench.sample.history import generate_contacts

SAMPLE = Path(__file__).parents[1] / "sample_data" / "policies" / "policy.toml"
THRESHOLD_ASKED = 0.83
LEVELS = tuple(Level)
TARGETS = {"cube": 50.0, "SQL scan": 1.0}

T = TypeVar("T")
Arrays = tuple[np.ndarray, np.ndarray]


def best_of(runs: int, work: Callable[[], T]) -> tuple[float, T]:
    """The shortest time in milliseconds, and the answer."""
    shortest = float("inf")
    for _ in range(runs):
        start = perf_counter()
        answer = work()
        shortest = min(shortest, perf_counter() - start)
    return shortest * 1e3, answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    count = parser.parse_args().contacts
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder) / "contacts.parquet"
        generate_contacts(count, 1, file)
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE contact AS FROM '{file}'")
        compare(connection, load_policy(SAMPLE), count)


def compare(connection: duckdb.DuckDBPyConnection, policy: Policy, count: int) -> None:
    asked = policy.with_thresholds(THRESHOLD_ASKED)
    build, cube = best_of(1, lambda: ThresholdCube.build(connection, policy))
    frame = in_pandas(connection, policy)
    tuned = with_categories(frame)
    prepared = prepare(tuned, policy)
    human_nanos = cube.human_nanos
    found = {
        "pandas": best_of(3, lambda: by_policy(frame, asked, human_nanos)),
        "pandas, categories": best_of(5, lambda: by_policy(tuned, asked, human_nanos)),
        "pandas, prepared": best_of(7, lambda: by_prepared(prepared, asked, human_nanos)),
        "SQL scan": best_of(5, lambda: scan(connection, asked)),
        "cube": best_of(50, lambda: cube.at(asked.thresholds)),
    }
    show(found, count)
    curve, _ = best_of(10, cube.curve)
    one, _ = best_of(50, lambda: cube.at(0.83, {"channel": "chat", "language": ["en", "de"]}))
    print(
        f"\ncube: built in {build:,.0f} ms, {cube.sums.shape[2]:,} cells, "
        f"{cube.sums.nbytes / 1e6:.0f} MB; curve of {len(cube.grid)} thresholds {curve:.2f} ms; "
        f"one under two filters {one:.3f} ms"
    )


def show(found: dict[str, tuple[float, Point]], count: int) -> None:
    peers = [name for name in found if name.startswith("pandas")]
    expected = found["pandas"][1]
    print(f"one threshold over {count:,} contacts: {expected}\n")
    print(f"{'':20}{'ms':>10}" + "".join(f"{'x ' + peer:>22}" for peer in peers))
    for name, (took, answer) in found.items():
        ratios = "".join(f"{found[peer][0] / took:22.1f}" for peer in peers)
        print(f"{name:20}{took:10.3f}{ratios}  {'same' if answer == expected else 'DIFFERENT'}")
    for name, target in TARGETS.items():
        ratio = found["pandas"][0] / found[name][0]
        print(f"{name}: {ratio:,.1f}x pandas, target {target:.0f}x")
    if any(answer != expected for _, answer in found.values()):
        raise SystemExit("the answers differ")


def in_pandas(connection: duckdb.DuckDBPyConnection, policy: Policy) -> pd.DataFrame:
    """The columns that the question needs, with the usual times of people worked out."""
    named = {each.field for rule in policy.rules for each in rule.conditions}
    columns = [_flag(name) if FIELDS[name] is Kind.FLAG else name for name in sorted(named)]
    contacts, values = contacts_with_usual_time(
        contacts_source(connection, last_known_time(connection)), Scope()
    )
    return connection.execute(
        f"""SELECT {", ".join(columns)}, stakes, currency, level, judged, wrong,
                   talk_s + hold_s + wrap_s AS human_s, usual_low, usual_high,
                   model_cost_micros + tool_cost_micros + telephony_cost_micros AS other_micros
            FROM ({contacts})""",
        values,
    ).df()


def with_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with every text as a small code, which pandas compares much faster."""
    texts = [name for name in frame if FIELDS.get(str(name)) is Kind.TEXT]
    return frame.astype(dict.fromkeys([*texts, "level"], "category"))


def _flag(name: str) -> str:
    return f"CASE {name} WHEN TRUE THEN 1 WHEN FALSE THEN 0 ELSE -1 END::TINYINT AS {name}"


def by_policy(frame: pd.DataFrame, policy: Policy, human_nanos: int) -> Point:
    """The whole question in vectorised pandas: rules first, then the sums."""
    level = levels(frame, policy, confidence_passes(frame, policy))
    low, high = human_seconds(frame, level)
    return point(frame, level, low, high, human_nanos)


@dataclass(frozen=True)
class Prepared:
    """Everything that does not depend on the threshold, worked out in advance."""

    frame: pd.DataFrame
    levels: Arrays
    """Level above and below the threshold."""
    seconds: tuple[Arrays, Arrays]
    """The same for low and high seconds of people."""


def prepare(frame: pd.DataFrame, policy: Policy) -> Prepared:
    known = frame.confidence.notna().to_numpy()
    above = levels(frame, policy, (known, np.zeros_like(known)))
    below = levels(frame, policy, (np.zeros_like(known), known))
    seconds = tuple(zip(human_seconds(frame, above), human_seconds(frame, below), strict=True))
    return Prepared(frame, (above, below), (seconds[0], seconds[1]))


def by_prepared(prepared: Prepared, policy: Policy, human_nanos: int) -> Point:
    """The question in pandas when only the threshold is new."""
    passes, _ = confidence_passes(prepared.frame, policy)
    level, low, high = (np.where(passes, *pair) for pair in (prepared.levels, *prepared.seconds))
    return point(prepared.frame, level, low, high, human_nanos)


def confidence_passes(frame: pd.DataFrame, policy: Policy) -> Arrays:
    """Where confidence passes its threshold, and where it does not; neither where unknown."""
    own = policy.thresholds
    by_intent = frame.intent.map(own.intent).to_numpy(dtype=float, na_value=np.nan)
    by_stakes = frame.stakes.map(own.stakes).to_numpy(dtype=float, na_value=np.nan)
    threshold = np.where(np.isnan(by_stakes), own.default, by_stakes)
    threshold = np.where(np.isnan(by_intent), threshold, by_intent)
    confidence = frame.confidence.to_numpy()
    return confidence >= threshold, confidence < threshold


def levels(frame: pd.DataFrame, policy: Policy, passes: Arrays) -> np.ndarray:
    """Position in `LEVELS` of the level that the policy gives each row."""
    conditions = [
        np.logical_and.reduce(
            [
                np.logical_or.reduce([holds(frame, each, policy, passes) for each in group])
                for group in (clause.conditions for clause in rule.when)
            ]
        )
        for rule in policy.rules
    ]
    found = [LEVELS.index(rule.level) for rule in policy.rules]
    return np.select(conditions, found, LEVELS.index(Level.ESCALATE))


def holds(frame: pd.DataFrame, each: Condition, policy: Policy, passes: Arrays) -> np.ndarray:
    column, kind = frame[each.field], FIELDS[each.field]
    if each.value == THRESHOLD:
        return passes[0 if each.op is Operator.AT_LEAST else 1]
    if each.value == LIMIT:
        within = column.to_numpy() <= authority_limits(frame, policy)
        return within if each.op is Operator.AT_MOST else ~within & column.notna().to_numpy()
    match each.op:
        case Operator.IS_NULL | Operator.NOT_NULL:
            known = column >= 0 if kind is Kind.FLAG else column.notna()
            return known.eq(each.op is Operator.NOT_NULL).to_numpy()
        case Operator.IS_TRUE | Operator.IS_FALSE:
            return column.eq(each.op is Operator.IS_TRUE).to_numpy()
        case Operator.IN | Operator.NOT_IN:
            found = column.isin(each.value).to_numpy()
            return found if each.op is Operator.IN else ~found & column.notna().to_numpy()
    compared: pd.Series[bool] = COMPARE[each.op](column, each.value)
    return compared.to_numpy(dtype=bool, na_value=False)


def authority_limits(frame: pd.DataFrame, policy: Policy) -> np.ndarray:
    limit = np.zeros(len(frame))
    for action, amounts in policy.limits.items():
        own = frame.currency.map({name: float(amount) for name, amount in amounts.items()})
        known = own.to_numpy(dtype=float, na_value=0.0)
        limit = np.where(frame.action == action, known, limit)
    return limit


def human_seconds(frame: pd.DataFrame, level: np.ndarray) -> Arrays:
    """Seconds of people by the hopeful and by the cautious account."""
    spent = frame.human_s.to_numpy()
    alone = level == LEVELS.index(Level.AUTOMATE)
    was_alone = (frame.level == "automate").to_numpy()
    known_wrong = (frame.judged & frame.wrong).to_numpy()
    idle = ~alone & was_alone & (spent == 0)
    low = np.where(alone & ~was_alone & ~known_wrong, 0, spent)
    return np.where(idle, frame.usual_low, low), np.where(idle, frame.usual_high, spent)


def point(
    frame: pd.DataFrame, level: np.ndarray, low: np.ndarray, high: np.ndarray, human_nanos: int
) -> Point:
    counts = np.bincount(level, minlength=len(LEVELS))
    judged = (level == LEVELS.index(Level.AUTOMATE)) & frame.judged.to_numpy()
    return Point(
        threshold=None,
        automate=int(counts[0]),
        assist=int(counts[1]),
        escalate=int(counts[2]),
        judged=int(judged.sum()),
        wrong=int((judged & frame.wrong.to_numpy()).sum()),
        human_s_low=int(low.sum()),
        human_s_high=int(high.sum()),
        other_micros=int(frame.other_micros.sum()),
        human_nanos=human_nanos,
    )


if __name__ == "__main__":
    main()
