"""A claim matches however it is written, and only what is on file."""

from __future__ import annotations

import pytest

from workbench.govern.identity import comparable, matches


@pytest.mark.parametrize(
    ("kind", "claim", "on_file", "match"),
    [
        ("invoice_number", "inv 1001", "INV-1001", True),
        ("invoice_number", "INV-1002", "INV-1001", False),
        ("customer_number", "c-100", "C-100", True),
        ("postcode", "EC1A 1BB", "ec1a1bb", True),
        ("email", " Anna@Example.com ", "anna@example.com", True),
        ("email", "anna.b@example.com", "annab@example.com", False),
        ("phone", "030 1234567", "+49 30 1234567", True),
        ("phone", "67", "+49 30 1234567", False),
        ("postcode", "", "", False),
        ("postcode", " ", "", False),
    ],
)
def test_a_claim_is_compared_with_what_is_on_file(kind, claim, on_file, match) -> None:
    assert matches(kind, claim, [on_file]) is match


def test_nothing_on_file_matches_nothing() -> None:
    assert not matches("email", "anna@example.com", [])


def test_other_kinds_of_identifiers_cannot_be_compared() -> None:
    assert not comparable("favourite_colour")
