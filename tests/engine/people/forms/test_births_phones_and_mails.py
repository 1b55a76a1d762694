"""Birth dates, phone numbers and mail addresses come to one form, or to none."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.people.forms.births import form_birth, is_day
from ashiato.engine.people.forms.phones import form_mail, form_phone


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("令和元年5月1日", 20190501),
        ("R1.5.1", 20190501),
        ("令和１年５月１日生", 20190501),
        ("1989/1/8", 19890108),
        ("H1.1.8", 19890108),
        ("平成元年一月八日", 19890108),
        ("昭和六十三年十二月三十一日", 19881231),
        ("19890108", 19890108),
        ("S63-12-31", 19881231),
        ("昭64.1.7", 19890107),
        ("S640107", 19890107),
        ("大正15年12月24日", 19261224),
        ("1989年1月8日", 19890108),
        ("1990-01-08T00:00:00+09:00", 19900108),
        ("12/31/1990", 19901231),
        ("31/12/1990", 19901231),
        ("1990-02-30", 19900230),
    ],
)
def test_dates_of_every_era_are_read(written: str, form: int) -> None:
    assert form_birth(written) == form


@pytest.mark.parametrize("written", ["", "不明", "1990", "R", "0001-01-01", "\x00", "元年", "9" * 500])
def test_what_is_no_date_is_none(written: str) -> None:
    assert form_birth(written) is None


@given(st.dates(min_value=dt.date(1868, 10, 23)))
def test_any_day_is_read_from_its_iso_form(day: dt.date) -> None:
    birth = form_birth(day.isoformat())
    assert birth == day.year * 10_000 + day.month * 100 + day.day
    assert is_day(birth)


def test_days_that_do_not_exist_are_told() -> None:
    assert not is_day(19900230)


@pytest.mark.parametrize(
    "written",
    [
        "090-4136-9481",
        "０９０（４１３６）９４８１",
        "+81 90 4136 9481",
        "+81(0)90-4136-9481",
        "0081-90-4136-9481",
        "819041369481",
        "090.4136.9481 内線12",
    ],
)
def test_one_phone_in_many_writings(written: str) -> None:
    assert form_phone(written) == "09041369481"


@pytest.mark.parametrize("written", ["", "0", "000-0000-0000", "なし", "1" * 400])
def test_what_is_no_phone_is_none(written: str) -> None:
    assert form_phone(written) is None


def test_mail_addresses_are_lowered_and_bared() -> None:
    assert form_mail("Aoi <A.B+cats@Example.JP>") == form_mail("ａ.b@example.jp") == "a.b@example.jp"
    assert form_mail("aoi at example") is None
