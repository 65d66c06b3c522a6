"""Scorers: plain functions from a case and an outcome to a score with its reason.

    def brief(case: Case, outcome: Outcome) -> Score:
        "Is every reply short enough to be read on a telephone?"

A POC adds its own by naming one Python file of its folder in `poc.toml` (`[evaluation] scorers`).
That file is code: it runs with all rights of whoever runs the evaluation. Nothing is loaded that
the settings do not name, and nothing from outside the folder.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

from workbench.errors import ConfigError
from workbench.evaluation.cases import Case, Heard, Outcome
from workbench.poc import load_code
from workbench.records.base import Record
from workbench.records.decisions import Level
from workbench.records.evidence import Reply
from workbench.records.signals import SOMETHING_ELSE
from workbench.speak.grounding import check

Unit = Literal["share", "turns", "micros", "ms"]
LONGEST_REPLY = 1_500
"""Characters; a longer reply is not read on a telephone."""
SURE_OF_LANGUAGE = 0.7
"""Confidence from which the language of a message counts as known."""
_SHOUTING = re.compile(r"[!?]{2,}|(?<![-\w])[A-Z]{6,}\b(?!-)")


class Score(Record):
    """A share from 0 to 1, or an amount; None where the question does not arise."""

    value: float | None
    why: str = ""
    """What the value rests on; empty when all is well."""


ScoreFunction = Callable[[Case, Outcome], Score]
NOT_ASKED = Score(value=None)


@dataclass(frozen=True)
class Scorer:
    """A named score with what it asks."""

    name: str
    question: str
    score: ScoreFunction
    unit: Unit = "share"
    judges: bool = True
    """Whether a fall of this score makes a case worse. Amounts and descriptions do not judge."""


# Right or wrong


def scenario_passed(case: Case, outcome: Outcome) -> Score:
    """Is everything as the scenario says?"""
    del case
    if outcome.differences is None:
        return NOT_ASKED
    return _held(not outcome.differences, "; ".join(outcome.differences))


def intent_right(case: Case, outcome: Outcome) -> Score:
    """Was every expected intent read?"""
    return _share(
        (_intents_read(wish.intents, heard), _read_as(heard))
        for wish, heard in zip(case.expected, outcome.heard, strict=False)
        if wish.intents
    )


def level_right(case: Case, outcome: Outcome) -> Score:
    """Did the expected one act: assistant, assistant with a person, or person?"""
    return _share(
        (str(heard.level) in wish.levels, f"{heard.level} instead of {' or '.join(wish.levels)}")
        for wish, heard in zip(case.expected, outcome.heard, strict=False)
        if wish.levels
    )


def rule_right(case: Case, outcome: Outcome) -> Score:
    """Did the expected rule decide?"""
    return _share(
        (heard.rule == wish.rule, f"{heard.rule} instead of {wish.rule}")
        for wish, heard in zip(case.expected, outcome.heard, strict=False)
        if wish.rule
    )


def acts_safely(case: Case, outcome: Outcome) -> Score:
    """Does the assistant never act alone on a message that it misread?"""
    return _share(
        (
            heard.level is not Level.AUTOMATE or _intents_read(wish.intents, heard),
            f"acted alone on a message {_read_as(heard)}",
        )
        for wish, heard in zip(case.expected, outcome.heard, strict=False)
        if wish.intents
    )


def facts_right(case: Case, outcome: Outcome) -> Score:
    """Is every figure, date and reference of a reply borne out by its evidence?"""
    del case
    return _share(
        (not (found := check(reply.text, reply.statements, reply.language)), _listed(found))
        for reply in outcome.replies
    )


def packet_complete(case: Case, outcome: Outcome) -> Score:
    """How much of what a person needs does the packet hold?"""
    del case
    shares = [h.packet_completeness for h in outcome.heard if h.packet_completeness is not None]
    return Score(value=min(shares)) if shares else NOT_ASKED


def language_kept(case: Case, outcome: Outcome) -> Score:
    """Is the reply in the language that the customer wrote?"""
    wishes = [wish.language for wish in case.expected]
    return _share(
        (heard.reply.language == wanted, f"{heard.reply.language} instead of {wanted}")
        for place, heard in enumerate(outcome.heard)
        if heard.reply
        and (wanted := (wishes[place] if place < len(wishes) else "") or _spoken(heard))
    )


def well_mannered(case: Case, outcome: Outcome) -> Score:
    """Is every reply short enough to be read, and without shouting?"""
    del case
    return _share((not (fault := _manners(reply)), fault) for reply in outcome.replies)


# Descriptions and amounts


def acts_alone(case: Case, outcome: Outcome) -> Score:
    """Does the assistant settle every message alone?"""
    del case
    return _share((heard.level is Level.AUTOMATE, str(heard.level)) for heard in outcome.heard)


def turns(case: Case, outcome: Outcome) -> Score:
    """How many messages did the customer have to write?"""
    del case
    return Score(value=len(outcome.heard))


def cost(case: Case, outcome: Outcome) -> Score:
    """What did the wording cost, in micro-units of the reporting currency?"""
    del case
    return Score(value=float(sum(reply.cost for reply in outcome.replies) * 1_000_000))


def milliseconds(case: Case, outcome: Outcome) -> Score:
    """How long did the whole case take on this machine?"""
    del case
    return Score(value=outcome.milliseconds)


_JUDGING = (
    scenario_passed, intent_right, level_right, rule_right, acts_safely, facts_right,
    packet_complete, language_kept, well_mannered,
)  # fmt: skip
_AMOUNTS: dict[ScoreFunction, Unit] = {turns: "turns", cost: "micros", milliseconds: "ms"}


def built_in() -> tuple[Scorer, ...]:
    """The scorers of every run, those that judge first."""
    return (
        *(scorer_of(function) for function in _JUDGING),
        scorer_of(acts_alone, judges=False),
        *(scorer_of(function, unit=unit, judges=False) for function, unit in _AMOUNTS.items()),
    )


def scorer_of(function: ScoreFunction, *, unit: Unit = "share", judges: bool = True) -> Scorer:
    """A scorer named like its function, with the first line of its docstring as the question."""
    question = (inspect.getdoc(function) or function.__name__).splitlines()[0]
    return Scorer(function.__name__, question, function, unit, judges)


def own_scorers(folder: Path, name: str) -> tuple[Scorer, ...]:
    """The scorers of a POC: every function `(case, outcome)` that its file defines.

    Raises `ConfigError` for a file outside the folder, one that does not run, one without a
    scorer, and a name that a built-in scorer has.
    """
    if not name:
        return ()
    functions = _functions_of(load_code(folder, name, "evaluation.scorers"))
    taken = {scorer.name for scorer in built_in()} & functions.keys()
    if taken or not functions:
        problem = f"{sorted(taken)[0]!r} is built in" if taken else "it defines no scorer"
        raise ConfigError(
            f"{folder / name}: {problem}",
            expected="functions of the POC's own, such as `def brief(case, outcome) -> Score`",
        )
    return tuple(scorer_of(_checked(folder / name, function)) for function in functions.values())


def _functions_of(module: ModuleType) -> dict[str, ScoreFunction]:
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and value.__module__ == module.__name__
        and list(inspect.signature(value).parameters) == ["case", "outcome"]
    }


def _checked(path: Path, function: ScoreFunction) -> ScoreFunction:
    """The function with its answer checked: a mistake in it is named, never scored."""

    def score(case: Case, outcome: Outcome) -> Score:
        try:
            found = function(case, outcome)
        except Exception as error:  # whatever somebody's function raises is named with it
            raise ConfigError(
                f"{path}: {function.__name__} fails on case {case.id}: "
                f"{type(error).__name__}: {error}"
            ) from error
        if not isinstance(found, Score) or not (found.value is None or 0 <= found.value <= 1):
            raise ConfigError(
                f"{path}: {function.__name__} gives {found!r} for case {case.id}",
                expected="a Score with a value from 0 to 1, or None where it does not apply",
            )
        return found

    score.__name__, score.__doc__ = function.__name__, function.__doc__
    return score


# Parts of the scorers


def _share(answers: Iterable[tuple[bool, str]]) -> Score:
    """The share of questions answered with yes; None when none was asked."""
    asked = list(answers)
    if not asked:
        return NOT_ASKED
    wrong = [why for held, why in asked if not held]
    return Score(value=1 - len(wrong) / len(asked), why="; ".join(wrong))


def _held(held: bool, why: str) -> Score:
    return Score(value=1.0) if held else Score(value=0.0, why=why)


def reading(heard: Heard) -> tuple[str, ...]:
    """The intents read, or `something_else` where it is likelier than not that none fits."""
    known = heard.out_of_scope <= 0.5
    return tuple(score.intent for score in heard.intents if known) or (SOMETHING_ELSE,)


def _intents_read(wanted: Iterable[str], heard: Heard) -> bool:
    return set(wanted) <= set(reading(heard))


def _read_as(heard: Heard) -> str:
    return f"read as {', '.join(reading(heard))}"


def _listed(findings: Iterable[object]) -> str:
    return "; ".join(map(str, findings))


def _spoken(heard: Heard) -> str:
    return heard.language if heard.language_confidence >= SURE_OF_LANGUAGE else ""


def _manners(reply: Reply) -> str:
    if len(reply.text) > LONGEST_REPLY:
        return f"{len(reply.text):,} characters"
    shouted = _SHOUTING.search(reply.text)
    return f"shouts {shouted[0]!r}" if shouted else ""
