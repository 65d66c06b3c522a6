"""What a customer types by mistake reaches no sink: model request, log, ledger, published history.

Numbers are made up; card numbers pass Luhn's check and IBANs their own, as real ones do.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from front_door import sample_workbench

from workbench import Workbench
from workbench.records.events import EventKind
from workbench.speak.model import ModelFault, RecordedModel
from workbench.speak.model_writer import ModelWriter

CUSTOMER = "C-1001"
LANGUAGES = {
    "card": (
        "I paid INV-1001 with my card {}, is it paid?",
        "Visa {} was charged, how much is open on INV-1002?",
        "Meine Kreditkarte {} wurde belastet, ist INV-1001 bezahlt?",
        "Ma carte {} a été débitée, combien dois-je encore ?",
        "Mi tarjeta {}: ¿está pagada la factura?",
        "{}",
    ),
    "cvv": (
        "the CVV is {}, is my invoice paid now?",
        "CVC: {} - what do I owe?",
        "Prüfziffer {} meiner Karte, was ist noch offen?",
        "code de sécurité {}, la facture est-elle payée ?",
    ),
    "iban": (
        "Please refund to IBAN {}",
        "our account is {}, what is open on INV-1001?",
        "Bitte auf {} überweisen",
        "Mon IBAN : {}",
    ),
    "password": (
        "my password is {}, please look up what I owe",
        "Passwort: {} - wie viel ist offen?",
        "mot de passe : {}",
        "contraseña: {}",
    ),
}


@dataclass(frozen=True)
class Typed:
    """A secret in a message."""

    kind: str
    secret: str
    message: str

    def found_in(self, text: str) -> bool:
        """Whether the secret is there, as it was typed or without its separators.

        Three digits stand in any file by chance, so a code is looked for in the words around it.
        """
        if self.kind == "cvv":
            return re.search(rf"(?<!\d){self.secret}(?!\d)", text) is not None
        bare = re.sub(r"[ -]", "", self.secret)
        return self.secret in text or bare in text


def typed_secrets(count: int) -> list[Typed]:
    draw = random.Random(count)
    made = {"card": card, "cvv": cvv, "iban": iban, "password": password}
    found = []
    for number in range(count):
        kind = list(made)[number % len(made)]
        secret = made[kind](draw)
        found.append(Typed(kind, secret, draw.choice(LANGUAGES[kind]).format(secret)))
    return found


def card(draw: random.Random) -> str:
    prefix, length = draw.choice([("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("6011", 16)])
    body = prefix + "".join(draw.choices("0123456789", k=length - 1 - len(prefix)))
    digits = body + luhn_digit(body)
    parts = [digits[i : i + 4] for i in range(0, length, 4)]
    return draw.choice(["", " ", "-"]).join(parts)


def luhn_digit(body: str) -> str:
    doubled = (int(d) * (2 - i % 2) for i, d in enumerate(reversed(body)))
    return str(-sum(n // 10 + n % 10 for n in doubled) % 10)


def iban(draw: random.Random) -> str:
    bban = "".join(draw.choices("0123456789", k=18))
    check = 98 - int(bban + "131400") % 97  # D is 13, E is 14
    text = f"DE{check:02}{bban}"
    return text if draw.random() < 0.5 else " ".join(re.findall(".{1,4}", text))


def cvv(draw: random.Random) -> str:
    return str(draw.randint(111, 989))


def password(draw: random.Random) -> str:
    letters = "abcdefghkmnpqrstuvwxyz"
    return "".join(draw.choices(letters, k=6)).title() + f"{draw.randint(10, 99)}!x"


# The four sinks


def model_requests(model: RecordedModel) -> Iterator[str]:
    for prompt in model.prompts:
        yield prompt.instructions
        yield prompt.material


def words_kept(workbench: Workbench, conversation_id: str) -> Iterator[str]:
    """What the ledger keeps of the customer's own words."""
    for event in workbench.events(conversation_id):
        if event.kind is EventKind.MESSAGE_RECEIVED:
            yield event.data["text"]
        if event.kind is EventKind.REQUEST_OPENED:
            yield event.data["request"]["text"]


def bytes_of_store(folder: Path) -> Iterator[str]:
    """Every file of the store, its write-ahead log included."""
    for path in folder.glob("store.db*"):
        yield path.read_bytes().decode("latin-1")


def published(folder: Path) -> Iterator[str]:
    import pyarrow.parquet as pq

    for path in (folder / "history").rglob("*.parquet"):
        yield repr(pq.read_table(path).to_pydict())


@pytest.mark.parametrize("count", [80, pytest.param(1_000, marks=pytest.mark.full)])
def test_nothing_typed_by_mistake_reaches_a_sink(
    tmp_path: Path,
    count: int,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    model = RecordedModel([ModelFault(kind="server_error")] * 10 * count)
    secrets = typed_secrets(count)
    kept: list[list[str]] = []
    with sample_workbench(tmp_path, writer=ModelWriter(model)) as workbench:
        for typed in secrets:
            result = workbench.converse(CUSTOMER, typed.message, channel="portal")
            kept.append(list(words_kept(workbench, result.conversation_id)))
            workbench.end(result.conversation_id, "assumed")
        workbench.history.publish()
        printed = capsys.readouterr()
        sinks = {
            "model request": list(model_requests(model)),
            "log": [caplog.text, printed.out, printed.err],
            "ledger": [text for texts in kept for text in texts],
            "store": list(bytes_of_store(tmp_path)),
            "history": list(published(tmp_path)),
        }
    assert model.prompts and all(sinks[name] for name in ("ledger", "store", "history"))
    leaks = [
        (typed.kind, name, typed.message)
        for number, typed in enumerate(secrets)
        for name, texts in ({"ledger": kept[number]} if typed.kind == "cvv" else sinks).items()
        if any(typed.found_in(text) for text in texts)
    ]
    assert not leaks
    with capsys.disabled():
        print(
            f"\nPII: 0 of {count} secrets at {len(sinks)} sinks "
            f"({len(model.prompts)} model requests looked at)"
        )
