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
from typing import Annotated, Self

from pydantic import Field, model_validator

from workbench.decide.rules import Name, Share, Thresholds
from workbench.records.base import Record
from workbench.records.signals import Stakes

Rate = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class Promise(Record):
    """At most `error` of the automated answers are wrong, `confidence` sure."""

    error: Rate
    confidence: Rate = 0.95
    intent: Name | None = None
    stakes: Stakes | None = None

    @model_validator(mode="after")
    def _one_scope(self) -> Self:
        if self.intent and self.stakes:
            raise ValueError("a promise is for an `intent` or for `stakes`; make two of it")
        return self

    @property
    def setting(self) -> str:
        """The threshold that keeps it, by the name of its setting."""
        if self.intent:
            return f"threshold.intent.{self.intent}"
        return f"threshold.stakes.{self.stakes}" if self.stakes else "confidence"

    @property
    def subject(self) -> str:
        """What it is about: `invoice_copy`, `high stakes`, `everything else`."""
        return self.intent or (f"{self.stakes} stakes" if self.stakes else "everything else")

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
        return own_threshold(self, thresholds) == self.threshold

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


def own_threshold(promise: Promise, thresholds: Thresholds) -> float | None:
    """The threshold of exactly this promise's scope; None where a wider one applies."""
    if promise.intent:
        return thresholds.intent.get(promise.intent)
    return thresholds.stakes.get(promise.stakes) if promise.stakes else thresholds.default


class PromiseProblem(ValueError):
    """A promise that cannot stand; `location` says where in the document."""

    def __init__(self, index: int, key: str, message: str) -> None:
        super().__init__(message)
        self.location = ("promise", index, key)


def check_promises(promises: tuple[GivenPromise, ...], thresholds: Thresholds) -> None:
    """Raise `PromiseProblem` for one that is doubled or not kept by the threshold that decides."""
    for index, promise in enumerate(promises):
        if promise.setting in {above.setting for above in promises[:index]}:
            message = f"an earlier promise is about {promise.subject} already"
            raise PromiseProblem(index, "error", message)
        if not promise.is_kept_by(thresholds):
            raise PromiseProblem(
                index,
                "threshold",
                f"{promise.threshold:g} is not what [thresholds] says about {promise.subject}: "
                f"{_told(own_threshold(promise, thresholds))}; make both the same, or take the "
                "promise out",
            )


def _told(threshold: float | None) -> str:
    return "nothing" if threshold is None else f"{threshold:g}"
