"""What could be said to a customer whom a person has taken over: drafts, macros, articles.

Every text is made by a template from facts with their sources and put to the grounding check like
a reply of the assistant; what the check finds goes along, so that nobody is shown such a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.errors import Unavailable
from workbench.flows import facts
from workbench.people.brand import DeskRules, Macro
from workbench.people.suggestions import Moment, Proposal, choose
from workbench.people.suggestions_ranking import Ranking
from workbench.records.base import Ids
from workbench.records.conversations import Conversation
from workbench.records.desk import SuggestionKind, Suggestions
from workbench.records.events import Event, EventKind
from workbench.records.evidence import Fact, Packet, Statement, Suggestion
from workbench.speak.catalogue import Phrase, catalogue
from workbench.speak.grounding import check
from workbench.speak.values import speak
from workbench.speak.writer import TemplateWriter, tone_for
from workbench.systems.ports import Knowledge

_OPENING = "suggest.opening"
_NOT_A_MATTER = ("ask_person", "greeting", "thanks", "are_you_human", "unclear")


@dataclass(frozen=True)
class DeskHelp:
    """Where suggestions come from."""

    rules: DeskRules
    knowledge: Knowledge
    ranking: Ranking
    ids: Ids

    def suggest(
        self, conversation: Conversation, packet: Packet | None, events: Iterable[Event]
    ) -> Suggestions:
        """Up to three replies for the customer's last message, the one most likely sent first.

        `packet` is None where a person took over what nobody had handed off.
        """
        moment = moment_of(conversation)
        fitting = [macro for macro in self.rules.macro if moment.intent in macro.intents]
        proposals = [
            *_drafts(packet.suggestions if packet else (), moment),
            *_macros(fitting, moment, _known(packet, events)),
            *_articles(self.knowledge, conversation, moment),
        ]
        return choose(moment, proposals, self.rules.rules, self.ranking, self.ids)


def macros_for(
    macros: Sequence[Macro],
    conversation: Conversation,
    packet: Packet | None,
    events: Iterable[Event],
) -> tuple[Proposal, ...]:
    """Every text of the team in the customer's language whose facts are known, by name."""
    found = _macros(macros, moment_of(conversation), _known(packet, events))
    return tuple(sorted(found, key=lambda proposal: proposal.key))


def moment_of(conversation: Conversation) -> Moment:
    """The customer's last message and what the conversation is about."""
    asked = [r.intent for r in conversation.requests]
    matters = [intent for intent in asked if intent not in _NOT_A_MATTER]
    messages = [u for u in conversation.utterances if u.speaker == "customer"]
    return Moment(
        conversation_id=conversation.id,
        turn=len(messages),
        intent=(matters or asked or ["unclear"])[-1],
        sentiment=conversation.sentiments[-1] if conversation.sentiments else 0.0,
        language=catalogue(conversation.language).language,
    )


def known(statements: Iterable[Statement]) -> dict[str, Fact]:
    """What each placeholder stands for; one with two values in the conversation stands for none."""
    found: dict[str, dict[str, Fact]] = {}
    for statement in statements:
        for name, fact in statement.facts.items():
            found.setdefault(name, {})[fact.value.model_dump_json()] = fact
    return {name: next(iter(values.values())) for name, values in found.items() if len(values) == 1}


def _known(packet: Packet | None, events: Iterable[Event]) -> dict[str, Fact]:
    """What was said in the conversation and what the drafts of its packet state."""
    drafts = packet.suggestions if packet else ()
    return known([*_said(events), *(said for one in drafts for said in one.statements)])


def _said(events: Iterable[Event]) -> Iterator[Statement]:
    for event in events:
        if event.kind is EventKind.REPLIED:
            for statement in event.data.get("statements", ()):
                yield Statement.model_validate(statement)


def _drafts(suggestions: Iterable[Suggestion], moment: Moment) -> Iterator[Proposal]:
    """What the assistant would have answered, and the greeting that came with the packet."""
    for one in suggestions:
        opening = any(statement.key == _OPENING for statement in one.statements)
        text = one.text if opening else _written(one.statements, moment) or one.text
        yield Proposal(
            kind=SuggestionKind.OPENING if opening else SuggestionKind.DRAFT,
            key="opening" if opening else moment.intent,
            text=text,
            why=one.why,
            sources=one.sources,
            ungrounded=_found(text, one.statements, moment),
        )


def _macros(
    macros: Sequence[Macro], moment: Moment, known_facts: Mapping[str, Fact]
) -> Iterator[Proposal]:
    """Those of the team's texts whose placeholders are all known."""
    for macro in macros:
        phrase = Phrase(text=macro.text.get(moment.language, ""))
        if phrase.text and phrase.required <= known_facts.keys():
            yield _macro(macro, phrase, moment, known_facts)


def _macro(
    macro: Macro, phrase: Phrase, moment: Moment, known_facts: Mapping[str, Fact]
) -> Proposal:
    words = catalogue(moment.language)
    used = {name: known_facts[name] for name in sorted(phrase.spoken(known_facts.keys()))}
    filled = phrase.fill({name: speak(fact.value, words, name) for name, fact in used.items()})
    text = f"{words.openings[tone_for(moment.sentiment)]} {filled}".strip()
    return Proposal(
        kind=SuggestionKind.MACRO,
        key=macro.name,
        text=text,
        why=f"text of {macro.owner} for {moment.intent}",
        sources=tuple(fact.source for fact in used.values()),
        # The greeting needs no fact, so it can carry any: the check reads the facts, not the key.
        ungrounded=_found(text, (Statement(key=_OPENING, facts=used),), moment),
    )


def _articles(
    knowledge: Knowledge, conversation: Conversation, moment: Moment
) -> Iterator[Proposal]:
    """The passage that answers best, word for word with the name of its article."""
    asked = [r.text for r in conversation.requests if r.intent == moment.intent and r.text]
    if not asked:
        return
    try:
        found = knowledge.search(asked[-1], language=moment.language, limit=1)
    except Unavailable:
        return  # The person is helped with what there is; macros and drafts need no search.
    for passage in found:
        fact = facts.passage("passage", passage.text, passage.title, passage.source)
        statements = (Statement(key="knowledge.answer", facts={"passage": fact}),)
        text = _written(statements, moment)
        yield Proposal(
            kind=SuggestionKind.ARTICLE,
            key=passage.source.record.partition("#")[0].removeprefix("article "),
            text=text,
            why=f"our article “{passage.title}” answers the question",
            sources=(passage.source,),
            ungrounded=_found(text, statements, moment),
        )


def _written(statements: Sequence[Statement], moment: Moment) -> str:
    tone = tone_for(moment.sentiment)
    return TemplateWriter().write(statements, language=moment.language, tone=tone).text


def _found(text: str, statements: Sequence[Statement], moment: Moment) -> tuple[str, ...]:
    return tuple(str(finding) for finding in check(text, statements, moment.language))
