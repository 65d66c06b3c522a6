"""What routing rules are worth: the same arrivals, routed in three ways, side by side.

Days are drawn from history's own arrivals and handle times, at the volume that keeps people busy.
Every way of routing gets the very same contacts:

- first in, first out: whoever is free takes the oldest contact. Where the skill is missing, it
  takes as much longer as contacts took in history that a second person had to handle. That they
  also wait again is left out, in favour of this way.
- by skill: people take the oldest contact of the queues that they work for.
- routing rules: the same, the most urgent first.

Left out: overflow, languages, and what arrives on days without business hours. Contacts of the
night arrive at opening. A contact that is unanswered at closing counts as missed and as having
waited until then, whichever way it was routed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.config import HoursSettings, Settings
from workbench.errors import InputError
from workbench.measure.hours import seconds_of
from workbench.measure.intervals import Interval, mean_interval, moments_of_days, rate_interval
from workbench.measure.staffing.simulation import (
    DAY_S,
    Contacts,
    Crew,
    Kind,
    draw_contacts,
    simulate,
)
from workbench.measure.tables import html_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FIFO, SKILL, RULES = "first in, first out", "by skill", "routing rules"
URGENT, OTHERS = "urgent", "others"
_HEADINGS = ("routing", "group", "contacts", "in time", "minutes waited")
_INTERVALS = 48
_INTERVAL_S = DAY_S // _INTERVALS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tally:
    """One way of routing and one group of contacts, day by day."""

    met: Ints
    """Contacts answered within their promise."""
    waited_s: Ints
    """Seconds waited by all of them together."""
    contacts: Ints


@dataclass(frozen=True)
class Finding:
    """How a group fared under one way of routing; intervals treat a day as one observation."""

    routing: str
    group: str
    """`urgent` (P1 and P2) or `others`."""
    contacts: int
    met: float
    """Share answered within the first response that is promised, 0-1."""
    met_interval: Interval
    wait_minutes: float
    wait_interval: Interval | None


@dataclass(frozen=True)
class Gain:
    """Routing rules less another way, on the same days."""

    than: str
    group: str
    met: float
    """Difference of shares, -1..1."""
    interval: Interval | None


@dataclass(frozen=True)
class RoutingStudy:
    """The three ways side by side."""

    days: int
    contacts_per_day: float
    busy: float
    """Work of all contacts / time of all people, 0-1."""
    unskilled_factor: float
    """Handle time without the skill / with it, measured in history."""
    findings: tuple[Finding, ...]
    gains: tuple[Gain, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def caption(self) -> str:
        return (
            f"{self.days} simulated days of {self.contacts_per_day:.0f} contacts; people are busy "
            f"{self.busy:.0%} of the time; without the skill a contact takes "
            f"{self.unskilled_factor:.2f} times as long"
        )

    def __str__(self) -> str:
        rows = [_line(_HEADINGS), *(_line(_cells(each)) for each in self.findings)]
        return "\n".join([self.caption, "", *rows, "", *map(_gain_line, self.gains)])

    def _repr_html_(self) -> str:
        table = html_table(self.caption, _HEADINGS, [_cells(each) for each in self.findings])
        return table + "".join(f"<p>{escape(_gain_line(gain))}</p>" for gain in self.gains)


def routing_study(
    connection: DuckDBPyConnection,
    settings: Settings,
    crews: Sequence[Crew],
    priorities: Mapping[str, str],
    *,
    busy: float = 0.85,
    days: int = 20,
    seed: int = 0,
) -> RoutingStudy:
    """Simulate days under each way of routing.

    Args:
        crews: The people; their skills are queues. Shifts are the business hours.
        priorities: `P1` to `P4` by queue; `P3` where none is given.
        busy: Work / time of people, which sets the volume; above 1 a backlog grows all day.

    Raises `InputError` without people or without contacts that people have handled.
    """
    kinds = _kinds(connection, settings.hours, priorities)
    people = _on_shift(crews, kinds, settings.hours)
    kinds = _scaled(kinds, people, busy)
    factor = _unskilled_factor(connection)
    targets = settings.sla.first_response_minutes
    tallies: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for day in range(days):
        drawn = draw_contacts(kinds, seed + day)
        for routing, contacts, crew in _ways(drawn, people, factor, seed + day):
            for group, told in _day(drawn, contacts, crew, targets).items():
                tallies.setdefault((routing, group), []).append(told)
    summed = {key: _tally(rows) for key, rows in tallies.items() if any(n for *_, n in rows)}
    return RoutingStudy(
        days=days,
        contacts_per_day=sum(sum(kind.per_interval) for kind in kinds),
        busy=busy,
        unskilled_factor=factor,
        findings=tuple(_finding(*key, tally) for key, tally in summed.items()),
        gains=tuple(_gain(than, group, summed) for than, group in summed if than != RULES),
    )


def _kinds(
    connection: DuckDBPyConnection, hours: HoursSettings, priorities: Mapping[str, str]
) -> tuple[Kind, ...]:
    """One kind a queue: history's arrivals over the day and its mean handle time."""
    opens, closes = seconds_of(hours.opens), _closing(hours)
    rows = connection.execute(
        """
        WITH handled AS (
            SELECT queue, talk_s + hold_s + wrap_s AS seconds,
                   timezone($zone, started_at) AS local_time,
                   date_diff('second', date_trunc('day', local_time), local_time) AS of_day
            FROM contact WHERE human_agents > 0 AND queue IS NOT NULL)
        SELECT queue, CASE WHEN of_day >= $opens AND of_day < $closes
                           THEN of_day ELSE $opens END // $length AS interval,
               count(*), sum(seconds)
        FROM handled WHERE isodow(local_time) - 1 IN (SELECT unnest($days)) GROUP BY ALL
        """,
        {
            "zone": hours.time_zone,
            "opens": opens,
            "closes": closes,
            "length": _INTERVAL_S,
            "days": list(hours.days),
        },
    ).fetchall()
    if not rows:
        raise InputError(
            "No contact of history was handled by a person",
            next_step="Import a history with `workbench import contacts FILE`.",
        )
    return tuple(
        _kind(queue, [row[1:] for row in rows if row[0] == queue], priorities)
        for queue in sorted({row[0] for row in rows})
    )


