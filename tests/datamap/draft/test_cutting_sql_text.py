"""SQL text falls into its statements, whatever stands in quotes, comments and rows of data."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.draft.sql_text import cut_statements

WANTED = re.compile(r"\s*CREATE\s+TABLE\s", re.IGNORECASE)
ONE = "CREATE TABLE a (x int)"
#: A row of data that looks like a table is taken for one: better a table too many than one lost.
CASES = [
    (f"{ONE};", [ONE]),
    (f"{ONE}", [ONE]),
    (f"SET a = 1; {ONE}; {ONE};", [ONE, ONE]),
    (
        "CREATE TABLE a ( -- the owner's; name\n x int);\n" + ONE + ";",
        ["CREATE TABLE a ( -- the owner's; name\n x int)", ONE],
    ),
    ("CREATE TABLE a (x text DEFAULT 'a;''b');\n", ["CREATE TABLE a (x text DEFAULT 'a;''b')"]),
    ("CREATE TABLE a (x text DEFAULT 'a\\';b');\n", ["CREATE TABLE a (x text DEFAULT 'a\\';b')"]),
    ("CREATE TABLE a (x text /* it's; so */);\n", ["CREATE TABLE a (x text /* it's; so */)"]),
    ('CREATE TABLE "a;b" (x int);', ['CREATE TABLE "a;b" (x int)']),
    (
        "INSERT INTO a VALUES ('x\nCREATE TABLE evil (y int);\n');\n" + ONE + ";",
        ["CREATE TABLE evil (y int)", ONE],
    ),
    (f"COPY a (x) FROM stdin;\n{ONE};\n\\.\n{ONE};", [ONE]),
    (f"\\restrict it's\n# it's\n{ONE};", [ONE]),
    (f"CREATE FUNCTION f() AS $$\n {ONE};\n$$;\n{ONE};", [ONE]),
    (f"CREATE TABLE broken ('\n{ONE};", ["CREATE TABLE broken ('", ONE]),
    (f"ALTER\n{ONE};", [ONE]),
]


@pytest.mark.parametrize(("text", "statements"), CASES, ids=range(len(CASES)))
def test_statements_are_cut_where_they_end(text: str, statements: list[str]) -> None:
    assert list(cut_statements(text.splitlines(keepends=True), WANTED)) == statements


@given(st.lists(st.text(alphabet="CREATE TABLEa'\"`;-/*\\$\n#", max_size=60)))
def test_no_text_loses_a_later_statement(lines: list[str]) -> None:
    found = list(cut_statements([*(f"{line}\n" for line in lines), "CREATE TABLE z (x int);\n"], WANTED))
    assert found
    assert found[-1].endswith("CREATE TABLE z (x int)")
