"""Models behind an OpenAI-compatible endpoint, with a deadline that holds.

The client's own timeout is per read: an answer that drips in is never late for it. So the whole
call, retries included, runs in a thread of its own under one wall-clock deadline, and the caller
is back in time even if the thread is not.

Answers are not streamed: a reply is checked as a whole before anybody reads it, so there is
nothing to gain, and a stream that breaks off looks like a shorter answer.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from threading import Thread
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.speak.model import (
    Answer,
    Completion,
    FaultKind,
    ModelFault,
    Prompt,
    completion,
    json_value,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAIError

_GRACE = 0.2
"""Seconds for the thread to report that its time was up."""
_MOST_BYTES = 1_000_000
_MILLION = 1_000_000


class Prices(BaseModel):
    """What a model costs per million tokens, in the POC's reporting currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: Decimal = Decimal(0)
    answer: Decimal = Decimal(0)

    def of(self, prompt_tokens: int, answer_tokens: int) -> Decimal:
        return (self.prompt * prompt_tokens + self.answer * answer_tokens) / _MILLION


class OpenAIModel:
    """Chat completions of an OpenAI-compatible endpoint, with structured output."""

    def __init__(self, base_url: str, name: str, key: str, prices: Prices | None = None) -> None:
        # Imported here, where a model is wired: it costs seconds and is not part of an answer.
        import openai

        self.name = name
        self._base_url, self._key, self._prices = base_url, key, prices or Prices()
        self._openai = openai

    def complete(
        self, prompt: Prompt, schema: type[Answer], deadline: float
    ) -> Completion[Answer] | ModelFault:
        results: list[Completion[Answer] | ModelFault] = []

        def work() -> None:
            results.append(asyncio.run(self._within(deadline, prompt, schema)))

        thread = Thread(target=work, name="language-model", daemon=True)
        thread.start()
        thread.join(deadline + _GRACE)
        return results[0] if results else _too_late(deadline)

    async def _within(
        self, deadline: float, prompt: Prompt, schema: type[Answer]
    ) -> Completion[Answer] | ModelFault:
        try:
            async with asyncio.timeout(deadline):
                return await self._ask(deadline, prompt, schema)
        except TimeoutError:
            return _too_late(deadline)
        except self._openai.OpenAIError as error:
            return _fault_of(error)
        except Exception as error:  # whatever a foreign endpoint makes of the client, we go on
            return ModelFault(kind="unreachable", detail=type(error).__name__)

    async def _ask(
        self, deadline: float, prompt: Prompt, schema: type[Answer]
    ) -> Completion[Answer] | ModelFault:
        async with (
            self._client(deadline) as client,
            client.chat.completions.with_streaming_response.create(
                model=self.name,
                messages=[
                    {"role": "system", "content": prompt.instructions},
                    {"role": "user", "content": prompt.material},
                ],
                response_format=_as_json(schema),
            ) as response,
        ):
            body = b""
            async for part in response.iter_bytes():
                body += part
                if len(body) > _MOST_BYTES:
                    return ModelFault(kind="too_large", detail=f"over {_MOST_BYTES} bytes")
        return self._understood(body, schema)

    def _client(self, deadline: float) -> AsyncOpenAI:
        """One retry, if time is left; no redirect, which could carry the key elsewhere."""
        return self._openai.AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._key or "none",
            max_retries=1,
            timeout=deadline,
            http_client=self._openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )

    def _understood(self, body: bytes, schema: type[Answer]) -> Completion[Answer] | ModelFault:
        try:
            said = _Said.model_validate(json_value(body))
        except ValidationError as error:
            problem = error.errors()[0]
            return ModelFault(kind="malformed", detail=f"{problem['loc']}: {problem['msg']}")
        except ValueError as error:
            return ModelFault(kind="malformed", detail=str(error))
        choice = said.choices[0]
        if choice.finish_reason != "stop":
            return _unfinished(choice.finish_reason)
        if choice.message.content is None:
            return ModelFault(kind="malformed", detail="no content")
        tokens = (said.usage.prompt_tokens, said.usage.completion_tokens)
        return completion(
            choice.message.content,
            schema,
            model=said.model or self.name,
            prompt_tokens=tokens[0],
            answer_tokens=tokens[1],
            cost=self._prices.of(*tokens),
        )


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class _Said(BaseModel):
    """The part of an endpoint's answer that counts."""

    model: str = ""
    choices: list[_Choice] = Field(min_length=1, max_length=1)
    usage: _Usage = _Usage()


def _as_json(schema: type[Answer]) -> Any:
    described = {"name": schema.__name__, "schema": schema.model_json_schema(), "strict": True}
    return {"type": "json_schema", "json_schema": described}


def _too_late(deadline: float) -> ModelFault:
    return ModelFault(kind="timeout", detail=f"no whole answer within {deadline:g} s")


def _unfinished(reason: str | None) -> ModelFault:
    kinds: dict[str | None, FaultKind] = {
        "content_filter": "filtered",
        "tool_calls": "wants_a_tool",
        "function_call": "wants_a_tool",
    }
    return ModelFault(kind=kinds.get(reason, "cut_off"), detail=f"finish_reason {reason}")


def _fault_of(error: OpenAIError) -> ModelFault:
    """The client's error classes as kinds of fault, the most particular first."""
    import openai

    kinds: tuple[tuple[type[OpenAIError], FaultKind], ...] = (
        (openai.APITimeoutError, "timeout"),
        (openai.APIConnectionError, "unreachable"),
        (openai.AuthenticationError, "unauthorised"),
        (openai.PermissionDeniedError, "unauthorised"),
        (openai.RateLimitError, "rate_limited"),
        (openai.InternalServerError, "server_error"),
        (openai.APIStatusError, "rejected"),
    )
    kind = next((kind for cls, kind in kinds if isinstance(error, cls)), "malformed")
    return ModelFault(kind=kind, detail=type(error).__name__)
