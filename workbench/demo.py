"""The demo: the sample's own conversations, played into its store, with what came of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from workbench.bootstrap import open_workbench
from workbench.config import read_toml
from workbench.errors import ConfigError
from workbench.front import Workbench
from workbench.poc import PocFolder
from workbench.records.base import Ids, Record, SteppingClock


class Played(Record):
    """One conversation of the demo."""

    title: str
    flow: str
    customer_id: str
    conversation_id: str
    turns: int
    level: str
    reason: str
    actions: tuple[str, ...]
    expected: str
    """The level that the last turn is meant to have."""

    @property
    def as_expected(self) -> bool:
        return self.level == self.expected


class DemoOutcome(Record):
    """What the demo played and what the KPIs say afterwards."""

    poc: str
    played: tuple[Played, ...]
    kpis: str
    kpi_rows: Any
    contacts: int

    @property
    def passed(self) -> bool:
        return all(one.as_expected for one in self.played)

    def to_dict(self) -> dict[str, Any]:
        content = self.model_dump(mode="json", exclude={"kpis", "kpi_rows"})
        return {**content, "passed": self.passed, "kpis": self.kpi_rows}

    def __str__(self) -> str:
        lines = [f"{len(self.played)} conversations played in {self.poc}", ""]
        for one in self.played:
            mark = "ok  " if one.as_expected else "FAIL"
            what = ", ".join(one.actions) or "answered"
            reason = f" ({one.reason})" if one.reason else ""
            lines.append(f"{mark} {one.flow:16} {one.title:44} {one.level}{reason}: {what}")
        return "\n".join([*lines, "", f"KPIs over {self.contacts:,} contacts", "", self.kpis])


def play_demo(folder: Path) -> DemoOutcome:
    """Build the POC, play `demo.toml` into its store, save a baseline, and measure.

    Playing twice is harmless: conversations and messages carry fixed ids, so the second run finds
    every turn done.
    """
    poc = PocFolder.at(folder)
    script = read_toml(poc.root / "demo.toml")
    start = script.get("starts")
    if not isinstance(start, datetime):
        raise ConfigError(f"{poc.root / 'demo.toml'}: key `starts`: a time is expected")
    clock = SteppingClock(start.astimezone(UTC), timedelta(milliseconds=20))
    with open_workbench(poc.root, clock=clock, ids=Ids(script.get("seed", 1))) as workbench:
        played = tuple(_play(workbench, clock, one) for one in script["conversation"])
        if workbench.baseline() is None:
            workbench.save_baseline()
        workbench.history.publish()
        report = workbench.kpis(phase="pilot")
        return DemoOutcome(
            poc=workbench.settings.name,
            played=played,
            kpis=str(report),
            kpi_rows=report.to_dict(),
            contacts=report.contacts,
        )


def _play(workbench: Workbench, clock: SteppingClock, script: dict[str, Any]) -> Played:
    """One conversation; the customer takes half a minute a message."""
    name = script["id"]
    results = []
    for number, text in enumerate(script["say"], 1):
        clock.at += timedelta(seconds=30)
        results.append(
            workbench.converse(
                script["customer"],
                text,
                conversation_id=f"conv-demo-{name}",
                channel=script.get("channel", "chat"),
                request_id=f"demo-{name}-{number}",
            )
        )
    last = results[-1]
    done = dict.fromkeys(a.operation for turn in results for a in turn.actions)
    return Played(
        title=script["title"],
        flow=script["flow"],
        customer_id=script["customer"],
        conversation_id=f"conv-demo-{name}",
        turns=len(results),
        level=last.level.value,
        reason=last.reason.value if last.reason else "",
        actions=tuple(operation for operation in done if operation != "security.report"),
        expected=script["expect"],
    )
