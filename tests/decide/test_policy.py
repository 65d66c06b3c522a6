"""Rules decide in their order, with the most specific threshold, and say why."""

from __future__ import annotations

import timeit
from decimal import Decimal
from pathlib import Path

import pytest

from tests.decide.texts import SMALL
from workbench.decide import Policy, load_policy
from workbench.errors import InputError
from workbench.records.decisions import Alternative, HandOffReason, Level
from workbench.records.signals import Situation, Stakes

EUR = {"action": "credit.issue", "currency": "EUR", "complexity": 1}


@pytest.mark.parametrize(
    ("situation", "rule_id", "level"),
    [
        ({"confidence": 0.75}, "sure", Level.AUTOMATE),
        ({"confidence": 0.7499999999}, "hard", Level.ASSIST),
        ({"confidence": 0.75, "stakes": "high", "complexity": 1}, "no-match", Level.ESCALATE),
        ({"confidence": 0.9, "stakes": "high"}, "sure", Level.AUTOMATE),
        ({"confidence": 0.6, "stakes": "high", "intent": "invoice_copy"}, "sure", Level.AUTOMATE),
        ({"confidence": 1.0, "sensitive": "threat"}, "threats", Level.ESCALATE),
        ({"confidence": None, "complexity": 2}, "no-match", Level.ESCALATE),
        ({"complexity": 3}, "hard", Level.ASSIST),
        ({"complexity": None}, "hard", Level.ASSIST),
        (EUR | {"amount": Decimal("49.99")}, "small-credit", Level.AUTOMATE),
        (EUR | {"amount": Decimal("49.990000001")}, "no-match", Level.ESCALATE),
        (EUR | {"amount": None}, "no-match", Level.ESCALATE),
        (EUR | {"amount": Decimal(1), "currency": "GBP"}, "no-match", Level.ESCALATE),
        (EUR | {"amount": Decimal(0), "currency": None}, "small-credit", Level.AUTOMATE),
    ],
)
def test_the_first_rule_whose_conditions_all_hold_decides(
    small: Policy, situation: dict[str, object], rule_id: str, level: Level
) -> None:
    decision = small.decide(Situation.model_validate(situation))
    assert (decision.rule_id, decision.level) == (rule_id, level)


def test_no_rule_means_a_person_and_says_so(small: Policy) -> None:
    decision = small.decide(Situation(complexity=1))
    assert decision.level is Level.ESCALATE
    assert decision.reason is HandOffReason.POLICY_RESTRICTION
    assert "No rule" in decision.why


def test_a_decision_names_its_policy_and_every_number_it_compared_with(small: Policy) -> None:
    sure = small.decide(Situation(confidence=0.95, stakes=Stakes.HIGH))
    assert sure.policy_version == small.version
    assert sure.threshold == 0.9
    assert sure.thresholds == {"threshold.stakes.high": 0.9}
    credit = small.decide(Situation.model_validate(EUR | {"amount": Decimal(5)}))
    assert credit.thresholds == {"limit.credit.issue.EUR": 49.99}


@pytest.mark.parametrize(
    ("situation", "missing"),
    [
        ({"confidence": 0.72}, "confidence >= 0.75 (was 0.72)"),
        ({"confidence": None}, "confidence >= 0.75 (was unknown)"),
        (EUR | {"amount": Decimal("50.01")}, "amount <= 49.99 (was 50.01)"),
    ],
)
def test_a_rule_that_was_one_condition_short_is_an_alternative(
    small: Policy, situation: dict[str, object], missing: str
) -> None:
    decision = small.decide(Situation.model_validate(situation))
    assert missing in [alternative.missing for alternative in decision.alternatives]


def test_a_rule_with_one_plain_condition_is_never_close(small: Policy) -> None:
    decision = small.decide(Situation(confidence=0.72, complexity=3))
    assert decision.alternatives == (
        Alternative(rule_id="sure", level=Level.AUTOMATE, missing="confidence >= 0.75 (was 0.72)"),
    )


def test_a_rule_about_another_act_is_never_close(small: Policy) -> None:
    decision = small.decide(Situation(action="other", confidence=0.8, complexity=3))
    assert decision.alternatives == ()


