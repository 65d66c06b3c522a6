"""How the friction map and what belongs to it look in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.measure.tables import aligned

if TYPE_CHECKING:
    from workbench.improve.friction import FrictionMap, FrictionRow
    from workbench.improve.gaps import Gaps
    from workbench.improve.second_look import SecondLook

_HEADINGS = (
    *("place", "topic", "contacts", "min each", "friction", "min/month"),
    *("x feasible", "x safe", "= min back", "interval", "records", "articles"),
)


def map_text(found: FrictionMap) -> str:
    """The sentence and an aligned table; tied places are shown as a range."""
    caption = f"{found.contacts:,} contacts in {found.months:.1f} months, by {found.by}"
    lines = [_HEADINGS, *(_cells(row) for row in found.rows)]
    return "\n".join([found.sentence, "", caption, *aligned(lines)])


def _cells(row: FrictionRow) -> tuple[str, ...]:
    return (
        row.place,
        row.name,
        f"{row.contacts:,}",
        f"{row.minutes_each:.1f}",
        f"{row.friction:.0%}",
        f"{row.minutes:,.0f}",
        f"{row.feasibility:.0%}",
        f"{row.safety:.0%}",
        f"{row.score:,.0f}",
        f"{row.score_low:,.0f} to {row.score_high:,.0f}",
        f"{row.transactional:.0%}",
        "-" if row.coverage is None else f"{row.coverage:.0%}",
    )


def gaps_text(found: Gaps) -> str:
    """Missing articles with how often they were asked for and what was asked."""
    told = (
        f"{found.answered:,} of {found.questions:,} questions are answered well by an article; "
        f"{len(found.gaps)} articles seem to be missing."
    )
    headings = ("contacts", "unanswered", "missing article about", "for example")
    rows = [
        (f"{gap.contacts:,}", f"{gap.unanswered:,}", gap.name, gap.examples[0])
        for gap in found.gaps
    ]
    return "\n".join([told, "", *aligned([headings, *rows])]) if rows else told


def second_look_text(found: SecondLook) -> str:
    """Per first intent what came of it, and who really wanted something else."""
    told = (
        f"{found.conversations:,} conversations with a clear request, {found.unclear:,} without; "
        f"{len(found.unmet):,} requests were never answered."
    )
    headings = ("began with", "conversations", "several requests", "unmet", "came again")
    rows = [
        (
            look.intent,
            f"{look.conversations:,}",
            f"{look.several:.0%}",
            f"{look.unmet:.0%}",
            f"{look.repeated:.0%}",
        )
        for look in found.intents
    ]
    return "\n".join([told, *map(str, found.wanted[:10]), "", *aligned([headings, *rows])])
