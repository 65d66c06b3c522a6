"""A digit says about a contact what the rules need to know, and no two rules disagree about it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from workbench.decide.conditions import COMPARE, Operator
from workbench.measure.digits import Digit, FewValues, Key, Stretches

SHARES = st.floats(-2, 2) | st.sampled_from([0.0, -0.0, 0.1, 0.29, 0.3, 0.1 + 0.2])
AMOUNTS = st.decimals(-100, 100, places=3)
COMPARISONS = (
    *(Operator.EQUAL, Operator.UNEQUAL, Operator.BELOW),
    *(Operator.AT_MOST, Operator.ABOVE, Operator.AT_LEAST),
)


def rows(column: str, sql_type: str, values: Sequence[Any], asked: Sequence[str]) -> list[Any]:
    """What SQL says of each value, in the order of the values."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t (n INTEGER, {column} {sql_type})")
        connection.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(values)))
        return connection.execute(f"SELECT {', '.join(asked)} FROM t ORDER BY n").fetchall()


@hypothesis_settings(max_examples=30, deadline=None)
@given(st.sets(SHARES, max_size=5), st.lists(SHARES, min_size=1, max_size=8))
def test_digits_of_shares_compare_as_the_shares_do(
    literals: set[float], values: list[float]
) -> None:
    digits_compare_as_numbers_do("urgency", "DOUBLE", literals, values)


@hypothesis_settings(max_examples=30, deadline=None)
@given(st.sets(AMOUNTS, max_size=5), st.lists(AMOUNTS, min_size=1, max_size=8))
def test_digits_of_amounts_compare_as_the_amounts_do(
    literals: set[Decimal], values: list[Decimal]
) -> None:
    digits_compare_as_numbers_do("amount", "DECIMAL(18, 3)", literals, values)


def digits_compare_as_numbers_do(
    name: str, sql_type: str, literals: set[Any], values: Sequence[Any]
) -> None:
    """Every comparison with a literal, asked of the digit instead of the number."""
    field, tried = Stretches.among(name, literals), [*values, *literals]
    found = rows(name, sql_type, tried, [field.digit_sql])
    for value, (digit,) in zip(tried, found, strict=True):
        for literal in literals:
            for each in COMPARISONS:
                compare = COMPARE[each]
                assert compare(digit, field.codes[literal]) == compare(value, literal)


@hypothesis_settings(max_examples=30, deadline=None)
@given(
    st.sets(SHARES, max_size=3),
    st.sets(SHARES, max_size=3),
    st.lists(SHARES | st.none(), min_size=1, max_size=8),
)
def test_more_literals_only_divide_the_stretches_there_were(
    few: set[float], more: set[float], values: list[float | None]
) -> None:
    coarse, fine = (Stretches.among("urgency", each) for each in (few, few | more))
    found = rows("urgency", "DOUBLE", values, [coarse.digit_sql, fine.digit_sql])
    assert [before for before, _ in found] == [fine.coarse(now, coarse) for _, now in found]


FIELDS: dict[str, tuple[Digit, str, Sequence[Any]]] = {
    "a number": (Stretches.among("urgency", (0.2, 0.6)), "DOUBLE", (None, 0.1, 0.2, 0.4, 0.6, 1)),
    "a number nobody compares": (Stretches.among("urgency", ()), "DOUBLE", (None, 0.1)),
    "thresholds": (Stretches.from_steps("confidence", (0, 0.5)), "DOUBLE", (None, -1, 0, 0.5)),
    "a text": (FewValues("flow", ("a", "b"), size=2), "UTINYINT", (None, 0, 1)),
    "a text nobody has": (FewValues("flow"), "UTINYINT", (None,)),
    "a flag": (FewValues("suspicious", size=2), "BOOLEAN", (None, False, True)),
    "a count": (FewValues("hops", lowest=-1, size=3), "BIGINT", (None, -1, 0, 1)),
}


@pytest.mark.parametrize("name", FIELDS)
def test_every_value_has_exactly_one_digit(name: str) -> None:
    field, sql_type, values = FIELDS[name]
    asked = [field.digit_sql, *(f"{field.is_sql(each)}" for each in range(field.size + 1))]
    for digit, *each in rows(field.name, sql_type, values, asked):
        assert [place for place, told in enumerate(each) if told] == [digit]


@pytest.mark.parametrize("name", ["a flag", "a count"])
def test_a_value_without_a_code_comes_back_from_its_digit(name: str) -> None:
    field, sql_type, values = FIELDS[name]
    found = rows(field.name, sql_type, values, [field.value_sql(field.digit_sql)])
    assert [value for (value,) in found] == list(values)


def test_digits_are_read_out_of_a_key_as_they_went_in() -> None:
    fields = [field for field, *_ in FIELDS.values() if field.name != "urgency"]
    key = Key((*fields, FIELDS["a number"][0]))
    spans = [key.span(count) for count in range(len(key.fields) + 1)]
    with duckdb.connect() as connection:
        for number in (0, 1, 17, spans[-1] // 2, spans[-1] - 1):
            asked = [key.digit(field, str(number)) for field in key.fields]
            (digits,) = connection.execute(f"SELECT {', '.join(asked)}").fetchall()
            assert sum(d * span for d, span in zip(digits, spans, strict=False)) == number
