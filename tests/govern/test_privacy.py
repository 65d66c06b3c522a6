"""Secrets leave every text; the company's own numbers stay."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.config import ReferenceSettings
from workbench.govern.cards import luhn
from workbench.govern.privacy import (
    find_emails,
    find_phones,
    iban,
    mask,
    pseudonym,
    without_contacts,
)

KEEP = ReferenceSettings().patterns
REAL_DATA = Path(
    os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).parents[3] / "shared" / "data")
)


def _card(rng: random.Random, prefix: str, length: int) -> str:
    body = prefix + "".join(rng.choice("0123456789") for _ in range(length - 1 - len(prefix)))
    return next(body + str(check) for check in range(10) if luhn(body + str(check)))


NETWORKS = [("4", 16), ("4", 13), ("51", 16), ("2221", 16), ("34", 15), ("6011", 16), ("62", 19)]
SEPARATORS = [" ", "-", ".", "\n", "\u00a0", " - ", "\u200b"]
SCRIPTS = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"]


def _written(rng: random.Random, card: str) -> str:
    """A card as people write it: in one go, or in fours, with any mark, in any script."""
    digits = card.translate(str.maketrans("0123456789", rng.choice(SCRIPTS)))
    if len(card) != 16 or rng.random() < 0.3:
        return digits
    mark = rng.choice(SEPARATORS)
    return mark.join(digits[i : i + 4] for i in range(0, len(digits), 4))


def test_cards_are_masked_however_they_are_written() -> None:
    rng, missed = random.Random(7), 0
    for _ in range(5_000):
        card = _written(rng, _card(rng, *rng.choice(NETWORKS)))
        masked = mask(f"please use {card} for INV-1003", keep=KEEP)
        missed += card in masked.text or "card" not in masked.kinds
    print(f"cards missed: {missed} of 5,000")
    assert missed == 0


def test_any_unbroken_number_with_a_check_digit_is_masked() -> None:
    rng = random.Random(8)
    for length in range(12, 20):
        for _ in range(100):
            card = _card(rng, str(rng.randrange(10)), length)
            assert card not in mask(f"number {card}.", keep=KEEP).text


def test_own_numbers_dates_and_amounts_are_never_masked() -> None:
    rng, wrong = random.Random(9), 0
    for _ in range(5_000):
        text = _business(rng)
        wrong += mask(text, keep=KEEP).text != text
    print(f"own numbers masked by mistake: {wrong} of 5,000")
    assert wrong == 0


def _business(rng: random.Random) -> str:
    code = "".join(rng.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(8))
    pieces = [
        f"INV-{rng.randrange(1000, 10 ** rng.randrange(4, 14))}",
        f"CASE-{code}",
        f"ORD-{rng.randrange(100, 10**9)}",
        f"C-{rng.randrange(100, 99999)}",
        f"{rng.randrange(1, 9999)}.{rng.randrange(10, 99)} EUR",
        f"{rng.randrange(1, 9)}.{rng.randrange(100, 999)},{rng.randrange(10, 99)}",
        f"{rng.randrange(10, 28)}.0{rng.randrange(1, 9)}.2026",
        f"{rng.randrange(100000, 999999)} {rng.randrange(100000, 999999)}",
        f"{rng.randrange(2, 99)} pcs at {rng.randrange(1, 99)}.{rng.randrange(10, 99)}",
    ]
    return "about " + " ".join(rng.sample(pieces, 4)) + " please"


SECRETS = [
    ("card 4111 1111 1111 1111 12/27 123", "123", "security_code"),
    ("my cvv is 987", "987", "security_code"),
    ("987 is my CVC", "987", "security_code"),
    ("IBAN DE89 3704 0044 0532 0130 00", "0532", "bank_details"),
    ("gb82west12345698765432", "west", "bank_details"),
    ("iban: DE89 3704 0044 0532 0130 01 (typo)", "0532", "bank_details"),
    ("sort code 20-00-00, account 55779911", "55779911", "bank_details"),
    ("routing number 021000021 account 123456789", "123456789", "bank_details"),
    ("Kontonummer 532013000 BLZ 37040044", "532013000", "bank_details"),
    ("my password is hunter2", "hunter2", "password"),
    ("Passwort: geheim123", "geheim123", "password"),
    ("mot de passe : soleil", "soleil", "password"),
    ("mi contraseña es Sol2024", "Sol2024", "password"),
    ("pin 4711", "4711", "password"),
    ("SSN 078-05-1120", "1120", "national_id"),
]


@pytest.mark.parametrize(("text", "secret", "kind"), SECRETS)
def test_other_secrets_are_masked(text: str, secret: str, kind: str) -> None:
    masked = mask(text, keep=KEEP)
    assert secret not in masked.text
    assert kind in masked.kinds


HARMLESS = [
    "my password is not working",
    "I forgot my password, where can I reset it?",
    "call me on +49 170 1234567890",
    "invoices 536365 and 536367 of 2010",
    "write to anna@example.com",
    "line 3: 12 pcs at 4.95, total 59.40",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_texts_stay_as_they_are(text: str) -> None:
    assert mask(text, keep=KEEP).text == text


def test_check_digits_decide() -> None:
    assert luhn("4111111111111111") and not luhn("4111111111111112")
    assert iban("DE89370400440532013000") and not iban("DE89370400440532013001")


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=400))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text, keep=KEEP).text
    assert mask(once, keep=KEEP).text == once


LONG = {
    "digits": "1" * 1_000_000,
    "spaced digits": "4 " * 500_000,
    "groups": "4111 " * 200_000,
    "own numbers": "INV-1003 " * 110_000,
    "password": "password is " * 83_000,
    "iban": "iban DE12 " * 100_000,
    "blanks": " " * 1_000_000,
}


@pytest.mark.parametrize("name", LONG)
def test_time_grows_with_the_text_and_no_faster(name: str) -> None:
    text = LONG[name]
    small, large = _seconds(text[:100_000]), _seconds(text)
    print(f"{name}: 0.1 MB {small:.2f} s, 1 MB {large:.2f} s")
    assert large < 25 * max(small, 0.02)


def _seconds(text: str) -> float:
    started = perf_counter()
    mask(text, keep=KEEP)
    return perf_counter() - started


def test_pseudonyms_are_stable_and_need_the_key() -> None:
    assert pseudonym("Anna@Example.com ", b"k") == pseudonym("anna@example.com", b"k")
    assert pseudonym("anna@example.com", b"k") != pseudonym("anna@example.com", b"other")


def test_analytics_copies_hold_no_contacts_and_join_two_spellings_of_a_phone() -> None:
    one = without_contacts("anna@example.com or +49 30 1234567, INV-1003", b"k", keep=KEEP)
    other = without_contacts("anna@example.com or +49301234567, INV-1003", b"k", keep=KEEP)
    assert one == other
    assert "anna" not in one and "1234567" not in one and "INV-1003" in one


def test_labelled_personal_data_is_found() -> None:
    file = REAL_DATA / "security" / "pii" / "generated_large.json"
    if not file.exists():
        pytest.skip(f"no real data in {REAL_DATA}")
    found: dict[str, list[bool]] = {}
    for row in json.loads(file.read_text("utf-8")):
        text = row["full_text"]
        masked, mails = mask(text, keep=KEEP).text, find_emails(text)
        phones = find_phones(text, keep=KEEP)
        for span in row["spans"]:
            value = span["entity_value"]
            hit = {
                "CREDIT_CARD": value not in masked,
                "IBAN_CODE": value not in masked,
                "EMAIL_ADDRESS": value in mails,
                "PHONE_NUMBER": any(value in phone or phone in value for phone in phones),
            }.get(span["entity_type"])
            if hit is not None:
                found.setdefault(span["entity_type"], []).append(hit)
    recall = {kind: sum(hits) / len(hits) for kind, hits in found.items()}
    print("recall", {kind: f"{share:.3f} of {len(found[kind])}" for kind, share in recall.items()})
    assert recall["CREDIT_CARD"] == recall["IBAN_CODE"] == recall["EMAIL_ADDRESS"] == 1
    assert recall["PHONE_NUMBER"] >= 0.90
