"""How fast the what-if is answered: pandas, polars and plain DuckDB beside the workbench.

    python benchmarks/replay_speed.py [--contacts 1000000,10000000] [--write docs/performance.md]

All answer the same questions about the same contacts under the sample policy and must agree to the
last unit: contacts per level, judged and wrong automated answers, seconds of people by both
accounts, other cost. Each runs in a process of its own with everything in memory and prepared;
`peers/` says how. Plain DuckDB scans the contacts with the policy as SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import numpy as np
from results import (
    Measured,
    Section,
    best_of,
    category,
    contacts_in,
    milliseconds,
    on_histories,
    table,
    timed,
)

from workbench.decide import Policy, load_policy
from workbench.decide.conditions import FIELDS, Condition, Kind
from workbench.measure.coded import DIMENSIONS, CodedContacts
from workbench.measure.cube import Point, ThresholdCube, scan
from workbench.measure.digits import fields_of
from workbench.measure.finer import told_apart
from workbench.measure.hindsight import contacts_with_usual_time
from workbench.measure.replay import replay
from workbench.measure.situations import Situations
from workbench.measure.sums import Scope, contacts_source, last_known_time

SAMPLE = Path(__file__).parents[1] / "sample_data" / "policies" / "policy.toml"
FILTERS = {"channel": "chat", "language": ["en", "de"]}

THRESHOLD = "one threshold"
FILTERED = "one threshold, two filters"
EDIT = "a rule switched off"
NUMBER = "a new number in a rule"
FLAG = "a flag that no rule looked at"
FIELD = "a number that no rule looked at"
CURVE = "curve of 101 thresholds"
EDITED_CURVE = "a rule switched off, whole curve"
FINER_CURVE = "a new number in a rule, whole curve"


def policies() -> dict[str, tuple[Policy, Mapping[str, Any]]]:
    """Question -> the policy that is asked about, and the filters."""
    policy = load_policy(SAMPLE)
    moved = policy.with_thresholds(0.83)
    return {
        THRESHOLD: (moved, {}),
        FILTERED: (moved, FILTERS),
        EDIT: (policy.with_settings({"rule.nothing-known": "off"}), {}),
        NUMBER: (_with_condition(policy, "out-of-scope", "out_of_scope", ">=", 0.63), {}),
        FLAG: (_with_condition(policy, "fraud", "suspicious", "is_true"), {}),
        FIELD: (_with_condition(policy, "fraud", "sentiment", "<", -0.5), {}),
    }


def _with_condition(
    policy: Policy, rule_id: str, field: str, op: str, value: float | None = None
) -> Policy:
    """A rule has this condition and no other."""
    other = Condition.model_validate({"field": field, "op": op, "value": value})
    rules = [
        rule.model_copy(update={"when": (other,)}) if rule.id == rule_id else rule
        for rule in policy.rules
    ]
    return policy.model_copy(update={"rules": tuple(rules)})


def check(found: Mapping[str, Measured]) -> None:
    for question in policies():
        answers = {name: list(one.answers[question]) for name, one in found.items()}
        if any(answer != answers["workbench"] for answer in answers.values()):
            raise SystemExit(f"the answers to {question!r} differ: {answers}")


def section(count: int, found: Mapping[str, Measured]) -> Section:
    ours = found["workbench"]
    questions = [*policies(), CURVE, EDITED_CURVE, FINER_CURVE]
    rows = [
        [question, *(milliseconds(one.times.get(question)) for one in found.values())]
        for question in questions
    ]
    rows.append(["peak memory", *(f"{one.peak_mb:,.0f} MB" for one in found.values())])
    ratios = ", ".join(
        f"{question}: {found['pandas'].times[question] / ours.times[question]:,.1f}x pandas"
        for question in policies()
    )
    plain = found["plain DuckDB"].times[THRESHOLD]
    return Section(
        f"Replay, {count:,} contacts",
        f"python benchmarks/replay_speed.py --contacts {count}",
        [
            *table(["", *found], rows),
            f"All answers are equal to the last unit. {ratios}.",
            f"A rule edit rebuilds the whole curve {plain / ours.times[EDITED_CURVE]:.1f}x faster, "
            f"one with a new number {plain / ours.times[FINER_CURVE]:.1f}x faster, than one plain "
            "DuckDB scan of one threshold.",
            *(f"{name}: {value}." for name, value in ours.notes.items()),
        ],
    )


def workbench(folder: str) -> Measured:
    measured, policy = Measured(), load_policy(SAMPLE)
    connection = contacts_in(folder, "VIEW")
    reading, coded = best_of(1, lambda: CodedContacts.build(connection, policy))
    summing, situations = best_of(1, lambda: Situations.build(coded))
    cube = ThresholdCube.of(situations, policy)
    asked = policies()
    for question in (THRESHOLD, FILTERED):
        moved, filters = asked[question]
        _take(measured, question, 200, partial(cube.at, moved.thresholds, filters))
    measured.take(CURVE, 20, cube.curve)
    edited, _ = asked[EDIT]
    _take(measured, EDIT, 5, lambda: ThresholdCube.of(situations, edited).at())
    measured.take(EDITED_CURVE, 5, lambda: ThresholdCube.of(situations, edited).curve())
    for question in (NUMBER, FLAG, FIELD):
        finer, _ = asked[question]
        _take(measured, question, 5, lambda finer=finer: finer_cube(situations, finer).at())
    number, _ = asked[NUMBER]
    measured.take(FINER_CURVE, 5, lambda: finer_cube(situations, number).curve())
    report, _ = best_of(1, lambda: replay(connection, policy, edited))
    measured.notes = {
        "One threshold under 500 random filters, 99th percentile": f"{p99(cube):.3f} ms",
        "Summed up once": (
            f"coded in {reading / 1e3:.1f} s, situations in {summing / 1e3:.1f} s; "
            f"{len(situations.groups[0].situation):,} groups, {cube.sums.shape[2]:,} cells"
        ),
        "Full report of a replay (KPIs by both accounts, changed contacts), read from Parquet": (
            f"{report / 1e3:.1f} s"
        ),
    }
    return measured


def finer_cube(situations: Situations, policy: Policy) -> ThresholdCube:
    """As for a policy with a number or field that the kept situations are not told apart by."""
    finer = told_apart(situations, policy)
    cube = ThresholdCube.of(finer, policy)
    finer.drop()
    return cube


def _take(measured: Measured, question: str, runs: int, ask: Callable[[], Point]) -> None:
    measured.take(question, runs, lambda: numbers(ask()))


def numbers(point: Point) -> Sequence[int]:
    return (
        *(point.automate, point.assist, point.escalate, point.judged, point.wrong),
        *(point.human_s_low, point.human_s_high, point.other_micros),
    )


def p99(cube: ThresholdCube) -> float:
    """Milliseconds of a single threshold under filters that were never asked for before."""
    draw, times = Random(1), []
    for _ in range(500):
        chosen = draw.sample(DIMENSIONS, draw.randint(1, 3))
        filters = {name: draw.choice(cube.labels[name]) for name in chosen}
        threshold = draw.choice(cube.grid)
        times.append(timed(partial(cube.at, threshold, filters))[0])
    return float(np.percentile(times, 99))


def plain_duckdb(folder: str) -> Measured:
    measured, connection = Measured(), contacts_in(folder, "TABLE")
    for question, (policy, filters) in policies().items():
        _take(measured, question, 2, partial(scan, connection, policy, filters))
    return measured


def pandas(folder: str) -> Measured:
    from peers.pandas_replay import by_policy, by_prepared, prepare

    measured, asked = Measured(), policies()
    columns = prepared_columns(folder)
    frame = columns.to_pandas(split_blocks=True, self_destruct=True)
    del columns
    for question in (EDIT, NUMBER, FLAG, FIELD):
        measured.take(question, 3, partial(by_policy, frame, *asked[question]))
    prepared = prepare(frame, load_policy(SAMPLE))
    for question in (THRESHOLD, FILTERED):
        measured.take(question, 3, partial(by_prepared, prepared, *asked[question]))
    return measured


def polars(folder: str) -> Measured:
    import polars as pl
    from peers.polars_replay import replay as by_polars

    measured, columns = Measured(), prepared_columns(folder, flags="BOOLEAN")
    frame = pl.from_arrow(columns)
    del columns
    for question, (policy, filters) in policies().items():
        measured.take(question, 3, partial(by_polars, frame, policy, filters))
    return measured


def prepared_columns(folder: str, flags: str = "TINYINT") -> Any:
    """An Arrow table of what the question needs, texts as dictionaries."""
    connection = contacts_in(folder, "VIEW")
    names = sorted({*DIMENSIONS}.union(*(fields_of(policy) for policy, _ in policies().values())))
    contacts, _ = contacts_with_usual_time(
        contacts_source(connection, last_known_time(connection)), Scope()
    )
    found = connection.sql(
        f"""SELECT {", ".join(_column(connection, name, flags) for name in names)},
                   {_column(connection, "level", flags)}, judged, wrong,
                   (talk_s + hold_s + wrap_s)::INTEGER AS human_s,
                   usual_low::INTEGER AS usual_low, usual_high::INTEGER AS usual_high,
                   model_cost_micros + tool_cost_micros + telephony_cost_micros AS other_micros
            FROM ({contacts})"""
    ).to_arrow_table()
    return found


def _column(connection: duckdb.DuckDBPyConnection, name: str, flags: str) -> str:
    kind = Kind.TEXT if name == "level" else FIELDS[name]
    if kind is Kind.TEXT:
        return category(connection, name)
    if kind is Kind.FLAG and flags == "TINYINT":
        return f"coalesce({name}::TINYINT, -1)::TINYINT AS {name}"
    return f"{name}::DOUBLE AS {name}" if kind is Kind.AMOUNT else name


PEERS: dict[str, Callable[[str], Measured]] = {
    "pandas": pandas,
    "polars": polars,
    "plain DuckDB": plain_duckdb,
    "workbench": workbench,
}


if __name__ == "__main__":
    on_histories(__doc__, PEERS, check, section)
