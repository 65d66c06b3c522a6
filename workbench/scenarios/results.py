"""What came of playing scenarios: pass or fail per run, pass^k, readable differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from typing import Any

from workbench.scenarios.format import Scenario
from workbench.scenarios.matching import Difference


@dataclass(frozen=True)
class Run:
    """One variant, played once."""

    variant: int
    """From 0; the wording that was used."""
    repeat: int
    differences: tuple[Difference, ...]
    transcript: tuple[str, ...]
    milliseconds: int

    @property
    def passed(self) -> bool:
        return not self.differences

    def to_dict(self) -> dict[str, Any]:
        told = {} if self.passed else {"transcript": list(self.transcript)}
        return {
            "variant": self.variant,
            "repeat": self.repeat,
            "passed": self.passed,
            "milliseconds": self.milliseconds,
            "differences": [difference.to_dict() for difference in self.differences],
            **told,
        }


@dataclass(frozen=True)
class ScenarioResult:
    """All runs of one scenario."""

    scenario: Scenario
    runs: tuple[Run, ...]

    @property
    def passed(self) -> bool:
        return all(run.passed for run in self.runs)

    @property
    def passes(self) -> int:
        return sum(run.passed for run in self.runs)

    def pass_k(self, k: int) -> float:
        """Chance that k runs drawn from these all pass."""
        return pass_k(self.passes, len(self.runs), k)

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.scenario.id,
            "flow": self.scenario.flow,
            "behaviour": self.scenario.behaviour,
            "title": self.scenario.title,
            "passed": self.passed,
            "passes": self.passes,
            "runs": [run.to_dict() for run in self.runs],
        }


@dataclass(frozen=True)
class ScenarioReport:
    """All scenarios of a folder."""

    results: tuple[ScenarioResult, ...]
    repeat: int
    """Runs per wording: the k of pass^k."""

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    @property
    def failed(self) -> tuple[ScenarioResult, ...]:
        return tuple(result for result in self.results if not result.passed)

    @property
    def pass_k(self) -> float:
        """pass^k averaged over scenarios."""
        return sum(result.pass_k(self.repeat) for result in self.results) / len(self.results)

    def to_dict(self) -> dict[str, Any]:
        """The stable JSON form of `workbench scenarios --json`."""
        return {
            "passed": self.passed,
            "scenarios": len(self.results),
            "scenarios_passed": len(self.results) - len(self.failed),
            "runs": sum(len(result.runs) for result in self.results),
            "k": self.repeat,
            "pass_k": round(self.pass_k, 4),
            "results": [result.to_dict() for result in self.results],
        }

    def __str__(self) -> str:
        rows = [f"{'scenario':<44} {'shows':<14} {'runs':>7}  outcome"]
        rows += [line for result in self.results for line in _lines(result)]
        passed = len(self.results) - len(self.failed)
        total = f"{passed} of {len(self.results)} scenarios passed"
        return "\n".join([*rows, f"{total}, pass^{self.repeat} {self.pass_k:.3f}"])


def pass_k(passes: int, runs: int, k: int) -> float:
    """Chance that k of the runs, drawn without replacement, all pass: C(passes, k) / C(runs, k).

    The unbiased estimate of Yao, Shinn, Razavi & Narasimhan, tau-bench (2024), section 4; with
    fewer than k runs, all of them.
    """
    k = min(k, runs)
    return comb(passes, k) / comb(runs, k)


def _lines(result: ScenarioResult) -> Iterator[str]:
    scenario = result.scenario
    runs = f"{result.passes}/{len(result.runs)}"
    outcome = "passed" if result.passed else "FAILED"
    yield f"{scenario.id:<44} {scenario.behaviour:<14} {runs:>7}  {outcome}"
    for run in result.runs:
        yield from (f"    wording {run.variant + 1}: {found}" for found in run.differences)
