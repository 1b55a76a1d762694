"""Which statements list records, where a page begins, and how many records one can give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.findings.list_values import Listed, list_of
from ashiato.engine.findings.statements import pieces_of


def listed(
    text: str, binds: str | None = None, given: int | None = None, *, mysql: bool = False
) -> Listed | None:
    """What the finding reads of a statement, as it asks."""
    return list_of(pieces_of(text, mysql=mysql), binds, given)


@pytest.mark.parametrize(
    ("text", "binds", "read"),
    [
        ("SELECT a FROM m WHERE n LIKE 'x%' ORDER BY a LIMIT 50 OFFSET 100", None, (100, 50, 0)),
        ("select a from m order by a limit $1 offset $2", "$1 = '20', $2 = '40'", (40, 20, 0)),
        ("SELECT a FROM m ORDER BY a OFFSET 30 ROWS FETCH NEXT 10 ROWS ONLY", None, (30, 10, 0)),
        ("SELECT a FROM m WHERE id IN (3, 5, 8)", None, (None, 3, 3)),
        ("SELECT a FROM m WHERE id = ANY ($1)", "$1 = '{3,5,8,9}'", (None, 4, 4)),
        ("SELECT a FROM m WHERE id IN (1, 2, 3) LIMIT 2", None, (None, 2, 3)),
        ("SELECT a FROM m WHERE club = 7 AND n LIKE 'x%' LIMIT 9", None, (None, 9, 0)),
        ("SELECT a FROM m", None, (None, None, 0)),
        ("SELECT a FROM m LIMIT 99999999999999999999", None, (None, None, 0)),
        ("SELECT a FROM m WHERE club = 5 ORDER BY a LIMIT 50000", None, (None, 50_000, 0)),
        ("SELECT COUNT(*) OVER () AS n, a FROM m LIMIT 50000", None, (None, 50_000, 0)),
        ("(SELECT a FROM m LIMIT 50000)", None, (None, 50_000, 0)),
        ("((SELECT COUNT(*) OVER (), a FROM m WHERE club = 5 LIMIT 5000))", None, (None, 5000, 0)),
    ],
)
def test_lists_say_where_they_begin_and_how_wide_they_are(
    text: str, binds: str | None, read: tuple[int | None, int | None, int]
) -> None:
    found = listed(text, binds)
    assert found is not None
    assert (found.page, found.width, found.named) == read


def test_mysql_says_the_page_first() -> None:
    found = listed("SELECT a FROM m WHERE n LIKE 'x' LIMIT 60, 20", mysql=True)
    assert found is not None
    assert (found.page, found.width) == (60, 20)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM m WHERE id = 5",
        "SELECT a FROM m WHERE id = 5 LIMIT 1",
        "SELECT a FROM m WHERE id = 5 LIMIT 21",
        "(SELECT a FROM m WHERE id = 5)",
        "SELECT a FROM sessions WHERE token = 'ab/cd/efghijkl+mn='",
        "SELECT a FROM m WHERE id IN (5)",
        "SELECT COUNT(*) FROM m WHERE n LIKE 'x%'",
        "(SELECT COUNT(DISTINCT (n)) FROM m)",
        "SELECT COUNT(",
        "(",
        "UPDATE m SET a = 1 WHERE id IN (3, 5)",
        "",
    ],
)
def test_look_ups_counts_and_writes_are_no_lists(text: str) -> None:
    assert listed(text) is None


def test_rows_the_log_counts_say_whether_a_look_up_lists() -> None:
    assert listed("SELECT a FROM m WHERE club = 5", None, 50_000) is not None
    assert listed("SELECT a FROM m WHERE id = 5", None, 1) is None
    assert listed("SELECT a FROM m WHERE id = 5 LIMIT 1000", None, 1) is None


def test_pages_of_one_list_are_one_list() -> None:
    pages = {listed(f"SELECT a FROM m WHERE n LIKE 'x%' LIMIT 50 OFFSET {n}") for n in range(0, 500, 50)}
    other = listed("SELECT a FROM m WHERE n LIKE 'y%' LIMIT 50 OFFSET 0")
    assert {page.listing for page in pages if page} == {
        page.listing for page in pages if page and page.page == 0
    }
    assert other is not None
    assert other.listing not in {page.listing for page in pages if page}


@given(st.text(st.sampled_from("selct limoffany(),$1'{}9 \x00\"`é"), max_size=60), st.booleans())
def test_whatever_a_statement_holds_it_is_read(text: str, mysql: bool) -> None:
    found = listed(f"select {text}", text, mysql=mysql)
    assert found is None or found.named >= 0


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=300))
def test_as_many_are_named_as_stand_in_the_brackets(keys: list[int]) -> None:
    found = listed(f"SELECT a FROM m WHERE id IN ({', '.join(map(str, keys))})")
    assert found is not None
    assert (found.named, found.width) == (len(keys), len(keys))
