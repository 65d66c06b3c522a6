"""A warm summary worded by a model: what the template would say, or the template itself.

Who is proven to be writing, what is wanted and what the customer said stand as they are: every
word counts, and a customer's words are not put before the model at all. What was told and what was
promised a model may put into fewer sentences, held to every figure, date, name and reference of
the facts.
"""

from __future__ import annotations

from pathlib import Path

from workbench.config import ModelSettings
from workbench.records.evidence import Statement
from workbench.speak.grounding import check, invented, left_out
from workbench.speak.model_writer import Task, may_word, model_writer
from workbench.speak.writer import TemplateWriter, Writer

_MAY_SUM_UP = frozenset({"summary.promised", "summary.told"})


def may_sum_up(statement: Statement) -> bool:
    """Whether a model may word a statement of a summary."""
    return statement.key in _MAY_SUM_UP or may_word(statement)


SUMMARY = Task("write_summary.v1", may_sum_up, (check, left_out, invented))


def summary_writer(settings: ModelSettings, prompts: Path | None = None) -> Writer:
    """The model that the settings name, with the template to fall back to; else the template."""
    if not settings.base_url:
        return TemplateWriter()
    return model_writer(settings, prompts, SUMMARY)
