"""Reading messages with a language model's help: intents from both, all else keyless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.config import ModelSettings
from workbench.records.intents import IntentRow
from workbench.records.signals import SOMETHING_ELSE, Signals
from workbench.speak.model import ModelFault
from workbench.speak.model_classifier import Chances, ModelClassifier, Proposal
from workbench.speak.model_trust import kept_trust, trust_file
from workbench.speak.model_writer import language_model
from workbench.triage.labelled import Labelled
from workbench.triage.model import TriageModel
from workbench.triage.ports import MessageReader
from workbench.triage.requests import likeliest_intent


@dataclass(frozen=True)
class ModelReader:
    """Asks the model about messages with one plain request; the keyless reader does the rest."""

    keyless: MessageReader
    classifier: ModelClassifier

    @property
    def version(self) -> str:
        return f"{self.keyless.version} + {self.classifier.model.name}"

    def read(
        self,
        text: str,
        *,
        history: tuple[str, ...] = (),
        pending: str = "",
        default_language: str = "en",
    ) -> Signals:
        """Everything that one message says; see `MessageReader.read`."""
        signals = self.keyless.read(
            text, history=history, pending=pending, default_language=default_language
        )
        if not _is_for_the_model(signals):
            return signals
        proposal = self.classifier.propose(text)
        if isinstance(proposal, ModelFault):
            return signals.model_copy(update={"model": f"{signals.model} ({proposal})"})
        chances = self.classifier.joined(self.classifier.keyless.probabilities(text), proposal)
        return signals.model_copy(
            update={
                "intents": (likeliest_intent(self.classifier.labels, chances, text),),
                "out_of_scope": self._out_of_scope(signals, proposal, chances),
                "model": f"{signals.model} + {proposal.model}",
            }
        )

    def _out_of_scope(self, signals: Signals, proposal: Proposal, chances: Chances) -> float:
        """The model's word where it says so; else no more than it leaves room for."""
        told = float(chances[self.classifier.labels.index(proposal.label)])
        return told if proposal.label == SOMETHING_ELSE else min(signals.out_of_scope, 1 - told)


def _is_for_the_model(signals: Signals) -> bool:
    """Whether there is one request, and none that phrases have told already.

    A text that reads like instructions to the assistant is not put before a model at all.
    """
    said = signals.wants_person or signals.asks_if_human or signals.suspicious
    return len(signals.intents) == 1 and not said


def model_reader(
    settings: ModelSettings,
    keyless: TriageModel,
    labelled: Sequence[Labelled],
    intents: Mapping[str, IntentRow],
    state: Path,
) -> MessageReader:
    """The reader that a POC's settings ask for.

    A model whose word was never measured is not asked: the keyless reader stays alone.
    """
    trust = kept_trust(trust_file(state, settings.name))
    if not (settings.base_url and settings.classify and trust):
        return keyless
    classifier = ModelClassifier(
        language_model(settings),
        keyless.intents,
        {name: row.description for name, row in intents.items()},
        labelled,
        trust,
        settings.classify_seconds,
    )
    return ModelReader(keyless, classifier)
