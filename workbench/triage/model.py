"""The keyless reader of messages: fitted on a POC's labelled messages in seconds, run in 1 ms.

message -> language · requests (classifier) · sentiment (classifier) · signs (phrases)
                                \\__________________|___________________/
                                                Signals
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ConfigError, Corrupt
from workbench.records.signals import SOMETHING_ELSE, IntentScore, Signals
from workbench.triage.classifier import (
    QUICK_FOLDS,
    WRITTEN_EVIDENCE,
    WRITTEN_WEIGHTS,
    TextClassifier,
    fit_written,
)
from workbench.triage.combined import CombinedClassifier, fit_combined
from workbench.triage.kept_vectors import KeptVectors
from workbench.triage.labelled import Labelled, digest, read_folder, read_labelled
from workbench.triage.language import language_of
from workbench.triage.pending import is_answer, is_bare_yes_or_no
from workbench.triage.ports import Encoder, IntentClassifier
from workbench.triage.requests import Requests, read_requests
from workbench.triage.signs import Signs, read_signs

FORMAT = 4
"""Changes when a saved model of an older program can no longer be read."""
SURE_OF_WISH = 0.75
"""Confidence from which the classifier alone says that a person is wanted."""
SURE_DESPITE_WISH = 0.9
"""Confidence from which a request stands although a phrase says that a person is wanted."""


@dataclass(frozen=True)
class TriageModel:
    """Reads messages by what a POC's labelled messages taught it."""

    intents: IntentClassifier
    sentiment: TextClassifier
    version: str

    @classmethod
    def fit(
        cls,
        labelled: Sequence[Labelled],
        sentiment: Sequence[Labelled],
        intents: Collection[str],
        encoder: Encoder | None = None,
    ) -> TriageModel:
        """Fit both classifiers; the same rows always give the same model.

        Args:
            labelled: messages with their intent, or `something_else`.
            sentiment: texts labelled `negative`, `neutral` or `positive`.
            intents: the names that `intents.toml` declares.
            encoder: reads intents beside their words; None: words alone are read.

        Raises:
            ConfigError: a label is not declared, or a declared intent has no message.
        """
        _check_labels({row.label for row in labelled}, set(intents))
        return cls(
            intents=_fitted_intents(labelled, encoder),
            sentiment=fit_written(sentiment).classifier,
            version=_version(labelled, sentiment, encoder),
        )

    def read(
        self,
        text: str,
        *,
        history: tuple[str, ...] = (),
        pending: str = "",
        default_language: str = "en",
    ) -> Signals:
        """Everything that one message says, by itself.

        Args:
            history: earlier messages; this reader takes each message on its own.
            pending: the slot asked for last; a bare answer to it is no new request.
            default_language: decides when two languages are equally likely.
        """
        del history
        spoken = language_of(text, default_language)
        signs = read_signs(text)
        found = read_requests(self.intents, text) if signs.words else Requests((), 0.0)
        intents = _with_wish(found.intents, signs)
        if pending and is_answer(text, pending, signs, intents):
            intents, found = (), Requests((), 0.0)
        return Signals(
            intents=intents,
            out_of_scope=0.0
            if signs.wants_person or is_bare_yes_or_no(signs)
            else found.out_of_scope,
            sentiment=self._sentiment(text) if signs.words else 0.0,
            urgency=signs.urgency,
            language=spoken.language,
            language_confidence=spoken.confidence,
            wants_person=signs.wants_person or _asks_for_person(intents, signs),
            asks_if_human=signs.asks_if_human,
            sensitive=signs.sensitive,
            abusive=signs.abusive,
            third_party=signs.third_party,
            suspicious=signs.suspicious,
            affirmation=signs.affirmation,
            model=self.version,
        )

    def _sentiment(self, text: str) -> float:
        """P(positive) - P(negative)."""
        chances = dict(zip(self.sentiment.labels, self.sentiment.probabilities(text), strict=True))
        return float(chances.get("positive", 0.0) - chances.get("negative", 0.0))

    def save(self, folder: Path) -> None:
        """Write the model into a folder, the description last, so that half a model is none."""
        self.intents.save(folder / "intents")
        self.sentiment.save(folder / "sentiment")
        about = json.dumps({"format": FORMAT, "version": self.version})
        (folder / "model.json").write_text(about, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encoder: Encoder | None = None) -> TriageModel:
        """Read what `save` wrote, with the encoder it was fitted with; `Corrupt` if not whole."""
        try:
            about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            version = str(about["version"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Corrupt(f"There is no triage model in {folder}: {error}") from error
        kept = folder / "intents"
        return cls(
            intents=CombinedClassifier.load(kept, encoder)
            if encoder
            else TextClassifier.load(kept),
            sentiment=TextClassifier.load(folder / "sentiment"),
            version=version,
        )


def triage_model(
    messages: Path,
    sentiment: Path,
    state: Path,
    intents: Collection[str],
    encoder: Encoder | None = None,
) -> TriageModel:
    """The model of a POC: the saved one if it was fitted on these very rows, else a new one.

    Args:
        messages: folder with labelled messages, `*.csv`.
        sentiment: file with texts and their sentiment.
        state: folder to keep the model in.
        intents: the names that `intents.toml` declares.
        encoder: reads intents beside their words; None: words alone are read.
    """
    labelled, tones = read_folder(messages), read_labelled(sentiment)
    saved = state / _version(labelled, tones, encoder)
    try:
        return TriageModel.load(saved, encoder)
    except Corrupt:
        kept = KeptVectors(encoder, state / "vectors") if encoder else None
        model = TriageModel.fit(labelled, tones, intents, kept)
        model.save(saved)
        return TriageModel.load(saved, encoder) if encoder else model


def _version(
    labelled: Sequence[Labelled], tones: Sequence[Labelled], encoder: Encoder | None
) -> str:
    kind = f"encoder-{encoder.digest[:8]}" if encoder else "lexical"
    return f"{kind}-{FORMAT}-{digest(labelled, tones)}"


def _fitted_intents(rows: Sequence[Labelled], encoder: Encoder | None) -> IntentClassifier:
    if encoder is None:
        return fit_written(rows).classifier
    texts, labels = [row.text for row in rows], [row.label for row in rows]
    return fit_combined(
        texts,
        labels,
        encoder,
        weights=WRITTEN_WEIGHTS,
        evidence=WRITTEN_EVIDENCE,
        folds=QUICK_FOLDS,
    )


def _check_labels(labels: set[str], declared: set[str]) -> None:
    unknown = labels - declared - {SOMETHING_ELSE}
    if unknown:
        raise ConfigError(
            f"Messages are labelled {', '.join(sorted(unknown))}, which intents.toml lacks",
            next_step="Declare the intent there or correct the label.",
        )
    missing = declared - labels
    if missing:
        raise ConfigError(
            f"No labelled message for {', '.join(sorted(missing))}",
            next_step="Write at least twenty messages for each into intents/*.csv.",
        )


def _with_wish(intents: tuple[IntentScore, ...], signs: Signs) -> tuple[IntentScore, ...]:
    """A wish or question that phrases found and the classifier did not, in its place."""
    wished = (("ask_person", signs.wants_person), ("are_you_human", signs.asks_if_human))
    for intent, said in wished:
        if said and len(intents) == 1 and intents[0].confidence < SURE_DESPITE_WISH:
            return (intents[0].model_copy(update={"intent": intent, "confidence": 0.95}),)
    return intents


def _asks_for_person(intents: tuple[IntentScore, ...], signs: Signs) -> bool:
    return not signs.declines_person and any(
        i.intent == "ask_person" and i.confidence >= SURE_OF_WISH for i in intents
    )
