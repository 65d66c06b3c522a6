"""What a proposed change of the policy would do, for whoever decides on it."""

from __future__ import annotations

from workbench.records.base import Record


class Replayed(Record):
    """History decided by one policy, counted in contacts."""

    automate: int
    assist: int
    escalate: int
    judged: int
    """Automated, and judged by a person."""
    wrong: int
    """Of these, judged wrong."""

    @property
    def contacts(self) -> int:
        return self.automate + self.assist + self.escalate

    def __str__(self) -> str:
        return f"{self.automate:,} automated, {self.wrong:,} of {self.judged:,} judged wrong"


class Roster(Record):
    """People that one policy needs, by the hopeful and by the cautious account."""

    people: tuple[int, int]
    """Most of them at once."""
    hours: tuple[float, float]
    """Paid, over the days that were planned."""

    @property
    def at_once(self) -> str:
        """`3`, or `3 to 4` where the accounts differ."""
        low, high = self.people
        return f"{low}" if low == high else f"{low} to {high}"

    @property
    def paid(self) -> str:
        low, high = self.hours
        return f"{low:.1f} to {high:.1f}"

    def __str__(self) -> str:
        return f"{self.at_once} people at once, {self.paid} paid hours"


class PeopleNeeded(Record):
    """The roster before and after a change."""

    weekday: str
    """The day that was planned; empty: a whole week."""
    volume: float
    """So many times as many customers as in history."""
    target: str
    """What the people are enough for, in words."""
    before: Roster
    after: Roster

    @property
    def when(self) -> str:
        return f"on a {self.weekday}" if self.weekday else "in a week"

    def __str__(self) -> str:
        return f"{self.when}: {self.before} -> {self.after} ({self.target})"


class ChangeEvidence(Record):
    """What was measured when a change was proposed."""

    before: Replayed
    after: Replayed
    people: PeopleNeeded | None = None
    """None: whoever proposed it did not ask for it."""
