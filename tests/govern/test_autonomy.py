"""What owners decide about autonomy stays on record beside what was recommended."""

from __future__ import annotations

from pathlib import Path

import pytest
from front_door import sample_workbench

from workbench import Level
from workbench.errors import ConfigError, InputError, NotAllowed
from workbench.records.principals import Role

INTENT = "payment_not_shown"


def test_what_is_confident_but_wrong_must_not_be_automated(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        row = workbench.competence.report().of(INTENT)
        print(f"\n{INTENT}: {row.wrong} of {row.judged} wrong; {row.reason}")
        assert row.recommended is Level.ASSIST
        assert "no threshold makes it safe to automate" in row.reason
        others = [r for r in workbench.competence.report().rows if r.intent != INTENT]
        assert not [r.intent for r in others if "no threshold" in r.reason]


def test_the_record_keeps_the_recommendation_and_the_decision(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        workbench.competence.decide(INTENT, Level.ASSIST, "Olga")
        workbench.competence.decide(INTENT, Level.ESCALATE, "Olga", "Until cash is applied")
        (latest,) = workbench.competence.decisions()
        assert (latest.recommended, latest.chosen) == (Level.ASSIST, Level.ESCALATE)
        assert latest.deviates and latest.reason == "Until cash is applied"
        assert latest.evidence["judged"] > 100 and latest.by == "supervisor:Olga"
        kinds = [event.kind for event in workbench.events(f"policy:{workbench.policy.name}")]
        assert kinds == ["autonomy_decided"] * 2
        assert workbench.verify().ok


def test_deciding_otherwise_needs_a_reason(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        with pytest.raises(InputError, match="a reason for deciding otherwise"):
            workbench.competence.decide(INTENT, Level.AUTOMATE, "Olga", "  ")
        assert workbench.competence.decisions() == ()


@pytest.mark.parametrize("role", [Role.HUMAN_AGENT, Role.ANALYST, Role.SERVICE])
def test_autonomy_is_for_those_who_may_change_the_policy(tmp_path: Path, role: Role) -> None:
    with sample_workbench(tmp_path) as workbench, pytest.raises(NotAllowed):
        workbench.competence.decide(INTENT, Level.ASSIST, "Olga", role=role)


def test_an_unknown_intent_is_refused(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench, pytest.raises(InputError, match="not a declared"):
        workbench.competence.decide("weather", Level.ASSIST, "Olga")


def test_a_policy_without_limits_says_what_to_add(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        workbench.policy = workbench.policy.model_copy(update={"competence": None})
        with pytest.raises(ConfigError, match=r"a table \[competence\]"):
            workbench.competence.report()


def test_a_decided_ceiling_replays_like_any_change(tmp_path: Path) -> None:
    with sample_workbench(tmp_path) as workbench:
        report = workbench.replay({f"ceiling.intent.{INTENT}": "assist"})
        assert report.changed > 0
        assert {change.intent for change in report.changes} == {INTENT}
        assert {change.rule_after for change in report.changes} == {f"ceiling.{INTENT}"}
