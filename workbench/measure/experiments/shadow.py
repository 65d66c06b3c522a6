"""What another policy would have decided on the same requests, with no effect on anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from workbench.measure.tables import percent
from workbench.records.base import Record
from workbench.records.decisions import Level
from workbench.records.events import Event

_EXAMPLES = 5


class Shift(Record):
    """Requests that moved from one decision to another in the same way."""

    before: Level
    after: Level
    rule_before: str
    rule_after: str
    requests: int
    conversations: tuple[str, ...]
    """The first few, to read."""


class ShadowComparison(Record):
    """Decisions of the policy in force beside those of the shadow."""

    decisions: int
    differing: int
    """Decisions whose level would have been another one."""
    levels: dict[str, tuple[int, int]]
    """Level -> decisions at it as it was, and as it would have been."""
    shifts: tuple[Shift, ...]
    """The largest first."""

    @property
    def words(self) -> str:
        if not self.decisions:
            return "No request was decided in the shadow yet."
        share = self.differing / self.decisions
        told = f"{self.differing:,} of {self.decisions:,} decisions ({percent(share)}) would differ"
        largest = self.shifts[0] if self.shifts else None
        most = f"; most often {largest.before} -> {largest.after}" if largest else ""
        return f"{told}{most}. No customer noticed anything: the policy in force acted."


def compare_shadow(name: str, events: Iterable[Event]) -> ShadowComparison:
    """Compare what was decided with what the shadow of this experiment wrote beside it."""
    asked = [e for e in events if e.data.get("shadow", {}).get("experiment") == name]
    changed = [event for event in asked if _levels(event)[0] is not _levels(event)[1]]
    return ShadowComparison(
        decisions=len(asked),
        differing=len(changed),
        levels=_counts(asked),
        shifts=_shifts(changed),
    )


def _levels(event: Event) -> tuple[Level, Level]:
    return Level(event.data["decision"]["level"]), Level(event.data["shadow"]["level"])


def _counts(asked: Sequence[Event]) -> dict[str, tuple[int, int]]:
    before = Counter(_levels(event)[0] for event in asked)
    after = Counter(_levels(event)[1] for event in asked)
    return {level.value: (before[level], after[level]) for level in Level}


def _shifts(changed: Sequence[Event]) -> tuple[Shift, ...]:
    found: dict[tuple[Level, Level, str, str], list[str]] = {}
    for event in changed:
        rules = event.data["decision"]["rule_id"], event.data["shadow"]["rule_id"]
        found.setdefault((*_levels(event), *rules), []).append(event.stream)
    return tuple(
        Shift(
            before=before,
            after=after,
            rule_before=rule_before,
            rule_after=rule_after,
            requests=len(streams),
            conversations=tuple(dict.fromkeys(streams))[:_EXAMPLES],
        )
        for (before, after, rule_before, rule_after), streams in sorted(
            found.items(), key=lambda item: (-len(item[1]), item[0])
        )
    )
