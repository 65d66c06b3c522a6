"""What people did with the suggestions that the history says they were shown."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from workbench.files import replacing
from workbench.records.desk import SuggestionKind, SuggestionOutcome, Use
from workbench.sample.planted import DESK_HABITS

if TYPE_CHECKING:
    import pyarrow as pa

_DRAFT, _MACRO = SuggestionKind.DRAFT, SuggestionKind.MACRO
_ARTICLE, _OPENING = SuggestionKind.ARTICLE, SuggestionKind.OPENING

_MACROS = {
    "invoice_dispute": "dispute-under-review",
    "payment_not_shown": "payment-search",
    "contract_cancel": "cancel-retention",
    "invoice_amount": "open-balance",
    "invoice_explain": "open-balance",
    "payment_terms": "open-balance",
    "case_status": "case-in-work",
    "case_update": "case-in-work",
    "case_open": "case-in-work",
}
"""The macros of the sample's `desk.toml`, by intent."""

_LIKED = {_DRAFT: 1.0, _MACRO: DESK_HABITS.size, _ARTICLE: 1.0, _OPENING: 0.8}
"""How much people like to send each kind, where the customer is content."""

_LIKED_WHEN_UNHAPPY = {_DRAFT: 0.3, _MACRO: DESK_HABITS.size, _ARTICLE: 0.5, _OPENING: 1.6}
_UNHAPPY = -0.35
_NEEDED = (
    *("contact_id", "started_at", "intent", "sentiment", "suggestions_shown"),
    *("suggestions_accepted", "suggestions_edited"),
)


def write_desk_uses(table: pa.Table, path: Path) -> None:
    """Write one row per suggestion shown in a block of contacts; the counts are the contacts'."""
    with (
        replacing(path) as partial,
        partial.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, list(Use.model_fields), lineterminator="\n")
        writer.writeheader()
        for contact in table.select(_NEEDED).to_pylist():
            writer.writerows(use.model_dump(mode="json") for use in uses_of_contact(contact))


def uses_of_contact(contact: dict[str, Any]) -> Iterator[Use]:
    """The suggestions of one contact in the fixed order in which they stood, and their outcome."""
    luck = Random(contact["contact_id"])
    kinds = _kinds_shown(contact, luck)
    sent = _sent(contact, kinds, luck)
    for place, kind in enumerate(kinds, 1):
        yield Use(
            at=contact["started_at"].astimezone(UTC),
            conversation_id=contact["contact_id"],
            turn=1,
            intent=contact["intent"],
            sentiment=round(contact["sentiment"], 3),
            kind=kind,
            key=_key(kind, contact["intent"]),
            place=place,
            outcome=_outcome(contact) if kind is sent else SuggestionOutcome.IGNORED,
        )


def _kinds_shown(contact: dict[str, Any], luck: Random) -> list[SuggestionKind]:
    known = [k for k in SuggestionKind if k is not _MACRO or contact["intent"] in _MACROS]
    shown = luck.sample(known, contact["suggestions_shown"])
    return [kind for kind in SuggestionKind if kind in shown]


def _sent(
    contact: dict[str, Any], kinds: list[SuggestionKind], luck: Random
) -> SuggestionKind | None:
    if not contact["suggestions_accepted"] + contact["suggestions_edited"]:
        return None
    liked = _LIKED_WHEN_UNHAPPY if contact["sentiment"] <= _UNHAPPY else _LIKED
    return luck.choices(kinds, [liked[kind] for kind in kinds])[0]


def _outcome(contact: dict[str, Any]) -> SuggestionOutcome:
    accepted = bool(contact["suggestions_accepted"])
    return SuggestionOutcome.ACCEPTED if accepted else SuggestionOutcome.EDITED


def _key(kind: SuggestionKind, intent: str) -> str:
    keys = {_MACRO: _MACROS.get(intent, ""), _OPENING: "opening"}
    return keys.get(kind, intent)
