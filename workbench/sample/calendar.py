"""The half year that the sample covers, and its days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

FIRST_DAY = date(2025, 11, 3)
"""A Monday; week 1 starts here."""
WEEKS = 26
DAYS = WEEKS * 7
END = FIRST_DAY + timedelta(days=DAYS)
"""The day after the last one: Monday 2026-05-04."""
BASELINE_WEEKS = 12
"""Weeks in which people handled everything."""
PILOT_STARTS = FIRST_DAY + timedelta(weeks=BASELINE_WEEKS)
NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
"""When the demo plays; records are current to this moment."""
INVOICE_MONTHS = tuple(date(2025 + m // 12, m % 12 + 1, 1) for m in range(9, 16))
"""First days of the months in which invoices go out: October 2025 to April 2026."""
HOLIDAYS = (
    date(2025, 12, 25),
    date(2025, 12, 26),
    date(2026, 1, 1),
    date(2026, 4, 3),
    date(2026, 4, 6),
    date(2026, 5, 1),
)


def monday_of(week: int) -> date:
    """First day of a week, weeks counted from 1."""
    return FIRST_DAY + timedelta(weeks=week - 1)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of a day in UTC."""
    return datetime.combine(day, time(hour, minute), UTC)
