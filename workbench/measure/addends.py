"""What is added up for a metric: counts, sums and lists that any slices can be joined from again.

An addend is named after its own content, so metrics that need the same count share it, and a table
of days can hold each under its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from workbench.measure.intervals import Moments
from workbench.measure.metrics import Formula


@dataclass(frozen=True)
class Addend:
    """One aggregate over contacts; null counts as false or nothing."""

    kind: Literal["count", "sum", "list"]
    text: str
    """A condition to count, whole numbers to sum, whole numbers to list."""
    mature_days: int = 0

    @property
    def column(self) -> str:
        """Its name in a table of days, which knows nothing of maturity."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:10]
        return f"{self.kind}_{digest}"

    def over_contacts(self, newest_day: date | None = None) -> str:
        """SQL over single contacts up to a day."""
        if self.kind == "count":
            return f"count_if(({self.text}){_and_until(newest_day)})"
        if self.kind == "sum":
            return f"sum({self.text}){_filter(newest_day)}"
        value = f"({self.text})::INTEGER"
        return f"list({value}) FILTER (WHERE {value} IS NOT NULL{_and_until(newest_day)})"

    def over_days(self, newest_day: date | None = None) -> str:
        """SQL over a table that holds this count or sum per day."""
        return f"sum({self.column}){_filter(newest_day)}"


def _and_until(day: date | None) -> str:
    return f" AND day <= DATE '{day}'" if day else ""


def _filter(day: date | None) -> str:
    return f" FILTER (WHERE day <= DATE '{day}')" if day else ""


@cache
def addends_of(formula: Formula) -> dict[str, Addend]:
    """Part -> addend; `moments_from` and `values` of a slice read them back by part."""
    n, d, days = formula.numerator, formula.denominator, formula.metric.mature_days
    if formula.metric.kind == "quantile":
        value = n if d == "TRUE" else f"CASE WHEN {d} THEN {n} END"
        return {"values": Addend("list", value, days)}
    if formula.metric.kind == "share":
        hits = n if d == "TRUE" else f"({d}) AND ({n})"
        return {"b": Addend("count", d, days), "a": Addend("count", hits, days)}
    if formula.metric.kind == "rate":
        return _rate(f"({n})::BIGINT", f"({d})::BIGINT", days)
    return _mean(f"({n})::BIGINT", d, days)


def _rate(n: str, d: str, days: int) -> dict[str, Addend]:
    """Things among things: both are whole numbers in each contact, N never above D."""
    return {
        "a": Addend("sum", n, days),
        "b": Addend("sum", d, days),
        "n": Addend("count", f"{d} > 0", days),
        "nn": Addend("sum", f"{n} * {n}", days),
        "nd": Addend("sum", f"{n} * {d}", days),
        "dd": Addend("sum", f"{d} * {d}", days),
    }


def _mean(n: str, condition: str, days: int) -> dict[str, Addend]:
    """An amount per contact that satisfies a condition; the amount may lie outside as well."""
    parts = {
        "a": Addend("sum", n, days),
        "b": Addend("count", condition, days),
        "nn": Addend("sum", f"{n}::HUGEINT * {n}", days),
    }
    if condition != "TRUE":
        parts["nd"] = Addend("sum", f"CASE WHEN {condition} THEN {n} END", days)
        parts["contacts"] = Addend("count", f"({condition}) OR {n} <> 0", days)
    return parts


def moments_from(parts: dict[str, int]) -> Moments:
    """Moments from the sums of `addends_of`; what is left out there follows from the rest."""
    a, b = parts["a"], parts["b"]
    n = parts.get("n", b)
    return Moments(
        n=n,
        contacts=parts.get("contacts", n),
        numerator=a,
        denominator=b,
        nn=parts.get("nn", a),
        nd=parts.get("nd", a),
        dd=parts.get("dd", b),
    )


def distinct_addends(formulas: Iterable[Formula]) -> list[Addend]:
    """Every addend that the formulas need, once."""
    return list(dict.fromkeys(a for f in formulas for a in addends_of(f).values()))
