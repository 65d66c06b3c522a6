"""The doctor says what is missing, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import copy_of_sample, run

from workbench.speak.model_classifier import Trust
from workbench.speak.model_trust import keep_trust, trust_file

MEASURED = Trust(
    base=0, stated=1, keyless=1, agrees=1, messages=90, answered=88, right=80, keyless_right=75
)


@pytest.fixture(scope="module")
def poc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_sample(tmp_path_factory.mktemp("doctor") / "poc")


@pytest.mark.parametrize(
    ("model", "measured", "told"),
    [
        ("", False, "no model is. Set `base_url`"),
        ("local", False, "local was never measured and is not asked. Measure it with"),
        ("local", True, "ok   model proposes intents: asked about 90 labelled messages: 88"),
    ],
)
def test_a_model_that_proposes_intents_must_have_been_measured(
    poc: Path, monkeypatch: pytest.MonkeyPatch, model: str, measured: bool, told: str
) -> None:
    monkeypatch.setenv("WORKBENCH_MODEL__CLASSIFY", "true")
    if model:
        monkeypatch.setenv("WORKBENCH_MODEL__BASE_URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv("WORKBENCH_MODEL__NAME", model)
    if measured:
        keep_trust(trust_file(poc / ".workbench", model), MEASURED)
    ran = run("doctor", "--poc", poc)
    assert told in ran.stdout
    assert ran.exit_code == (0 if measured else 1)


def test_without_such_a_model_nothing_is_said_about_one(poc: Path) -> None:
    ran = run("doctor", "--poc", poc)
    assert ran.exit_code == 0 and "model" not in ran.stdout
