"""Secrets that customers typed are taken out of free text before it is stored or reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from re import Pattern

from workbench.govern.privacy import mask
from workbench.intake.kinds import Label
from workbench.records.base import Record
from workbench.records.cases import Case, CaseEntry
from workbench.records.contacts import Contact
from workbench.records.invoices import Payment

_FREE_TEXT: dict[type[Record], str] = {
    Contact: "summary",
    Case: "title",
    CaseEntry: "text",
    Label: "text",
    Payment: "reference",
}
"""The field of each record that holds somebody's own words."""


def masked(records: Iterable[Record], keep: Sequence[Pattern[str]]) -> Iterator[Record]:
    """The records without card numbers, bank details and passwords; `keep` is never masked."""
    for record in records:
        name = _FREE_TEXT.get(type(record), "")
        text = getattr(record, name, "")
        safe = mask(text, keep=keep).text
        yield record if safe == text else record.model_copy(update={name: safe})
