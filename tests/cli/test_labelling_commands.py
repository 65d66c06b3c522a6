"""`workbench label`: lists what to label, keeps answers, takes them back, tells the gain."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from commands import copy_of_sample, run, run_json
from front_door import SAMPLE

from workbench.triage.labelled import read_labelled
from workbench.triage.labelled_by_people import FILE
from workbench.triage.pool import message_id

NEW = "text\nWould you lend us a forklift for a day?\nMay I pick the goods up at night?\n"


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with one English message in six, which is learned in a second."""
    made = copy_of_sample(tmp_path_factory.mktemp("label") / "poc")
    for path in (made / "intents").glob("*.csv"):
        path.unlink()
    rows = read_labelled(SAMPLE / "intents" / "en.csv")[::6]
    with (made / "intents" / "en.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *((row.text, row.label) for row in rows)])
    return made


@pytest.fixture(scope="module")
def questions(poc: Path) -> list[dict]:
    return run_json("label", "--next", "4", "--poc", poc)["questions"]


def filed(poc: Path) -> dict[str, str]:
    path = poc / "intents" / FILE
    return {row.text: row.label for row in read_labelled(path)} if path.exists() else {}


def test_the_next_messages_are_listed_with_their_guesses(poc, questions) -> None:
    assert len(questions) == 4
    assert {"message", "guesses", "why", "model"} <= set(questions[0])
    assert {"id", "text", "language", "source", "times"} == set(questions[0]["message"])
    ran = run("label", "--next", "4", "--poc", poc)
    assert ran.exit_code == 0 and all(q["message"]["id"] in ran.stdout for q in questions)


def test_a_label_is_kept_taken_back_and_not_asked_again(poc, questions) -> None:
    message = questions[0]["message"]
    kept = run_json("label", "set", message["id"], "invoice_copy", "--by", "ana", "--poc", poc)
    assert (kept["answer"], kept["label"], kept["by"]) == ("intent", "invoice_copy", "analyst:ana")
    assert kept["guess"] == questions[0]["guesses"][0]["label"]
    assert filed(poc) == {message["text"]: "invoice_copy"}
    taken = run_json("label", "undo", "--by", "ana", "--poc", poc)
    assert taken["message"] == message["id"] and filed(poc) == {}


def test_a_file_is_asked_about_and_a_missing_intent_is_proposed(poc, tmp_path: Path) -> None:
    source = tmp_path / "new.csv"
    source.write_text(NEW)
    message = message_id("Would you lend us a forklift for a day?")
    given = ("label", "set", message, "new:equipment_loan", "--by", "bo", "--poc", poc)
    assert run(*given).exit_code == 3, "without the file there is no such message"
    assert run(*given, "--from", source).exit_code == 0
    (proposed,) = run_json("label", "proposed", "--poc", poc)["proposed"]
    assert (proposed["name"], proposed["by"]) == ("equipment_loan", ["bo"])
    assert run_json("label", "settle", "--poc", poc) == {"settled": 0}


WRONG = [
    (("set", "m-XXXXXXXXXX", "invoice_copy", "--by", "ana"), 3, "There is no message m-XXXXXXXXXX"),
    (("set", "ID", "invoce_copy", "--by", "ana"), 2, "Did you mean invoice_copy"),
    (("set", "ID", "invoice_copy", "--by", " "), 2, "A label needs a name"),
    (("undo", "--by", "nobody"), 3, "no answer to take back"),
    (("--from", "none.csv"), 2, "none.csv does not exist"),
    (("calibrate",), 2, "has no language model"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), WRONG)
def test_what_cannot_be_is_explained(poc, questions, arguments, code: int, words: str) -> None:
    known = {"ID": questions[1]["message"]["id"]}
    ran = run("label", *(known.get(a, a) for a in arguments), "--poc", poc)
    assert ran.exit_code == code, ran.output
    assert words in ran.stderr


def test_a_classifier_that_there_is_not_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\nhow much,amount\nopen a case,case\n")
    files = ("--train", path, "--test", path)
    ran = run("evaluate", "intent", *files, "--classifier", "oracle")
    assert ran.exit_code == 2 and "keyless or model" in ran.stderr
