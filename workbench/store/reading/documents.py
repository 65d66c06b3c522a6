"""JSON lines and JSON arrays of objects. Numbers keep the text they were written with.

Python's own parser is used because it hands over `1.10` and `12345678901234567890` as written,
sees repeated keys, and tells where each object begins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from workbench.errors import InputError
from workbench.store.reading.examine import Examined
from workbench.store.reading.table import Row, Table, column_names

_SPACE = re.compile(r"[ \t\r\n]*")


class _Unusable(ValueError):
    """An object that is valid JSON but does not say one thing."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise _Unusable("a key occurs twice in the object")
    return values


_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_object
)


def read_documents(file: Examined) -> Table:
    """Objects as rows; the columns are all keys in order of first appearance.

    A broken line of JSON lines is a problem row; a broken array raises `InputError`, because
    nothing after the break can be trusted.
    """
    try:
        text = file.path.read_text(encoding=file.encoding)
    except UnicodeError as error:
        raise InputError(f"{file.path.name} is not {file.encoding} text: {error}") from error
    start = _skip_space(text, 0)
    objects = list(_array(file, text) if text[start : start + 1] == "[" else _lines(text))
    keys = dict.fromkeys(key for _, value, _ in objects for key in value)
    if not keys:
        raise InputError(f"{file.path.name} holds no objects", expected="one JSON object per row")
    columns = column_names(keys, file.path.name)
    rows = (
        Row(line, () if problem else tuple(_text(value.get(key)) for key in keys), problem)
        for line, value, problem in objects
    )
    return Table(file.path.name, columns, rows, lambda: file.digest, list(file.notes))


Found = tuple[int, dict[str, Any], str]
"""Line, object, problem."""


def _lines(text: str) -> Iterator[Found]:
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if line.strip():
            yield number, *_line(line.strip())


def _line(line: str) -> tuple[dict[str, Any], str]:
    try:
        value = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        return {}, f"The line is not one valid JSON object ({_reason(error)})."
    if not isinstance(value, dict):
        return {}, "The line is JSON, but not an object."
    return value, ""


def _array(file: Examined, text: str) -> Iterator[Found]:
    place, line, counted = _skip_space(text, _skip_space(text, 0) + 1), 1, 0
    while text[place : place + 1] != "]":
        line, counted = line + text.count("\n", counted, place), place
        value, place = _element(file, text, place, line)
        if isinstance(value, dict):
            yield line, value, ""
        else:
            yield line, {}, "The element is JSON, but not an object."
        place = _next_element(file, text, place, line)
    if _skip_space(text, place + 1) < len(text):
        raise _broken(file, line, "text follows the closing bracket")


def _element(file: Examined, text: str, place: int, line: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, place)
    except (ValueError, RecursionError) as error:
        raise _broken(file, line, _reason(error)) from error


def _next_element(file: Examined, text: str, place: int, line: int) -> int:
    """The start of the next element, or the closing bracket."""
    place = _skip_space(text, place)
    if text[place : place + 1] == ",":
        place = _skip_space(text, place + 1)
        if text[place : place + 1] != "]":
            return place
    elif text[place : place + 1] == "]":
        return place
    raise _broken(file, line, "a comma or the closing bracket is missing after an element")


def _skip_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _broken(file: Examined, line: int, why: str) -> InputError:
    return InputError(
        f"{file.path.name}, line {line}: the array is not valid JSON ({why})",
        next_step="Export it again; nothing of this file was used.",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
