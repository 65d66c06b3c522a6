"""Telling a bare answer from a new request while a question is open."""

from __future__ import annotations

from workbench.records.signals import IntentScore
from workbench.triage.lexicon import tokens
from workbench.triage.signs import Signs
from workbench.triage.words import normalise

_FREE_TEXT = frozenset({"text", "reason", "remedy"})
"""Slots that any sentence may answer."""
_DIGRESSIONS = frozenset({"ask_person", "are_you_human"})
_SURE = 0.8
"""Confidence from which a sentence is a request although free text was asked for."""
_VAGUE = 0.45
"""Confidence below which nothing new is read into the answer to a question."""
_FEW_WORDS = 5
"""Words that may stand around a number in a bare answer ("it's invoice number ... please")."""


def is_answer(text: str, pending: str, signs: Signs, intents: tuple[IntentScore, ...]) -> bool:
    """Whether a message only answers the question about the slot `pending`.

    "Which line was wrong?" - "the second one" is an answer; "and when is it due?" is not.
    """
    if pending == "intent" or signs.wants_person or signs.asks_if_human:
        return False
    if is_bare_yes_or_no(signs):
        return True
    clear = [i for i in intents if i.confidence >= _SURE and i.intent not in _DIGRESSIONS]
    if pending in _FREE_TEXT:
        return not (clear and "?" in text)
    short = signs.words <= _FEW_WORDS and not clear
    if "?" not in text and (short or _bare(text)):
        return True
    return all(intent.confidence < _VAGUE for intent in intents)


def is_bare_yes_or_no(signs: Signs) -> bool:
    """Whether a message says yes or no and hardly more: an answer, whatever was asked."""
    return signs.affirmation is not None and signs.words <= _FEW_WORDS


def _bare(text: str) -> bool:
    """Numbers, addresses or dates with hardly a word around them."""
    found = normalise(text)
    others = [w for w in tokens(found) if not w.startswith("0") and w not in (".", ",")]
    return "0" in found and len(others) <= _FEW_WORDS
