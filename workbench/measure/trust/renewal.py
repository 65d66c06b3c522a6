"""Promising again after customers or their words may have changed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from workbench.decide.promise import Promise
from workbench.measure.trust.evidence import Evidence
from workbench.measure.trust.guarantee import PromiseResult, keep
from workbench.measure.trust.label_shift import ShiftReport, reweighted
from workbench.records.base import Record


class Basis(StrEnum):
    """Which evidence still counts."""

    ALL = "all evidence, since nothing has changed"
    REWEIGHTED = "the evidence of before as it would be under the new mix of intents, and all since"
    NEW = "only what was judged since"


class Renewal(Record):
    """A promise given again, and on what."""

    shift: ShiftReport
    basis: Basis
    result: PromiseResult

    def to_dict(self) -> dict[str, Any]:
        told = {"shift": self.shift.to_dict(), "basis": self.basis.value}
        return {**told, "result": self.result.to_dict()}

    def __str__(self) -> str:
        return f"{self.shift}\nIt rests on {self.basis}.\n{self.result}"


def renew(promise: Promise, before: Evidence, after: Evidence, shift: ShiftReport) -> Renewal:
    """The lowest threshold on evidence that still counts.

    Where confidence has shifted, or an intent has come that was not there before, nothing from
    before does. Where only the mix has, evidence from before is drawn anew to the mix of now.
    """
    basis = _basis(shift)
    counted = after
    if basis is Basis.ALL:
        counted = before.and_also(after)
    elif basis is Basis.REWEIGHTED:
        counted = reweighted(before, shift.mixes).and_also(after)
    return Renewal(shift=shift, basis=basis, result=keep(promise, counted))


def _basis(shift: ShiftReport) -> Basis:
    unheard_of = any(mix.after and not mix.before for mix in shift.mixes)
    if shift.confidence_shifted or (shift.mix_shifted and unheard_of):
        return Basis.NEW
    return Basis.REWEIGHTED if shift.mix_shifted else Basis.ALL
