"""Reading a policy file, with errors that point at the line a person has to change."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from workbench.decide.adapting import Adapting, Span
from workbench.decide.ceilings import Ceiling
from workbench.decide.competence import CompetenceLimits
from workbench.decide.conditions import AnyOf, Condition, one_of
from workbench.decide.places import Location, line_of
from workbench.decide.promise import GivenPromise, PromiseEvidence
from workbench.decide.rules import Header, PlacedProblem, Rule, Thresholds
from workbench.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


def read_document(path: Path, model: type[Model]) -> Model:
    """The file as a checked `model`; raises `ConfigError`."""
    text = _text(path)
    try:
        # Decimals, so that an authority limit of 49.99 is exactly that.
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise _problem(path, text, model, error) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}",
            expected="a policy file",
            next_step="Copy policies/policy.toml of the sample POC to start from.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: {error}") from error


def _problem(path: Path, text: str, model: type[BaseModel], error: ValidationError) -> ConfigError:
    # A misspelt key is two problems, one unknown and one missing: the unknown one helps more.
    first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    location = first["loc"]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, PlacedProblem):
        location = cause.location
    message = _message(first["type"], first["msg"], model, location)
    key = _without_tags(location)
    line = line_of(text, key, first["input"])
    return ConfigError(
        f"{path}, line {line}: key `{_spoken(key)}`: {message}",
        next_step="Every rule is explained in the sample POC's policies/policy.toml.",
    )


def _message(kind: str, message: str, model: type[BaseModel], location: Location) -> str:
    if kind == "extra_forbidden":
        return f"unknown key; {one_of(_keys(model, location[:-1]))}"
    if kind == "missing":
        return f"is missing; {one_of(_keys(model, location[:-1]))}"
    return message.removeprefix("Value error, ")


def _keys(model: type[BaseModel], parent: Location) -> list[str]:
    """The keys that the table at `parent` may have."""
    table: dict[str, type[BaseModel]] = {
        "policy": Header,
        "thresholds": Thresholds,
        "competence": CompetenceLimits,
        "promise": GivenPromise,
        "evidence": PromiseEvidence,
        "ceiling": Ceiling,
        "adapting": Adapting,
        "busy": Span,
        "quiet": Span,
        "rule": Rule,
        "one": Condition,
    }
    names = [part for part in parent if isinstance(part, str)]
    found = model if not names else table.get(names[-1], AnyOf)
    if names[-2:] == ["any", "any"]:
        found = Condition
    return [field.alias or name for name, field in found.model_fields.items()]


def _without_tags(location: Location) -> Location:
    """The location as the file has it: `when, 0, any, any, 1` is `when, 0, any, 1`."""
    if "when" not in location:
        return location
    tag = location.index("when") + 2
    return location[:tag] + location[tag + 1 :]


def _spoken(location: Location) -> str:
    """`rule[3].when[0].op`, counted from 1 as people do."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).removeprefix(".")
