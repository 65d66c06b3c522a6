"""The phrase catalogue says the same things in every language."""

from __future__ import annotations

import re

import pytest

from workbench.errors import InputError
from workbench.records.cases import CaseStatus, Grade
from workbench.records.invoices import DisputeReason
from workbench.speak.catalogue import Phrase, catalogue, differences, languages

LANGUAGES = ("en", "de", "es", "fr")


def test_four_languages_are_spoken_english_first() -> None:
    assert languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_placeholders(language: str) -> None:
    assert differences(language) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_belongs_to_a_phrase(language: str) -> None:
    phrases = catalogue(language).phrases
    rows = [key.removesuffix(".row") for key in phrases if key.endswith(".row")]
    assert [key for key in rows if key not in phrases] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_closed_lists_are_translated_completely(language: str) -> None:
    terms = catalogue(language).terms
    assert set(terms["reason"]) == set(DisputeReason)
    assert set(terms["case_status"]) == set(CaseStatus)
    assert set(terms["grade"]) == set(Grade)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_states_a_figure_of_its_own(language: str) -> None:
    words = catalogue(language)
    stated = {key: re.findall(r"\d", phrase.text) for key, phrase in words.phrases.items()}
    assert {key for key, digits in stated.items() if digits} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_brackets_and_braces_are_balanced(language: str) -> None:
    for key, phrase in catalogue(language).phrases.items():
        filled = phrase.fill(dict.fromkeys(phrase.placeholders, "x"))
        assert not set("[]{}") & set(filled), key


def test_a_language_that_is_not_spoken_answers_in_english() -> None:
    assert catalogue("it").language == "en"


def test_an_unknown_key_names_itself_and_the_next_step() -> None:
    with pytest.raises(InputError, match=r"no key 'invoice\.nothing'.*every language"):
        catalogue("en").phrase("invoice.nothing")


PARTS = (
    ("{a}[, due {b}]", {"a": "1"}, "1"),
    ("{a}[, due {b}]", {"a": "1", "b": "2"}, "1, due 2"),
    ("{a}[ rest {b}[ on {c}].]", {"a": "1", "b": "2"}, "1 rest 2."),
    ("{a}[ rest {b}[ on {c}].]", {"a": "1", "c": "3"}, "1"),
    ("{a}", {"a": "{b} [x]", "b": "2"}, "{b} [x]"),
)


@pytest.mark.parametrize(("text", "words", "said"), PARTS)
def test_a_part_falls_away_when_its_fact_is_missing(
    text: str, words: dict[str, str], said: str
) -> None:
    assert Phrase(text=text).fill(words) == said
