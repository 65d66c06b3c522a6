"""A conversation kept as a scenario: the customer's records, the messages, what came of them.

What the conversation itself brought about is taken out of the records again, so that playing the
scenario starts where the conversation started.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from workbench.errors import InputError
from workbench.files import replacing
from workbench.flows.result import TurnResult
from workbench.records.base import Record
from workbench.records.conversations import Conversation
from workbench.records.principals import Principal
from workbench.scenarios.format import load_scenario
from workbench.store import Store

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,60}")


def save_scenario(
    folder: Path,
    name: str,
    title: str,
    conversation: Conversation,
    turns: Sequence[TurnResult],
    store: Store,
    reader: Principal,
) -> Path:
    """Write `<folder>/saved/<name>.toml` and read it back as a check.

    Exchange rates are not among the records of a customer and are left out.

    Raises `InputError` for a name that is taken or no file name, and for an empty title.
    """
    path = folder / "saved" / f"{name}.toml"
    if not _NAME.fullmatch(name) or path.exists():
        raise InputError(
            f"A scenario cannot be saved as {name!r}",
            expected="a new name of small letters, digits and hyphens, e.g. short-delivery",
        )
    if not title.strip():
        raise InputError("The scenario has no title", expected="a sentence that is true of it")
    values = conversation_values(conversation, turns, store, reader)
    with replacing(path) as draft:
        draft.write_text(
            tomli_w.dumps({"id": name, "title": title.strip(), **values}), encoding="utf-8"
        )
    load_scenario(path)
    return path


def conversation_values(
    conversation: Conversation, turns: Sequence[TurnResult], store: Store, reader: Principal
) -> dict[str, Any]:
    """A conversation as the keys of a scenario file, all but `id` and `title`."""
    return {
        "behaviour": "own",
        "today": conversation.started_at,
        "given": _given(conversation, turns, store, reader),
        "conversation": {"customer": conversation.customer_id, "channel": conversation.channel},
        "turn": _turns(conversation, turns),
        "expect": _end(turns),
    }


def _given(
    conversation: Conversation, turns: Sequence[TurnResult], store: Store, reader: Principal
) -> dict[str, Any]:
    """The customer's records without those that this conversation made."""
    customer = conversation.customer_id
    made = {str(value) for turn in turns for act in turn.actions for value in act.result.values()}
    cases = [c for c in store.cases(reader, customer) if c.conversation_id != conversation.id]
    accounts = store.accounts(reader, customer)
    notes = store.credit_notes(reader, customer)
    kinds: dict[str, Iterable[Record]] = {
        "customers": [store.customer(reader, customer)],
        "invoices": [account.invoice for account in accounts],
        "credit_notes": [note for note in notes if note.number not in made],
        "payments": store.payments(reader, customer),
        "orders": store.orders(reader, customer),
        "disputes": [d for a in accounts for d in a.disputes if d.id not in made],
        "cases": cases,
        "case_entries": [entry for case in cases for entry in store.entries(reader, case.id)],
    }
    plain = {kind: [_plain(record) for record in records] for kind, records in kinds.items()}
    return {kind: rows for kind, rows in plain.items() if rows}


def _plain(record: Record) -> dict[str, Any]:
    return record.model_dump(exclude_defaults=True, exclude_none=True)


def _turns(conversation: Conversation, turns: Sequence[TurnResult]) -> list[dict[str, Any]]:
    said = [u.text for u in conversation.utterances if u.speaker == "customer"]
    return [
        {"say": [text], "expect": {"level": turn.level.value, "asked": turn.asked}}
        for text, turn in zip(said, turns, strict=True)
    ]


def _end(turns: Sequence[TurnResult]) -> dict[str, Any]:
    """What was done and whether a person was called; never the wording of a reply."""
    handed = [turn for turn in turns if turn.packet]
    done = dict.fromkeys(act.operation for turn in turns for act in turn.actions)
    end: dict[str, Any] = {"handed_off": bool(handed)}
    if handed and handed[-1].packet and handed[-1].reason:
        end |= {"reason": handed[-1].reason.value, "queue": handed[-1].packet.queue}
    if done:
        end["actions"] = list(done)
    return end
