"""Play the scenarios of a POC folder, each on a fresh store with a fixed clock and seeded ids."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench.poc import PocFolder
from workbench.scenarios.format import Scenario, load_scenarios
from workbench.scenarios.performance import Performance
from workbench.scenarios.results import Run, ScenarioReport, ScenarioResult
from workbench.scenarios.seen import Moment
from workbench.scenarios.stage import Opener, Stage


def run_folder(
    folder: str | Path, opener: Opener, *, only: Iterable[str] = (), repeat: int = 1
) -> ScenarioReport:
    """Play a POC's scenarios: every wording `repeat` times; `only` keeps ids that start so.

    Raises `ConfigError` for a scenario file that is wrong.
    """
    poc = PocFolder.at(folder)
    scenarios = load_scenarios(poc.scenarios, only)
    with TemporaryDirectory(prefix="scenarios-") as scratch:
        stage = Stage.build(poc.root, Path(scratch), opener)
        results = tuple(play(stage, scenario, repeat) for scenario in scenarios)
    return ScenarioReport(results, repeat)


def play(stage: Stage, scenario: Scenario, repeat: int = 1) -> ScenarioResult:
    """Play every wording of one scenario `repeat` times."""
    runs = (
        _run(stage, scenario, variant, turn)
        for variant in range(scenario.variants)
        for turn in range(repeat)
    )
    return ScenarioResult(scenario, tuple(runs))


def _run(stage: Stage, scenario: Scenario, variant: int, repeat: int) -> Run:
    folder = stage.scratch / f"{scenario.id}-{variant}-{repeat}"
    started = time.perf_counter()
    performance = Performance(stage, scenario, variant, folder)
    found = tuple(performance.play())
    shutil.rmtree(folder)
    milliseconds = round((time.perf_counter() - started) * 1000)
    return Run(variant, repeat, found, tuple(_transcript(performance.moments)), milliseconds)


def _transcript(moments: Sequence[Moment]) -> Iterator[str]:
    for moment in moments:
        if moment.message:
            yield f"{moment.number} customer: {moment.message}"
        if moment.reply:
            yield f"{moment.number} assistant: {moment.reply.text}"
        if moment.error:
            yield f"{moment.number} error: {moment.error}"
