"""Whether some customers wait longer, or are answered by the assistant less often, than others.

Each segment and language is compared with everybody else on the same matters, so that a group is
not flagged for what it asks. The difference is a mean over intents with weights n1 n2 / (n1 + n2),
which are those of Mantel and Haenszel (JNCI 22, 1959, 719-748); its variance is that of independent
strata. Intervals are widened for the number of comparisons (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from workbench.measure.intervals import Interval, z_score
from workbench.measure.tables import html_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEVEL, WAIT = "answered by the assistant", "minutes until a person answers"
_MEASURES = {
    # Once a policy decides; the time before launch says nothing about routing.
    LEVEL: ("(level = 'automate' AND NOT handed_off)::INT", "level IS NOT NULL"),
    # Where the assistant spoke first, history does not tell when a person did.
    WAIT: (
        "first_response_work_s / 60.0",
        "level IS NOT NULL AND human_agents > 0 AND NOT entered_automation "
        "AND first_response_work_s IS NOT NULL",
    ),
}
_HEADINGS = ("measure", "group", "n", "difference to others, same intents")
_DIMENSIONS = ("segment", "language")
_FEWEST = 30
"""Contacts below which a group is not judged."""


@dataclass(frozen=True)
class Stratum:
    """Contacts of one intent: those of the group and the others."""

    n: int
    mean: float
    variance: float
    others_n: int
    others_mean: float
    others_variance: float

    @property
    def weight(self) -> float:
        return self.n * self.others_n / (self.n + self.others_n)


@dataclass(frozen=True)
class Difference:
    """A group less everybody else, on the same intents."""

    measure: str
    dimension: str
    group: str
    n: int
    """Contacts of the group that could be compared."""
    value: float
    """In shares for levels, in business minutes for waiting."""
    interval: Interval

    @property
    def flagged(self) -> bool:
        """Whether chance does not explain it."""
        return not self.interval.low <= 0 <= self.interval.high


@dataclass(frozen=True)
class BiasReport:
    """Every comparison, and how sure all of them are together."""

    confidence: float
    differences: tuple[Difference, ...]

    @property
    def flagged(self) -> tuple[Difference, ...]:
        return tuple(each for each in self.differences if each.flagged)

    def to_dict(self) -> dict[str, Any]:
        rows = [asdict(each) | {"flagged": each.flagged} for each in self.differences]
        return {"confidence": self.confidence, "differences": rows}

    @property
    def verdict(self) -> str:
        return (
            f"{len(self.flagged)} of {len(self.differences)} differences are more than chance"
            f" ({self.confidence:.0%} sure of all together)."
        )

    def __str__(self) -> str:
        rows = [_line(_HEADINGS), *(_line(_cells(each)) for each in self.differences)]
        return "\n".join([*rows, "", self.verdict])

    def _repr_html_(self) -> str:
        return html_table(self.verdict, _HEADINGS, [_cells(each) for each in self.differences])


def routing_bias(connection: DuckDBPyConnection, confidence: float = 0.95) -> BiasReport:
    """Compare every segment and language with the rest; reads the relation `contact`."""
    found = [
        (measure, dimension, group, strata)
        for measure in _MEASURES
        for dimension in _DIMENSIONS
        for group, strata in _groups(connection, measure, dimension).items()
    ]
    each = 1 - (1 - confidence) / max(1, len(found))
    return BiasReport(
        confidence, tuple(_difference(m, d, g, strata, each) for m, d, g, strata in found)
    )


def _groups(
    connection: DuckDBPyConnection, measure: str, dimension: str
) -> dict[str, list[Stratum]]:
    """Strata by group, for groups with enough contacts to compare."""
    value, eligible = _MEASURES[measure]
    rows = connection.execute(
        f"""
        WITH chosen AS (
            SELECT {dimension} AS group_, intent, {value} AS value FROM contact
            WHERE {eligible} AND {dimension} IS NOT NULL AND intent IS NOT NULL),
        named AS (SELECT DISTINCT group_ AS name FROM chosen)
        SELECT name,
               count(*) FILTER (group_ = name), avg(value) FILTER (group_ = name),
               var_samp(value) FILTER (group_ = name),
               count(*) FILTER (group_ <> name), avg(value) FILTER (group_ <> name),
               var_samp(value) FILTER (group_ <> name)
        FROM chosen, named GROUP BY name, intent
        HAVING count(*) FILTER (group_ = name) > 1 AND count(*) FILTER (group_ <> name) > 1
        ORDER BY name, intent
        """
    ).fetchall()
    groups: dict[str, list[Stratum]] = {}
    for name, *sums in rows:
        groups.setdefault(name, []).append(Stratum(*sums))
    return {g: strata for g, strata in groups.items() if sum(s.n for s in strata) >= _FEWEST}


def _difference(
    measure: str, dimension: str, group: str, strata: Sequence[Stratum], confidence: float
) -> Difference:
    total = sum(each.weight for each in strata)
    value = sum(s.weight * (s.mean - s.others_mean) for s in strata) / total
    variance = sum(
        s.weight**2 * (s.variance / s.n + s.others_variance / s.others_n) for s in strata
    )
    half = z_score(confidence) * sqrt(variance) / total
    n = sum(each.n for each in strata)
    interval = Interval(value - half, value + half)
    return Difference(measure, dimension, group, n, value, interval)


def _cells(each: Difference) -> tuple[str, ...]:
    scale, unit = (100, " points") if each.measure == LEVEL else (1, " min")
    value, low, high = (scale * x for x in (each.value, each.interval.low, each.interval.high))
    flag = "  <-" if each.flagged else ""
    group = f"{each.dimension} {each.group}"
    difference = f"{value:+.1f}{unit} [{low:+.1f}, {high:+.1f}]{flag}"
    return (each.measure, group, f"{each.n:,}", difference)


def _line(cells: tuple[str, ...]) -> str:
    measure, group, n, difference = cells
    return f"{measure:31} {group:23} {n:>6}  {difference}"
