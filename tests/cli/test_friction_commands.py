"""`workbench friction` says where to start next, as a table or as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import copy_of_sample, run, run_json

MESSAGES = "".join(
    f"my parcel {n} has not arrived\nwhat does paragraph {n} of your terms mean?\n"
    for n in range(12)
)


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_sample(tmp_path_factory.mktemp("friction") / "poc")


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    path = tmp_path / "messages.csv"
    path.write_text("text\n" + MESSAGES, encoding="utf-8")
    return path


@pytest.fixture
def transcripts(tmp_path: Path) -> Path:
    path = tmp_path / "said.csv"
    path.write_text(
        "contact_id,position,speaker,text\nH-1,0,customer,Is INV-1002 paid?\n", encoding="utf-8"
    )
    return path


def test_the_map_is_printed_with_the_parts_of_every_score(poc: Path) -> None:
    printed = run_json("friction", "--poc", poc)
    assert {"by", "contacts", "months", "currency", "sentence", "rows"} == set(printed)
    assert {"name", "minutes", "feasibility", "safety", "score", "tied_with"} <= set(
        printed["rows"][0]
    )


def test_messages_of_a_file_are_mapped_by_topic(poc: Path, messages: Path) -> None:
    ran = run("friction", "--from", messages, "--topics", "2", "--poc", poc)
    assert ran.exit_code == 0, ran.output
    assert "24 contacts" in ran.stdout and "parcel" in ran.stdout


def test_gaps_of_a_file_are_counted(poc: Path, messages: Path) -> None:
    printed = run_json("friction", "gaps", "--from", messages, "--poc", poc)
    assert printed["questions"] == 12
    assert {"name", "contacts", "unanswered", "examples"} <= set(printed["gaps"][0])


def test_the_second_look_at_a_file_names_what_nobody_answered(poc: Path, transcripts: Path) -> None:
    printed = run_json("friction", "second-look", "--from", transcripts, "--poc", poc)
    assert [(name, one["intent"]) for name, one in printed["unmet"]] == [("H-1", "invoice_amount")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--by", "weather"), "topic or intent"),
        (("--from", "nowhere.csv"), "does not exist"),
        (("gaps", "--from", "nowhere.csv"), "does not exist"),
        (("second-look", "--from", "nowhere.csv"), "does not exist"),
    ],
)
def test_wrong_arguments_are_refused_in_a_line(
    poc: Path, arguments: tuple[str, ...], says: str
) -> None:
    ran = run("friction", *arguments, "--poc", poc)
    assert ran.exit_code == 2
    assert says in ran.stderr and "Traceback" not in ran.output
