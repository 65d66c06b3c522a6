"""The second look finds the request behind the first one, and the one that nobody answered."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
from front_door import ROOT, SAMPLE

from workbench import Workbench
from workbench.errors import InputError
from workbench.improve.needs import NO_NEED
from workbench.improve.second_look import Reading, read_again, second_look
from workbench.improve.transcripts import Line, Transcript, read_transcripts

NEUTRAL = "I have looked into it for you."


def said(*lines: str) -> Transcript:
    """A conversation of lines such as `customer: ...` and `assistant: ...`."""
    parts = [line.partition(": ") for line in lines]
    return Transcript(id="T-1", lines=tuple(Line(speaker=who, text=text) for who, _, text in parts))


def reading(workbench: Workbench, *lines: str) -> Reading:
    return read_again(said(*lines), workbench.assistant.triage.read)


def test_a_later_request_hidden_behind_the_first_is_what_was_really_wanted(
    workbench: Workbench,
) -> None:
    found = reading(
        workbench,
        "customer: How much is still open on INV-1001?",
        "assistant: 120.00 EUR are open on INV-1001.",
        "customer: Then please send me a copy of that invoice as a PDF",
        f"human_agent:ana: {NEUTRAL}",
    )
    assert (found.first.intent, found.real.intent) == ("invoice_amount", "invoice_copy")
    assert all(request.met for request in found.requests)


def test_a_request_without_any_answer_is_unmet(workbench: Workbench) -> None:
    found = reading(workbench, "customer: Please send me a copy of invoice INV-1001")
    assert [(request.intent, request.met) for request in found.requests] == [
        ("invoice_copy", False)
    ]


def test_an_answer_to_one_of_two_requests_leaves_the_other_open(workbench: Workbench) -> None:
    found = reading(
        workbench,
        "customer: Where is my parcel? And please send me a copy of invoice INV-1001.",
        "assistant: The parcel is on its way and arrives tomorrow.",
    )
    assert [request.met for request in found.requests] == [True, False]


def test_thanks_and_greetings_are_no_requests(workbench: Workbench) -> None:
    assert reading(workbench, "customer: Hello", "customer: Thank you, bye").requests == ()


def test_saying_it_again_is_an_old_need_and_no_new_one(workbench: Workbench) -> None:
    line = "customer: The problem is back again. Is INV-1002 paid in full by now?"
    found = reading(workbench, line, f"human_agent:ana: {NEUTRAL}")
    assert [request.intent for request in found.requests] == ["invoice_amount"]
    assert found.repeated


@dataclass(frozen=True)
class Planted:
    """A conversation of the sample with a request that was put behind the first one."""

    transcript: Transcript
    intent: str
    answered: bool


def planted(transcripts: list[Transcript]) -> tuple[list[Planted], list[Transcript]]:
    """Every second conversation gets a held-out request behind its own; half stay unanswered."""
    with (ROOT / "tests" / "triage" / "heldout.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["label"] not in {*NO_NEED, "something_else"}]
    random = Random(2026)
    told: list[Planted] = []
    for number, transcript in enumerate(transcripts[::2]):
        row = random.choice(rows)
        asked = [Line(speaker="customer", text=row["text"])]
        answer = [Line(speaker="human_agent:ana", text=NEUTRAL)] if number % 2 else []
        lines = (*transcript.lines, *asked, *answer)
        told.append(
            Planted(transcript.model_copy(update={"lines": lines}), row["label"], bool(answer))
        )
    return told, transcripts[1::2]


def test_planted_second_requests_are_found(workbench: Workbench) -> None:
    read = workbench.assistant.triage.read
    clear = [
        transcript
        for transcript in read_transcripts(SAMPLE / "transcripts.parquet")[:500]
        if len(read_again(transcript, read).requests) == 1
    ]
    told, plain = planted(clear)
    seen = [(one, read_again(one.transcript, read)) for one in told]
    new = [(one, found) for one, found in seen if found.first.intent != one.intent]
    hidden = [(one, [w for w in found.hidden if w.intent == one.intent]) for one, found in new]
    right = sum(bool(hits) for _, hits in hidden)
    claimed = sum(len(found.hidden) for _, found in new)
    claimed += sum(len(read_again(transcript, read).hidden) for transcript in plain)
    unmet_planted = [hits[0] for one, hits in hidden if hits and not one.answered]
    noticed = sum(bool(found.hidden) for _, found in new) / len(new)
    recall, precision = right / len(new), right / claimed
    unmet = sum(not hit.met for hit in unmet_planted) / len(unmet_planted)
    print(
        f"\n{len(new)} planted second requests: noticed {noticed:.1%}, "
        f"with the right intent {recall:.1%}, precision {precision:.1%}; "
        f"unanswered ones seen as such {unmet:.1%}"
    )
    assert noticed >= 0.60
    assert recall >= 0.50
    assert precision >= 0.80
    assert unmet >= 0.99


def test_19_of_20_requests_found_in_labelled_transcripts_are_what_people_labelled(
    workbench: Workbench,
) -> None:
    columns = ["contact_id", "true_intent"]
    history = pq.read_table(SAMPLE / "history" / "contacts.parquet", columns=columns)
    labels = {row["contact_id"]: row["true_intent"] for row in history.to_pylist()}
    read = cache(workbench.assistant.triage.read)
    found = [
        (request.intent, labels[transcript.id])
        for transcript in read_transcripts(SAMPLE / "transcripts.parquet")
        if labels[transcript.id]
        for request in read_again(transcript, read).requests
    ]
    right = sum(intent == label for intent, label in found)
    print(f"\n{len(found):,} requests found, {right / len(found):.1%} as labelled")
    assert len(found) > 3000
    assert right / len(found) >= 0.95


def test_the_shares_say_what_a_first_intent_really_wanted(workbench: Workbench) -> None:
    plain = said("customer: Is INV-1002 paid?", f"assistant: {NEUTRAL}")
    moved = said(
        "customer: Is INV-1002 paid?",
        f"assistant: {NEUTRAL}",
        "customer: please send me a copy of the invoice as PDF",
        f"assistant: {NEUTRAL}",
    )
    look = second_look([plain] * 7 + [moved], workbench.assistant.triage.read)
    (one,) = look.wanted
    assert (one.first, one.real, one.conversations, one.of) == (
        "invoice_amount", "invoice_copy", 1, 8,
    )  # fmt: skip
    assert one.low < one.share == 1 / 8 < one.high
    assert "12% of invoice_amount really wanted invoice_copy" in str(look)


def test_conversations_of_the_ledger_are_looked_at_too(
    workbench: Workbench, tmp_path: Path
) -> None:
    empty = tmp_path / "transcripts.csv"
    empty.write_text("contact_id,position,speaker,text\n", encoding="utf-8")
    assert workbench.friction.second_look(empty).conversations == 0
    workbench.converse("C-1001", "Is INV-1002 paid?", channel="portal")
    look = workbench.friction.second_look(empty)
    assert [(row.intent, row.conversations) for row in look.intents] == [("invoice_amount", 1)]
    assert look.unmet == ()


def test_transcripts_are_read_from_csv_in_the_order_of_their_positions(tmp_path: Path) -> None:
    path = tmp_path / "said.csv"
    path.write_text(
        "contact_id,position,speaker,text\nH-2,1,assistant,b\nH-1,0,customer,x\nH-2,0,customer,a\n",
        encoding="utf-8",
    )
    assert [(t.id, [line.text for line in t.lines]) for t in read_transcripts(path)] == [
        ("H-1", ["x"]), ("H-2", ["a", "b"]),
    ]  # fmt: skip


@pytest.mark.parametrize("content", [None, "id,words\n1,hello\n"])
def test_a_file_that_holds_no_transcripts_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "said.csv"
    if content:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"said\.csv"):
        read_transcripts(path)
