"""Comparing what somebody claims with what is on file, without telling what is on file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


def _plain(value: str) -> str:
    return re.sub(r"[\s\-./]", "", value).casefold()


def _email(value: str) -> str:
    return value.strip().casefold()


def _phone(value: str) -> str:
    """The last nine digits: country code and trunk prefix are written in many ways."""
    digits = re.sub(r"\D", "", value)
    return digits[-9:] if len(digits) >= 7 else ""


_READINGS: dict[str, Callable[[str], str]] = {
    "customer_number": _plain,
    "invoice_number": _plain,
    "order_number": _plain,
    "postcode": _plain,
    "email": _email,
    "phone": _phone,
}
"""Kinds of identifiers that can be compared, and how each is read."""


def comparable(kind: str) -> bool:
    return kind in _READINGS


def matches(kind: str, claim: str, on_file: Iterable[str]) -> bool:
    """Whether the claim is one of the values on file, however it is written."""
    read = _READINGS[kind]
    claimed = read(claim)
    return bool(claimed) and any(read(value) == claimed for value in on_file)
