"""What all records share: frozen, typed, strict about unknown keys."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from time import monotonic
from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value: equal by content, refuses unknown keys, documents its own fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs a zone, e.g. 2026-05-04T10:00:00+00:00")
    return value.astimezone(UTC)


Instant = Annotated[datetime, AfterValidator(_aware)]
"""A point in time, aware, kept in UTC."""


class Clock(Protocol):
    """Where `now` comes from; injected, so that a run can be repeated exactly."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class RunningClock:
    """A clock that starts at a given time and runs on with the machine's."""

    start: datetime
    _begun: float = field(default_factory=monotonic, repr=False)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=monotonic() - self._begun)


@dataclass
class SteppingClock:
    """A clock that starts at a given time and moves by `step` at every look."""

    at: datetime
    step: timedelta = timedelta(seconds=1)

    def now(self) -> datetime:
        current = self.at
        self.at = current + self.step
        return current


_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def short_code(key: str, length: int = 8) -> str:
    """A code people can read aloud, the same for the same key (5 bits a character of SHA-256)."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")
    return "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in range(length))


@dataclass
class Ids:
    """Fresh identifiers: random by default, repeatable when given a seed."""

    seed: int | None = None
    _draw: Callable[[int], int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._draw = secrets.randbits if self.seed is None else Random(self.seed).getrandbits

    def new(self, prefix: str) -> str:
        """A new identifier such as `conv-5K3MZ9QH2A7C` (60 random bits)."""
        bits = self._draw(60)
        return f"{prefix}-" + "".join(_ALPHABET[(bits >> (5 * i)) & 31] for i in range(12))
