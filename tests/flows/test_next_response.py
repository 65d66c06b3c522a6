"""A customer who writes while people have the conversation is promised an answer."""

from __future__ import annotations

from pathlib import Path

from front_door import sample_workbench

from workbench import Workbench


def clocks(workbench: Workbench, case_id: str) -> list[tuple[str, bool]]:
    case = workbench.store.case(workbench.service, case_id)
    return [(clock.kind, clock.met_at is not None) for clock in case.clocks]


def test_writing_to_people_starts_the_next_clock_and_their_answer_meets_it(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        words = ("I want to complain: the courier was rude", "A person, please")
        talk = workbench.converse("C-1001", words[0], channel="portal").conversation_id
        workbench.converse("C-1001", words[1], conversation_id=talk)
        case_id = workbench.conversation(talk).case_id
        workbench.human_reply(talk, "ana", "I am looking into it.")
        workbench.converse("C-1001", "How long will that take?", conversation_id=talk)
        assert clocks(workbench, case_id)[-1] == ("next_response", False)
        workbench.human_reply(talk, "ana", "Until tomorrow.")
        assert clocks(workbench, case_id)[-1] == ("next_response", True)
