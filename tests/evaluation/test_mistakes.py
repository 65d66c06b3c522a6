"""Mistakes by kind, confident mistakes, and what the sample's history holds of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cases_made import case, heard, outcome, run_of
from front_door import sample_workbench

from workbench import Workbench
from workbench.evaluation.cases import Expected
from workbench.evaluation.judges import second_look, verdicts
from workbench.evaluation.mistakes import confident_mistakes, error_kinds
from workbench.measure.trust.overconfident import trust_by_intent
from workbench.sample.planted import CONFIDENT_BUT_WRONG


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    with sample_workbench(tmp_path_factory.mktemp("mistakes")) as opened:
        yield opened


def test_errors_are_counted_by_kind_with_those_acted_on_alone() -> None:
    person = outcome(heard("case_open", level="escalate"))
    run = run_of({"a": "case_open", "b": person, "c": "thanks", "d": "invoice_copy"})
    kinds = [(k.expected, k.read_as, k.cases, k.acted_alone) for k in error_kinds(run)]
    assert kinds == [
        ("invoice_copy", "case_open", ("a", "b"), 1),
        ("invoice_copy", "thanks", ("c",), 1),
    ]


def test_confident_mistakes_are_those_above_the_threshold_the_surest_first() -> None:
    at = {name: outcome(heard("case_open", confidence)) for name, confidence in
          [("sure", 0.95), ("surer", 0.99), ("unsure", 0.79), ("just", 0.8)]}  # fmt: skip
    run = run_of({**at, "right": "invoice_copy"})
    assert [one.case_id for one in confident_mistakes(run)] == ["surer", "sure", "just"]
    assert confident_mistakes(run, 1.0) == ()


def test_an_answer_that_a_person_called_wrong_is_a_mistake_however_it_was_read() -> None:
    judged = {"one": case("one", verdict="wrong", conversation_id="conv-1")}
    (found,) = confident_mistakes(run_of({"one": "invoice_copy"}, cases=judged))
    assert found.why == "a person called the answer wrong"
    assert found.conversation_id == "conv-1"


def test_history_shows_the_planted_intent_that_is_confident_but_wrong(
    workbench: Workbench,
) -> None:
    found = workbench.evaluations.trust()
    overconfident = [one for one in found if one.overconfident]
    assert tuple(one.intent for one in overconfident) == CONFIDENT_BUT_WRONG.intents
    (planted,) = overconfident
    print(
        f"\n{planted.intent}: {planted.wrong} of {planted.judged} wrong "
        f"({planted.low:.1%} to {planted.high:.1%}), {planted.expected:.1%} announced, "
        f"p = {planted.p:.1e}"
    )
    assert planted.low <= CONFIDENT_BUT_WRONG.size <= planted.high
    behind = workbench.contacts(planted.contacts)
    assert len(behind) == planted.wrong
    assert {(c.intent, c.wrong) for c in behind} == {(planted.intent, True)}


def test_trust_counts_what_a_second_query_counts(workbench: Workbench) -> None:
    connection = workbench.history.connection()
    rows = connection.execute(
        "SELECT intent, sum(judged::INT), sum((judged AND wrong)::INT) FROM contact"
        " WHERE confidence >= 0.8 GROUP BY 1 HAVING sum(judged::INT) > 0"
    ).fetchall()
    found = trust_by_intent(connection)
    assert {(t.intent, t.judged, t.wrong) for t in found} == {r for r in rows if r[0]}
    (only,) = trust_by_intent(connection, where={"intent": "payment_not_shown"})
    assert only.judged == next(t.judged for t in found if t.intent == "payment_not_shown")


@pytest.mark.parametrize(
    ("then", "now", "value"),
    [("invoice_copy", "invoice_copy", 1), ("invoice_copy", "case_open", 0), ("", "thanks", None)],
)
def test_the_keyless_judge_reads_a_second_time(then: str, now: str, value: float | None) -> None:
    happened = Expected(intents=(then,)) if then else None
    score = second_look(case(happened=happened), outcome(heard(now)))
    assert score.value == value
    assert ("now read as case_open" in score.why) is (value == 0)


def test_the_keyless_judge_is_held_against_what_people_said(workbench: Workbench) -> None:
    run = workbench.evaluations.run(contacts=600)
    found = workbench.evaluations.agreement(run.id)
    print(f"\n{found}")
    assert found.cases == len(verdicts(run))
    assert found.kappa is not None and 0.2 < found.kappa < 0.6
    assert "does not see what people see" in found.warning
    people = dict.fromkeys(verdicts(run), "right")
    assert workbench.evaluations.agreement(run.id, people=people).confusion["wrong"] == {
        "right": 0, "wrong": 0,
    }  # fmt: skip
