"""What follows a logged statement goes to the cluster only where both engines mean the same."""

from __future__ import annotations

import pytest
import sqlglot

from ashiato.engine.translation import REFUSAL, UnlikeError, followed_to_spark, to_spark
from ashiato.terms.errors import EngineError

COLUMNS = {
    "args": {"_exec": "BIGINT", "p0": "VARCHAR", "p1": "INTEGER", "p2": "DOUBLE"},
    "members": {"_ord": "BIGINT", "id": "BIGINT", "name": "VARCHAR", "born": "DATE", "fee": "DOUBLE"},
}
FROM = "FROM args AS p CROSS JOIN members AS m"


@pytest.mark.parametrize(
    "condition",
    [
        "m.id = p.p1",
        "m.id = TRY_CAST(p.p0 AS BIGINT)",
        "m.name LIKE p.p0 AND m.id BETWEEN 1 AND p.p1",
        "m.born >= TRY_CAST(p.p0 AS DATE)",
        "m.name = CHR(p.p1) || CAST(m.id AS VARCHAR)",
        "m.id IN (SELECT i.id FROM members AS i WHERE i.name IS NOT NULL)",
        "COALESCE(m.name, p.p0) = 'x'",
        "m.id // 64 = p.p1",
    ],
)
def test_point_range_and_pattern_go_to_the_cluster(condition: str) -> None:
    text = followed_to_spark(f"SELECT p._exec, m._ord {FROM} WHERE {condition}", COLUMNS)
    assert sqlglot.parse_one(text.sql, read="spark")


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("m.id = p.p0", "number and text"),
        ("m.id = p.p2", "double and number"),
        ("m.name = CAST(m.fee AS VARCHAR)", "a cast of DOUBLE to"),
        ("CAST(p.p2 AS BIGINT) = m.id", "a cast of DOUBLE to BIGINT"),
        ("CAST(p.p0 AS BOOLEAN)", "a cast of VARCHAR to BOOLEAN"),
        ("m.id IN (SELECT i.name FROM members AS i)", "number and text"),
        ("lower(m.name) = p.p0", "LOWER"),
        ("m.name ILIKE p.p0", "ILIKE"),
        ("regexp_matches(m.name, p.p0)", "REGEXP"),
        ("m.name = version()", "VERSION"),
        ("CASE WHEN m.id > 0 THEN m.name ELSE 1 END = 'x'", "number and text"),
        ("unknown.name = 'x'", "not resolved"),
        ("m.id // p.p1 = 1", "a division"),
        ("m.id // 0 = 1", "a division"),
        ("m.fee // 64 IS NULL", "a division"),
    ],
)
def test_unlike_parts_are_named_and_stay_away(condition: str, reason: str) -> None:
    with pytest.raises(UnlikeError, match=reason.replace("VARCHAR", "(VARCHAR|TEXT)")):
        followed_to_spark(f"SELECT p._exec, m._ord {FROM} WHERE {condition}", COLUMNS)


def test_reasons_hold_no_name_from_the_log() -> None:
    with pytest.raises(UnlikeError) as told:
        followed_to_spark(f"SELECT aoi_mori_at_example(m.name) AS x {FROM}", COLUMNS)
    assert "aoi" not in str(told.value).lower()


def test_columns_of_unions_keep_one_family() -> None:
    with pytest.raises(UnlikeError, match="number and text"):
        followed_to_spark("SELECT m.id FROM members AS m UNION ALL SELECT m.name FROM members AS m", COLUMNS)
    nothing = "SELECT m.name FROM members AS m UNION ALL SELECT NULL AS name FROM members AS m"
    assert "CAST(NULL AS STRING)" in followed_to_spark(nothing, COLUMNS).sql


def test_values_read_differently_stop_the_station() -> None:
    text = followed_to_spark("SELECT TRY_CAST(p.p0 AS BIGINT) AS n, CHR(p.p1) AS c FROM args AS p", COLUMNS)
    assert text.sql.count(f"RAISE_ERROR('{REFUSAL}") == 2


def test_a_patterns_backslash_stands_for_itself() -> None:
    plain = to_spark(r"SELECT a FROM t WHERE a LIKE '%\_%' AND b LIKE '%!_%' ESCAPE '!'")
    assert plain.sql.count("ESCAPE") == 2
    assert "ESCAPE '!'" in plain.sql


def test_an_unsized_decimal_keeps_the_size_it_had() -> None:
    text = to_spark("SELECT CAST(a AS DECIMAL) AS a, CAST(b AS DECIMAL(38, 10)) AS b FROM t").sql
    assert "DECIMAL(18, 3)" in text
    assert "DECIMAL(38, 10)" in text


def test_unreadable_stations_are_engine_errors() -> None:
    with pytest.raises(EngineError):
        to_spark("SELECT (")