def _kind(queue: str, rows: Iterable[tuple[int, int, int]], priorities: Mapping[str, str]) -> Kind:
    arrivals, contacts, seconds = [0.0] * _INTERVALS, 0, 0
    for interval, count, handled in rows:
        arrivals[interval] += count
        contacts, seconds = contacts + count, seconds + handled
    urgency = int(priorities.get(queue, "P3").removeprefix("P"))
    return Kind(queue, arrivals, seconds / contacts, priority=urgency)


def _on_shift(
    crews: Sequence[Crew], kinds: Sequence[Kind], hours: HoursSettings
) -> tuple[Crew, ...]:
    """The people in business hours, with the skills that contacts ask for."""
    named = {kind.name for kind in kinds}
    opens, closes = float(seconds_of(hours.opens)), float(_closing(hours))
    able = [
        replace(crew, skills=crew.skills & named, starts_s=opens, ends_s=closes) for crew in crews
    ]
    missing = sorted(named - {skill for crew in able for skill in crew.skills})
    if missing:
        raise InputError(
            f"Nobody works for {', '.join(missing)}",
            expected="people for every queue of history",
            next_step="Name them in routing.toml under [[person]].",
        )
    return tuple(crew for crew in able if crew.skills)


def _scaled(kinds: Sequence[Kind], people: Sequence[Crew], busy: float) -> tuple[Kind, ...]:
    """The kinds at the volume that keeps these people busy for that share of their time."""
    if not busy > 0:
        raise InputError(f"busy {busy}", expected="a number above 0, e.g. 0.85")
    time = sum(crew.people * crew.at_once * (crew.ends_s - crew.starts_s) for crew in people)
    work = sum(sum(kind.per_interval) * kind.handle_s for kind in kinds)
    volume = busy * time / work
    return tuple(
        replace(kind, per_interval=[each * volume for each in kind.per_interval]) for kind in kinds
    )


def _unskilled_factor(connection: DuckDBPyConnection) -> float:
    """How much longer contacts took that a second person had to handle; at least 1."""
    [found] = connection.execute(
        """
        SELECT avg(talk_s + hold_s + wrap_s) FILTER (WHERE human_agents > 1)
               / avg(talk_s + hold_s + wrap_s) FILTER (WHERE human_agents = 1)
        FROM contact
        """
    ).fetchall()
    return max(1.0, float(found[0] or 1.0))


