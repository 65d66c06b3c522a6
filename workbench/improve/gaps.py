"""Knowledge articles that are missing: what people ask and no article answers well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.improve.needs import is_transactional
from workbench.improve.topic_terms import content_words
from workbench.improve.topics import find_topics
from workbench.records.base import Record
from workbench.systems.ports import Knowledge
from workbench.triage.features import prepared

WEAK = 0.75
"""An answer of a lower probability than this leaves the question half open."""
_MOST_SEARCHED = 1_500
"""Different questions that are put to the article search, the most frequent ones."""
_EACH = 4
"""Different questions that a missing article stands for, on average."""


class Question(Record):
    """A message, and how often it came."""

    text: str
    language: str = "en"
    times: int = 1


class Gap(Record):
    """Questions of one kind that no article answers well."""

    name: str
    contacts: int
    """Messages behind it: unanswered plus weakly answered."""
    unanswered: int
    """Messages for which the search returns nothing."""
    share: float
    """Of all questions that were looked at."""
    examples: tuple[str, ...]
    questions: tuple[str, ...]
    """Every different message, the most frequent first."""


class Gaps(Record):
    """Missing articles, the one asked for most first."""

    questions: int
    """Messages that ask how something works, and so could be answered by an article."""
    answered: int
    """Of them, messages that an article answers well today."""
    gaps: tuple[Gap, ...]

    def __str__(self) -> str:
        from workbench.improve.friction_text import gaps_text

        return gaps_text(self)


def counted(messages: Iterable[tuple[str, str]]) -> tuple[Question, ...]:
    """Different (text, language) with how often they came, the most frequent first."""
    times: dict[tuple[str, str], int] = {}
    for text, language in messages:
        times[text.strip(), language] = times.get((text.strip(), language), 0) + 1
    ranked = sorted(times.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Question(text=t, language=language, times=n) for (t, language), n in ranked)


def missing_articles(questions: Sequence[Question], knowledge: Knowledge) -> Gaps:
    """Group the questions that the article search does not answer, or answers weakly.

    Requests that need a record or a tool are left out: no article can settle them.
    """
    asked = [q for q in questions if _asks_for_knowledge(q)][:_MOST_SEARCHED]
    scores = {q: _best_score(q, knowledge) for q in asked}
    open_ones = [q for q in asked if scores[q] < WEAK]
    total = sum(q.times for q in asked)
    return Gaps(
        questions=total,
        answered=total - sum(q.times for q in open_ones),
        gaps=_ranked(open_ones, scores, total) if open_ones else (),
    )


def _asks_for_knowledge(question: Question) -> bool:
    return bool(content_words(question.text)) and not is_transactional(question.text)


def _best_score(question: Question, knowledge: Knowledge) -> float:
    found = knowledge.search(question.text, language=question.language, limit=1)
    return found[0].score if found else 0.0


def _ranked(
    questions: Sequence[Question], scores: dict[Question, float], total: int
) -> tuple[Gap, ...]:
    different = len({prepared(q.text) for q in questions})
    found = find_topics([q.text for q in questions], max(1, different // _EACH))
    groups: dict[int, list[Question]] = {}
    for question, label in zip(questions, found.labels, strict=True):
        groups.setdefault(label, []).append(question)
    gaps = [_gap(found.topics[n].name, inside, scores, total) for n, inside in groups.items()]
    return tuple(sorted(gaps, key=lambda gap: (-gap.contacts, gap.name)))


def _gap(name: str, inside: Sequence[Question], scores: dict[Question, float], total: int) -> Gap:
    texts = tuple(question.text for question in inside)
    return Gap(
        name=name,
        contacts=sum(q.times for q in inside),
        unanswered=sum(q.times for q in inside if not scores[q]),
        share=sum(q.times for q in inside) / total,
        examples=texts[:3],
        questions=texts,
    )
