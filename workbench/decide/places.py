"""Where in a TOML text something stands; the standard reader gives no lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

Location = tuple[str | int, ...]
"""Keys and positions from the top of the document: `("rule", 3, "when", 0, "op")`."""

_REPEATED = ("rule", "promise", "ceiling", "adapting")
"""Tables that a file may have several of."""
_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*$")


def line_of(text: str, location: Location, value: object) -> int:
    """The line, from 1, of the value at `location`; of its table when it cannot be told."""
    lines = [line.split("#")[0] for line in text.splitlines()]
    start, end = _table(lines, location)
    names = _names(location)
    inside = names[1:] if names[:1] and names[0] in _REPEATED else names
    patterns = [_setting(name) for name in reversed(inside)]
    if "when" in names and isinstance(value, str | int | Decimal):
        # Conditions repeat their keys; the value is what tells them apart.
        patterns.insert(0, rf"(?<!\w){re.escape(str(value))}(?!\w)")
    for pattern in patterns:
        for number in range(start, end):
            if re.search(pattern, lines[number]):
                return number + 1
    return start + 1


def _setting(name: str) -> str:
    return rf"(?<![\w.-])\"?{re.escape(name)}\"?\s*="


def _names(location: Location) -> list[str]:
    return [part for part in location if isinstance(part, str)]


def _table(lines: Sequence[str], location: Location) -> tuple[int, int]:
    """First line, from 0, and end of the innermost table that holds `location`."""
    headers = [(n, found[1]) for n, line in enumerate(lines) if (found := _HEADER.match(line))]
    match location:
        case (str(table), int(index), *_) if table in _REPEATED:
            starts = [n for n, name in headers if name == table][index : index + 1]
        case _:
            names = _names(location)
            paths = [".".join(names[:depth]) for depth in range(1, len(names) + 1)]
            starts = [n for n, name in headers if name in paths]
    start = max(starts, default=0)
    return start, next((n for n, _ in headers if n > start), len(lines))
