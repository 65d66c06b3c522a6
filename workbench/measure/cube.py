"""Thresholds answered from a cube: exact counts for every threshold, whatever the history's size.

A contact reacts to the confidence threshold in one way only: below its confidence it gets one
level, above it another, and the policy's hard rules make both the same. So contacts are summed once
by how many thresholds of a grid their confidence passes, and every later question is a sum over
cells. All sums are whole numbers; confidence is compared with the very literals of the grid, never
divided into bins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.config import Settings
from workbench.decide.policy import Policy
from workbench.decide.rules import Thresholds
from workbench.decide.sql import policy_sql
from workbench.errors import InputError
from workbench.measure.coded import STEPS, CodedContacts, chosen_values
from workbench.measure.hindsight import CAUTIOUS, HOPEFUL, contacts_with_usual_time
from workbench.measure.metrics import human_second_nanos
from workbench.measure.situations import Groups, Situations, cell_values
from workbench.measure.sums import Scope, contacts_source, last_known_time
from workbench.records.proposals import Replayed

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Codes = NDArray[np.intp]

GRID = STEPS

_MEASURES = {
    "automate": "count(*) FILTER (WHERE {level} = 'automate')",
    "assist": "count(*) FILTER (WHERE {level} = 'assist')",
    "escalate": "count(*) FILTER (WHERE {level} = 'escalate')",
    "judged": "count(*) FILTER (WHERE {level} = 'automate' AND judged)",
    "wrong": "count(*) FILTER (WHERE {level} = 'automate' AND judged AND wrong)",
    "human_s_low": "coalesce(sum({hopeful}), 0)::BIGINT",
    "human_s_high": "coalesce(sum({cautious}), 0)::BIGINT",
    "other_micros": "coalesce(sum(model_cost_micros + tool_cost_micros + telephony_cost_micros), 0)"
    "::BIGINT",
}


@dataclass(frozen=True, slots=True)
class Point:
    """What one setting of the thresholds gives, in whole numbers."""

    threshold: float | None
    """None when several thresholds apply."""
    automate: int
    assist: int
    escalate: int
    judged: int
    """Automated contacts whose answer or would-be answer a person judged."""
    wrong: int
    """Of these, judged wrong."""
    human_s_low: int
    """Seconds of people, by the hopeful account."""
    human_s_high: int
    """The same by the cautious account."""
    other_micros: int
    """Model, tool and telephony cost in 1e-6 of the currency, as recorded."""
    human_nanos: int
    """Cost of one second of people in 1e-9 of the currency."""

    @property
    def contacts(self) -> int:
        return self.automate + self.assist + self.escalate

    @property
    def automation_share(self) -> float | None:
        """Automated / all contacts; None without contacts."""
        return self.automate / self.contacts if self.contacts else None

    @property
    def wrong_share(self) -> float | None:
        """Wrong / judged; None when nothing was judged."""
        return self.wrong / self.judged if self.judged else None

    @property
    def replayed(self) -> Replayed:
        """The counts alone, as a proposal keeps them."""
        counts = {name: getattr(self, name) for name in Replayed.model_fields}
        return Replayed(**counts)

    @property
    def cost_micros(self) -> tuple[int, int]:
        """Cost in 1e-6 of the currency, hopeful and cautious, rounded down."""
        low, high = (s * self.human_nanos // 1000 for s in (self.human_s_low, self.human_s_high))
        return low + self.other_micros, high + self.other_micros


@dataclass(frozen=True)
class ThresholdCube:
    """Sums per cell and grid threshold; `build` makes one, `at` and `curve` read it."""

    policy: Policy
    grid: tuple[float, ...]
    """All thresholds that can be asked for: 0.00 to 1.00 and the policy's own."""
    labels: Mapping[str, tuple[str | None, ...]]
    """Dimension -> its values; a cell holds their position."""
    codes: Mapping[str, Codes]
    """Dimension -> code of each cell."""
    sums: Ints
    """Measure x grid threshold x cell."""
    human_nanos: int

    @classmethod
    def build(
        cls,
        connection: DuckDBPyConnection,
        policy: Policy,
        *,
        settings: Settings | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> ThresholdCube:
        """Read the relation `contact` once and sum it up; arguments as for `replay`."""
        scope = Scope(since, until, where=where or {})
        coded = CodedContacts.build(connection, policy, scope)
        situations = Situations.build(coded)
        try:
            return cls.of(situations, policy, settings)
        finally:
            situations.drop()
            coded.drop()

    @classmethod
    def of(
        cls, situations: Situations, policy: Policy, settings: Settings | None = None
    ) -> ThresholdCube:
        """Decide the situations by a policy that they know, and sum them up; reads no contacts."""
        cells = situations.groups[0].cells
        values = cell_values(situations.coded, cells)
        sums = _over_grid(situations, policy)
        return cls(
            policy,
            situations.thresholds,
            {dimension: labels for dimension, (_, labels) in values.items()},
            {dimension: digits for dimension, (digits, _) in values.items()},
            sums,
            human_second_nanos((settings or Settings()).cost),
        )

    def at(
        self,
        thresholds: Thresholds | float | None = None,
        filters: Mapping[str, Any] | None = None,
    ) -> Point:
        """What these thresholds give for the contacts under the filters.

        Args:
            thresholds: one number for all contacts, or thresholds of which the most specific
                applies; the policy's own by default. Each must be on the grid.
            filters: dimension -> value or values.
        """
        import numpy as np

        chosen = self._chosen(filters)
        if isinstance(thresholds, float | int):
            found = self.sums[:, self._step(thresholds)][:, chosen].sum(1)
            return _point(found.tolist(), thresholds, self.human_nanos)
        own = thresholds or self.policy.thresholds
        special = self._special(own)[chosen]
        steps = np.where(special < 0, self._step(own.default), special)
        found = self.sums[:, steps, chosen].sum(1)
        return _point(found.tolist(), None, self.human_nanos)

    def curve(
        self, filters: Mapping[str, Any] | None = None, keep: Thresholds | None = None
    ) -> tuple[Point, ...]:
        """One point per grid threshold for the contacts under the filters.

        Args:
            keep: thresholds whose entries for stakes and intents stay as they are while the default
                moves; without them every contact gets the moving threshold.
        """
        import numpy as np

        moving = self._chosen(filters)
        fixed = np.zeros(len(_MEASURES), dtype=np.int64)
        if keep is not None:
            special = self._special(keep)[moving]
            stays = special >= 0
            fixed = self.sums[:, special[stays], moving[stays]].sum(1)
            moving = moving[~stays]
        # A product with zeros and ones reads the sums in place; picking the cells would copy them.
        totals = (self.sums @ np.bincount(moving, minlength=self.sums.shape[2])).T + fixed
        points = zip(totals.tolist(), self.grid, strict=True)
        return tuple(_point(row, threshold, self.human_nanos) for row, threshold in points)

    def _chosen(self, filters: Mapping[str, Any] | None) -> Codes:
        """Positions of the cells under the filters."""
        import numpy as np

        mask = np.ones(self.sums.shape[2], dtype=bool)
        for dimension, options in chosen_values(filters).items():
            matching = np.array([label in options for label in self.labels[dimension]], dtype=bool)
            mask &= matching[self.codes[dimension]]
        return np.flatnonzero(mask)

    def _step(self, threshold: float) -> int:
        if threshold not in self.grid:
            raise InputError(
                f"The cube has no threshold {threshold}",
                expected="0.00 to 1.00 in steps of 0.01, or one of the policy's own",
                next_step="`scan` answers for any threshold.",
            )
        return self.grid.index(threshold)

    def _special(self, thresholds: Thresholds) -> Ints:
        """Per cell the step of its own entry for intent or stakes; -1: the default applies."""
        import numpy as np

        found = np.full(self.sums.shape[2], -1)
        for dimension, own in (("stakes", thresholds.stakes), ("intent", thresholds.intent)):
            steps = {str(label): self._step(value) for label, value in own.items()}
            by_label = np.array(
                [steps.get(label or "", -1) for label in self.labels[dimension]], np.intp
            )
            special = by_label[self.codes[dimension]]
            found = np.where(special >= 0, special, found)
        return found


def scan(
    connection: DuckDBPyConnection,
    policy: Policy,
    filters: Mapping[str, Any] | None = None,
    *,
    settings: Settings | None = None,
) -> Point:
    """The same figures for a policy as it stands, by reading the relation `contact` once."""
    source = contacts_source(connection, last_known_time(connection))
    contacts, values = contacts_with_usual_time(source, Scope())
    condition, filter_values = Scope(where=filters or {}).sql()
    row = connection.execute(
        f"""
        SELECT {", ".join(_measures("level_now"))}
        FROM (SELECT *, {policy_sql(policy).level} AS level_now FROM ({contacts}))
        WHERE {condition}
        """,
        [*values, *filter_values],
    ).fetchone()
    return _point(row or (), None, human_second_nanos((settings or Settings()).cost))


def _point(sums: Sequence[int], threshold: float | None, human_nanos: int) -> Point:
    measured = dict(zip(_MEASURES, sums, strict=True))
    return Point(threshold=threshold, human_nanos=human_nanos, **measured)


def _measures(level: str) -> list[str]:
    """The measures as SQL when the level in column `level` applies."""
    told = {
        "level": level,
        "hopeful": HOPEFUL.human_seconds(level),
        "cautious": CAUTIOUS.human_seconds(level),
    }
    return [f"{sql.format(**told)} AS {name}" for name, sql in _MEASURES.items()]


def _measured_groups(coded: CodedContacts, groups: Groups, levels: Codes) -> Ints:
    """Measure x segment when each situation has its level: 0 automate, 1 assist, 2 escalate."""
    import numpy as np

    level = levels[groups.situation]
    alone, with_person = level == 0, level != 0
    everyone, idle = groups.everyone, groups.under(with_person, "idle")
    low, high = _usual(coded, groups.cell)
    return np.stack(
        [
            groups.under(alone, "contacts"),
            groups.under(level == 1, "contacts"),
            groups.under(level == 2, "contacts"),
            groups.under(alone, "judged"),
            groups.under(alone, "wrong"),
            groups.under(alone, "kept_s") + groups.under(with_person, "people_s") + idle * low,
            everyone["people_s"] + idle * high,
            everyone["other_micros"],
        ]
    )


def _usual(coded: CodedContacts, cell: Ints) -> tuple[Ints, Ints]:
    """Per cell the seconds that people usually take for its intent: lower and upper quartile."""
    import numpy as np

    digits, intents = cell_values(coded, cell)["intent"]
    quartiles = np.array([coded.usual.of(intent) for intent in intents], np.int64)
    return quartiles[digits, 0], quartiles[digits, 1]


def _over_grid(situations: Situations, policy: Policy) -> Ints:
    """Measure x grid threshold x cell: contacts that pass it at the level for the confident."""
    import numpy as np

    cells = situations.groups[0].cells
    confident, unsure = situations.levels(policy)
    sums = np.zeros((len(_MEASURES), len(situations.thresholds) + 1, len(cells)), np.int64)
    lowest = np.zeros((len(_MEASURES), len(cells)), np.int64)
    for groups in situations.groups:
        above = _measured_groups(situations.coded, groups, confident)
        below = _measured_groups(situations.coded, groups, unsure)
        cell = np.searchsorted(cells, groups.cell)
        runs = np.flatnonzero(np.diff(cell, prepend=-1))
        sums.reshape(len(_MEASURES), -1)[:, groups.passed * len(cells) + cell] += above - below
        if len(runs):
            lowest[:, cell[runs]] += np.add.reduceat(below, runs, axis=1)
    # From the last threshold down: who passes one passes all that are lower.
    np.cumsum(sums[:, ::-1], axis=1, out=sums[:, ::-1])
    sums += lowest[:, None]
    return sums[:, 1:]
