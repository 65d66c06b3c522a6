"""Which function performs which operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

from workbench.errors import InputError
from workbench.govern.roles import operation
from workbench.records.actions import Action
from workbench.records.operations import Parameters

if TYPE_CHECKING:
    from workbench.store.work import Work

P = TypeVar("P", bound=Parameters)

Target = tuple[str | None, str]
"""The customer whose thing an action touches (None: there is no such thing), and its name."""


@dataclass(frozen=True)
class Outcome:
    """What a performer did."""

    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Performer(Generic[P]):
    """How an operation is done."""

    parameters: type[P]
    target: Callable[[Work, P], Target]
    perform: Callable[[Work, P], Outcome]

    def read(self, action: Action) -> P:
        """The action's parameters. Raises `InputError` for missing or unknown ones."""
        try:
            return self.parameters.model_validate(action.parameters)
        except ValidationError as error:
            problem = error.errors()[0]
            key = ".".join(str(part) for part in problem["loc"])
            raise InputError(
                f"{action.operation}: parameter `{key}`: {problem['msg']}",
                expected=f"those of {self.parameters.__name__}",
            ) from error


PERFORMERS: dict[str, Performer[Any]] = {}
"""Every performer, by operation."""


def performs(
    parameters: type[P], target: Callable[[Work, P], Target]
) -> Callable[[Callable[[Work, P], Outcome]], Callable[[Work, P], Outcome]]:
    """Register a performer. Raises at import when the operation table has no row for it."""

    def register(perform: Callable[[Work, P], Outcome]) -> Callable[[Work, P], Outcome]:
        name = operation(parameters.operation).name
        PERFORMERS[name] = Performer(parameters, target, perform)
        return perform

    return register


def performer_of(name: str) -> Performer[Any]:
    """The performer of an operation. Raises `InputError` when it is not a write."""
    performer = PERFORMERS.get(operation(name).name)
    if performer is None:
        raise InputError(
            f"{name!r} cannot be performed", expected=f"one of {', '.join(sorted(PERFORMERS))}"
        )
    return performer
