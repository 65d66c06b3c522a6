"""Contacts that policies can decide on, and a second, plain-Python account of what would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from tests.measure.contact_rows import Row, random_contacts
from workbench.decide import Policy, load_policy
from workbench.measure.hindsight import MIN_HANDLED
from workbench.records.decisions import Level
from workbench.records.signals import Situation, Stakes

INTENTS = ("invoice_copy", "invoice_dispute", "greeting", "contract_cancel", "ask_person", None)


def sample_policy() -> Policy:
    """The policy of the sample POC."""
    return load_policy(Path(__file__).parents[2] / "sample_data" / "policies" / "policy.toml")


def decidable_contacts(count: int, seed: int = 5) -> list[Row]:
    """Random contacts with confidences at, beside and between the thresholds of the grid."""
    draw = Random(seed)
    rows = random_contacts(count, seed)
    for row in rows:
        row.update(
            intent=draw.choice(INTENTS),
            stakes=draw.choice((None, *(str(stakes) for stakes in Stakes))),
            confidence=_confidence(draw),
            clarifications=draw.choice((None, 0, 0, 1, 2)),
            wants_person=draw.random() < 0.05,
            repeat_contact=draw.choice((None, False, False, True)),
            summary="<b>where is my invoice?</b>",
        )
    return rows


def _confidence(draw: Random) -> float | None:
    step = draw.randrange(101) / 100
    return draw.choice((None, step, step, step + 1e-9, step - 1e-9, draw.random(), draw.random()))


def decide(policy: Policy, row: Row) -> Level:
    known = {name: row[name] for name in Situation.model_fields}
    return policy.decide(Situation.model_validate(known)).level


@dataclass(frozen=True)
class Oracle:
    """What `hindsight` says, row by row and written from its words."""

    rows: Sequence[Row]

    def usual(self, intent: str | None, share: float) -> int:
        handled = [row for row in self.rows if row["human_agents"] > 0]
        same = [row for row in handled if intent is not None and row["intent"] == intent]
        chosen = same if len(same) >= MIN_HANDLED else handled
        ordered = sorted(people_seconds(row) for row in chosen)
        # The smallest value that at least this share does not exceed.
        return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]

    def outcome(self, row: Row, decided: Level, *, hopeful: bool) -> Row:
        told = {**row, "level": decided}
        automated = decided is Level.AUTOMATE
        if automated == (row["level"] == "automate"):
            return told
        if automated and hopeful and not (row["judged"] and row["wrong"]):
            told |= {"handed_off": False, "called_back": False, "abandoned": False}
            told |= {"human_agents": 0, "talk_s": 0, "hold_s": 0, "wrap_s": 0}
            told |= {"entered_automation": True, "engaged": True, "handoff_kind": None}
            return told | {"resolution": settled(row)}
        told |= {"handed_off": True, "human_agents": max(1, row["human_agents"])}
        if automated:
            return told | {"entered_automation": True, "engaged": True, "handoff_kind": "failure"}
        if not people_seconds(row):
            told["talk_s"] = self.usual(row["intent"], 0.25 if hopeful else 0.75)
        if hopeful:
            told |= {"abandoned": False, "resolution": settled(row)}
        return told


def people_seconds(row: Row) -> int:
    return int(row["talk_s"] + row["hold_s"] + row["wrap_s"])


def settled(row: Row) -> str:
    return row["resolution"] if row["resolution"] in ("confirmed", "durable") else "assumed"


def is_resolved(row: Row) -> bool:
    return row["resolution"] in ("assumed", "confirmed", "durable")


def by_person(row: Row) -> bool:
    return bool(row["handed_off"] or row["called_back"] or row["human_agents"])


Test = Callable[[Row], Any]


def share(rows: Sequence[Row], numerator: Test, denominator: Test) -> float | None:
    counted = [row for row in rows if denominator(row)]
    return fmean(bool(numerator(row)) for row in counted) if counted else None
