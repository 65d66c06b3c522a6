"""The language-model port: a question with a schema and a deadline, an answer or a fault.

A model gives text and nothing else. It is offered no tools, sees no more than its prompt, and
decides nothing; what it answers is checked before anybody reads it.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import ValidationError

from workbench.records.base import Record

Answer = TypeVar("Answer", bound=Record)

FaultKind = Literal[
    "offline",
    "timeout",
    "unreachable",
    "unauthorised",
    "rate_limited",
    "server_error",
    "rejected",
    "cut_off",
    "filtered",
    "wants_a_tool",
    "too_large",
    "malformed",
    "wrong_schema",
]


class Prompt(Record):
    """What a model is asked. Foreign text belongs into `material`, where it is data."""

    name: str
    """Which prompt, in which version: `write_reply.v1`."""
    instructions: str
    """Ours, from a versioned file."""
    material: str
    """What to work on, as JSON; may hold hostile text."""

    @property
    def version(self) -> str:
        """Name and hash of the instructions, for the record of what was said."""
        return f"{self.name}#{hashlib.sha256(self.instructions.encode()).hexdigest()[:12]}"


def instructions(name: str, own: Path | None = None) -> str:
    """The text of a versioned prompt: the file of that name in a POC's folder, or the package's."""
    file = f"{name}.md"
    theirs = own / file if own else None
    path = theirs if theirs and theirs.exists() else Path(__file__).parent / "prompts" / file
    return path.read_text(encoding="utf-8")


class Completion(Record, Generic[Answer]):
    """A whole answer that fits its schema."""

    answer: Answer
    text: str
    """The answer as it came."""
    finish_reason: str = "stop"
    model: str = ""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: Decimal = Decimal(0)
    """In the currency of the prices given to the adapter."""


class ModelFault(Record):
    """Why there is no answer. A value, because a customer is waiting either way."""

    kind: FaultKind
    detail: str = ""

    def __str__(self) -> str:
        return f"model: {self.kind}" + (f" ({self.detail})" if self.detail else "")


class LanguageModel(Protocol):
    """Something that answers prompts."""

    name: str

    def complete(
        self, prompt: Prompt, schema: type[Answer], deadline: float
    ) -> Completion[Answer] | ModelFault:
        """Answer within `deadline` wall-clock seconds, retries included; never raises."""
        ...


class OfflineModel:
    """No model: the default. Everything then runs without a key and without a network."""

    name = "offline"

    def complete(
        self,
        prompt: Prompt,  # noqa: ARG002
        schema: type[Answer],  # noqa: ARG002
        deadline: float,  # noqa: ARG002
    ) -> Completion[Answer] | ModelFault:
        return ModelFault(kind="offline", detail="no language model is configured")


class RecordedModel:
    """Plays recorded answers in order, for tests and notebooks; keeps what it was asked."""

    def __init__(self, answers: Iterable[str | ModelFault], name: str = "recorded") -> None:
        self.name = name
        self.prompts: list[Prompt] = []
        self._answers = deque(answers)

    def complete(
        self,
        prompt: Prompt,
        schema: type[Answer],
        deadline: float,  # noqa: ARG002
    ) -> Completion[Answer] | ModelFault:
        self.prompts.append(prompt)
        if not self._answers:
            return ModelFault(kind="offline", detail="no recorded answer is left")
        answer = self._answers.popleft()
        if isinstance(answer, ModelFault):
            return answer
        return completion(answer, schema, model=self.name)


def completion(text: str, schema: type[Answer], **known: Any) -> Completion[Answer] | ModelFault:
    """A model's text as a completion, if it is JSON of the schema and nothing else."""
    try:
        answer = schema.model_validate(json_value(text))
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"])) or "the answer"
        return ModelFault(kind="wrong_schema", detail=f"{place}: {problem['msg']}")
    except ValueError as error:
        return ModelFault(kind="malformed", detail=str(error))
    return Completion(answer=answer, text=text, **known)


def json_value(text: str | bytes) -> Any:
    """Parse JSON strictly: `ValueError` for a key given twice, `NaN` or broken Unicode."""
    try:
        value = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair fits no encoding
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
