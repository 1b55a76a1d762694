"""The final report of APPI article 26 (guideline 3-5-3-4): the day of knowing is day 1."""

from __future__ import annotations

from datetime import date

import pytest

from tests.law.diaries import assessed, diary_of

_HOSTILE = "law.JP: true, leak: leak_possible, data.personal: true, unauthorised_access: true"


@pytest.mark.parametrize(
    ("known", "due"),
    [("2026-06-25", date(2026, 8, 24)), ("2025-02-16", date(2025, 4, 16))],
)
def test_the_sixtieth_day_counts_the_day_of_knowing(known: str, due: date) -> None:
    duty = assessed(diary_of((known, _HOSTILE)), known).duty("jp-appi-final")
    assert duty is not None
    assert duty.binds
    assert duty.due == due
    assert len(duty.readings) == 1
