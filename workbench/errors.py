"""Every error this package raises on purpose. What failed, what was expected, what to do next.

    WorkbenchError
    ├── ConfigError        a settings, policy, mapping or scenario file is wrong
    ├── InputError         a caller's value is wrong (empty message, unknown column, bad date)
    ├── NotFound           there is no such thing *for this principal* (not yours looks the same)
    ├── NotAllowed         the role may not perform the operation at all
    ├── Conflict           the record changed since it was read; read again and repeat
    ├── Unavailable        a system of record or the store did not answer in time
    └── Corrupt            stored data fails its own check (hash chain, Parquet)

Business outcomes (refused, handed over, no such invoice) are values, never exceptions.
"""

from __future__ import annotations


class WorkbenchError(Exception):
    """Base of all errors raised on purpose; its text says what, what was expected, what next."""

    exit_code = 1

    def __init__(self, what: str, *, expected: str = "", next_step: str = "") -> None:
        self.what, self.expected, self.next_step = what, expected, next_step
        parts = [what]
        if expected:
            parts.append(f"Expected {expected}.")
        if next_step:
            parts.append(f"{next_step}")
        super().__init__(" ".join(part if part[-1] in ".!?" else part + "." for part in parts))


class ConfigError(WorkbenchError):
    """A file that a person wrote is wrong; the text names the file, the line and the key."""

    exit_code = 2


class InputError(WorkbenchError):
    """A value given by the caller cannot be used."""

    exit_code = 2


class NotFound(WorkbenchError):
    """Nothing here by that name for this principal; someone else's record answers the same."""

    exit_code = 3


class NotAllowed(WorkbenchError):
    """The principal's role may not perform this operation on anything."""

    exit_code = 4


class Conflict(WorkbenchError):
    """Another writer changed the record first; nothing was written."""

    exit_code = 5


class Unavailable(WorkbenchError):
    """A system did not answer within its deadline; nothing was written."""

    exit_code = 6


class Corrupt(WorkbenchError):
    """Stored bytes contradict their own check; nothing is guessed."""

    exit_code = 7
