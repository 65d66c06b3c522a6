"""Promises that a threshold keeps, as the policy file has them.

    [[promise]]
    owner = "Head of Customer Service"
    since = 2026-05-04
    stakes = "low"          # or intent = "invoice_copy"; neither: what has no threshold of its own
    error = 0.05            # at most this share of the automated answers is wrong,
    confidence = 0.95       # this sure
    threshold = 0.93        # the number that it came to; [thresholds] holds the same

    [promise.evidence]      # what it was read from
    judged = 512
    wrong = 14
    digest = "9f2b61c07d44"
    since = 2025-11-03
    until = 2026-05-03

The number in `[thresholds]` decides, nothing else; a promise says where it came from. So a promise
whose number differs from the one that decides is refused.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from workbench.decide.rules import Name, PlacedProblem, Share, Thresholds
from workbench.decide.scope import Scope
from workbench.records.base import Record

Rate = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class Promise(Scope):
    """At most `error` of the automated answers are wrong, `confidence` sure."""

    error: Rate
    confidence: Rate = 0.95

    def __str__(self) -> str:
        return (
            f"{self.subject}: at most {self.error * 100:g} % of the automated answers wrong, "
            f"{self.confidence * 100:g} % sure"
        )


class PromiseEvidence(Record):
    """The judged answers on which a threshold rests."""

    judged: Annotated[int, Field(ge=1)]
    """Answers at or above the threshold that a person judged."""
    wrong: Annotated[int, Field(ge=0)]
    digest: Name
    """Of all judged answers that were looked at; the same data give the same one."""
    since: date
    until: date


class GivenPromise(Promise):
    """A promise with the threshold that keeps it, and who gave it."""

    owner: Name
    since: date
    threshold: Share
    evidence: PromiseEvidence

    def is_kept_by(self, thresholds: Thresholds) -> bool:
        """Whether its threshold is the one that decides."""
        return self.own_threshold(thresholds) == self.threshold

    def toml(self) -> str:
        """Its entry in the policy file."""
        import tomli_w

        given = self.model_dump(exclude_none=True)
        if self.stakes:
            given["stakes"] = self.stakes.value
        return tomli_w.dumps({"promise": [given]})

    def __str__(self) -> str:
        seen = f"{self.evidence.wrong} of {self.evidence.judged} judged answers wrong"
        return f"{super().__str__()}: threshold {self.threshold:g} ({seen}; {self.owner})"


def check_promises(promises: tuple[GivenPromise, ...], thresholds: Thresholds) -> None:
    """Raise `PlacedProblem` for one that is doubled or not kept by the threshold that decides."""
    for index, promise in enumerate(promises):
        if promise.setting in {above.setting for above in promises[:index]}:
            message = f"an earlier promise is about {promise.subject} already"
            raise PlacedProblem("promise", index, "error", message)
        if not promise.is_kept_by(thresholds):
            raise PlacedProblem(
                "promise",
                index,
                "threshold",
                f"{promise.threshold:g} is not what [thresholds] says about {promise.subject}: "
                f"{_told(promise.own_threshold(thresholds))}; make both the same, or take the "
                "promise out",
            )


def _told(threshold: float | None) -> str:
    return "nothing" if threshold is None else f"{threshold:g}"
