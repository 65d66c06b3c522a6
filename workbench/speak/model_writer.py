"""Replies worded by a language model, inside what the statements say, or by the template.

The model words only statements that carry figures. Notices, questions, lists and everything in
which every word counts are said by the template. What the model writes is sent only if the
grounding check finds nothing in it and nothing is left out; otherwise the template says it all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.config import ModelSettings
from workbench.records.base import Record
from workbench.records.evidence import Reply, Statement
from workbench.speak.catalogue import Catalogue, catalogue
from workbench.speak.grounding import Finding, check, left_out
from workbench.speak.model import Completion, LanguageModel, ModelFault, Prompt, instructions
from workbench.speak.spellings import Kind, kind_of
from workbench.speak.values import is_plain, speak
from workbench.speak.writer import (
    TemplateWriter,
    Tone,
    in_context,
    lines_of,
    paragraphs,
    topic,
)

Check = Callable[[str, Sequence[Statement], str], tuple[Finding, ...]]
"""What speaks against a text of these statements in this language."""

# What a model may put into its own words.
_MAY_WORD = frozenset("invoice payment duplicate credit terms tax po conversion case".split())


@dataclass(frozen=True)
class Task:
    """What a model words, by which prompt, and what its text is held to."""

    prompt: str
    may_word: Callable[[Statement], bool]
    checks: tuple[Check, ...]


class Wording(Record):
    """What the model answers."""

    text: str


class ModelWriter:
    """Asks a model for the wording, checks it, and falls back to the template; never silent."""

    def __init__(
        self,
        model: LanguageModel,
        deadline: float = 8.0,
        prompts: Path | None = None,
        task: Task | None = None,
    ) -> None:
        """Args:
        deadline: Wall-clock seconds.
        prompts: A POC's folder with its own prompt.
        task: What is written; by default a reply to a customer.
        """
        self._model, self._deadline, self._task = model, deadline, task or REPLY
        self._template = TemplateWriter()
        self._instructions = instructions(self._task.prompt, prompts)

    def write(
        self,
        statements: Sequence[Statement],
        *,
        language: str = "en",
        tone: str = Tone.PLAIN,
        zone: str = "",
        company: str = "",
    ) -> Reply:
        plain = self._template.write(
            statements, language=language, tone=tone, zone=zone, company=company
        )
        words = catalogue(language)
        said = tuple(in_context(statement, words, zone, company) for statement in statements)
        worded = [statement for statement in said if self._task.may_word(statement)]
        if not worded:
            return plain
        prompt = self._prompt(worded, words, tone)
        answer = self._model.complete(prompt, Wording, self._deadline)
        if isinstance(answer, ModelFault):
            return plain.model_copy(update={"blocked": (str(answer),)})
        found = tuple(_objections(answer, worded, words, self._task.checks))
        if found:
            return plain.model_copy(update={"blocked": found, "cost": answer.cost})
        return plain.model_copy(
            update={
                "text": _woven(said, worded, answer.answer.text, words, tone),
                "writer": f"{answer.model} {prompt.version}",
                "cost": answer.cost,
            }
        )

    def _prompt(self, worded: Sequence[Statement], words: Catalogue, tone: str) -> Prompt:
        material = {
            "language": words.language,
            "tone": tone,
            "statements": [_described(statement, words) for statement in worded],
        }
        return Prompt(
            name=self._task.prompt,
            instructions=self._instructions,
            material=json.dumps(material, ensure_ascii=False, indent=1),
        )


def model_writer(
    settings: ModelSettings, prompts: Path | None = None, task: Task | None = None
) -> ModelWriter:
    """The writer for the endpoint that a POC's settings name."""
    return ModelWriter(language_model(settings), settings.deadline_seconds, prompts, task)


def language_model(settings: ModelSettings) -> LanguageModel:
    """The model that a POC's settings name; the key is read when it is wired."""
    from workbench.speak.openai_model import OpenAIModel

    key = os.environ.get(settings.api_key_env, "")
    return OpenAIModel(settings.base_url, settings.name, key)


def may_word(statement: Statement) -> bool:
    """Whether a model may word a statement: it carries a figure and is no list."""
    figures = any(kind_of(fact.value) is not Kind.WORDS for fact in statement.facts.values())
    return topic(statement) in _MAY_WORD and figures and not statement.rows


REPLY = Task("write_reply.v1", may_word, (check, left_out))


def _described(statement: Statement, words: Catalogue) -> dict[str, Any]:
    """A statement for the model: how the template says it, and its facts with their names."""
    labels = {name: texts for group in words.labels.values() for name, texts in group.items()}
    return {
        "say": " ".join(lines_of(statement, words)),
        "facts": [
            {
                "value": speak(fact.value, words, name),
                "called": [text.strip("*") for text in labels.get(name, ()) if text[0] != "~"],
            }
            for name, fact in statement.facts.items()
        ],
    }


def _objections(
    answer: Completion[Wording],
    worded: Sequence[Statement],
    words: Catalogue,
    checks: Sequence[Check],
) -> Iterator[str]:
    """Everything that speaks against sending a model's wording."""
    text = answer.answer.text.strip()
    template = " ".join(line for statement in worded for line in lines_of(statement, words))
    if not text:
        yield "empty text"
    if len(text) > 2 * len(template) + 300:
        yield f"{len(text)} characters where the template needs {len(template)}"
    if not is_plain(text):
        yield "markup or control characters"
    for look in checks:
        yield from map(str, look(text, worded, words.language))


def _woven(
    said: Sequence[Statement],
    worded: Sequence[Statement],
    text: str,
    words: Catalogue,
    tone: str,
) -> str:
    """The model's text where its first statement stood; all else as the template says it."""
    first = said.index(worded[0])
    before = said[:first]
    after = [statement for statement in said[first:] if statement not in worded]
    opening = tone if any(topic(statement) != "notice" for statement in before) else Tone.PLAIN
    parts = [
        *paragraphs(before, words, opening),
        text.strip(),
        *paragraphs(after, words, Tone.PLAIN),
    ]
    return "\n\n".join(parts)
