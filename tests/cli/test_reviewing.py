"""`workbench verdicts`: what people are asked, their answers, deadlines and labels."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import copy_of_sample, run, run_json, turns

from workbench import open_workbench


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_sample(tmp_path_factory.mktemp("verdicts") / "poc")


def test_nobody_is_asked_anything_at_first(poc: Path) -> None:
    assert run_json("verdicts", "--poc", poc) == {"verdicts": []}
    assert run_json("verdicts", "labels", "--poc", poc) == {"labels": []}
    ran = run("verdicts", "sweep", "--poc", poc)
    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [
        "reminded: none",
        "expired: none",
        "resumed: none",
        "approvals expired: none",
    ]


def test_an_unknown_question_is_not_found(poc: Path) -> None:
    ran = run("verdicts", "give", "VRD-22222222", "credit", "--by", "ana", "--poc", poc)
    assert ran.exit_code == 3
    assert "There is no question VRD-22222222" in ran.stderr


def test_a_hand_off_is_labelled_afterwards(poc: Path) -> None:
    turns(poc, "I want to talk to a person")
    with open_workbench(poc) as workbench:
        (packet,) = workbench.inbox()
    wrong = run("verdicts", "hand-off", packet.id, "perhaps", "--by", "ana", "--poc", poc)
    assert wrong.exit_code == 2 and "needed, not_needed, too_late" in wrong.stderr
    ran = run("verdicts", "hand-off", packet.id, "not_needed", "--by", "ana", "--poc", poc)
    assert ran.exit_code == 0, ran.output
    with open_workbench(poc) as workbench:
        labels = [
            event.data["label"]
            for event in workbench.events(packet.conversation_id)
            if event.kind == "escalation_labelled"
        ]
    assert labels == ["not_needed"]
