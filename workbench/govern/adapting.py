"""At which load each threshold stands, and how it came to that, from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.records.adapting import AdaptThreshold, Stage
from workbench.records.base import Instant
from workbench.records.events import Event, EventKind

ADAPTING_KINDS = (EventKind.THRESHOLD_ADAPTED,)


class Adapted(AdaptThreshold):
    """One change that was made."""

    seq: int
    """Place of its event in the ledger."""
    at: Instant

    def __str__(self) -> str:
        load = "nobody is there" if self.load is None else f"{self.load:.2g}"
        return (
            f"{self.at:%Y-%m-%d %H:%M} UTC  {self.setting} {self.threshold_before:g} -> "
            f"{self.threshold_after:g} ({self.after}; {self.measure}: {load}; limits "
            f"{self.lowest:g} to {self.highest:g}, {self.owner})"
        )


def adapted(events: Iterable[Event]) -> tuple[Adapted, ...]:
    """The changes among these events, oldest first."""
    return tuple(
        Adapted.model_validate({**event.data, "seq": event.seq, "at": event.at})
        for event in events
        if event.kind is EventKind.THRESHOLD_ADAPTED
    )


def last_changes(changes: Iterable[Adapted], policy: str) -> dict[str, Adapted]:
    """Threshold -> its last change under a version of the policy.

    Another version begins as usual: its limits were set without these stages in mind.
    """
    return {each.setting: each for each in changes if each.policy == policy}


def stages_of(last: Mapping[str, Adapted]) -> dict[str, Stage]:
    """Threshold -> its present stage, where that is not the usual one."""
    return {
        setting: change.after for setting, change in last.items() if change.after is not Stage.USUAL
    }
