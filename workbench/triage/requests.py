"""From a message to the requests in it, each with its intent and a calibrated confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.records.signals import SOMETHING_ELSE, IntentScore
from workbench.triage.clauses import pieces
from workbench.triage.ports import IntentClassifier

SMALL_TALK = frozenset({"greeting", "thanks"})
"""Said beside a request without being one."""

RUNNERS_UP = 2
"""Further intents told with each, for a question back."""
CLEAR = 0.7
"""Confidence from which a piece of a message counts as a request of its own."""

Chances = NDArray[np.float64]


@dataclass(frozen=True)
class Piece:
    """Words of the message with the label that they most likely have."""

    text: str
    label: str
    confidence: float
    runners_up: tuple[str, ...] = ()
    runner_up: float = 0.0

    def scored(self) -> IntentScore:
        return IntentScore(
            intent=self.label,
            confidence=self.confidence,
            text=self.text,
            runners_up=self.runners_up,
            runner_up=self.runner_up,
        )


@dataclass(frozen=True)
class Requests:
    """What was asked for, and how likely it is that nothing we know was."""

    intents: tuple[IntentScore, ...]
    out_of_scope: float


def read_requests(classifier: IntentClassifier, text: str) -> Requests:
    """The requests of a message in the order in which they were made.

    A message is cut where a request may end; neighbours with one intent, and pieces that are no
    clear request, are joined again. When that leaves one piece, the whole message is read, unless
    only the piece is clear: the one request inside a long story.
    """
    whole, outside = classifier.read(text)
    parts = pieces(text)
    groups = _grouped(classifier, parts) if len(parts) > 1 else []
    if len(groups) > 1:
        surest = max(group.confidence for group in groups)
        return Requests(tuple(group.scored() for group in groups), min(outside, 1 - surest))
    read = _likeliest(classifier.labels, whole, text)
    if groups and read.confidence < CLEAR <= groups[0].confidence:
        found = replace(groups[0], text=text)
        return Requests((found.scored(),), min(outside, 1 - found.confidence))
    return Requests((read.scored(),), outside)


def likeliest_intent(labels: Sequence[str], chances: Chances, text: str) -> IntentScore:
    """The one request of a message, from probabilities by label."""
    return _likeliest(labels, chances, text).scored()


def _grouped(classifier: IntentClassifier, parts: Sequence[str]) -> list[Piece]:
    """Clear requests with the unclear pieces around them; each group is clear as a whole."""
    groups: list[list[Piece]] = []
    lead: list[Piece] = []
    for part in parts:
        piece = _piece(classifier, part)
        if not _is_request(piece):
            (groups[-1] if groups else lead).append(piece)
        elif groups and _clear(groups[-1]).label == piece.label:
            groups[-1].append(piece)
        else:
            groups.append([*lead, piece])
            lead = []
    joined = [_joined(group) for group in groups]
    labels = {piece.label for piece in joined}
    return joined if len(labels) == len(joined) else []


def _joined(group: Sequence[Piece]) -> Piece:
    clear = _clear(group)
    return replace(clear, text=" ".join(piece.text for piece in group))


def _clear(group: Sequence[Piece]) -> Piece:
    """The clearest request of a group."""
    return max((p for p in group if _is_request(p)), key=lambda piece: piece.confidence)


def _is_request(piece: Piece) -> bool:
    known = piece.label not in SMALL_TALK and piece.label != SOMETHING_ELSE
    return known and piece.confidence >= CLEAR


def _piece(classifier: IntentClassifier, text: str) -> Piece:
    chances = classifier.probabilities(text)
    best = int(chances.argmax())
    if classifier.labels[best] == SOMETHING_ELSE:
        return Piece(text, SOMETHING_ELSE, float(chances[best]))
    return _likeliest(classifier.labels, chances, text)


def _likeliest(labels: Sequence[str], chances: Chances, text: str) -> Piece:
    """The likeliest intent, also when the message is probably out of scope; confidence says so."""
    ranked = [labels[i] for i in np.argsort(-chances, kind="stable")[: RUNNERS_UP + 2]]
    best, *others = [label for label in ranked if label != SOMETHING_ELSE]
    confidence, *next_best = (float(chances[labels.index(label)]) for label in (best, *others[:1]))
    return Piece(text, best, confidence, tuple(others[:RUNNERS_UP]), *next_best)
