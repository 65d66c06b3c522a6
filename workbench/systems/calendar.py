"""Business time: minutes that count only while somebody is there, in any zone, across DST."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from workbench.config import HoursSettings
from workbench.errors import ConfigError

_DAY = timedelta(days=1)


class BusinessCalendar:
    """Opening hours of one place. Hours that close at or before they open end the next day."""

    def __init__(self, hours: HoursSettings) -> None:
        if not hours.days:
            raise ConfigError(
                "hours.days is empty", expected="at least one working day, Monday is 0"
            )
        self._hours = hours
        self._zone = ZoneInfo(hours.time_zone)

    def is_open(self, at: datetime) -> bool:
        start, end = next(self._windows(at))
        return start <= at < end

    def add(self, start: datetime, minutes: float) -> datetime:
        """The moment at which this many business minutes from `start` on have passed.

        Time is elapsed time, so a day of clock change has 23 or 25 hours. With 0 minutes it is
        `start` itself when open, otherwise the next opening.
        """
        left = timedelta(minutes=minutes)
        for opens, closes in self._windows(start):
            begin = max(opens, start)
            if begin + left < closes or (left and begin + left == closes):
                return begin + left
            left -= closes - begin
        raise ConfigError("The calendar has no working day within ten years")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Business time from `start` to `end`; zero when `end` is not later."""
        passed = timedelta(0)
        for opens, closes in self._windows(start):
            if opens >= end:
                break
            passed += max(min(closes, end) - max(opens, start), timedelta(0))
        return passed

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Opening windows in UTC that end after `start`, in order."""
        day = start.astimezone(self._zone).date() - _DAY
        for _ in range(3660):
            if day.weekday() in self._hours.days and day not in self._hours.holidays:
                opens, closes = self._window(day)
                if closes > start:
                    yield opens, closes
            day += _DAY

    def _window(self, day: date) -> tuple[datetime, datetime]:
        opens, closes = self._hours.opens, self._hours.closes
        last_day = day if closes > opens else day + _DAY
        return (
            datetime.combine(day, opens, self._zone).astimezone(UTC),
            datetime.combine(last_day, closes, self._zone).astimezone(UTC),
        )
