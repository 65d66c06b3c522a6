"""The KPI page of the documentation, written from `metrics.toml`."""

from __future__ import annotations

from workbench.measure.metrics import Metric, load_metrics
from workbench.measure.tables import format_value

_HEAD = """\
# KPIs

Every KPI is defined once, in `workbench/measure/metrics.toml`, and computed from there by the
dashboard, the notebooks, the replay and the readout. This page is generated from that file:
`python -m workbench.measure.document > docs/kpis.md`.

Each is shown with n, a confidence interval, the baseline and the target. A KPI without data says
so; it is never 0. A target counts as met or missed only when the whole interval lies on one side of
it. A baseline is not compared with a metric whose definition changed since it was saved.

How intervals are computed: *share* (contacts among contacts) by Wilson; *rate* (things among
things, clustered in contacts) by Wilson at the effective sample size of the linearised variance;
*mean* (an amount per contact, a ratio of sums) by Student's t on the linearised variance;
*quantile* by binomial order statistics; upper bounds by Clopper and Pearson.

Days, weeks (from Monday) and months are UTC.

"""

_FROM_SETTINGS = (
    "- `{human_nanos}`: cost of one human second in 1e-9 of the currency, supervision included",
    "- `{work_seconds}`: business seconds from the start of the contact until now",
)


def kpi_page() -> str:
    """The whole page as Markdown."""
    catalogue = load_metrics()
    terms = [f"- `{{{name}}}`: `{sql}`" for name, sql in catalogue.terms.items()]
    sections = [_section(metric) for metric in catalogue.pick()]
    return _HEAD + "\n".join(["## Words in braces", "", *terms, *_FROM_SETTINGS, "", *sections])


def _section(metric: Metric) -> str:
    lines = [f"## {metric.title}", "", f"`{metric.name}`: {metric.question}", ""]
    lines += [f"- {name}: {text}" for name, text in _facts(metric).items() if text]
    return "\n".join([*lines, ""])


def _facts(metric: Metric) -> dict[str, str]:
    return {
        "numerator" if metric.kind != "quantile" else "value": f"`{metric.numerator}`",
        "denominator" if metric.kind != "quantile" else "of contacts with": _code(metric),
        "kind": metric.kind + (f" {metric.quantile}" if metric.quantile else ""),
        "data": "" if metric.from_contacts else f"from {metric.source}",
        "counted": _maturity(metric),
        "better": {"up": "higher", "down": "lower", "none": ""}[metric.direction],
        "target": format_value(metric.target, metric.unit) if metric.target is not None else "",
        "promise": _promise(metric),
        "owner": metric.owner,
        "version": str(metric.version),
        "trap": metric.trap,
    }


def _code(metric: Metric) -> str:
    return "every contact" if metric.denominator == "TRUE" else f"`{metric.denominator}`"


def _maturity(metric: Metric) -> str:
    return f"days that lie {metric.mature_days} whole days back" if metric.mature_days else ""


def _promise(metric: Metric) -> str:
    return f"upper bound at {metric.bound:.0%} confidence" if metric.bound else ""


if __name__ == "__main__":
    print(kpi_page(), end="")
