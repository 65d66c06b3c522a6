"""A second look at conversations: what customers really wanted, and what nobody answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from workbench.improve.needs import NO_NEED
from workbench.improve.transcripts import Line, Transcript
from workbench.measure.intervals import wilson
from workbench.records.base import Record
from workbench.records.signals import SOMETHING_ELSE, IntentScore, Signals
from workbench.triage.concepts import service_concepts
from workbench.triage.words import normalise

Reader = Callable[[str], Signals]

SURE_ENOUGH = 0.65
"""Confidence from which a customer's words count as something wanted.

In steps of 0.05 the lowest at which 95 % of the requests found in the sample's own transcripts are
what people labelled. Apart from triage's `CLEAR`, which says where a message may be cut.
"""
SAID_AGAIN = "case_reopen"
"""Beside another request these words only say that the need is an old one."""
_NO_REQUEST = NO_NEED | {SOMETHING_ELSE}
"""What a customer says without wanting it for itself."""


class Wanted(Record):
    """One thing that a customer asked for."""

    intent: str
    text: str
    line: int
    """Position of the utterance in the conversation."""
    confidence: float
    met: bool
    """Somebody answered it; False: asked, never answered."""


class Reading(Record):
    """One conversation after the second look."""

    id: str
    requests: tuple[Wanted, ...]
    """Each intent once, in the order in which it was first asked for."""
    repeated: bool = False
    """The need is an old one: the customer came again, or said so."""

    @property
    def first(self) -> Wanted:
        """What the conversation began with."""
        return self.requests[0]

    @property
    def real(self) -> Wanted:
        """What it came to: the last request that was answered, else the last one."""
        met = [request for request in self.requests if request.met]
        return (met or list(self.requests))[-1]

    @property
    def hidden(self) -> tuple[Wanted, ...]:
        """Requests behind the first one."""
        return self.requests[1:]


class ReallyWanted(Record):
    """Of the conversations that began with one intent, the share that came to another."""

    first: str
    real: str
    conversations: int
    of: int
    """Conversations that began with `first`."""
    share: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"{self.share:.0%} of {self.first} really wanted {self.real} "
            f"({self.conversations} of {self.of}, {self.low:.0%} to {self.high:.0%})"
        )


class IntentLook(Record):
    """One first intent after the second look; shares of its conversations."""

    intent: str
    conversations: int
    several: float
    """With more than one request."""
    unmet: float
    """With a request that nobody answered."""
    repeated: float
    """In which an old need came back."""


class SecondLook(Record):
    """What a set of conversations was really about."""

    conversations: int
    """With at least one clear request."""
    unclear: int
    """Without one; they count nowhere."""
    wanted: tuple[ReallyWanted, ...]
    intents: tuple[IntentLook, ...]
    unmet: tuple[tuple[str, Wanted], ...]
    """Conversation id and the request in it that nobody answered."""

    def __str__(self) -> str:
        from workbench.improve.friction_text import second_look_text

        return second_look_text(self)


def second_look(transcripts: Iterable[Transcript], read: Reader) -> SecondLook:
    """Read every line of every conversation again and compare its beginning with its end."""
    remembered = cache(read)
    readings = [read_again(transcript, remembered) for transcript in transcripts]
    clear = [reading for reading in readings if reading.requests]
    return SecondLook(
        conversations=len(clear),
        unclear=len(readings) - len(clear),
        wanted=_really_wanted(clear),
        intents=_by_intent(clear),
        unmet=tuple((r.id, w) for r in clear for w in r.requests if not w.met),
    )


def read_again(transcript: Transcript, read: Reader) -> Reading:
    """All requests of one conversation: several in a message, and later ones."""
    found: dict[str, Wanted] = {}
    repeated = transcript.repeated
    for number, line in enumerate(transcript.lines):
        if line.by_customer:
            said = _clear_requests(read(line.text))
            needs = [one for one in said if one.intent != SAID_AGAIN] or said
            repeated = repeated or len(needs) < len(said)
            _take_up(found, number, needs, _answers(transcript.lines, number))
    return Reading(id=transcript.id, requests=tuple(found.values()), repeated=repeated)


def _take_up(
    found: dict[str, Wanted], number: int, needs: Sequence[IntentScore], answers: Sequence[str]
) -> None:
    """Add what a line asks for; what was asked before and is answered now counts as met."""
    for need in needs:
        met = _is_met(need.text, [one.text for one in needs], answers)
        earlier = found.get(need.intent)
        if earlier is None:
            found[need.intent] = Wanted(
                intent=need.intent,
                text=need.text,
                line=number,
                confidence=need.confidence,
                met=met,
            )
        elif met:
            found[need.intent] = earlier.model_copy(update={"met": True})


def _clear_requests(signals: Signals) -> list[IntentScore]:
    return [
        one
        for one in signals.intents
        if one.intent not in _NO_REQUEST
        and one.confidence >= max(SURE_ENOUGH, signals.out_of_scope)
    ]


def _answers(lines: Sequence[Line], number: int) -> list[str]:
    """What was said in return, up to the customer's next words."""
    answers = []
    for line in lines[number + 1 :]:
        if line.by_customer:
            break
        answers.append(line.text)
    return answers


def _is_met(request: str, beside: Sequence[str], answers: Sequence[str]) -> bool:
    """Whether an answer takes up the request.

    An answer that names nothing in particular meets everything that was asked. One that takes up
    another request of the same message, and this one not, leaves this one open.
    """
    if not answers:
        return False
    told = _concepts(" ".join(answers))
    others = set().union(*(_concepts(text) for text in beside if text != request))
    own = _concepts(request) - others
    if not own or told & own:
        return True
    return not told & (others - _concepts(request))


def _concepts(text: str) -> set[str]:
    return {feature for feature in service_concepts()(normalise(text)) if "+" not in feature}


def _really_wanted(readings: Sequence[Reading]) -> tuple[ReallyWanted, ...]:
    began = Counter(reading.first.intent for reading in readings)
    moved = Counter((r.first.intent, r.real.intent) for r in readings)
    pairs = [
        _share(first, real, n, began[first]) for (first, real), n in moved.items() if first != real
    ]
    return tuple(sorted(pairs, key=lambda p: (-p.conversations, p.first, p.real)))


def _share(first: str, real: str, n: int, of: int) -> ReallyWanted:
    interval = wilson(n / of, of)
    return ReallyWanted(
        first=first,
        real=real,
        conversations=n,
        of=of,
        share=n / of,
        low=interval.low,
        high=interval.high,
    )


def _by_intent(readings: Sequence[Reading]) -> tuple[IntentLook, ...]:
    groups: dict[str, list[Reading]] = {}
    for reading in readings:
        groups.setdefault(reading.first.intent, []).append(reading)
    looks = [_look(intent, inside) for intent, inside in groups.items()]
    return tuple(sorted(looks, key=lambda look: (-look.conversations, look.intent)))


def _look(intent: str, inside: Sequence[Reading]) -> IntentLook:
    n = len(inside)
    return IntentLook(
        intent=intent,
        conversations=n,
        several=sum(len(r.requests) > 1 for r in inside) / n,
        unmet=sum(any(not w.met for w in r.requests) for r in inside) / n,
        repeated=sum(r.repeated for r in inside) / n,
    )
