"""From candidates to what a person is shown: checked, ranked, three at most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.people.brand import Rule, objections
from workbench.people.suggestions_ranking import Candidate, Ranking
from workbench.records.base import Ids
from workbench.records.desk import (
    Suggested,
    SuggestionKind,
    SuggestionOutcome,
    Suggestions,
    Use,
    Withheld,
)
from workbench.records.events import Event, EventKind
from workbench.records.evidence import Source

AT_MOST = 3


@dataclass(frozen=True)
class Proposal:
    """Words that could be suggested, with what the grounding check found in them."""

    kind: SuggestionKind
    key: str
    text: str
    why: str
    sources: tuple[Source, ...] = ()
    ungrounded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moment:
    """The message of a customer that suggestions are for."""

    conversation_id: str
    turn: int
    intent: str
    sentiment: float
    language: str


def choose(
    moment: Moment,
    proposals: Iterable[Proposal],
    rules: Sequence[Rule],
    ranking: Ranking,
    ids: Ids,
) -> Suggestions:
    """The best proposals that nothing stands against; what was withheld is said with the reason."""
    proposed = list({proposal.text: proposal for proposal in proposals}.values())
    against = [_against(proposal, moment, rules) for proposal in proposed]
    fine = [proposal for proposal, why in zip(proposed, against, strict=True) if not why]
    ranked = [fine[place] for place in ranking.order([_candidate(p, moment) for p in fine])]
    return Suggestions(
        conversation_id=moment.conversation_id,
        turn=moment.turn,
        intent=moment.intent,
        sentiment=moment.sentiment,
        shown=tuple(_suggested(p, moment, ranking, ids) for p in ranked[:AT_MOST]),
        withheld=tuple(
            Withheld(kind=proposal.kind, key=proposal.key, objections=why)
            for proposal, why in zip(proposed, against, strict=True)
            if why
        ),
    )


def _against(proposal: Proposal, moment: Moment, rules: Sequence[Rule]) -> tuple[str, ...]:
    broken = objections(proposal.text, rules, language=moment.language, intent=moment.intent)
    return (*proposal.ungrounded, *broken)


def _candidate(proposal: Proposal, moment: Moment) -> Candidate:
    return Candidate(
        kind=proposal.kind, key=proposal.key, intent=moment.intent, sentiment=moment.sentiment
    )


def _suggested(proposal: Proposal, moment: Moment, ranking: Ranking, ids: Ids) -> Suggested:
    return Suggested(
        id=ids.new("sug"),
        kind=proposal.kind,
        key=proposal.key,
        text=proposal.text,
        why=proposal.why,
        sources=proposal.sources,
        confidence=round(ranking.chance(_candidate(proposal, moment)), 4),
    )


def uses_of(events: Iterable[Event]) -> tuple[Use, ...]:
    """What became of each suggestion that was shown and settled, from the ledger."""
    shown: dict[str, tuple[Suggestions, int]] = {}
    uses = []
    for event in events:
        if event.kind is EventKind.SUGGESTION_SHOWN and event.data:  # erased ones have none
            offered = Suggestions.model_validate(event.data)
            shown |= {s.id: (offered, place) for place, s in enumerate(offered.shown, 1)}
        elif event.kind is EventKind.SUGGESTION_USED and event.data.get("suggestion_id") in shown:
            uses.append(_use(event, *shown[event.data["suggestion_id"]]))
    return tuple(uses)


def _use(event: Event, offered: Suggestions, place: int) -> Use:
    used = offered.shown[place - 1]
    return Use(
        at=event.at,
        conversation_id=offered.conversation_id,
        turn=offered.turn,
        intent=offered.intent,
        sentiment=offered.sentiment,
        kind=used.kind,
        key=used.key,
        place=place,
        outcome=SuggestionOutcome(event.data["outcome"]),
    )
