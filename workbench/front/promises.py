"""`workbench.promises`: thresholds that keep a promise about wrong answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from workbench.decide.policy import Policy
from workbench.decide.promise import GivenPromise, Promise
from workbench.front.part import Part
from workbench.measure.sums import Scope
from workbench.measure.trust.evidence import Evidence, evidence_for
from workbench.measure.trust.guarantee import PromiseReport, keep_all
from workbench.measure.trust.label_shift import LATELY, ShiftReport, compare, contacts_of
from workbench.measure.trust.rehearsal import PromiseRehearsal, rehearse
from workbench.measure.trust.renewal import Renewal, renew


class Promises(Part):
    """What thresholds guarantee, and what evidence that takes."""

    def keep(self, *promises: Promise, together: bool = False, **restrict: Any) -> PromiseReport:
        """The lowest threshold for each promise; see `measure.trust.guarantee`.

        `restrict`: `since`, `until` and `where` choose the contacts that count as evidence.
        """
        return keep_all(
            promises,
            [self.evidence(one, *promises, **restrict) for one in promises],
            together=together,
        )

    def each(self, error: float, confidence: float = 0.95) -> tuple[Promise, ...]:
        """The same promise for every threshold of the policy that is not an intent's own."""
        own = self.workbench.policy.thresholds.stakes
        promise = Promise(error=error, confidence=confidence)
        return (promise, *(promise.model_copy(update={"stakes": stakes}) for stakes in own))

    def evidence(self, promise: Promise, *beside: Promise, **restrict: Any) -> Evidence:
        """The judged answers that a promise rests on, where the promises beside it take theirs."""
        connection = self.workbench.history.connection()
        return evidence_for(connection, self._divided(beside), promise, **restrict)

    def give(self, report: PromiseReport, owner: str) -> tuple[GivenPromise, ...]:
        """Entries for the policy file, for the promises that are kept."""
        today: date = self.workbench.clock.now().date()
        return tuple(one.given(owner, today) for one in report.results if one.kept)

    def rehearse(self, promise: Promise, judged: int = 300, draws: int = 300) -> PromiseRehearsal:
        """How often it would break on samples of what was judged; see `measure.trust.rehearsal`."""
        return rehearse(promise, self.evidence(promise, promise), judged, draws)

    def shift(self, since: date | None = None) -> ShiftReport:
        """Whether contacts from that day on are still like those before; see `label_shift`.

        `since`: by default the last `label_shift.LATELY`.
        """
        connection = self.workbench.history.connection()
        day = since or (self.workbench.clock.now() - LATELY).date()
        before = contacts_of(connection, Scope(until=day))
        return compare(before, contacts_of(connection, Scope(since=day)))

    def renew(self, promise: Promise, since: date) -> Renewal:
        """The promise on what still counts when contacts may have changed that day."""
        return renew(
            promise,
            before=self.evidence(promise, promise, until=since),
            after=self.evidence(promise, promise, since=since),
            shift=self.shift(since),
        )

    def _divided(self, promises: tuple[Promise, ...]) -> Policy:
        """The policy with a threshold of its own for each promise, so that none counts twice."""
        own = self.workbench.policy.thresholds
        return self.workbench.policy.with_thresholds(
            stakes={p.stakes: own.stakes.get(p.stakes, 1.0) for p in promises if p.stakes},
            intent={p.intent: own.intent.get(p.intent, 1.0) for p in promises if p.intent},
        )
