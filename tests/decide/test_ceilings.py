"""A ceiling lowers what rules give an intent, never raises it, in Python as in SQL."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.decide.situations import random_policy, random_situation
from tests.decide.test_sql import differences
from tests.decide.texts import SMALL
from workbench.decide import Policy, load_policy
from workbench.errors import ConfigError, InputError
from workbench.records.decisions import Level
from workbench.records.signals import Situation

ORDER = (Level.ESCALATE, Level.ASSIST, Level.AUTOMATE)
SURE = Situation(intent="payment_not_shown", confidence=0.97, stakes="medium")
CEILING = """
[[ceiling]]
intent = "greeting"
level = "assist"
owner = "Bo"
since = 2026-01-01
why = "Greetings are read first."
"""


def capped(policy: Policy, level: str, intent: str = "payment_not_shown") -> Policy:
    return policy.with_settings({f"ceiling.intent.{intent}": level})


@pytest.mark.parametrize("level", ["assist", "escalate"])
def test_a_confident_request_gets_what_is_granted(sample: Policy, level: str) -> None:
    assert sample.decide(SURE).level is Level.AUTOMATE
    decision = capped(sample, level).decide(SURE)
    assert decision.level == level
    assert decision.rule_id.startswith("ceiling.payment_not_shown")
    assert decision.reason == "policy_restriction"


def test_safety_and_asking_for_help_come_before_any_ceiling(sample: Policy) -> None:
    policy = capped(sample, "assist")
    threat = SURE.model_copy(update={"sensitive": "threat"})
    asks = SURE.model_copy(update={"action": "case.open"})
    assert policy.decide(threat).rule_id == "danger-to-people"
    assert policy.decide(asks).rule_id == "help-is-never-refused"


def test_a_nearly_met_ceiling_is_named(sample: Policy) -> None:
    unsure = SURE.model_copy(update={"confidence": 0.5})
    close = [each.rule_id for each in capped(sample, "assist").decide(unsure).alternatives]
    assert "ceiling.payment_not_shown" in close


def test_the_decision_map_shows_a_ceiling_with_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(SMALL + CEILING, encoding="utf-8")
    rows = [row for row in load_policy(path).decision_map() if row.rule_id.startswith("ceiling.")]
    assert rows and {row.owner for row in rows} == {"Bo"}
    assert all("intent is greeting" in row.when for row in rows)


def test_lifting_a_ceiling_gives_the_policy_of_before(sample: Policy) -> None:
    policy = capped(capped(sample, "assist"), "automate")
    assert policy == sample and policy.version == sample.version


def test_a_rule_that_is_switched_off_takes_its_ceiling_along(sample: Policy) -> None:
    policy = capped(sample, "assist").with_settings({"rule.confident": "off"})
    assert not [rule.id for rule in policy.rules if rule.id.startswith("ceiling.")]


def test_a_ceiling_changes_its_intent_alone_and_never_upwards() -> None:
    random, lowered = Random(21), 0
    for _ in range(60):
        policy = random_policy(random)
        policy = policy.with_thresholds(intent={"invoice_copy": 0.5})
        below = capped(policy, random.choice(["assist", "escalate"]), "invoice_copy")
        for _ in range(60):
            situation = random_situation(random, policy)
            before, after = policy.decide(situation).level, below.decide(situation).level
            assert ORDER.index(after) <= ORDER.index(before)
            assert after == before or situation.intent == "invoice_copy"
            lowered += after != before
    print(f"lowered by a ceiling: {lowered} of 3,600 decisions")
    assert lowered > 10


def test_python_and_sql_agree_under_ceilings(sample: Policy) -> None:
    random = Random(22)
    policy = capped(capped(sample, "assist"), "escalate", "invoice_copy")
    situations = [random_situation(random, policy) for _ in range(3_000)]
    assert differences(policy, situations) == 0


def test_a_file_may_not_use_the_names_of_ceilings(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(SMALL.replace('id = "threats"', 'id = "ceiling.x"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"rule\[1\].id.*'ceiling.' are for ceilings"):
        load_policy(path)


def test_a_level_that_is_none_is_refused(sample: Policy) -> None:
    with pytest.raises(InputError, match="automate, assist or escalate"):
        capped(sample, "half")
