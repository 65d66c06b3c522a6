"""A threshold goes to another stage of load: by processes only, within its limits, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import Conflict, InputError
from workbench.govern.adapting import ADAPTING_KINDS, adapted, last_changes
from workbench.records.adapting import AdaptThreshold, Stage
from workbench.records.events import EventKind
from workbench.store import ledger
from workbench.store.operations.registry import Outcome, Target, performs

if TYPE_CHECKING:
    from workbench.store.work import Work


def _target(work: Work, _: AdaptThreshold) -> Target:
    """A policy is no customer's."""
    return "", work.transaction.stream


@performs(AdaptThreshold, _target)
def adapt_threshold(work: Work, wish: AdaptThreshold) -> Outcome:
    """Record the change, unless the stage is not the one that the process has seen."""
    if not wish.lowest <= wish.threshold_after <= wish.highest:
        raise InputError(
            f"{wish.setting} = {wish.threshold_after:g}",
            expected=f"{wish.lowest:g} to {wish.highest:g}, as {wish.owner} has set",
        )
    stage = _stage(work, wish)
    if stage is not wish.before:
        raise Conflict(
            f"{wish.setting} stands at {stage} already, not at {wish.before}",
            next_step="Read the stage again.",
        )
    work.record(EventKind.THRESHOLD_ADAPTED, wish.model_dump(mode="json"))
    return Outcome({"stage": wish.after.value})


def _stage(work: Work, wish: AdaptThreshold) -> Stage:
    events = ledger.read(
        work.connection, work.tenant, stream=work.transaction.stream, kinds=ADAPTING_KINDS
    )
    last = last_changes(adapted(events), wish.policy).get(wish.setting)
    return last.after if last else Stage.USUAL
