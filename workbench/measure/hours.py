"""Business hours as SQL: seconds of working time between two instants, in closed form."""

from __future__ import annotations

from datetime import date, time

from workbench.config import HoursSettings

_MONDAY = date(1970, 1, 5)


def work_seconds_sql(start: str, end: str, hours: HoursSettings) -> str:
    """DuckDB expression for the business seconds between two TIMESTAMPTZ expressions."""
    return f"({_work_clock(end, hours)} - {_work_clock(start, hours)})"


def _work_clock(instant: str, hours: HoursSettings) -> str:
    """Business seconds from a fixed Monday to an instant.

    Counted on the local wall clock, which is exact while no clock change falls into opening hours.
    """
    opens, closes = seconds_of(hours.opens), seconds_of(hours.closes)
    local = f"timezone('{hours.time_zone}', {instant})"
    day = f"date_diff('day', DATE '{_MONDAY}', {local}::DATE)"
    into_day = f"date_diff('second', date_trunc('day', {local}), {local})"
    passed = f"least(greatest({into_day} - {opens}, 0), {closes - opens})"
    return (
        f"({_work_days_before(day, hours)} * {closes - opens}"
        f" + {_is_work_day(day, hours)}::BIGINT * {passed})"
    )


def seconds_of(moment: time) -> int:
    """Seconds since midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _holidays(hours: HoursSettings) -> list[int]:
    """Holidays that fall on working days, as days since the fixed Monday."""
    return [(day - _MONDAY).days for day in hours.holidays if day.weekday() in hours.days]


def _is_work_day(day: str, hours: HoursSettings) -> str:
    working = f"({day} % 7) IN ({', '.join(map(str, hours.days))})"
    closed = ", ".join(map(str, _holidays(hours)))
    return f"({working} AND {day} NOT IN ({closed}))" if closed else f"({working})"


def _work_days_before(day: str, hours: HoursSettings) -> str:
    """Working days before a day: whole weeks, the days of this week, less holidays."""
    in_week = " + ".join(f"(({day} % 7) > {weekday})::BIGINT" for weekday in hours.days)
    closed = "".join(f" - ({day} > {holiday})::BIGINT" for holiday in _holidays(hours))
    return f"(({day} // 7) * {len(hours.days)} + {in_week}{closed})"
