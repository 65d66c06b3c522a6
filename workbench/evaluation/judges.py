"""Judges: scorers that stand in for a person where nobody has labelled a case.

The judge without a key looks twice: are the replies borne out by their evidence, and was the
message taken for what a second reading takes it for? A model may judge instead, through the port.
How far either can be trusted is measured against people; see `agreement`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.evaluation.cases import Case, Outcome
from workbench.evaluation.run import EvaluationRun
from workbench.evaluation.scorers import NOT_ASKED, Score, Scorer, facts_right, reading
from workbench.records.base import Record
from workbench.records.evidence import Fact
from workbench.speak.model import LanguageModel, ModelFault, Prompt

_PROMPT = "judge.v1"
RIGHT, WRONG = "right", "wrong"


def second_look(case: Case, outcome: Outcome) -> Score:
    """Would a second reading give the same intent, and do the replies keep to their evidence?"""
    grounded = facts_right(case, outcome)
    then = case.happened.intents if case.happened else ()
    same = Score(value=float(set(then) <= set(reading(outcome.first)))) if then else NOT_ASKED
    known = [score.value for score in (grounded, same) if score.value is not None]
    if not known:
        return NOT_ASKED
    why = "" if same.value != 0 else f"now read as {', '.join(reading(outcome.first))}"
    return Score(value=min(known), why="; ".join(filter(None, (grounded.why, why))))


class Judgement(Record):
    """What a model answers."""

    right: bool
    why: str = ""


@dataclass(frozen=True)
class ModelJudge:
    """Asks a language model; a model that does not answer has no opinion."""

    model: LanguageModel
    deadline: float = 8.0

    def __call__(self, case: Case, outcome: Outcome) -> Score:
        answer = self.model.complete(self._prompt(case, outcome), Judgement, self.deadline)
        if isinstance(answer, ModelFault):
            return Score(value=None, why=str(answer))
        return Score(value=float(answer.answer.right), why=answer.answer.why)

    def scorer(self) -> Scorer:
        question = f"Does the model {self.model.name} call the answer right?"
        return Scorer("model_judge", question, self, judges=False)

    def _prompt(self, case: Case, outcome: Outcome) -> Prompt:
        material = {
            "customer": case.says,
            "intent": reading(outcome.first),
            "replies": [
                {"text": reply.text, "facts": [_told(fact) for fact in reply.facts]}
                for reply in outcome.replies
            ],
        }
        text = (Path(__file__).parent / "prompts" / f"{_PROMPT}.md").read_text(encoding="utf-8")
        return Prompt(
            name=_PROMPT, instructions=text, material=json.dumps(material, ensure_ascii=False)
        )


def _told(fact: Fact) -> dict[str, object]:
    return fact.model_dump(mode="json", include={"name", "value"})


def judgements(run: EvaluationRun, scorer: str) -> dict[str, str]:
    """What a scorer says of each case, as a column of judgements: right at 1, else wrong."""
    values = {result.case.id: result.value(scorer) for result in run.results}
    return {
        name: RIGHT if value == 1 else WRONG for name, value in values.items() if value is not None
    }


def verdicts(run: EvaluationRun) -> dict[str, str]:
    """What people said of the answers at their time, by case."""
    return {r.case.id: r.case.verdict for r in run.results if r.case.verdict}
