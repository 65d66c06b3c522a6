"""The policy as it decides under the present load, and the changes that the load asks for.

The ledger says at which stage each threshold stands, so every process decides alike. A look at the
floor changes nothing that another look has changed already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock

from workbench.config import Settings
from workbench.decide.adapting import Adapting, AtWork
from workbench.decide.policy import Policy
from workbench.govern.adapting import ADAPTING_KINDS, Adapted, adapted, last_changes, stages_of
from workbench.people.load import Floor
from workbench.records.actions import Action
from workbench.records.adapting import AdaptThreshold, Stage, adapting_stream
from workbench.records.base import Instant, Record
from workbench.records.events import Event
from workbench.records.operations import plan
from workbench.records.principals import Principal, Role
from workbench.store import Store


class AdaptedPolicy:
    """The policy in force with the stages of the ledger; safe to share between threads."""

    def __init__(self, policy: Policy, store: Store, tenant: str) -> None:
        self.usual = policy
        self._store = store
        self._reader = Principal(id="service:assistant", role=Role.SERVICE, tenant=tenant)
        self._lock = Lock()
        self._seen = 0
        self._last: dict[str, Adapted] = {}
        self._now = policy

    def now(self) -> Policy:
        """The policy that decides now."""
        self.last()
        return self._now

    def last(self) -> dict[str, Adapted]:
        """Threshold -> its last change, brought up to the ledger's end."""
        if not self.usual.adapting:
            return {}
        with self._lock:
            fresh = adapted(self._events(self._seen))
            if fresh:
                self._seen = fresh[-1].seq
                self._last |= last_changes(fresh, self.usual.version)
                self._now = self.usual.under_load(stages_of(self._last))
            return dict(self._last)

    def changes(self) -> tuple[Adapted, ...]:
        """Every change that was made, under earlier versions of the policy too; latest first."""
        return tuple(reversed(adapted(self._events(0))))

    def _events(self, after: int) -> tuple[Event, ...]:
        stream = adapting_stream(self.usual.name)
        return self._store.events(self._reader, stream, after=after, kinds=ADAPTING_KINDS)


def load_on(one: Adapting, floor: Floor, settings: Settings) -> float | None:
    """The load that a threshold looks at; None where nobody is there to carry it."""
    there = floor.of(one.queue) if one.queue else floor.on
    at_work = AtWork(
        people=len(there),
        at_once=sum(each.person.at_once for each in there),
        in_hand=sum(each.contacts for each in there),
        waiting=floor.waiting.get(one.queue, 0) if one.queue else sum(floor.waiting.values()),
    )
    return at_work.load(one.measure, settings.queues)


def changes_due(
    policy: Policy, last: Mapping[str, Adapted], floor: Floor, settings: Settings
) -> Iterator[Action]:
    """The changes of stage that the floor asks for, each as an act that is performed once."""
    stages = stages_of(last)
    for one in policy.adapting:
        stage, load = stages.get(one.setting, Stage.USUAL), load_on(one, floor, settings)
        following = one.next_stage(stage, load)
        if following is not stage:
            stages[one.setting] = following
            decides = policy.under_load(stages).version
            wish = _change(one, policy, stage, following, load, decides)
            since = last[one.setting].seq if one.setting in last else 0
            yield plan(wish, f"adapt:{policy.version}:{one.setting}:{since}:{following}")


def _change(
    one: Adapting, policy: Policy, stage: Stage, following: Stage, load: float | None, decides: str
) -> AdaptThreshold:
    lowest, highest = one.limits(policy.thresholds)
    return AdaptThreshold(
        policy=policy.version,
        setting=one.setting,
        before=stage,
        after=following,
        threshold_before=one.threshold(stage, policy.thresholds),
        threshold_after=one.threshold(following, policy.thresholds),
        lowest=lowest,
        highest=highest,
        measure=one.measure,
        load=load,
        owner=one.owner,
        decides=decides,
    )


class Standing(Record):
    """A threshold that follows the load, as it stands."""

    setting: str
    stage: Stage
    threshold: float
    usual: float
    lowest: float
    highest: float
    measure: str
    queue: str
    load: float | None
    """What the measure comes to now; None: nobody is there."""
    owner: str
    since: Instant | None
    """When it came to its stage; None: it has not moved yet."""

    def __str__(self) -> str:
        load = "nobody is there" if self.load is None else f"{self.load:.2g}"
        return (
            f"{self.setting}: {self.threshold:g} ({self.stage}; {self.lowest:g} to "
            f"{self.highest:g} allowed by {self.owner}; {self.measure}: {load})"
        )


def standings(
    policy: Policy, last: Mapping[str, Adapted], floor: Floor, settings: Settings
) -> tuple[Standing, ...]:
    """Every threshold of a policy that follows the load."""
    return tuple(_standing(one, policy, last, floor, settings) for one in policy.adapting)


def _standing(
    one: Adapting, policy: Policy, last: Mapping[str, Adapted], floor: Floor, settings: Settings
) -> Standing:
    change = last.get(one.setting)
    stage = change.after if change else Stage.USUAL
    lowest, highest = one.limits(policy.thresholds)
    return Standing(
        setting=one.setting,
        stage=stage,
        threshold=one.threshold(stage, policy.thresholds),
        usual=one.threshold(Stage.USUAL, policy.thresholds),
        lowest=lowest,
        highest=highest,
        measure=one.measure,
        queue=one.queue,
        load=load_on(one, floor, settings),
        owner=one.owner,
        since=change.at if change else None,
    )