def test_a_changed_copy_decides_and_names_itself_anew(small: Policy) -> None:
    situation = Situation(confidence=0.75)
    assert small.decide(situation).rule_id == "sure"
    copy = small.model_copy(update={"rules": small.rules[:2]})
    assert copy.decide(situation).rule_id == "no-match"
    assert copy.version != small.version


def test_the_version_follows_the_content_and_nothing_else(tmp_path: Path) -> None:
    def version(text: str) -> str:
        path = tmp_path / "policy.toml"
        path.write_text(text, encoding="utf-8")
        return load_policy(path).version

    original = version(SMALL)
    assert version("# a comment\n" + SMALL.replace(" = ", "  =  ")) == original
    assert version(SMALL.replace("EUR = 49.99, JPY = 8000", "JPY = 8000, EUR = 49.99")) == original
    assert version(SMALL.replace("0.9", "0.91")) != original
    assert version(SMALL.replace("Understood.", "Understood well.")) != original
    assert original.startswith("small-")


def test_other_thresholds_make_another_policy(small: Policy) -> None:
    changed = small.with_thresholds(0.8, stakes={"low": 0.5}, intent={"greeting": 0.3})
    assert changed.version != small.version
    assert changed.thresholds.resolve(None, None) == ("confidence", 0.8)
    assert changed.thresholds.resolve("x", "low") == ("threshold.stakes.low", 0.5)
    assert changed.thresholds.resolve("greeting", "high") == ("threshold.intent.greeting", 0.3)
    assert small.decide(Situation(confidence=0.76, complexity=1)).level is Level.AUTOMATE
    assert changed.decide(Situation(confidence=0.76, complexity=1)).level is Level.ESCALATE


def test_settings_change_thresholds_limits_and_rules(small: Policy) -> None:
    changed = small.with_settings(
        {
            "confidence": 0.8,
            "threshold.intent.invoice_copy": "0.9",
            "threshold.stakes.low": "0.5",
            "limit.credit.issue.EUR": "60.01",
            "rule.threats": "off",
            "rule.hard": "on",
        }
    )
    assert changed.thresholds.default == 0.8
    assert changed.thresholds.intent == {"invoice_copy": 0.9}
    assert changed.limits["credit.issue"] == {"EUR": Decimal("60.01"), "JPY": Decimal(8000)}
    assert [rule.id for rule in changed.rules] == ["small-credit", "sure", "hard"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"confidense": 0.8}, "threshold.intent.invoice_copy, limit.credit.issue.EUR"),
        ({"rule.nobody": "off"}, "rule.threats"),
        ({"threshold.intent.invoise_copy": 0.8}, "threshold.intent.invoice_copy"),
        ({"rule.threats": "maybe"}, "on or off"),
        ({"confidence": "high"}, "a number"),
        ({"confidence": "nan"}, "a number"),
        ({"confidence": 1.5}, "from 0 to 1"),
        ({"limit.credit.issue.EUR": -1}, "not negative"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_allowed(
    small: Policy, settings: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        small.with_settings(settings)


def test_wrong_thresholds_are_refused(small: Policy) -> None:
    with pytest.raises(InputError, match="low, medium or high"):
        small.with_thresholds(stakes={"extreme": 0.9})


def test_the_explanation_reads_like_the_policy(small: Policy) -> None:
    text = small.explain()
    assert "0.75; stakes high 0.9; intent invoice_copy 0.6" in text
    assert "sure: automate when action is unknown and confidence >= the threshold" in text
    assert "(complexity > 2 or complexity is unknown)" in text
    assert text.endswith("a person decides.")


def test_the_decision_map_names_an_owner_for_every_rule(sample: Policy) -> None:
    rows = sample.decision_map()
    assert [row.rule_id for row in rows] == [rule.id for rule in sample.rules]
    assert all(row.owner and row.why and row.when for row in rows)


def test_a_decision_takes_less_than_a_tenth_of_a_millisecond(sample: Policy) -> None:
    unsure = Situation(intent="invoice_dispute", confidence=0.5, clarifications=1, complexity=3)
    runs = [timeit.timeit(lambda: sample.decide(unsure), number=200) / 200 for _ in range(15)]
    print(f"policy.decide: {min(runs) * 1e6:.0f} us (best of 15 x 200, {len(sample.rules)} rules)")
    assert min(runs) < 100e-6