def _ways(
    drawn: Contacts, people: Sequence[Crew], factor: float, seed: int
) -> Iterable[tuple[str, Contacts, Sequence[Crew]]]:
    """Each way of routing with its contacts and crews; only the last one looks at urgency."""
    alike = tuple(replace(kind, priority=3) for kind in drawn.kinds)
    pool = replace(
        people[0],
        people=sum(crew.people * crew.at_once for crew in people),
        skills=frozenset(kind.name for kind in drawn.kinds),
        at_once=1,
    )
    slower = _by_anybody(drawn, people, factor, seed)
    yield FIFO, replace(drawn, kinds=alike, handle=slower), [pool]
    yield SKILL, replace(drawn, kinds=alike), people
    yield RULES, drawn, people


def _by_anybody(drawn: Contacts, people: Sequence[Crew], factor: float, seed: int) -> Floats:
    """Seconds of a person where whoever is free handles it, with the skill or without."""
    everybody = sum(crew.people * crew.at_once for crew in people)
    skilled = [
        sum(crew.people * crew.at_once for crew in people if kind.name in crew.skills) / everybody
        for kind in drawn.kinds
    ]
    luck = np.random.default_rng([seed, 1]).random(len(drawn.kind))
    without = luck >= np.array(skilled)[drawn.kind]
    seconds: Floats = np.where(without, drawn.handle * factor, drawn.handle)
    return seconds


def _day(
    drawn: Contacts, contacts: Contacts, crews: Sequence[Crew], targets: Mapping[str, int]
) -> dict[str, tuple[int, int, int]]:
    """Answered in time, seconds waited and contacts of a day, by group."""
    day = simulate(contacts, crews)
    priority = np.array([kind.priority for kind in drawn.kinds])[drawn.kind]
    promised = np.array([targets[f"P{kind.priority}"] * 60.0 for kind in drawn.kinds])[drawn.kind]
    closing = max(crew.ends_s for crew in crews)
    waited = np.where(day.answered, day.waits, closing - drawn.arrives)
    met = day.answered & (waited <= promised)
    masks = {URGENT: priority <= 2, OTHERS: priority > 2}
    return {
        group: (int(met[of].sum()), round(waited[of].sum()), int(of.sum()))
        for group, of in masks.items()
    }


def _tally(rows: Sequence[tuple[int, int, int]]) -> Tally:
    met, waited_s, contacts = np.array(rows, dtype=np.int64).T
    return Tally(met, waited_s, contacts)


def _finding(routing: str, group: str, tally: Tally) -> Finding:
    in_time, waited = (
        moments_of_days(tally.met, tally.contacts),
        moments_of_days(tally.waited_s, tally.contacts),
    )
    wait = mean_interval(waited)
    return Finding(
        routing=routing,
        group=group,
        contacts=in_time.denominator,
        met=in_time.numerator / in_time.denominator,
        met_interval=rate_interval(in_time),
        wait_minutes=waited.numerator / waited.denominator / 60,
        wait_interval=wait and Interval(wait.low / 60, wait.high / 60),
    )


def _gain(than: str, group: str, tallies: Mapping[tuple[str, str], Tally]) -> Gain:
    ours, theirs = tallies[RULES, group], tallies[than, group]
    more = moments_of_days(ours.met - theirs.met, ours.contacts)
    return Gain(than, group, more.numerator / more.denominator, mean_interval(more))


def _closing(hours: HoursSettings) -> int:
    """Second of the day at which business ends; midnight where it goes on into the next day."""
    return seconds_of(hours.closes) if hours.closes > hours.opens else DAY_S


def _cells(each: Finding) -> tuple[str, ...]:
    met = each.met_interval
    share = f"{each.met:.1%} [{met.low:.1%}, {met.high:.1%}]"
    wait, minutes = each.wait_interval, f"{each.wait_minutes:.1f}"
    spread = f" [{wait.low:.1f}, {wait.high:.1f}]" if wait else ""
    return (each.routing, each.group, f"{each.contacts:,}", share, minutes + spread)


def _line(cells: tuple[str, ...]) -> str:
    routing, group, contacts, share, minutes = cells
    return f"{routing:20} {group:7} {contacts:>8}  {share:24} {minutes}"


def _gain_line(each: Gain) -> str:
    spread = each.interval
    points = f" [{spread.low * 100:+.1f}, {spread.high * 100:+.1f}]" if spread else ""
    return (
        f"Routing rules answer {each.met * 100:+.1f}{points} points of {each.group} in time "
        f"compared with {each.than}."
    )
