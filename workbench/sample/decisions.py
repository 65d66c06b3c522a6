"""What the policy of the time decided on each contact, and in whose queue it went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.config import QueueSettings
from workbench.records.decisions import HandOffReason, Level
from workbench.sample.arrays import Bools, Ints
from workbench.sample.columns import Columns
from workbench.sample.past_policy import NO_RULE, first_matching_rule, launch_policy
from workbench.sample.planted import MORE_CAREFUL

_NEXT_RULE = "half-sure"
"""What decides where more confidence is asked for than there is; it stands after the others."""


@dataclass(frozen=True)
class Decided:
    """One position per contact, by the launch policy; the baseline decided nothing by rule."""

    level: Ints
    """Position in `Level`."""
    rule: Ints
    """Position in the policy's rules, or `NO_RULE`."""
    reason: Ints
    """Position in `reason_labels`; `NO_RULE` when automated."""

    reason_labels = tuple(HandOffReason)


def decide_all(situations: Columns, careful: Bools) -> Decided:
    """Apply the launch policy to every contact; `careful` ones need more confidence to automate."""
    policy = launch_policy()
    rule = first_matching_rule(policy, situations)
    automates = np.array([each.level is Level.AUTOMATE for each in policy.rules])
    unsure = situations["confidence"].values < MORE_CAREFUL.size
    half_sure = [each.id for each in policy.rules].index(_NEXT_RULE)
    rule = np.where(careful & (rule >= 0) & automates[rule] & unsure, half_sure, rule)
    levels = [list(Level).index(each.level) for each in policy.rules]
    reasons = [NO_RULE if each.reason is None else _code(each.reason) for each in policy.rules]
    # Position NO_RULE is the last one: no match means that a person decides.
    levels.append(list(Level).index(Level.ESCALATE))
    reasons.append(_code(HandOffReason.POLICY_RESTRICTION))
    return Decided(level=np.array(levels)[rule], rule=rule, reason=np.array(reasons)[rule])


def _code(reason: HandOffReason) -> int:
    return Decided.reason_labels.index(reason)


def queue_labels() -> tuple[str, ...]:
    """All queues that a contact may have gone to."""
    queues = QueueSettings()
    names = [*queues.by_reason.values(), *queues.by_flow.values(), queues.default]
    return tuple(dict.fromkeys([*names, queues.key_account]))


def queue_of(decided: Decided, flow: Ints, flows: tuple[str, ...], key_account: Bools) -> Ints:
    """The queue by reason, else by flow; key accounts have their own, except for grave matters."""
    queues, labels = QueueSettings(), queue_labels()
    by_flow = [labels.index(queues.by_flow.get(name, queues.default)) for name in flows]
    queue = np.array(by_flow)[flow]
    by_reason = np.array(
        [labels.index(queues.by_reason[r]) if r in queues.by_reason else -1 for r in HandOffReason]
    )
    reasoned = np.where(decided.reason >= 0, by_reason[decided.reason], -1)
    queue = np.where(reasoned >= 0, reasoned, queue)
    grave = np.isin(queue, [labels.index(name) for name in ("legal", "security", "safety")])
    return np.where(key_account & ~grave, labels.index(queues.key_account), queue)
