"""What history can and cannot tell about a decision that was not taken.

A contact that is decided as it was keeps its recorded outcome. Where another level is decided, the
outcome is not known; it is bounded by two accounts, a cautious and a hopeful one, and every figure
of a replay is a range between them. Assist and escalate count as one here: a person handles both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.measure.sums import Scope, Source

ASSUMPTIONS = (
    "A contact decided as it was keeps its recorded outcome; one from before the launch counts as "
    "decided for a person.",
    "Newly automated, hopeful: the assistant settles it alone and no person spends time on it, "
    "unless its would-be answer was judged wrong.",
    "Newly automated, cautious: the customer ends with a person after all, who needs as long as "
    "recorded and reaches what was recorded.",
    "No longer automated: a person takes the time that people usually take for the intent, from "
    "the lower (hopeful) to the upper quartile (cautious); where a person took part, the recorded "
    "time. Hopeful: the person settles it; cautious: it ends as recorded.",
    "Model, tool and telephony cost, repeats and ratings stay as recorded.",
)

HUMAN_SECONDS = "(talk_s + hold_s + wrap_s)"
MIN_HANDLED = 30
"""Contacts handled by people that an intent needs for quartiles of its own; else those of all."""

_NEWLY = "{decided} = 'automate' AND level IS DISTINCT FROM 'automate'"
_NO_LONGER = "{decided} <> 'automate' AND level = 'automate'"
_SETTLED = "CASE WHEN resolution IN ('confirmed', 'durable') THEN resolution ELSE 'assumed' END"
_JUDGED_WRONG = "judged AND wrong"

_USUAL = f"""
    SELECT grouping(intent) AS of_all, intent AS usual_intent, count(*) AS handled,
           quantile_disc({HUMAN_SECONDS}, [0.25, 0.75]) AS quartiles
    FROM scoped WHERE human_agents > 0 GROUP BY GROUPING SETS ((intent), ())
"""
"""What people needed for the contacts in `scoped`, per intent and for all."""


def contacts_with_usual_time(source: Source, scope: Scope) -> tuple[str, list[object]]:
    """A query for the contacts in scope, with `usual_low` and `usual_high` seconds; its values."""
    condition, values = scope.sql()
    return (
        f"""
        WITH scoped AS NOT MATERIALIZED (SELECT * FROM {source.sql} WHERE {condition}),
             usual AS MATERIALIZED ({_USUAL})
        SELECT scoped.*,
               coalesce(own.quartiles[1], everyone.quartiles[1], 0) AS usual_low,
               coalesce(own.quartiles[2], everyone.quartiles[2], 0) AS usual_high
        FROM scoped
        LEFT JOIN (FROM usual WHERE of_all = 0 AND handled >= {MIN_HANDLED}) AS own
          ON scoped.intent = own.usual_intent
        CROSS JOIN (FROM usual WHERE of_all = 1) AS everyone
        """,
        values,
    )


@dataclass(frozen=True)
class UsualTimes:
    """Seconds that people usually take: lower and upper quartile."""

    of_all: tuple[int, int]
    by_intent: Mapping[str, tuple[int, int]]
    """Of the intents with enough contacts."""

    def of(self, intent: str | None) -> tuple[int, int]:
        return self.by_intent.get(intent or "", self.of_all)


def usual_times(source: Source, scope: Scope) -> UsualTimes:
    """The quartiles over the contacts in scope that people handled, one pass over them."""
    condition, values = scope.sql()
    rows = source.connection.execute(
        f"WITH scoped AS (SELECT * FROM {source.sql} WHERE {condition}) {_USUAL}", values
    ).fetchall()
    of_all = next((tuple(found or (0, 0)) for everyone, *_, found in rows if everyone), (0, 0))
    return UsualTimes(
        (of_all[0], of_all[1]),
        {
            intent: (found[0], found[1])
            for everyone, intent, handled, found in rows
            if not everyone and intent is not None and handled >= MIN_HANDLED
        },
    )


@dataclass(frozen=True)
class Account:
    """One way to tell what would have happened: cautious or hopeful."""

    hopeful: bool

    def human_seconds(self, decided: str) -> str:
        """Seconds of people on a contact as SQL, when the level in column `decided` applies."""
        return self._told(
            decided,
            newly=f"CASE WHEN {_JUDGED_WRONG} THEN {HUMAN_SECONDS} ELSE 0 END"
            if self.hopeful
            else HUMAN_SECONDS,
            no_longer=f"CASE WHEN {HUMAN_SECONDS} = 0 THEN {self._usual} ELSE {HUMAN_SECONDS} END",
            otherwise=HUMAN_SECONDS,
        )

    def outcome(self, decided: str) -> dict[str, str]:
        """Contact column -> SQL of its value when the level in column `decided` applies."""
        told = {
            column: self._told(decided, newly, no_longer, column)
            for column, (newly, no_longer) in self._changes().items()
        }
        return {"level": decided, **told}

    def _changes(self) -> dict[str, tuple[str, str]]:
        """Column -> value when newly automated, value when no longer automated."""
        newly, no_longer = self._newly(), self._no_longer()
        columns = sorted(newly.keys() | no_longer.keys())
        return {c: (newly.get(c, c), no_longer.get(c, c)) for c in columns}

    def _newly(self) -> dict[str, str]:
        with_person = {
            "entered_automation": "TRUE",
            "engaged": "TRUE",
            "handed_off": "TRUE",
            "handoff_kind": "'failure'",
            "human_agents": "greatest(human_agents, 1)",
        }
        if not self.hopeful:
            return with_person
        alone = {
            "handed_off": "FALSE",
            "handoff_kind": "NULL",
            "called_back": "FALSE",
            "abandoned": "FALSE",
            "human_agents": "0",
            "talk_s": "0",
            "hold_s": "0",
            "wrap_s": "0",
            "resolution": _SETTLED,
        }
        return with_person | {
            column: f"CASE WHEN {_JUDGED_WRONG} THEN {with_person.get(column, column)} "
            f"ELSE {value} END"
            for column, value in alone.items()
        }

    def _no_longer(self) -> dict[str, str]:
        with_person = {
            "handed_off": "TRUE",
            "handoff_kind": "coalesce(handoff_kind, 'policy')",
            "human_agents": "greatest(human_agents, 1)",
            "talk_s": f"CASE WHEN {HUMAN_SECONDS} = 0 THEN {self._usual} ELSE talk_s END",
        }
        settled = {"abandoned": "FALSE", "resolution": _SETTLED} if self.hopeful else {}
        return with_person | settled

    @property
    def _usual(self) -> str:
        return "usual_low" if self.hopeful else "usual_high"

    def _told(self, decided: str, newly: str, no_longer: str, otherwise: str) -> str:
        return (
            f"CASE WHEN {_NEWLY.format(decided=decided)} THEN {newly} "
            f"WHEN {_NO_LONGER.format(decided=decided)} THEN {no_longer} ELSE {otherwise} END"
        )


CAUTIOUS, HOPEFUL = Account(hopeful=False), Account(hopeful=True)
