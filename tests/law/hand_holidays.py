"""The holidays of Japan 2025-2027, listed by hand from the act on national holidays: an oracle of its own.

Substitute holidays (the next weekday after a holiday on Sunday) and the day between two holidays stand in
the list. Saturdays, Sundays and 29 December to 3 January are added by ``is_working_day_by_hand``.
"""

from __future__ import annotations

from datetime import date, timedelta

LISTED = {
    2025: "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-21 08-11 09-15 09-23 10-13 "
    "11-03 11-23 11-24",
    2026: "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 "
    "11-03 11-23",
    2027: "01-01 01-11 02-11 02-23 03-21 03-22 04-29 05-03 05-04 05-05 07-19 08-11 09-20 09-23 10-11 11-03 "
    "11-23",
}
HOLIDAYS = frozenset(
    date.fromisoformat(f"{year}-{day}") for year, days in LISTED.items() for day in days.split()
)


def is_working_day_by_hand(day: date) -> bool:
    """Tell it by the list, the week and the year's end."""
    at_year_end = (day.month == 12 and day.day >= 29) or (day.month == 1 and day.day <= 3)
    return not (day.isoweekday() in (6, 7) or day in HOLIDAYS or at_year_end)


def last_day_by_hand(known: date, length: int) -> date:
    """Count day by day, the day of knowing as the first, and roll over to the next working day."""
    day, number = known, 1
    while number < length:
        day, number = day + timedelta(days=1), number + 1
    while not is_working_day_by_hand(day):
        day += timedelta(days=1)
    return day
