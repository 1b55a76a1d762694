"""Everybody is fictional, drawn from a seed: the same in SQL as in Python, and the same every time."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from range.draws import Draws
from range.people.dialects import Dialect, MariaDbDialect, PostgreSqlDialect
from range.people.tables import mail, password
from range.people.words import MAIL_DOMAINS
from range.site.definition import Site
from range.sites import SITES

_ROWS = st.integers(1, 5_100_000)
_ANSWERING = sqlite3.connect(":memory:", check_same_thread=False)


@given(st.integers(0, 2**64), st.text(max_size=8), _ROWS, st.integers(1, 1_000_000))
def test_a_database_draws_what_python_draws(seed: int, name: str, row: int, below: int) -> None:
    draws = Draws(seed)
    (drawn,) = _ANSWERING.execute(f"SELECT {draws.sql(name, '?1', below)}", [row]).fetchone()
    assert drawn == draws.number(name, row, below)
    assert 0 <= drawn < below


def test_draws_spread_evenly_and_do_not_follow_each_other() -> None:
    draws, rows, kinds = Draws(1), 20_000, 20
    counts = dict.fromkeys(range(kinds * kinds), 0)
    for row in range(1, rows + 1):
        counts[draws.number("surname", row, kinds) * kinds + draws.number("given", row, kinds)] += 1
    expected = rows / kinds**2
    chi_squared = sum((count - expected) ** 2 / expected for count in counts.values())
    assert chi_squared < kinds**2 * 1.3, "some pairs of names come far too often"


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
@pytest.mark.parametrize("dialect", [PostgreSqlDialect(), MariaDbDialect()])
def test_the_same_seed_gives_the_same_statements_and_another_does_not(site: Site, dialect: Dialect) -> None:
    def statements(seed: int) -> list[str]:
        return [table.fill(dialect) for table in site.tables(Draws(seed), dialect, 1000)]

    assert statements(3) == statements(3)
    assert statements(3) != statements(4)


@given(st.integers(0, 99), _ROWS)
def test_mail_goes_to_reserved_domains_and_is_nobody_elses(seed: int, row: int) -> None:
    draws = Draws(seed)
    found = re.fullmatch(r"[a-z]+\.(\d+)@(.+)", mail(draws, row))
    assert found
    assert found[1] == str(row)
    assert re.fullmatch(r"(mail\.)?example\.(jp|com|net)", found[2])
    assert found[2] in MAIL_DOMAINS
    assert str(row) in password(draws, row)
