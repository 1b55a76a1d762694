"""Whatever stands in a request, reading it takes little time and never fails."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.exposures.transcripts.asking import Reader
from ashiato.engine.exposures.transcripts.payloads import payload_of, values_of
from tests.engine.exposures.transcripts.victim import Victim, read_by_bisection, rebuilt

pytestmark = pytest.mark.first_quick

_MOST_SECONDS = 5.0
_HOSTILE = {
    "nesting": "1 AND " + "(" * 5_000 + "1" + ")" * 5_000 + ">1",
    "open brackets": "1 AND (" * 3_000,
    "closing brackets": "1)" * 9_000 + ">1",
    "many subqueries": "1 AND " + "(SELECT " * 150 + "1" + ")" * 150 + "=1",
    "many literals": "1 IN (" + ",".join(["'a'"] * 9_000) + ")",
    "quotes": "'" * 20_000 + "(",
    "backslashes": "'" + "\\" * 20_000 + "(",
    "open comment": "1 /*" + "(" * 30_000,
    "exponents": "(SELECT a FROM b)>1e999999",
    "huge number": "ORD(MID((SELECT a FROM b),1,1))>" + "9" * 3_000,
    "shift": "(ORD(MID((SELECT a FROM b),1,1))<<999999999999)>1",
    "far place": "ORD(MID((SELECT a FROM b),999999999999999,1))>1",
    "padding": "LPAD(MID((SELECT a FROM b),1,1),999999999,'x')='a'",
    "pattern": "(SELECT a FROM b) REGEXP '^(a+)+$'",
    "five megabytes": "A" * 5_000_000 + "(",
    "surrogates": "%ud800%udfff' AND ORD(MID((SELECT a FROM b),1,1))>1",
    "bad escapes": "%zz%c0%af%ff' AND (SELECT a)>1",
}


@pytest.mark.parametrize("name", _HOSTILE, ids=str)
def test_hostile_values_are_read_in_bounded_time(name: str) -> None:
    reader = Reader()
    started = time.process_time()
    for _, value in values_of(f"/item?id={_HOSTILE[name]}"):
        payload = payload_of(value)
        if payload is not None:
            reader.read(payload)
    assert time.process_time() - started < _MOST_SECONDS


@given(st.text(alphabet="'\"()`\\/*-#%;=<> 0x19aSELECTfrommid,|.@", max_size=120))
def test_no_text_makes_reading_fail(text: str) -> None:
    reader = Reader()
    for _, value in values_of(f"/item?id={text}(", text):
        payload = payload_of(value)
        read = None if payload is None else reader.read(payload)
        assert read is None or read[1].place >= 0


def test_answers_that_tell_nothing_claim_nothing(tmp_path: Path) -> None:
    victim = Victim()
    code = "ORD(MID((SELECT email FROM members ORDER BY id LIMIT 0,1),{},1))"
    read_by_bisection(lambda q: victim.asks(f"1' AND {q}-- "), code)
    victim.targets = [(target, 200, 20, 1_000) for target, *_ in victim.targets]
    values, understood = rebuilt(victim, tmp_path)
    assert values == [("members.email", "offset=0", "", "tried")]
    assert [way.oracle for way in understood] == [None]


def test_attack_broken_off_gives_a_part(tmp_path: Path) -> None:
    victim = Victim()
    code = "ORD(MID((SELECT email FROM members ORDER BY id LIMIT 0,1),{},1))"
    read_by_bisection(lambda q: victim.asks(f"1' AND {q}-- "), code)
    del victim.targets[7 * 4 :]
    values, _ = rebuilt(victim, tmp_path)
    assert values == [("members.email", "offset=0", "aoi@", "partial")]
