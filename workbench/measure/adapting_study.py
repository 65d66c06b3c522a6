"""What a threshold that follows the load is worth when many write at once, and what it costs.

One day of eight hours is lived through in several ways on the very same contacts: with a threshold
that follows the load, and with each of its numbers all day. For two hours in the middle of it more
customers write. Contacts are drawn from those of history whose answer, given or not, a person
judged; so it is known which of them would have been answered wrongly. What goes to people takes
what it took in history, or where the assistant answered, the mean of what people took for that
intent. Left out: skills, and customers who give up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.config import Settings
from workbench.decide.adapting import Adapting, AtWork
from workbench.decide.policy import Policy
from workbench.decide.sql import policy_sql
from workbench.errors import InputError
from workbench.measure.hindsight import HUMAN_SECONDS
from workbench.measure.intervals import Interval, mean_interval, moments_of_days
from workbench.records.adapting import Stage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FOLLOWS = "follows the load"
_HOUR_S = 3600.0
_DAY_S, _SPIKE = 8 * _HOUR_S, (3 * _HOUR_S, 5 * _HOUR_S)
_LOOK_S = 20.0
"""How often a worker looks at the load."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Contacts of history whose answer a person judged."""

    alone: dict[Stage, Bools]
    """Whether the assistant answers alone, by the stage of the threshold."""
    wrong: Bools
    """Whether its answer was, or would have been, wrong."""
    handle_s: Floats
    """Seconds of a person, where one is needed."""


@dataclass
class Lived:
    """One day in one way."""

    alone: int = 0
    wrong: int = 0
    with_people: int = 0
    waited_s: float = 0.0
    changes: int = 0
    """Changes of the stage."""


@dataclass(frozen=True)
class WayFinding:
    """How customers fared in one way; intervals take a day as one observation."""

    way: str
    wait_minutes: float
    """Mean wait of those who went to people."""
    wait_interval: Interval | None
    wrong_per_day: float
    """Wrong answers that reached customers."""
    wrong_share: float
    """Wrong / answered by the assistant alone."""
    alone_share: float
    changes_per_day: float


@dataclass(frozen=True)
class AdaptingStudy:
    """All ways side by side."""

    setting: str
    days: int
    people: int
    spike: float
    contacts_per_day: float
    findings: tuple[WayFinding, ...]

    def of(self, way: str) -> WayFinding:
        return next(each for each in self.findings if each.way == way)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        head = (
            f"{self.setting}: {self.days} simulated days, {self.people} people, "
            f"{self.contacts_per_day:.0f} contacts a day, {self.spike:g} times as many for 2 hours"
        )
        columns = (
            f"{'':17} {'minutes waited':22} {'wrong a day':>11} {'wrong share':>11} "
            f"{'alone':>6} {'changes':>8}"
        )
        return "\n".join([head, "", columns, *map(_line, self.findings)])


def adapting_study(
    connection: DuckDBPyConnection,
    policy: Policy,
    settings: Settings,
    *,
    spike: float = 2.0,
    people: int = 10,
    busy: float = 0.8,
    days: int = 20,
    seed: int = 0,
) -> AdaptingStudy:
    """Live through days of a spike in several ways, by the first threshold that follows the load.

    Args:
        spike: so many times as many contacts for two hours.
        busy: work / time of people outside the spike, with the usual threshold.

    Raises `InputError` for a policy without such a threshold, and without judged contacts.
    """
    one = next(iter(policy.adapting), None)
    if one is None:
        raise InputError(
            "No threshold of this policy follows the load",
            next_step="Give it limits under [[adapting]] in the policy file.",
        )
    judged = _judged(connection, policy, one)
    rate = _rate(judged, people, busy)
    drawn = [_arrivals(rate, spike, len(judged.wrong), seed + day) for day in range(days)]
    ways = {FOLLOWS: None} | {_all_day(one, stage, policy): stage for stage in Stage}
    lived = {
        way: [_Day(judged, one, people, settings, stage).live(*each) for each in drawn]
        for way, stage in ways.items()
    }
    return AdaptingStudy(
        setting=one.setting,
        days=days,
        people=people,
        spike=spike,
        contacts_per_day=float(np.mean([len(moments) for moments, _ in drawn])),
        findings=tuple(_finding(way, each) for way, each in lived.items()),
    )


def _all_day(one: Adapting, stage: Stage, policy: Policy) -> str:
    return f"{one.threshold(stage, policy.thresholds):g} all day"


