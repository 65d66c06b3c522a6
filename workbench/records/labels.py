"""What people say about messages when they label them."""

from __future__ import annotations

from enum import StrEnum

from workbench.records.base import Instant, Record


class AnswerKind(StrEnum):
    """What a person did with a message they were asked about."""

    INTENT = "intent"
    """Gave it an intent that is declared, or `something_else`."""
    NEW_INTENT = "new_intent"
    """Named an intent that is not declared yet; its owner decides."""
    SKIP = "skip"
    """Could not tell; nobody is asked again."""
    UNDONE = "undone"
    """Took back the last answer to this message."""


class LabelAnswer(Record):
    """One answer of one person about one message, as the ledger keeps it."""

    message: str
    """Id of the wording."""
    text: str
    """Masked."""
    language: str = ""
    source: str = ""
    answer: AnswerKind
    label: str = ""
    """Empty for `skip` and `undone`."""
    guess: str = ""
    """What the model said."""
    confidence: float = 0.0
    """How sure it was, 0-1."""
    model: str = ""
    by: str
    at: Instant


class ProposedIntent(Record):
    """An intent that people missed, with the messages they gave it to."""

    name: str
    texts: tuple[str, ...]
    by: tuple[str, ...]
