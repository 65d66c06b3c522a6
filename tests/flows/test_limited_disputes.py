"""A limit that the policy sets for disputes is kept in a conversation as limits of credits are."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from front_door import MORNING, SAMPLE, sample_workbench

from tests.flows.test_verdicts import SPOILT, bring_in, say
from workbench.decide import Policy, load_policy
from workbench.decide.conditions import Condition
from workbench.decide.rules import Rule
from workbench.records.base import SteppingClock
from workbench.records.decisions import HandOffReason, Level


def policy_with_limit(euros: int) -> Policy:
    """The sample's policy, in which disputes above a limit need a person."""
    usual = load_policy(SAMPLE / "policies" / "policy.toml")
    above = Rule(
        id="dispute-above-limit",
        owner="Head of Finance",
        since=date(2026, 5, 4),
        level=Level.ASSIST,
        reason=HandOffReason.AUTHORITY_LIMIT,
        why="Large claims are recorded by a person.",
        when=(
            Condition(field="action", op="==", value="dispute.open"),
            Condition(field="amount", op=">", value="@limit"),
        ),
    )
    fields = {name: getattr(usual, name) for name in Policy.model_fields}
    limits = {**usual.limits, "dispute.open": {"EUR": Decimal(euros)}}
    return Policy(**fields | {"rules": (above, *usual.rules), "limits": limits})


@pytest.mark.parametrize(("limit", "disputes"), [(39, 0), (40, 1)])
def test_a_claim_above_its_limit_is_recorded_by_a_person(
    tmp_path: Path, limit: int, disputes: int
) -> None:
    clock = SteppingClock(MORNING, timedelta(milliseconds=1))
    policy = policy_with_limit(limit)
    with sample_workbench(tmp_path, books="empty", clock=clock, policy=policy) as workbench:
        bring_in(workbench)
        say(workbench, SPOILT)
        found = workbench.store.account(workbench.service, "INV-9001")
        assert len(found.disputes) == disputes
        reasons = [row.reason for row in workbench.inbox()]
        assert reasons == ([] if disputes else [HandOffReason.AUTHORITY_LIMIT])
