"""Signs in a message that phrases give away: wishes, warnings, urgency, yes and no."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.records.signals import SensitiveTopic
from workbench.triage.lexicon import Match, service_lexicon, tokens

# When several topics are touched, the first of these is told.
_GRAVEST_FIRST = (
    SensitiveTopic.SELF_HARM,
    SensitiveTopic.THREAT,
    SensitiveTopic.BEREAVEMENT,
    SensitiveTopic.FRAUD,
    SensitiveTopic.LEGAL,
    SensitiveTopic.REGULATOR,
    SensitiveTopic.PRESS,
    SensitiveTopic.INSOLVENCY,
    SensitiveTopic.VULNERABLE,
    SensitiveTopic.ACCESSIBILITY,
)
_LONGEST_YES = 12
"""Words after which a leading yes or no is part of something longer."""


@dataclass(frozen=True)
class Signs:
    """What the phrases of a message say."""

    wants_person: bool
    declines_person: bool
    """Says that no person is needed."""
    asks_if_human: bool
    sensitive: SensitiveTopic | None
    abusive: bool
    third_party: bool
    suspicious: bool
    affirmation: bool | None
    urgency: float
    words: int
    """Words of the message, punctuation left out."""


def read_signs(text: str) -> Signs:
    """Signs of one message, whatever language it is in."""
    words = tokens(text)
    matches = service_lexicon().matches(words)
    topics = {match.phrase.topic for match in matches}
    count = sum(word not in (".", ",") for word in words)
    return Signs(
        wants_person="wants_person" in topics,
        declines_person="declines_person" in topics,
        asks_if_human="asks_if_human" in topics,
        sensitive=next((topic for topic in _GRAVEST_FIRST if topic.value in topics), None),
        abusive="abusive" in topics,
        third_party="third_party" in topics,
        suspicious="suspicious" in topics,
        affirmation=_affirmation(matches, count),
        urgency=_urgency(text, matches),
        words=count,
    )


def _affirmation(matches: list[Match], count: int) -> bool | None:
    """A yes or no at the very beginning; both, or a long text, is neither."""
    said = {m.phrase.topic for m in matches if m.start == 0 and m.phrase.topic in ("yes", "no")}
    if len(said) != 1 or count > _LONGEST_YES:
        return None
    return said == {"yes"}


def _urgency(text: str, matches: list[Match]) -> float:
    """0-1: pressing words count most, then exclamation marks and capitals."""
    topics = [match.phrase.topic for match in matches]
    if "unhurried" in topics:
        return 0.0
    starts = {match.start for match in matches if match.phrase.topic == "urgent"}
    pressing = min(0.5 + 0.2 * len(starts), 0.9) if starts else 0.1
    letters = [c for c in text[:500] if c.isalpha()]
    shouting = len(letters) > 11 and sum(c.isupper() for c in letters) > 0.7 * len(letters)
    loud = 0.1 * (text.count("!") > 1) + 0.1 * shouting
    grave = {"self_harm", "threat"} & set(topics)
    return 1.0 if grave else round(min(pressing + loud, 1.0), 2)
