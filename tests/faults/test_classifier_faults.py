"""Whatever a model's endpoint does, a message is read: in time, and never off the closed list."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from model_server import FAULTS, model_server

from workbench.speak.model import ModelFault
from workbench.speak.model_classifier import ModelClassifier, Proposal, Trust
from workbench.speak.openai_model import OpenAIModel
from workbench.triage.classifier import TextClassifier, fit
from workbench.triage.labelled import Labelled

DEADLINE, TOLERANCE = 0.8, 0.5
HEALTHY = "an-intent"
ALL = ("refused", *FAULTS)
ROWS = tuple(
    Labelled(text=f"{words} {n}", label=label)
    for words, label in (("where is my parcel", "delivery"), ("copy of the bill", "copy"))
    for n in ("please", "now", "today", "again", "quickly")
)
BELIEVED = Trust(
    base=0, stated=1, keyless=0, agrees=0, messages=50, answered=50, right=40, keyless_right=40
)
MESSAGE = "where is the parcel"


@pytest.fixture(scope="module")
def base_url() -> Iterator[Callable[[str], str]]:
    with model_server() as running:
        yield running


@pytest.fixture(scope="module")
def keyless() -> TextClassifier:
    return fit([row.text for row in ROWS], [row.label for row in ROWS]).classifier


def classifier(url: str, keyless: TextClassifier) -> ModelClassifier:
    return ModelClassifier(OpenAIModel(url, "local", "key"), keyless, {}, ROWS, BELIEVED, DEADLINE)


def test_a_healthy_endpoint_proposes_an_intent_of_the_list(base_url, keyless) -> None:
    proposal = classifier(base_url(HEALTHY), keyless).propose(MESSAGE)
    assert isinstance(proposal, Proposal)
    assert (proposal.label, proposal.stated) == (keyless.labels[0], 0.9)
    assert proposal.model.startswith("local classify_message.v1#")


@pytest.mark.parametrize("fault", [fault for fault in ALL if fault != HEALTHY])
def test_every_fault_ends_in_the_keyless_probabilities_in_time(base_url, keyless, fault) -> None:
    asked = classifier(base_url(fault), keyless)
    started = time.monotonic()
    chances = asked.probabilities(MESSAGE)
    assert time.monotonic() - started <= DEADLINE + TOLERANCE
    assert np.array_equal(chances, keyless.probabilities(MESSAGE))
    assert isinstance(asked.propose(MESSAGE), ModelFault)


def test_many_messages_at_once_are_each_read_in_time(base_url, keyless) -> None:
    names = [ALL[n % len(ALL)] for n in range(2 * len(ALL))]

    def timed(fault: str) -> float:
        started = time.monotonic()
        assert classifier(base_url(fault), keyless).probabilities(MESSAGE).sum() == pytest.approx(1)
        return time.monotonic() - started

    with ThreadPoolExecutor(8) as pool:
        slowest = max(pool.map(timed, names))
    print(f"\n{len(names)} readings under {len(ALL)} faults, slowest {slowest:.2f} s")
    assert slowest <= DEADLINE + 3 * TOLERANCE
