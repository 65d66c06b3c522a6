"""A text becomes exactly one value, or an error that says what to do."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.intake import forms

AMOUNTS = [
    ("1234.50", {}, "1234.50"),
    ("-0", {}, "0"),
    ("+7", {}, "7"),
    (".5", {}, "0.5"),
    ("1e-05", {}, "0.00001"),
    ("1,234.50", {"thousands": ","}, "1234.50"),
    ("1.234,50", {"decimal": ",", "thousands": "."}, "1234.50"),
    ("1 234,50", {"decimal": ",", "thousands": " "}, "1234.50"),
    ("1\u202f234,50", {"decimal": ",", "thousands": " "}, "1234.50"),
    ("1'234.50", {"thousands": "'"}, "1234.50"),
    ("(1,234.50)", {"thousands": ","}, "-1234.50"),
    ("12.50-", {}, "-12.50"),
    ("€ 12,50", {"decimal": ",", "symbol": "€"}, "12.50"),
    ("-€12.50", {"symbol": "€"}, "-12.50"),
    ("12.50 EUR", {"symbol": "EUR"}, "12.50"),
    ("(£12.50)", {"symbol": "£"}, "-12.50"),
]


@pytest.mark.parametrize(("text", "style", "expected"), AMOUNTS)
def test_amounts_are_read_as_the_mapping_says_they_are_written(
    text: str, style: dict[str, str], expected: str
) -> None:
    assert forms.amount(text, **style) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("1,234.50", {}),
        ("1.234", {"decimal": ","}),
        ("12,34.50", {"thousands": ","}),
        ("1,2345.50", {"thousands": ","}),
        (",234", {"thousands": ","}),
        ("$5", {"symbol": "€"}),
        ("5 5", {}),
        ("--5", {}),
        ("(-5)", {}),
        ("1e5", {}),
        ("0x10", {}),
        ("1_000", {}),
        ("", {}),
        ("-", {}),
        (".", {}),
        ("∞", {}),
        ("0.0000000000001", {}),
        ("1000000000000000", {}),
    ],
)
def test_amounts_written_otherwise_are_refused(text: str, style: dict[str, str]) -> None:
    with pytest.raises(InputError):
        forms.amount(text, **style)


@given(
    st.decimals("-1e14", "1e14", places=4), st.sampled_from([(".", ","), (",", "."), (",", " ")])
)
def test_an_amount_survives_being_written_and_read_in_any_style(
    value: Decimal, style: tuple[str, str]
) -> None:
    decimal, thousands = style
    text = f"{value:,.4f}".translate(str.maketrans({",": thousands, ".": decimal}))
    assert forms.amount(text, decimal=decimal, thousands=thousands) == value


@given(st.text(max_size=30))
def test_no_text_crashes_any_reader(text: str) -> None:
    readers = (
        forms.amount,
        forms.day,
        forms.instant,
        forms.identifier,
        forms.whole_text,
        forms.yes_no,
        forms.currency,
        forms.language,
        forms.zone_name,
        forms.email,
        forms.check_storable,
    )
    for read in readers:
        with suppress(InputError):
            read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("17850.0", "17850"), ("00123.00", "00123"), ("00123", "00123"), ("A-7.0", "A-7.0")],
)
def test_a_number_that_names_something_loses_only_its_empty_fraction(
    text: str, expected: str
) -> None:
    assert forms.whole_text(text) == expected


def test_a_number_with_a_fraction_names_nothing() -> None:
    with pytest.raises(InputError, match="fraction"):
        forms.whole_text("17850.5")


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("2026-05-04", "", date(2026, 5, 4)),
        ("04.05.2026", "%d.%m.%Y", date(2026, 5, 4)),
        ("2010-12-01 08:26:00", "%Y-%m-%d %H:%M:%S", date(2010, 12, 1)),
    ],
)
def test_days_are_read_in_iso_or_as_the_pattern_says(
    text: str, pattern: str, expected: date
) -> None:
    assert forms.day(text, pattern) == expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-07-01 12:00:00", "Europe/Berlin", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01T12:00:00+02:00", "", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-10-25 02:30:00", "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_times_become_utc_and_of_the_doubled_hour_the_first_is_meant(
    text: str, zone: str, expected: datetime
) -> None:
    assert forms.instant(text, zone=zone) == expected


@pytest.mark.parametrize(
    ("text", "zone", "words"),
    [
        ("2026-05-04 10:00:00", "", "no time zone"),
        ("2026-03-29 02:30:00", "Europe/Berlin", "never happened"),
        ("yesterday", "UTC", "not an ISO time"),
        ("9999-12-31 23:59:59", "UTC", "year 9999"),
    ],
)
def test_times_that_are_no_point_in_time_are_refused(text: str, zone: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        forms.instant(text, zone=zone)
