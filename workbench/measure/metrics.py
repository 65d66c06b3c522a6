"""Metrics as data: `metrics.toml`, loaded, checked and turned into the SQL that is summed."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError, model_validator

from workbench.config import CostSettings, Settings, config_error, line_of, read_toml
from workbench.errors import ConfigError, InputError
from workbench.measure.hours import work_seconds_sql
from workbench.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

METRICS_FILE = Path(__file__).with_name("metrics.toml")

MetricKind = Literal["share", "rate", "mean", "quantile"]
Unit = Literal["share", "s", "currency", "points"]
Direction = Literal["up", "down", "none"]


class Metric(Record):
    """One KPI: what it asks, how it is computed, who answers for it."""

    name: str
    title: str
    question: str
    numerator: str
    denominator: str
    kind: MetricKind
    unit: Unit
    direction: Direction
    owner: str
    version: int = Field(ge=1)
    trap: str
    """What is easily misread."""
    target: float | None = None
    quantile: float | None = Field(default=None, gt=0, lt=1)
    scale: float = Field(default=1, gt=0)
    """What one unit of the integer ratio is worth in `unit`."""
    mature_days: int = Field(default=0, ge=0)
    """Whole days that must have passed since the day of creation."""
    bound: float | None = Field(default=None, gt=0, lt=1)
    """Confidence of the one-sided upper bound, for shares that carry a promise."""
    source: str = "contacts"
    """Where the data comes from; anything but `contacts` has no value here."""

    @model_validator(mode="after")
    def _consistent(self) -> Metric:
        if (self.quantile is not None) != (self.kind == "quantile"):
            raise ValueError("`quantile` belongs to metrics of kind quantile, and only to them")
        if self.bound is not None and self.kind != "share":
            raise ValueError("`bound` needs a metric of kind share")
        return self

    @property
    def from_contacts(self) -> bool:
        return self.source == "contacts"


@dataclass(frozen=True)
class Formula:
    """A metric's SQL with every term and setting filled in."""

    metric: Metric
    numerator: str
    denominator: str

    @property
    def definition(self) -> str:
        """Changes with every change that makes two values incomparable: `v1-5f0c2a9e`."""
        metric = self.metric
        parts = (metric.kind, self.numerator, self.denominator, metric.quantile, metric.mature_days)
        digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:8]
        return f"v{metric.version}-{digest}"


@dataclass(frozen=True)
class MetricSet:
    """All metrics of a file, in its order."""

    metrics: Mapping[str, Metric]
    terms: Mapping[str, str]

    def pick(self, names: Iterable[str] | None = None) -> tuple[Metric, ...]:
        """Metrics by name, all by default. Raises `InputError` for an unknown name."""
        wanted = list(self.metrics) if names is None else list(names)
        for name in wanted:
            if name not in self.metrics:
                raise InputError(
                    f"There is no metric {name!r}", expected="one of " + ", ".join(self.metrics)
                )
        return tuple(self.metrics[name] for name in wanted)

    def formula(self, metric: Metric, settings: Settings) -> Formula:
        """The metric's SQL under the given costs and business hours."""
        return self.formulas([metric], settings)[0]

    def formulas(self, metrics: Iterable[Metric], settings: Settings) -> list[Formula]:
        """The SQL of several metrics."""
        values = {**self.terms, **setting_terms(settings)}
        return [
            Formula(m, _fill(m.numerator, values), _fill(m.denominator, values)) for m in metrics
        ]


def setting_terms(settings: Settings) -> dict[str, str]:
    """What formulas may take from the settings, as SQL."""
    return {
        "human_nanos": str(human_second_nanos(settings.cost)),
        "work_seconds": work_seconds_sql("started_at", "as_of", settings.hours),
    }


def human_second_nanos(cost: CostSettings) -> int:
    """Cost of one second of human work in 1e-9 units of the reporting currency.

    Loaded hourly rate / concurrency, plus supervision as a share of it.
    """
    hour = cost.human_hour / cost.concurrency * (1 + cost.supervision_share)
    return int((hour * 10**9 / 3600).quantize(Decimal(1), ROUND_HALF_UP))


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Replace `{name}` until none is left; terms may use terms."""
    while match := re.search(r"\{(\w+)\}", text):
        text = text.replace(match[0], values[match[1]])
    return text


@cache
def load_metrics(path: Path = METRICS_FILE) -> MetricSet:
    """Metrics of a file. Raises `ConfigError` that names file, line and key."""
    tables = read_toml(path)
    terms = tables.pop("terms", {})
    metrics = {name: _metric(path, name, table) for name, table in tables.items()}
    for metric in metrics.values():
        _check_terms(path, metric, terms)
    return MetricSet(metrics, terms)


def _metric(path: Path, name: str, table: Any) -> Metric:
    try:
        return Metric.model_validate({"name": name, **table})
    except ValidationError as error:
        raise config_error(path, error) from error
    except TypeError as error:
        raise ConfigError(f"{path}: `{name}` is not a table", expected=f"[{name}]") from error


def _check_terms(path: Path, metric: Metric, terms: Mapping[str, str]) -> None:
    known = {*terms, *setting_terms(Settings())}
    used = re.findall(r"\{(\w+)\}", " ".join((metric.numerator, metric.denominator)))
    for name in used:
        if name not in known:
            raise ConfigError(
                f"{path}, line {line_of(path, metric.name)}: [{metric.name}] uses {{{name}}}",
                expected="one of " + ", ".join(sorted(known)),
            )
