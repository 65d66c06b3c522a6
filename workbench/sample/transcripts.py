"""What was said in each contact, made up from the words of its language and from how it went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.files import replacing
from workbench.records.money import Money
from workbench.sample.contacts import Contacts
from workbench.sample.words import INVOICE, words

if TYPE_CHECKING:
    import pyarrow as pa

_WRONG = "wrong"
_PAUSE = timedelta(seconds=40)
_PEOPLE = ("ines", "marek", "sofie", "tomas")
_NEEDED = (
    *("contact_id", "started_at", "first_response_s", "language", "language_supported", "flow"),
    *("summary", "amount", "currency", "level", "entered_automation", "handed_off", "abandoned"),
    *("human_agents", "resolution", "wrong"),
)


class Line(NamedTuple):
    """One utterance of a transcript."""

    contact_id: str
    position: int
    said_at: datetime
    speaker: str
    """`customer`, `assistant` or `human_agent:<id>`."""
    text: str


def write_transcripts(contacts: Contacts, table: pa.Table, path: Path) -> None:
    """Write what was said in each contact of a block as Parquet, one row per utterance.

    Args:
        contacts: The block.
        table: The same contacts as rows of history.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = table.select(_NEEDED).to_pylist()
    invoices = _invoices(contacts)
    lines = [
        line
        for number, (row, invoice) in enumerate(zip(rows, invoices, strict=True))
        for line in transcript(row, invoice, number)
    ]
    with replacing(path) as partial:
        spoken = pa.Table.from_pylist([line._asdict() for line in lines], schema=_schema())
        pq.write_table(spoken, partial, compression="zstd")


def _schema() -> pa.Schema:
    import pyarrow as pa

    kinds = {"position": pa.int32(), "said_at": pa.timestamp("us", tz="UTC")}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in Line._fields])


def _invoices(contacts: Contacts) -> list[str]:
    """The invoice that each contact is about, or would be."""
    arrivals = contacts.arrivals
    numbers = contacts.population.invoice_number(arrivals.customer, arrivals.month)
    return [f"INV-{number}" for number in numbers]


def transcript(contact: dict[str, Any], invoice: str, number: int) -> Iterator[Line]:
    """The utterances of one contact; `number` varies the wording and who answers."""
    at: datetime = contact["started_at"].astimezone(UTC)
    wait = timedelta(seconds=max(contact["first_response_s"] or 0, 2))
    for position, (speaker, text) in enumerate(_said(contact, number)):
        filled = text.replace(INVOICE, invoice).replace("{amount}", _amount(contact))
        yield Line(contact["contact_id"], position, at, speaker, filled)
        at += _PAUSE if position else wait


def _amount(contact: dict[str, Any]) -> str:
    if contact["amount"] is None:
        return ""
    return str(Money(amount=contact["amount"], currency=contact["currency"]))


def _said(contact: dict[str, Any], number: int) -> Iterator[tuple[str, str]]:
    """Question, answer, hand-off where there was one, and how the customer took it."""
    yield "customer", contact["summary"]
    if contact["entered_automation"]:
        yield from _said_by_assistant(contact, number)
    if contact["human_agents"]:
        person = f"human_agent:{_PEOPLE[number % len(_PEOPLE)]}"
        yield person, _choose(contact, number, "person", contact["flow"])
    if contact["resolution"] in ("confirmed", "durable"):
        yield "customer", _choose(contact, number, "end", "confirmed")
    elif contact["resolution"] is None and not contact["abandoned"]:
        yield "customer", _choose(contact, number, "end", "unhappy")


def _said_by_assistant(contact: dict[str, Any], number: int) -> Iterator[tuple[str, str]]:
    """An answer where it may answer alone; a hand-over, after a protest where it had answered."""
    alone = contact["level"] == "automate"
    wrong = contact["wrong"] and contact["flow"] == "invoice_inquiry"
    if alone:
        yield (
            "assistant",
            _choose(contact, number, "assistant", _WRONG if wrong else contact["flow"]),
        )
    if contact["handed_off"]:
        if alone:
            yield "customer", _choose(contact, number, "end", "unhappy")
        yield "assistant", _choose(contact, number, "assistant", "hand_over")


def _choose(contact: dict[str, Any], number: int, part: str, key: str) -> str:
    language = contact["language"] if contact["language_supported"] else "en"
    choices: list[str] = words(language)[part][key]
    return choices[number % len(choices)]
