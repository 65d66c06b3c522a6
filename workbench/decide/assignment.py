"""Which customer gets which arm: the same answer on every machine, today and next month.

Two numbers from 0 to 9,999 are read off SHA-256 of purpose, salt, experiment and customer:

    takes part     bucket("enrol") < share x 10,000
    which arm      bucket("arm") x number of arms // 10,000

The arm does not depend on the share, so raising the share adds customers and moves none. The name
of the experiment is hashed, so two experiments deal the same customers independently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from workbench.decide.policy import Policy, load_policy
from workbench.records.experiments import Arm, Experiment

BUCKETS = 10_000
Purpose = Literal["enrol", "arm"]


def bucket(experiment: Experiment, unit: str, purpose: Purpose) -> int:
    """A number from 0 to 9,999: the first 8 bytes of the hash, big-endian, modulo 10,000."""
    text = "\x1f".join((purpose, experiment.salt, experiment.name, unit))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % BUCKETS


def takes_part(experiment: Experiment, unit: str) -> bool:
    """Whether the unit is among the share of the experiment."""
    return bucket(experiment, unit, "enrol") < round(experiment.share * BUCKETS)


def arm_of(experiment: Experiment, unit: str) -> Arm | None:
    """The unit's arm; None when it does not take part."""
    if not takes_part(experiment, unit):
        return None
    return experiment.arms[bucket(experiment, unit, "arm") * len(experiment.arms) // BUCKETS]


def arm_policy(arm: Arm, in_force: Policy, folder: Path) -> Policy:
    """The policy that decides in an arm.

    Raises `ConfigError` for a policy file that is missing or wrong and `InputError` for a setting
    that the policy does not have.
    """
    base = load_policy(folder / arm.policy) if arm.policy else in_force
    return base.with_settings(arm.settings) if arm.settings else base


def arm_policies(experiment: Experiment, in_force: Policy, folder: Path) -> dict[str, Policy]:
    """Arm -> its policy."""
    return {arm.name: arm_policy(arm, in_force, folder) for arm in experiment.arms}


def versions_of(policies: Mapping[str, Policy]) -> dict[str, str]:
    """Arm -> version of its policy, as it is written down at the start."""
    return {arm: policy.version for arm, policy in policies.items()}
