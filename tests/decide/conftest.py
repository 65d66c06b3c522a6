"""Policies for the tests of decisions: a small one in TOML, and the sample POC's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.decide.texts import SMALL
from workbench.decide import Policy, load_policy

SAMPLE = Path(__file__).parents[2] / "sample_data" / "policies" / "policy.toml"


@pytest.fixture
def small(tmp_path: Path) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_text(SMALL, encoding="utf-8")
    return load_policy(path)


@pytest.fixture(scope="session")
def sample() -> Policy:
    return load_policy(SAMPLE)
