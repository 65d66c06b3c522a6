"""Column types that keep values exact on SQLite and PostgreSQL alike."""
# ruff: noqa: ARG002 - the methods' signatures are SQLAlchemy's

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pydantic_core
from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from workbench.errors import InputError

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
# PostgreSQL text holds no NUL and UTF-8 no lone surrogate; both arrive in hostile messages.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with what no database can hold replaced by U+FFFD."""
    return _UNSTORABLE.sub("�", text)


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, decimals and times as text.

    Raises `InputError` for values that JSON cannot carry (NaN, unknown objects).
    """
    try:
        plain = pydantic_core.to_jsonable_python(value)
        text = json.dumps(
            plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
    except (ValueError, pydantic_core.PydanticSerializationError) as error:
        raise InputError(f"This value cannot be stored as JSON: {error}") from error
    return storable(text)


def time_text(at: datetime) -> str:
    """Fixed-width ISO 8601 in UTC with microseconds, so that text sorts as time does."""
    return at.astimezone(UTC).strftime(_TIME_FORMAT)


class PlainText(TypeDecorator[str]):
    """Text of any length; what no database can hold is replaced."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal as its exact text: `12.50` stays `12.50`, no float in between."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware time: timestamptz on PostgreSQL, fixed-width ISO text in UTC on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        text = dialect.name == "sqlite"
        return dialect.type_descriptor(String(27) if text else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return time_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.strptime(value, _TIME_FORMAT).replace(tzinfo=UTC)
        at: datetime = value
        return at.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """A JSON value as canonical text, readable by every engine that reads text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)