def _judged(connection: DuckDBPyConnection, policy: Policy, one: Adapting) -> Judged:
    levels = ", ".join(
        f"({policy_sql(policy.under_load({one.setting: stage})).level}) = 'automate' AS {stage}"
        for stage in Stage
    )
    found = connection.execute(
        f"""
        SELECT {levels}, wrong,
               CASE WHEN human_agents > 0 THEN {HUMAN_SECONDS} END AS took_s,
               coalesce(took_s, avg(took_s) OVER (PARTITION BY intent), avg(took_s) OVER ())
                   AS handle_s
        FROM contact QUALIFY judged ORDER BY contact_id
        """
    ).fetchnumpy()
    if not len(found["wrong"]):
        raise InputError(
            "No contact of history has an answer that a person judged",
            next_step="Import judged contacts, or judge some on the page of evaluations.",
        )
    return Judged(
        alone={stage: np.asarray(found[stage.value], dtype=np.bool_) for stage in Stage},
        wrong=np.asarray(found["wrong"], dtype=np.bool_),
        handle_s=np.asarray(found["handle_s"], dtype=np.float64),
    )


def _rate(judged: Judged, people: int, busy: float) -> float:
    """Contacts per second that keep people busy with what is left to them."""
    if not (busy > 0 and people > 0):
        raise InputError(f"busy {busy}, {people} people", expected="numbers above 0")
    work = float(np.where(judged.alone[Stage.USUAL], 0.0, judged.handle_s).mean())
    return busy * people / work if work else 0.0


def _arrivals(rate: float, spike: float, pool: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Seconds of the day, and which contact of history each is."""
    luck = np.random.default_rng(seed)
    begins, ends = _SPIKE
    usual = luck.random(luck.poisson(rate * _DAY_S)) * _DAY_S
    extra = luck.poisson(rate * (spike - 1) * (ends - begins))
    more = begins + luck.random(extra) * (ends - begins)
    moments = np.sort(np.concatenate([usual, more]))
    return moments, luck.integers(0, pool, len(moments))


class _Day:
    """A day under way. People take who has waited longest; a worker looks at the load."""

    def __init__(
        self, judged: Judged, one: Adapting, people: int, settings: Settings, stage: Stage | None
    ) -> None:
        self.judged, self.one, self.people, self.settings = judged, one, people, settings
        self.follows = stage is None
        self.stage = stage or Stage.USUAL
        self.busy_until: list[float] = []
        self.waiting: deque[tuple[float, float]] = deque()
        self.lived = Lived()

    def live(self, moments: Floats, contacts: NDArray[np.int64]) -> Lived:
        looks = 0.0
        for moment, contact in zip(moments.tolist(), contacts.tolist(), strict=True):
            while self.follows and looks <= moment:
                self._until(looks)
                self._look()
                looks += _LOOK_S
            self._until(moment)
            self._arrive(moment, contact)
        self._until(float("inf"))
        return self.lived

    def _arrive(self, moment: float, contact: int) -> None:
        if self.judged.alone[self.stage][contact]:
            self.lived.alone += 1
            self.lived.wrong += int(self.judged.wrong[contact])
            return
        self.lived.with_people += 1
        self.waiting.append((moment, float(self.judged.handle_s[contact])))
        if len(self.busy_until) < self.people:
            self._take(moment)

    def _until(self, moment: float) -> None:
        """Whoever has finished by then takes the next who waits."""
        while self.busy_until and self.busy_until[0] <= moment:
            ended = heappop(self.busy_until)
            if self.waiting:
                self._take(ended)

    def _take(self, moment: float) -> None:
        arrived, handle_s = self.waiting.popleft()
        self.lived.waited_s += moment - arrived
        heappush(self.busy_until, moment + handle_s)

    def _look(self) -> None:
        following = self.one.next_stage(self.stage, self._load())
        self.lived.changes += following is not self.stage
        self.stage = following

    def _load(self) -> float | None:
        at_work = AtWork(
            people=self.people,
            at_once=self.people,
            in_hand=len(self.busy_until),
            waiting=len(self.waiting),
        )
        return at_work.load(self.one.measure, self.settings.queues)


def _finding(way: str, lived: Sequence[Lived]) -> WayFinding:
    waits = moments_of_days(
        [round(day.waited_s) for day in lived], [day.with_people for day in lived]
    )
    spread = mean_interval(waits)
    alone, wrong = (sum(getattr(day, name) for day in lived) for name in ("alone", "wrong"))
    everybody = alone + waits.denominator
    return WayFinding(
        way=way,
        wait_minutes=waits.numerator / max(waits.denominator, 1) / 60,
        wait_interval=spread and Interval(spread.low / 60, spread.high / 60),
        wrong_per_day=wrong / len(lived),
        wrong_share=wrong / alone if alone else 0.0,
        alone_share=alone / everybody if everybody else 0.0,
        changes_per_day=sum(day.changes for day in lived) / len(lived),
    )


def _line(each: WayFinding) -> str:
    spread = each.wait_interval
    waited = f"{each.wait_minutes:.1f}"
    waited += f" [{spread.low:.1f}, {spread.high:.1f}]" if spread else ""
    return (
        f"{each.way:17} {waited:22} {each.wrong_per_day:11.1f} {each.wrong_share:11.2%} "
        f"{each.alone_share:6.1%} {each.changes_per_day:8.1f}"
    )
