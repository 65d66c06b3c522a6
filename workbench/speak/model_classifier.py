"""Intents proposed by a language model, from a closed list, as sure as measurement says it is.

The model sees the intents with their descriptions, the most similar labelled messages, and the
message as data. An answer that is not on the list is no answer. How sure the model claims to be is
worth what labelled messages show it to be worth (`Trust`); without an answer, the keyless
classifier's stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from time import monotonic
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, create_model

from workbench.records.base import Record
from workbench.records.signals import SOMETHING_ELSE
from workbench.speak.model import LanguageModel, ModelFault, Prompt, instructions
from workbench.triage.labelled import Labelled
from workbench.triage.ports import IntentClassifier
from workbench.triage.similar import Likeness

PROMPT = "classify_message.v1"
EXAMPLES = 8
"""Labelled messages that the model is shown."""
EXAMPLES_A_LABEL = 2
LONGEST_MESSAGE = 4_000
"""Characters of a message that the model reads; what follows is quotation or attachment."""
_ATTEMPTS = 2
_WORTH_ANOTHER_TRY = frozenset({"malformed", "wrong_schema", "cut_off"})
"""Faults of an answer; those of the endpoint the client has retried already."""

Chances = NDArray[np.float64]


class Choice(Record):
    """What the model answers."""

    intent: str
    sure: int = Field(ge=0, le=100)
    """Per cent."""


class Proposal(Record):
    """What a model said about a message, not yet measured against anything."""

    label: str
    stated: float
    """How sure it claims to be, 0-1."""
    model: str
    """Which model, under which prompt."""


class Trust(Record):
    """How much a model's word is worth: the chance that it is right, from three pieces of evidence.

    A logistic curve (Platt 1999) over the log odds that the model states, the log odds of the same
    label by the keyless classifier, and whether the two agree.
    """

    base: float
    stated: float
    keyless: float
    agrees: float
    messages: int
    """Labelled messages that the model was asked about."""
    answered: int
    """Of these, with a name from the list, in time."""
    right: int
    """Of the answers."""
    keyless_right: int
    """Of the same messages, by the keyless classifier."""

    def chance(self, proposal: Proposal, keyless: float, agrees: bool) -> float:
        """Calibrated probability that a proposal is right."""
        evidence = (
            self.base
            + self.stated * log_odds(proposal.stated)
            + self.keyless * log_odds(keyless)
            + self.agrees * agrees
        )
        return 1 / (1 + exp(-max(-30.0, min(30.0, evidence))))

    def __str__(self) -> str:
        return (
            f"asked about {self.messages} labelled messages: {self.answered} answered from the "
            f"list, {self.right} right; the keyless classifier has {self.keyless_right} of "
            f"{self.messages} right"
        )


def log_odds(chance: float) -> float:
    """Bounded, so that a claim of certainty is a strong one and not an infinite one."""
    bounded = min(max(chance, 0.005), 0.995)
    return log(bounded / (1 - bounded))


@dataclass(frozen=True)
class ModelClassifier:
    """Label probabilities from a language model and the keyless classifier together."""

    model: LanguageModel
    keyless: IntentClassifier
    descriptions: Mapping[str, str]
    """Declared intent -> one sentence about it."""
    labelled: Sequence[Labelled]
    """Where examples are taken from."""
    trust: Trust
    deadline: float = 4.0
    """Wall-clock seconds for a proposal, the second try included."""

    @property
    def labels(self) -> Sequence[str]:
        """The closed list."""
        return self.keyless.labels

    def propose(self, text: str) -> Proposal | ModelFault:
        """What the model says; a fault where it says nothing usable in time. Never raises."""
        until = monotonic() + self.deadline
        prompt = self._prompt(text)
        fault = ModelFault(kind="timeout", detail="no time was given")
        for _ in range(_ATTEMPTS):
            left = until - monotonic()
            if left <= 0:
                break
            answer = self.model.complete(prompt, self._schema, left)
            if not isinstance(answer, ModelFault):
                return Proposal(
                    label=answer.answer.intent,
                    stated=answer.answer.sure / 100,
                    model=f"{answer.model} {prompt.version}",
                )
            fault = answer
            if fault.kind not in _WORTH_ANOTHER_TRY:
                break
        return fault

    def probabilities(self, text: str) -> Chances:
        """Calibrated probabilities by label; the keyless ones where the model gives no answer."""
        proposal = self.propose(text)
        chances = self.keyless.probabilities(text)
        return chances if isinstance(proposal, ModelFault) else self.joined(chances, proposal)

    def joined(self, chances: Chances, proposal: Proposal) -> Chances:
        """Keyless probabilities in which the proposed label is as likely as trust makes it."""
        place = self.labels.index(proposal.label)
        agrees = int(chances.argmax()) == place
        told = self.trust.chance(proposal, float(chances[place]), agrees)
        others = max(1 - float(chances[place]), 1e-9)
        joined: Chances = chances * ((1 - told) / others)
        joined[place] = told
        return joined

    @cached_property
    def _schema(self) -> type[Choice]:
        return closed_choice(self.labels)

    @cached_property
    def _likeness(self) -> Likeness:
        return Likeness([row.text for row in self.labelled])

    @cached_property
    def _instructions(self) -> str:
        return instructions(PROMPT)

    def _prompt(self, text: str) -> Prompt:
        """Fixed parts first, so that an endpoint can keep what it has read of them."""
        material = {
            "intents": {label: self._meaning(label) for label in self.labels},
            "examples": self._examples(text),
            "message": text[:LONGEST_MESSAGE],
        }
        return Prompt(
            name=PROMPT,
            instructions=self._instructions,
            material=json.dumps(material, ensure_ascii=False, indent=1),
        )

    def _meaning(self, label: str) -> str:
        if label == SOMETHING_ELSE:
            return "Anything that none of the others covers."
        return self.descriptions.get(label) or label.replace("_", " ")

    def _examples(self, text: str) -> list[dict[str, str]]:
        """The most similar labelled messages, at most two of one label."""
        likeness = self._likeness.to(text)
        told: dict[str, int] = {}
        examples: list[dict[str, str]] = []
        for place in np.argsort(-likeness, kind="stable"):
            row = self.labelled[place]
            if told.get(row.label, 0) < EXAMPLES_A_LABEL:
                told[row.label] = told.get(row.label, 0) + 1
                examples.append({"message": row.text, "intent": row.label})
            if len(examples) == EXAMPLES or likeness[place] <= 0:
                break
        return examples


def closed_choice(labels: Sequence[str]) -> type[Choice]:
    """A schema whose intent is one of the labels: anything else is a wrong answer, not a label."""
    allowed = frozenset(labels)

    def on_the_list(name: str) -> str:
        if name not in allowed:
            raise ValueError("is not on the list")
        return name

    listed: Any = Annotated[
        str, AfterValidator(on_the_list), Field(json_schema_extra={"enum": list(labels)})
    ]
    return create_model("IntentChoice", __base__=Choice, intent=(listed, ...))
