"""Every scorer on outcomes made by hand, and the scorers that a POC brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cases_made import case, heard, outcome

from workbench.errors import ConfigError
from workbench.evaluation import scorers
from workbench.evaluation.cases import Expected
from workbench.evaluation.scorers import LONGEST_REPLY, built_in, own_scorers
from workbench.records.evidence import Fact, ReferenceValue, Reply, Source, Statement

SAID = Statement(
    key="invoice.paid",
    facts={
        "number": Fact(
            name="invoice number",
            value=ReferenceValue(value="INV-1001"),
            source=Source(system="billing", record="invoice INV-1001"),
        )
    },
)


def reply(text: str, language: str = "en") -> Reply:
    return Reply(text=text, language=language, statements=(SAID,))


WISH = Expected(intents=("invoice_copy",), levels=("automate", "assist"), rule="confident")

# Scorer -> expectation, what was heard, the value, a word of the reason.
TABLE: list[tuple[str, Expected, dict[str, Any], float | None, str]] = [
    ("intent_right", WISH, {}, 1, ""),
    ("intent_right", WISH, {"intent": "case_open"}, 0, "case_open"),
    ("intent_right", Expected(), {}, None, ""),
    ("intent_right", Expected(intents=("something_else",)), {"out_of_scope": 0.9}, 1, ""),
    ("intent_right", WISH, {"out_of_scope": 0.9}, 0, "something_else"),
    ("level_right", WISH, {"level": "assist"}, 1, ""),
    ("level_right", WISH, {"level": "escalate"}, 0, "escalate instead of automate or assist"),
    ("rule_right", WISH, {}, 1, ""),
    ("rule_right", WISH, {"rule": "ask-back"}, 0, "ask-back instead of confident"),
    ("acts_safely", WISH, {"intent": "case_open"}, 0, "acted alone"),
    ("acts_safely", WISH, {"intent": "case_open", "level": "escalate"}, 1, ""),
    ("facts_right", WISH, {"reply": reply("Invoice INV-1001 it is.")}, 1, ""),
    ("facts_right", WISH, {"reply": reply("Invoice INV-1002 it is.")}, 0, "INV-1002"),
    ("facts_right", WISH, {}, None, ""),
    ("packet_complete", WISH, {"packet_completeness": 0.75}, 0.75, ""),
    ("packet_complete", WISH, {}, None, ""),
    ("language_kept", WISH, {"reply": reply("Ja.", "de"), "language": "en",
                             "language_confidence": 0.9}, 0, "de instead of en"),
    ("language_kept", WISH, {"reply": reply("Ja.", "de"), "language": "en",
                             "language_confidence": 0.3}, None, ""),
    ("language_kept", Expected(language="de"), {"reply": reply("Ja.", "de")}, 1, ""),
    ("well_mannered", WISH, {"reply": reply("Your case CASE-ABCDEFGH is open.")}, 1, ""),
    ("well_mannered", WISH, {"reply": reply("PLEASE wait!")}, 0, "PLEASE"),
    ("well_mannered", WISH, {"reply": reply("Wait!!")}, 0, "!!"),
    ("well_mannered", WISH, {"reply": reply("a" * (LONGEST_REPLY + 1))}, 0, "1,501 characters"),
    ("acts_alone", WISH, {"level": "assist"}, 0, "assist"),
    ("turns", WISH, {}, 1, ""),
    ("cost", WISH, {"reply": reply("Yes.").model_copy(update={"cost": 0.002})}, 2_000, ""),
    ("milliseconds", WISH, {}, 1, ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wish", "said", "value", "why"), TABLE, ids=[f"{n}-{v}" for n, _, _, v, _ in TABLE]
)
def test_a_scorer_gives_the_value_and_says_why(
    name: str, wish: Expected, said: dict[str, Any], value: float | None, why: str
) -> None:
    score = getattr(scorers, name)(case(expected=(wish,)), outcome(heard(**said)))
    assert score.value == value
    assert why in score.why


def test_a_scenario_passes_without_differences_and_says_which_there_are() -> None:
    passed, failed, unchecked = (), ("turn 1: level: expected automate",), None
    for differences, value in ((passed, 1), (failed, 0), (unchecked, None)):
        score = scorers.scenario_passed(case(), outcome(differences=differences))
        assert score.value == value
        assert score.why == "; ".join(differences or ())


def test_a_score_over_several_messages_is_the_share_that_holds() -> None:
    two = case(says=("a", "b"), expected=(WISH, WISH))
    score = scorers.intent_right(two, outcome(heard(), heard("case_open")))
    assert score.value == 0.5


def test_every_scorer_asks_a_question_and_has_a_name_of_its_own() -> None:
    found = built_in()
    assert len({scorer.name for scorer in found}) == len(found)
    assert all(scorer.question.endswith("?") for scorer in found)
    assert {name for name, *_ in TABLE} | {"scenario_passed"} == {s.name for s in found}


OWN = '''
"""Scorers of our own."""
from workbench.evaluation.scorers import Score

def thanks_for_waiting(case, outcome):
    """Does every reply thank the customer?"""
    held = all("thank" in reply.text.lower() for reply in outcome.replies)
    return Score(value=float(held))

def _helper(case, outcome):
    return None
'''


def test_a_poc_brings_scorers_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "scorers.py").write_text(OWN.replace("def _helper(case, ", "def _helper(what, "))
    (own,) = own_scorers(tmp_path, "scorers.py")
    assert (own.name, own.question) == (
        "thanks_for_waiting",
        "Does every reply thank the customer?",
    )
    assert own.score(case(), outcome(heard(reply=reply("Thank you.")))).value == 1
    assert own_scorers(tmp_path, "") == ()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("missing.py", None, "there is no missing.py"),
        ("../scorers.py", OWN, "there is no ../scorers.py"),
        ("scorers.py", "1 / 0", "does not run: ZeroDivisionError"),
        ("scorers.py", "x = 1", "it defines no scorer"),
        ("scorers.py", "def turns(case, outcome):\n    return None", "'turns' is built in"),
    ],
)
def test_a_wrong_scorer_file_is_refused(
    tmp_path: Path, name: str, text: str | None, problem: str
) -> None:
    folder = tmp_path / "poc"
    folder.mkdir()
    if text is not None:
        (folder / name).write_text(text)
    with pytest.raises(ConfigError, match=problem):
        own_scorers(folder, name)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("return 1", "gives 1 for case one"),
        ("return Score(value=2)", "gives Score"),
        ("return case.nothing", "fails on case one: AttributeError"),
    ],
)
def test_a_mistake_in_a_scorer_is_named_and_never_scored(
    tmp_path: Path, body: str, problem: str
) -> None:
    text = f"from workbench.evaluation.scorers import Score\ndef mine(case, outcome):\n    {body}\n"
    (tmp_path / "scorers.py").write_text(text)
    (own,) = own_scorers(tmp_path, "scorers.py")
    with pytest.raises(ConfigError, match=problem):
        own.score(case(), outcome())
