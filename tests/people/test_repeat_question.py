"""A person who asks again for what the packet holds is noticed, in four languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from front_door import sample_workbench

from workbench import Workbench
from workbench.people.asking import asks_for

CUSTOMER = "C-1001"

# Language, message, what it asks for.
MESSAGES = [
    ("en", "Hello, could you give me your customer number?", {"customer_number"}),
    (
        "en",
        "What is the number of your invoice, and your postcode?",
        {"invoice_number", "postcode"},
    ),
    ("en", "Which invoice is it about?", {"invoice_number"}),
    ("en", "Hi, how can I help you today?", {"matter"}),
    ("en", "I need your case number. Thanks.", {"case_number"}),
    ("en", "Please send me your full name.", {"name"}),
    ("en", "May I verify your identity first?", {"proof"}),
    ("en", "Could you tell me your order number, please?", {"order_number"}),
    ("en", "Please describe the problem.", {"matter"}),
    ("en", "I see that invoice number INV-1001 is overdue. I move the date.", set()),
    ("en", "Your case number is CASE-22223333.", set()),
    ("en", "Would Tuesday suit you?", set()),
    ("en", "We sent it to your e-mail address on file.", set()),
    ("en", "Did you receive our letter of May?", set()),
    ("en", "I have read everything and credit the amount today.", set()),
    ("de", "Guten Tag, wie lautet bitte Ihre Kundennummer?", {"customer_number"}),
    ("de", "Um welche Rechnung geht es?", {"invoice_number"}),
    ("de", "Nennen Sie mir bitte Ihre Postleitzahl.", {"postcode"}),
    ("de", "Womit kann ich Ihnen helfen?", {"matter"}),
    ("de", "Mit wem spreche ich?", {"name"}),
    ("de", "Bitte schildern Sie mir Ihr Anliegen.", {"matter"}),
    ("de", "Ich benötige noch Ihre Telefonnummer.", {"phone"}),
    ("de", "Ihre Rechnungsnummer habe ich schon.", set()),
    ("de", "Passt Ihnen Dienstag?", set()),
    ("de", "Ich habe alles gelesen und kümmere mich darum.", set()),
    ("de", "Die Postleitzahl in unseren Daten stimmt.", set()),
    ("fr", "Pouvez-vous m’indiquer votre numéro de client ?", {"customer_number"}),
    ("fr", "De quelle facture parlez-vous ?", {"invoice_number"}),
    ("fr", "Bonjour, en quoi puis-je vous aider ?", {"matter"}),
    ("fr", "Merci de me donner votre code postal.", {"postcode"}),
    ("fr", "Veuillez confirmer votre identité.", {"proof"}),
    ("fr", "Votre numéro de client figure au dossier.", set()),
    ("fr", "Mardi vous convient-il ?", set()),
    ("fr", "J’ai tout lu et je m’en occupe.", set()),
    ("es", "¿Me puede decir su número de cliente?", {"customer_number"}),
    ("es", "¿De qué factura se trata?", {"invoice_number"}),
    ("es", "Buenos días, ¿en qué puedo ayudarle?", {"matter"}),
    ("es", "Por favor, indíqueme su código postal.", {"postcode"}),
    ("es", "¿Con quién hablo?", {"name"}),
    ("es", "Ya tengo su número de factura.", set()),
    ("es", "¿Le viene bien el martes?", set()),
    ("es", "Lo he leído todo y me ocupo.", set()),
]


def test_what_a_message_asks_for_is_found_in_four_languages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = [(text, asks_for(text)) for _, text, slots in MESSAGES if {*asks_for(text)} != slots]
    with capsys.disabled():
        print(f"\nasking: {len(MESSAGES) - len(wrong)} of {len(MESSAGES)} messages read right")
    assert wrong == []


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("asking")) as opened:
        yield opened


def handed_off(workbench: Workbench) -> str:
    """Proven, an invoice named, and a person asked for and there."""
    text = "Something is wrong with INV-1001, I want to talk to a person"
    result = workbench.converse(CUSTOMER, text, channel="portal")
    assert result.packet
    workbench.take(result.packet.id, "ana")
    return result.conversation_id


@pytest.mark.parametrize(
    ("said", "again"),
    [
        (["Which invoice is it about?"], True),
        (["Quel est votre numéro de client ?"], True),
        (["Worum geht es?"], True),
        (["I have read everything. I correct INV-1001 now."], False),
        (["Which order number is on the parcel?"], False),
        (["I look into it.", "Which invoice is it about?"], False),
    ],
)
def test_the_first_words_after_a_hand_off_count_as_a_repeat_question(
    workbench: Workbench, said: list[str], again: bool
) -> None:
    talk = handed_off(workbench)
    for text in said:
        workbench.human_reply(talk, "ana", text)
    assert repeat_question(workbench, talk) is again


def test_after_a_second_hand_off_the_first_words_count_again(workbench: Workbench) -> None:
    talk = handed_off(workbench)
    workbench.human_reply(talk, "ana", "I look into it.")
    workbench.hand_back(talk, "ana", "Solved for me.")
    result = workbench.converse(CUSTOMER, "A person please", conversation_id=talk)
    assert result.packet
    workbench.human_reply(talk, "ben", "Hello, how can I help you?")
    assert repeat_question(workbench, talk) is True


def test_the_rate_is_that_of_the_hand_offs(tmp_path: Path) -> None:
    words = [
        "I correct it now.",
        "Which invoice is it about?",
        "I call you.",
        "Who am I speaking to?",
    ]
    with sample_workbench(tmp_path) as workbench:
        for text in words:
            workbench.human_reply(handed_off(workbench), "ana", text)
        connection = workbench.history.connection()
        ((hits, n),) = connection.sql(
            "SELECT count(*) FILTER (repeat_question), count(*) FROM contact "
            "WHERE handed_off AND conversation_id IS NOT NULL"
        ).fetchall()
    assert (hits, n) == (2, 4)


def repeat_question(workbench: Workbench, talk: str) -> bool:
    rows = workbench.history.connection().execute(
        "SELECT bool_or(repeat_question) FROM contact WHERE conversation_id = ?", [talk]
    )
    return bool(rows.fetchall()[0][0])
