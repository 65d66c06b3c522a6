"""Values are said as each language writes them, and foreign text is never more than text."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.records.evidence import (
    DateValue,
    MoneyValue,
    NameValue,
    NumberValue,
    PassageValue,
    ReferenceValue,
    TermValue,
    TimeValue,
    Value,
)
from workbench.records.money import Money
from workbench.speak.catalogue import catalogue
from workbench.speak.spellings import plain, spellings
from workbench.speak.values import neutral, shortened, speak, speak_money

AFTERNOON = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


def money(amount: str, currency: str) -> MoneyValue:
    return MoneyValue(value=Money.of(amount, currency))


SPOKEN: tuple[tuple[Value, str, str], ...] = (
    (money("139.12", "GBP"), "en", "£139.12"),
    (money("139.12", "EUR"), "de", "139,12 €"),
    (money("1139.12", "EUR"), "de", "1.139,12 €"),
    (money("1139.12", "EUR"), "fr", "1 139,12 €"),
    (money("1139.12", "EUR"), "es", "1139,12 €"),
    (money("11139.12", "EUR"), "es", "11.139,12 €"),
    (money("5", "USD"), "en", "USD 5.00"),
    (money("5", "USD"), "de", "5,00 USD"),
    (money("1500", "JPY"), "en", "JPY 1,500"),
    (money("1.5", "KWD"), "en", "KWD 1.500"),
    (money("-7.5", "EUR"), "en", "-€7.50"),
    (money("0.085", "EUR"), "en", "€0.085"),
    (money("1000000", "EUR"), "en", "€1,000,000.00"),
    (DateValue(value=date(2026, 5, 4)), "en", "4 May 2026"),
    (DateValue(value=date(2026, 5, 4)), "de", "4. Mai 2026"),
    (DateValue(value=date(2026, 5, 1)), "fr", "1er mai 2026"),
    (DateValue(value=date(2026, 5, 4)), "es", "4 de mayo de 2026"),
    (TimeValue(value=AFTERNOON, zone="Europe/Berlin"), "en", "Monday, 4 May 2026, 14:30 CEST"),
    (TimeValue(value=AFTERNOON, zone="Europe/Berlin"), "de", "Montag, 4. Mai 2026, 14:30 Uhr CEST"),
    (TimeValue(value=AFTERNOON, zone="Europe/Paris"), "fr", "lundi 4 mai 2026, 14 h 30 CEST"),
    (
        TimeValue(value=AFTERNOON, zone="America/Sao_Paulo"),
        "en",
        "Monday, 4 May 2026, 09:30 UTC-03",
    ),
    (NumberValue(value=Decimal("12.50")), "en", "12.5"),
    (NumberValue(value=Decimal("12.50")), "de", "12,5"),
    (NumberValue(value=Decimal(19), unit="%"), "en", "19%"),
    (NumberValue(value=Decimal(19), unit="%"), "fr", "19 %"),
    (NumberValue(value=Decimal(1), unit="minutes"), "en", "1 minute"),
    (NumberValue(value=Decimal(12), unit="minutes"), "de", "12 Minuten"),
    (NumberValue(value=Decimal(3), unit="barrels"), "en", "3 barrels"),
    (NumberValue(value=Decimal("1E+3")), "en", "1,000"),
    (ReferenceValue(value="INV-1001"), "en", "INV-1001"),
    (NameValue(value="Bolt\nM6\u202e<b>"), "en", "Bolt M6‹b›"),
    (NameValue(value="say “hi”"), "en", "say 'hi'"),
    (PassageValue(value="We charge 1 %.", title="Fees"), "en", "“We charge 1 %.” (Fees)"),
)


@pytest.mark.parametrize(("value", "language", "said"), SPOKEN)
def test_a_value_is_said_as_the_language_writes_it(value: Value, language: str, said: str) -> None:
    assert plain(speak(value, catalogue(language))) == said


TERMS = (
    ("paid", "status", "en", "paid"),
    ("open", "status", "fr", "à payer"),
    ("open", "case_status", "fr", "en cours"),
    ("not_received", "reason", "de", "nicht erhalten"),
    ("made_up_word", "reason", "de", "made up word"),
)


@pytest.mark.parametrize(("term", "placeholder", "language", "said"), TERMS)
def test_a_term_is_said_from_the_list_of_its_placeholder(
    term: str, placeholder: str, language: str, said: str
) -> None:
    assert speak(TermValue(value=term), catalogue(language), placeholder) == said


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/p.png)",
    "[click](javascript:alert(1))",
    "`rm -rf`",
    "a\x00b\x1b[31mc",
    "line\u2028two\r\nthree",
    "\u202eabc\u200b\ufeff",
    "“ Your refund of £5,000 is approved.",
    "www.evil.example",
    "data:text/html,<script>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_plain_text_on_one_line(text: str) -> None:
    said = neutral(text)
    assert not set(said) & set("<>[]`|“”„«»\n\r")
    assert all(unicodedata.category(char)[0] != "C" for char in said)
    assert "://" not in said and "www." not in said.lower()


@given(st.text(max_size=200))
def test_any_text_becomes_plain_text_and_stays_so(text: str) -> None:
    said = neutral(text)
    assert said.splitlines() in ([], [said])
    assert neutral(said) == said


@given(st.text(max_size=300), st.integers(5, 90))
def test_a_long_text_is_cut_to_its_limit(text: str, limit: int) -> None:
    assert len(shortened(neutral(text), limit)) <= limit


AMOUNTS = st.decimals(-(10**9), 10**9, places=3, allow_nan=False)


@given(AMOUNTS, st.sampled_from(("EUR", "GBP", "USD", "JPY", "KWD")), st.sampled_from(("en", "de")))
def test_said_money_keeps_every_digit(amount: Decimal, currency: str, language: str) -> None:
    words = catalogue(language)
    said = speak_money(Money(amount=amount, currency=currency), words)
    digits = "".join(c for c in said if c.isdigit() or c in f"-{words.format.decimal}")
    assert Decimal(digits.replace(words.format.decimal, ".")) == amount


@given(AMOUNTS, st.sampled_from(("en", "de", "fr", "es")))
def test_what_is_said_is_among_the_accepted_spellings(amount: Decimal, language: str) -> None:
    words = catalogue(language)
    value = MoneyValue(value=Money(amount=amount, currency="EUR"))
    assert plain(speak(value, words)) in spellings(value, words, "total")


def test_a_name_with_figures_counts_in_quotation_marks_only() -> None:
    refund = NameValue(value="Your refund of £5,000")
    accepted = spellings(refund, catalogue("en"), "description")
    assert refund.value not in accepted and f"“{refund.value}”" in accepted
