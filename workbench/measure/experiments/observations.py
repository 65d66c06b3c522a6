"""Contacts of an experiment in order of time, and their running sums per arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from workbench.config import Settings
from workbench.errors import InputError
from workbench.measure.metrics import Direction, Formula, Metric, load_metrics
from workbench.measure.sums import Scope, Source, newest_mature_day
from workbench.store.contact_columns import CONTACT_COLUMNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

_FLAGS = {column.name for column in CONTACT_COLUMNS if column.sql_type == "BOOLEAN"}


@dataclass(frozen=True)
class Observations:
    """One entry per contact that the metric counts, in order of time."""

    customer: Ints
    """Codes from 0; a customer has one arm."""
    treated: Bools
    """In the arm, not in the control."""
    numerator: Floats
    denominator: Floats
    day: NDArray[np.datetime64]
    """Day of creation (UTC)."""

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def looks(self) -> Ints:
        """Position of the last contact of each day."""
        ends = np.flatnonzero(np.diff(self.day.astype(np.int64), append=np.iinfo(np.int64).max))
        return ends.astype(np.int64)


@dataclass(frozen=True)
class Running:
    """Sums of one arm after every contact of both arms."""

    customers: Floats
    """Customers seen so far."""
    numerator: Floats
    denominator: Floats
    nn: Floats
    """Sum over customers of the square of their numerator so far; `nd` and `dd` likewise."""
    nd: Floats
    dd: Floats

    @property
    def ratio(self) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.numerator / self.denominator

    @property
    def variance(self) -> Floats:
        """Of the ratio: see `intervals.ratio_variance`, with customers as clusters."""
        ratio = self.ratio
        residual = self.nn - 2 * ratio * self.nd + ratio * ratio * self.dd
        with np.errstate(divide="ignore", invalid="ignore"):
            few = self.customers / (self.customers - 1)
            return np.maximum(residual, 0.0) / self.denominator**2 * few


def running(seen: Observations, mine: Bools) -> Running:
    """Sums over the customers of one arm after every contact."""
    n, d = np.where(mine, seen.numerator, 0.0), np.where(mine, seen.denominator, 0.0)
    n_before, d_before = _earlier(n, seen.customer), _earlier(d, seen.customer)
    return Running(
        customers=np.cumsum(_first_of(seen.customer) & mine).astype(np.float64),
        numerator=np.cumsum(n),
        denominator=np.cumsum(d),
        nn=np.cumsum(n * (2 * n_before + n)),
        nd=np.cumsum(n_before * d + d_before * n + n * d),
        dd=np.cumsum(d * (2 * d_before + d)),
    )


def _earlier(values: Floats, customer: Ints) -> Floats:
    """For each contact the sum over the earlier contacts of its customer."""
    order = np.argsort(customer, kind="stable")
    ordered, owner = values[order], customer[order]
    before = np.cumsum(ordered) - ordered
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    own = before - np.repeat(before[starts], np.diff(starts, append=len(owner)))
    result = np.empty_like(own)
    result[order] = own
    return result


def _first_of(customer: Ints) -> Bools:
    first = np.zeros(len(customer), dtype=bool)
    first[np.unique(customer, return_index=True)[1]] = True
    return first


def measure_named(name: str, direction: str, settings: Settings) -> tuple[Formula, Direction]:
    """The formula behind a metric of the catalogue or a yes/no column, and which way is better.

    Raises `InputError` for what is neither, for quantiles, and where no direction is known.
    """
    catalogue = load_metrics()
    if name in _FLAGS:
        metric = _flag_metric(name)
    else:
        (metric,) = catalogue.pick([name])
    if metric.kind == "quantile" or not metric.from_contacts:
        raise InputError(
            f"An experiment cannot be measured by {name}",
            expected="a metric that is a ratio of sums over contacts, or a yes/no column",
            next_step="A mean of the same value, e.g. aht or human_time, can stand in.",
        )
    better = direction or metric.direction
    if better not in ("up", "down"):
        raise InputError(
            f"Nobody says which way {name} is better",
            expected='direction = "up" or "down" beside the metric',
        )
    return catalogue.formula(metric, settings), "up" if better == "up" else "down"


def _flag_metric(column: str) -> Metric:
    words = column.replace("_", " ")
    return Metric(
        name=column,
        title=words.capitalize(),
        question=f"How many contacts are {words}?",
        numerator=column,
        denominator="TRUE",
        kind="share",
        unit="share",
        direction="none",
        owner="the experiment's owner",
        version=1,
        trap="",
    )


@dataclass(frozen=True)
class Counted:
    """Contacts that a metric counts, whatever their arm."""

    customer_id: NDArray[Any]
    arm: NDArray[Any]
    """Label of the arm, empty for none."""
    numerator: Floats
    denominator: Floats
    day: NDArray[np.datetime64]

    def of(self, control: str, arm: str) -> Observations:
        """Only the contacts of two arms."""
        return self._kept((self.arm == control) | (self.arm == arm), self.arm == arm)

    def everybody(self) -> Observations:
        """All contacts as one arm."""
        all_of_them = np.ones(len(self.arm), dtype=bool)
        return self._kept(all_of_them, all_of_them)

    def _kept(self, kept: Bools, treated: Bools) -> Observations:
        _, codes = np.unique(self.customer_id[kept], return_inverse=True)
        return Observations(
            customer=codes.astype(np.int64),
            treated=treated[kept],
            numerator=self.numerator[kept],
            denominator=self.denominator[kept],
            day=self.day[kept],
        )


def counted(source: Source, formula: Formula, scope: Scope) -> Counted:
    """Read the contacts that a metric counts, in order of time; immature days are left out."""
    numerator, denominator = _per_contact(formula)
    condition, values = scope.sql()
    newest = newest_mature_day(source.as_of, formula.metric.mature_days)
    mature = f"AND day <= DATE '{newest}'" if newest else ""
    query = f"""
        SELECT customer_id, coalesce(arm, '') AS arm, n, d, day::TIMESTAMP AS day FROM (
            SELECT *, coalesce({numerator}, 0)::DOUBLE AS n, coalesce({denominator}, 0)::DOUBLE AS d
            FROM {source.sql})
        WHERE (n <> 0 OR d <> 0) AND {condition} {mature}
        ORDER BY started_at, contact_id
    """
    found = _columns(source.connection, query, values)
    return Counted(
        customer_id=found["customer_id"].astype(str),
        arm=found["arm"].astype(str),
        numerator=np.asarray(found["n"], dtype=np.float64),
        denominator=np.asarray(found["d"], dtype=np.float64),
        day=found["day"].astype("datetime64[D]"),
    )


def _columns(connection: DuckDBPyConnection, query: str, values: list[Any]) -> dict[str, Any]:
    found = connection.execute(query, values).fetchnumpy()
    return {name: np.asarray(column) for name, column in found.items()}


def _per_contact(formula: Formula) -> tuple[str, str]:
    """What one contact adds to numerator and denominator, as `addends_of` counts it."""
    n, d = formula.numerator, formula.denominator
    if formula.metric.kind == "share":
        return f"(({d}) AND ({n}))::INT", f"({d})::INT"
    return f"({n})", f"({d})" if formula.metric.kind == "rate" else f"({d})::INT"
