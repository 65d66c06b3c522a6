"""Languages of messages."""

from __future__ import annotations

import pytest

from workbench.triage.language import language_of

TOLD = [
    ("How much do I owe you?", "en"),
    ("Wie viel muss ich noch bezahlen?", "de"),
    ("Combien est-ce que je vous dois ?", "fr"),
    ("¿Cuánto les debo?", "es"),
    ("Quanto devo pagare per la fattura di marzo?", "it"),
    ("Ile muszę zapłacić za fakturę?", "pl"),
    ("danke", "de"),
    ("merci", "fr"),
    ("gracias", "es"),
    ("thanks", "en"),
]


@pytest.mark.parametrize(("text", "language"), TOLD)
def test_the_language_of_a_message_is_told(text: str, language: str) -> None:
    assert language_of(text).language == language


@pytest.mark.parametrize("text", ["INV-1003", "536365", "ok", "👍", "anna@example.com", ""])
def test_what_has_no_language_is_undetermined(text: str) -> None:
    assert language_of(text).language == "und"
