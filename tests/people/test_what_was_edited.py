"""Who has a conversation, and how much people change in what was suggested to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_door import sample_workbench

from workbench import Workbench
from workbench.people.desk import diff_of, edit_sizes

DISPUTE = "Line 2 of INV-1001 is wrong, only 28 of 40 arrived. Get me a person"
EDITS = [
    ("{} Thank you.", lambda words: 2 / words),
    ("Something else entirely", lambda words: 1.0),
]


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("edited")) as opened:
        yield opened


def handed_off(workbench: Workbench) -> str:
    result = workbench.converse("C-1001", DISPUTE, channel="portal")
    assert result.packet
    return result.conversation_id


@pytest.mark.parametrize(("pattern", "share"), EDITS)
def test_an_edit_is_the_share_of_words_that_were_changed(workbench, pattern, share) -> None:
    talk = handed_off(workbench)
    one = workbench.desk.suggestions(talk, "ana").shown[0]
    workbench.desk.reply(talk, "ana", pattern.format(one.text), one.id)
    events = [e for e in workbench.store.events(workbench.service) if e.stream == f"desk:{talk}"]
    words = len(one.text.split())
    assert edit_sizes(events) == pytest.approx([share(words)])


def test_only_what_was_edited_counts(workbench) -> None:
    talk = handed_off(workbench)
    one = workbench.desk.suggestions(talk, "ana").shown[0]
    assert diff_of(one.text, one.text) == ""
    workbench.desk.reply(talk, "ana", one.text, one.id)
    events = [e for e in workbench.store.events(workbench.service) if e.stream == f"desk:{talk}"]
    assert edit_sizes(events) == ()


def test_who_has_a_conversation_follows_its_ledger(workbench) -> None:
    talk = handed_off(workbench)
    assert workbench.desk.keeper(talk) == "", "it waits"
    workbench.desk.take_over(talk, "ana")
    assert workbench.desk.keeper(talk) == "human_agent:ana"
    workbench.hand_back(talk, "ana", "over to you")
    assert workbench.desk.keeper(talk) == "", "the assistant has it"
    workbench.converse("C-1001", "A person, please", conversation_id=talk, channel="portal")
    workbench.take(workbench.conversation(talk).packet_id, "ben")
    assert workbench.desk.keeper(talk) == "human_agent:ben"


def test_every_change_of_a_conversation_has_a_revision_of_its_own(workbench) -> None:
    talk = handed_off(workbench)
    seen = [workbench.desk.revision(talk)]
    workbench.desk.note(talk, "ana", "called the warehouse")
    seen.append(workbench.desk.revision(talk))
    workbench.desk.take_over(talk, "ana")
    seen.append(workbench.desk.revision(talk))
    assert seen == sorted(set(seen))
