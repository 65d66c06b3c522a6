"""A definition says what it means, and a wrong one says what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.decide.assignment import arm_policies
from workbench.decide.policy import load_policy
from workbench.errors import ConfigError, InputError
from workbench.records.experiments import load_experiment

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data" / "experiments" / "more-careful.toml"
POLICY = ROOT / "sample_data" / "policies" / "policy.toml"

WRONG = [
    ('kind = "ab"', 'kind = "ab"\nboss = "Ana"', "boss"),
    ('owner = "Head of Customer Service"', "", "owner"),
    ('kind = "ab"', 'kind = "abc"', "shadow"),
    ('name = "more-careful"', 'name = "other"', "'more-careful', as the file is called"),
    ('name = "control"', 'name = "usual"', "the first arm must be 'control'"),
    ("settings = { confidence = 0.98 }", "", "changes nothing"),
    ("smallest_effect = 0.05", "smallest_effect = 0", "greater than 0"),
    ("share = 1.0", "share = 1.5", "less than or equal to 1"),
    ("until = 2026-03-16", "until = 2026-01-16", "before `until`"),
    ('channel = ["chat"]', 'country = ["de"]', "country"),
    ('kind = "ab"', "kind = ab", "not valid TOML"),
    ('name = "careful"', 'name = "Very careful"', "small letters"),
]


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_a_wrong_key_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = SAMPLE.read_text()
    assert old in text
    path = tmp_path / "more-careful.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError, match=told) as raised:
        load_experiment(path)
    assert "more-careful.toml" in str(raised.value)


def test_the_samples_experiment_is_read_as_it_is_written() -> None:
    found = load_experiment(SAMPLE)
    assert [arm.changes for arm in found.arms] == ["the policy as it is", "confidence = 0.98"]
    assert str(found.eligible) == "channel chat"
    assert [guard.metric for guard in found.guards] == ["automation_share", "human_time"]


def test_an_arm_is_the_policy_in_force_with_its_settings() -> None:
    in_force = load_policy(POLICY)
    found = arm_policies(load_experiment(SAMPLE), in_force, ROOT)
    assert found["control"] is in_force
    assert found["careful"].thresholds.default == 0.98
    assert found["careful"].version != in_force.version


def test_an_arm_may_be_another_policy_file(tmp_path: Path) -> None:
    text = SAMPLE.read_text().replace(
        "settings = { confidence = 0.98 }", 'policy = "policies/other.toml"'
    )
    (tmp_path / "more-careful.toml").write_text(text)
    (tmp_path / "policies").mkdir()
    other = POLICY.read_text().replace("default = 0.55", "default = 0.65")
    (tmp_path / "policies" / "other.toml").write_text(other)
    experiment = load_experiment(tmp_path / "more-careful.toml")
    found = arm_policies(experiment, load_policy(POLICY), tmp_path)
    assert found["careful"].thresholds.default == 0.65


def test_an_unknown_setting_of_an_arm_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "more-careful.toml"
    path.write_text(SAMPLE.read_text().replace("{ confidence", "{ bravery"))
    with pytest.raises(InputError, match="bravery"):
        arm_policies(load_experiment(path), load_policy(POLICY), tmp_path)
