"""The experiment in the history: who was in which arm, dealt by the product's own hash."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from workbench.decide.assignment import arm_of
from workbench.records.experiments import Experiment, load_experiment
from workbench.sample.arrays import Bools, Ints
from workbench.sample.arrivals import Arrivals
from workbench.sample.calendar import FIRST_DAY
from workbench.sample.needs import needs
from workbench.sample.population import Population
from workbench.sample.readings import UNKNOWN

FILE = "more-careful.toml"
CAREFUL = 1
"""Position of the arm that asks for more confidence."""


@cache
def past_experiment() -> Experiment:
    """The experiment that ran in the history."""
    with as_file(files("workbench.sample").joinpath(FILE)) as path:
        return load_experiment(path)


def write_experiment(folder: Path) -> None:
    """Its definition, as the team that owns the sample wrote it down."""
    folder.mkdir(parents=True, exist_ok=True)
    text = files("workbench.sample").joinpath(FILE).read_text(encoding="utf-8")
    (folder / FILE).write_text(text, encoding="utf-8", newline="\n")


def arm_labels() -> tuple[str, ...]:
    """How contacts name the arms, in the order of the definition."""
    experiment = past_experiment()
    return tuple(experiment.label(arm.name) for arm in experiment.arms)


def arms_of(population: Population, arrivals: Arrivals) -> Ints:
    """Position of each contact's arm; `UNKNOWN` outside the experiment."""
    channels = [needs().channels.index(name) for name in past_experiment().eligible.channel]
    takes_part = np.isin(arrivals.channel, channels) & _while_it_ran(arrivals.day)
    return np.where(takes_part, _dealt(population)[arrivals.customer], UNKNOWN)


def _while_it_ran(day: Ints) -> Bools:
    ran = past_experiment().ran
    first, end = (_day(ran.since), _day(ran.until)) if ran else (0, 0)
    return (first <= day) & (day < end)


def _day(day: date) -> int:
    return (day - FIRST_DAY).days


def _dealt(population: Population) -> Ints:
    """Position of each customer's arm."""
    experiment = past_experiment()
    numbers = population.customer_number(np.arange(len(population)))
    arms = [arm_of(experiment, f"C-{number}") for number in numbers]
    return np.array([UNKNOWN if arm is None else experiment.arms.index(arm) for arm in arms])
