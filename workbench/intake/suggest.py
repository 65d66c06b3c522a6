"""A mapping suggested from column names and samples, with the questions that samples leave open.

Only what the samples prove is suggested: a date that could be read in two ways, a time without a
zone or an amount without a currency becomes a question, never a guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.config import read_toml
from workbench.errors import InputError
from workbench.intake import forms
from workbench.intake.forms import Form
from workbench.intake.kinds import Kind, Target, kind_named
from workbench.intake.mapping import Mapping
from workbench.records.base import Record
from workbench.store.reading import Table

SAMPLE_ROWS = 200
_NUMBER_STYLES = ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'"), (".", " "))
_CURRENCIES = {"€": "EUR", "£": "GBP", "EUR": "EUR", "GBP": "GBP", "USD": "USD", "CHF": "CHF"}
_SYMBOLS = (*_CURRENCIES, "$", "¥")
_DATE_STYLES = tuple(
    day + time
    for day in ("%Y-%m-%d %d.%m.%Y %d/%m/%Y %m/%d/%Y %d-%m-%Y %Y/%m/%d %Y%m%d").split()
    for time in ("", " %H:%M:%S", " %H:%M")
)


class ColumnSuggestion(Record):
    """One column of the source, what it holds, and what it would give."""

    column: str
    samples: tuple[str, ...] = ()
    """The first three different texts."""
    target: str = ""
    """Value of the record, `lines.` in front for a value of its lines; empty: not used."""
    options: dict[str, str | bool] = {}
    """Steps that the samples ask for."""


class Suggestion(Record):
    """A mapping that fits the source as far as its names and samples tell."""

    kind: str
    source: str
    columns: tuple[ColumnSuggestion, ...]
    group_by: str = ""
    constants: dict[str, str] = {}
    """Values that no column gives, but the samples do."""
    questions: tuple[str, ...] = ()
    """What a person must decide before anything can be imported."""

    def mapping(self) -> Mapping:
        """The checked mapping. Raises `InputError` while questions are open."""
        if self.questions:
            raise InputError(
                f"{self.source} does not say everything that {self.kind} need: "
                + " ".join(self.questions),
                next_step="Save this as a mapping file, complete it and import with it:\n\n"
                + self.to_toml(),
            )
        return Mapping.model_validate(self._plain())

    def to_toml(self) -> str:
        """The mapping as text for a mapping file; open questions stand at its head."""
        lines = [f"# Decide: {question}" for question in self.questions]
        for key, value in self._plain().items():
            if isinstance(value, dict):
                lines += ["", f"[{key}]", *(f"{k} = {_toml(v)}" for k, v in value.items())]
            else:
                lines.append(f"{key} = {_toml(value)}")
        return "\n".join(lines) + "\n"

    def _plain(self) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        lines: dict[str, Any] = {}
        for found in self.columns:
            part = lines if found.target.startswith("lines.") else columns
            if found.target:
                step = {"column": found.column, **found.options} if found.options else found.column
                part[found.target.removeprefix("lines.")] = step
        columns |= {name: {"constant": text} for name, text in self.constants.items()}
        group = {"group_by": self.group_by} if self.group_by else {}
        return {
            "kind": self.kind,
            **group,
            "columns": columns,
            **({"lines": lines} if lines else {}),
        }


@dataclass
class _Choice:
    """A column that was recognised by its name."""

    target: Target
    in_lines: bool
    options: dict[str, str | bool] = field(default_factory=dict)
    question: str = ""


def suggest_mapping(kind: str, table: Table) -> Suggestion:
    """Suggest how a table gives records of a kind. Uses up the first rows of the table."""
    wanted = kind_named(kind)
    samples = _samples(table)
    choices = dict(_choose(wanted, table.columns))
    for column, choice in choices.items():
        choice.options, choice.question = _steps(choice.target, column, samples[column])
    constants = _constants(choices)
    return Suggestion(
        kind=kind,
        source=table.name,
        columns=tuple(_shown(column, samples[column], choices.get(column)) for column in samples),
        group_by=_group_by(choices),
        constants=constants,
        questions=tuple(
            [choice.question for choice in choices.values() if choice.question]
            + list(_unanswered(wanted, choices, constants))
        ),
    )


def _samples(table: Table) -> dict[str, list[str]]:
    rows = [row.cells for row in islice(table.rows, SAMPLE_ROWS) if not row.problem]
    return {
        column: [text for cells in rows if (text := cells[place].strip())]
        for place, column in enumerate(table.columns)
    }


def _choose(kind: Kind, columns: Sequence[str]) -> Iterator[tuple[str, _Choice]]:
    """Columns whose names are known, the best name for each value first."""
    synonyms = read_toml(Path(__file__).parent / "synonyms.toml")[kind.name]
    by_name = {re.sub(r"[\W_]", "", column.lower()): column for column in reversed(columns)}
    taken: set[str] = set()
    for in_lines, targets in ((False, kind.targets), (True, kind.line_targets)):
        known = synonyms.get("lines", {}) if in_lines else synonyms
        for name, target in targets.items():
            names = [name.replace("_", ""), *known.get(name, [])]
            column = next((by_name[n] for n in names if by_name.get(n, "") not in {"", *taken}), "")
            if column:
                taken.add(column)
                yield column, _Choice(target, in_lines)


def _steps(target: Target, column: str, texts: list[str]) -> tuple[dict[str, str | bool], str]:
    """The steps that all samples need, and the question that they leave open."""
    match target.form:
        case Form.IDENTIFIER if texts and all(re.fullmatch(r"\d+\.0", text) for text in texts):
            return {"text_number": True}, ""
        case Form.AMOUNT | Form.WHOLE | Form.NUMBER:
            return _number_steps(column, texts)
        case Form.DATE:
            return _date_steps(column, texts)
        case Form.INSTANT:
            return _instant_steps(column, texts)
    return {}, ""


def _number_steps(column: str, texts: list[str]) -> tuple[dict[str, str | bool], str]:
    """The one way of writing numbers under which all samples are numbers."""
    symbol = next((s for s in _SYMBOLS if texts and all(s in text for text in texts)), "")
    readings: dict[tuple[Decimal, ...], dict[str, str | bool]] = {}
    for decimal, thousands in _NUMBER_STYLES:
        try:
            values = tuple(
                forms.amount(text, decimal=decimal, thousands=thousands, symbol=symbol)
                for text in texts
            )
        except InputError:
            continue
        options = {"decimal": decimal, "thousands": thousands, "symbol": symbol}
        plain = {"decimal": ".", "thousands": "", "symbol": ""}
        readings.setdefault(values, {k: v for k, v in options.items() if v != plain[k]})
    if len(readings) > 1:
        return {}, f"`{column}`: is {texts[0]!r} written with `decimal` = '.' or ','?"
    return next(iter(readings.values()), {}), ""


def _date_steps(column: str, texts: list[str]) -> tuple[dict[str, str | bool], str]:
    if _all_read(texts, ""):
        return {}, ""
    readings: dict[tuple[date, ...], str] = {}
    for style in _DATE_STYLES:
        days = _all_read(texts, style)
        if days:
            readings.setdefault(days, style)
    if len(readings) == 1:
        return {"date": next(iter(readings.values()))}, ""
    ways = " or ".join(repr(style) for style in readings.values()) or "e.g. '%d %B %Y'"
    return {}, f"`{column}`: how is {texts[0]!r} written? `date` = {ways}."


def _all_read(texts: list[str], style: str) -> tuple[date, ...]:
    """The samples as days, empty if one is none; of no samples, one day stands for them."""
    try:
        return tuple(forms.day(text, style) for text in texts) or (date.min,)
    except InputError:
        return ()


def _instant_steps(column: str, texts: list[str]) -> tuple[dict[str, str | bool], str]:
    try:
        for text in texts:
            forms.instant(text)
    except InputError as error:
        return {}, f"`{column}`: {error}"
    return {}, ""


def _constants(choices: dict[str, _Choice]) -> dict[str, str]:
    """The currency, where a symbol tells it and no column does."""
    if any(choice.target.name == "currency" for choice in choices.values()):
        return {}
    symbols = {str(c.options["symbol"]) for c in choices.values() if "symbol" in c.options}
    found = {_CURRENCIES[symbol] for symbol in symbols if symbol in _CURRENCIES}
    return {"currency": found.pop()} if len(found) == len(symbols) == 1 else {}


def _group_by(choices: dict[str, _Choice]) -> str:
    """The column that names the document, when rows carry lines of documents."""
    if not any(choice.in_lines for choice in choices.values()):
        return ""
    named = (c for c, choice in choices.items() if choice.target.name in {"number", "id"})
    return next(named, "")


def _unanswered(
    kind: Kind, choices: dict[str, _Choice], constants: dict[str, str]
) -> Iterator[str]:
    header = {c.target.name for c in choices.values() if not c.in_lines} | set(constants)
    lines = {c.target.name for c in choices.values() if c.in_lines}
    for part, targets, given in (
        ("columns", kind.targets, header),
        ("lines", kind.line_targets, lines),
    ):
        for target in targets.values():
            if target.required and target.name not in given and (part == "columns" or lines):
                yield (
                    f"[{part}] {target.name}: which column gives it? "
                    f"Or the same for all: {target.name} = {{ constant = '...' }}."
                )


def _shown(column: str, texts: list[str], choice: _Choice | None) -> ColumnSuggestion:
    samples = tuple(text[:60] for text in islice(dict.fromkeys(texts), 3))
    if choice is None:
        return ColumnSuggestion(column=column, samples=samples)
    target = ("lines." if choice.in_lines else "") + choice.target.name
    return ColumnSuggestion(column=column, samples=samples, target=target, options=choice.options)


def _toml(value: Any) -> str:
    """A value in TOML; its strings and booleans are written as in JSON."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
