"""Tune: a promise sets the thresholds, owners decide, another person approves a change."""

from __future__ import annotations

import pytest

from workbench import Promise
from workbench.measure.tables import format_value


def words(shown) -> str:
    told = (*shown.markdown, *shown.caption, *shown.info, *shown.success, *shown.error)
    return "\n".join(each.value for each in told)


def test_a_promise_sets_the_threshold_that_keeps_it(open_page, workbench):
    promise = Promise(error=0.1, stakes="low")
    (result,) = workbench.promises.keep(promise).results
    assert result.kept
    shown = open_page("tune", by="A promise", error="10.0", about="low stakes")
    assert f"threshold {result.threshold:g}" in words(shown)
    share = workbench.replay({"threshold.stakes.low": result.threshold})
    automated = format_value(share.kpi("automation_share").after.low, "share")
    assert {m.label: m.value for m in shown.metric}["Automated"] == automated


def test_where_evidence_is_missing_it_says_how_many_to_label(open_page, workbench):
    (result,) = workbench.promises.keep(Promise(error=0.005, stakes="low")).results
    shown = open_page("tune", by="A promise", error="0.5", about="low stakes")
    assert f"label {result.label_more:,} more" in words(shown).replace("\\", "")


def test_confidence_and_competence_are_shown_beside_their_evidence(open_page, workbench):
    shown = open_page("tune")
    table = next(frame.value for frame in shown.dataframe if "recommended" in frame.value)
    report = workbench.competence.report()
    assert list(table["intent"]) == [row.intent for row in report.rows]
    assert list(table["recommended"]) == [row.recommended.value for row in report.rows]


def test_an_owner_decides_and_another_level_needs_a_reason(open_page, workbench):
    shown = open_page("tune")
    intent = next(box for box in shown.selectbox if box.label == "Intent")
    intent.set_value("payment_not_shown")
    next(box for box in shown.selectbox if box.label == "Level granted").set_value("automate")
    shown.text_input(key="owner").set_value("Olga")
    submit = next(b for b in shown.button if b.label == "Record the decision")
    refused = submit.click().run()
    assert any("a reason for deciding otherwise" in e.value for e in refused.error)
    next(t for t in refused.text_input if t.label == "Reason" and t.key is None).set_value("Trial")
    submit = next(b for b in refused.button if b.label == "Record the decision")
    assert submit.click().run().success
    kept = next(d for d in workbench.competence.decisions() if d.intent == "payment_not_shown")
    assert (kept.chosen, kept.recommended, kept.reason) == ("automate", "assist", "Trial")
    assert kept.by == "supervisor:Olga" and kept.deviates


@pytest.fixture
def proposed(open_page, workbench):
    """A change that Pia has proposed on the page."""
    shown = open_page("tune", confidence="0.95")
    shown.text_input(key="proposer").set_value("Pia")
    shown.text_input(key="why-change").set_value("Fewer wrong answers")
    button = next(b for b in shown.button if b.label == "Propose change")
    assert button.click().run().success
    return workbench.proposals.list()[0]


def test_a_proposed_change_waits_for_another_person(open_page, workbench, proposed):
    assert proposed.changes == {"confidence": "0.95"} and proposed.by == "analyst:Pia"
    needed = workbench.staffing.compare({"confidence": 0.95})
    assert proposed.evidence.people == needed
    govern = open_page("govern")
    (told,) = [f.value for f in govern.dataframe if "people at once" in f.value.to_string()]
    assert needed.after.paid in told.to_string()
    for name, key in (("pia", "Approve"), ("Max", "Approve")):
        govern.text_input(key=f"name-{proposed.id}").set_value(name)
        govern.text_input(key=f"why-{proposed.id}").set_value("Agreed").run()
        govern.button(key=f"{key}-{proposed.id}").click().run()
        if name == "pia":
            assert any("of their own" in each.value.replace("\\", "") for each in govern.error)
    decided = next(one for one in workbench.proposals.list() if one.id == proposed.id)
    assert (decided.status, decided.decided_by) == ("approved", "supervisor:Max")
    assert workbench.policy.thresholds.default != 0.95, "the file stays as it is"
