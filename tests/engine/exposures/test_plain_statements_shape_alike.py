"""Whatever is written how, the quick way and the tokenizer's way give one shape and the same values."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.engine.exposures.binds import parse_binds
from ashiato.engine.exposures.masks import find_masks
from ashiato.engine.exposures.mysql_texts import UnsureError, plain_text
from ashiato.engine.exposures.plain_literals import find_plain
from ashiato.engine.exposures.shapes import NotUnderstoodError, Shaped, shape_by_tokens, shape_statement

_WORDS = (
    r"""SELECT |a|id |=|'x'|''|'it''s'|7|7.5|.5|1e5|-|--|/*|*/|$1|$2|$$|$t$|E'a'|N'a'|x'41'|\|"a|"|`|`b`|#"""
)
_MORE = "::int|col1|t2.c3|@v|日本|'日本'|７|7700000001|'\u27e60\u27e7'|U&'a'|1.2.3|0x1F|?|:1|%s"
_ENDS = " LIKE '%a%' |\x00|;|(|)|,| |'|'a\nb'|'a' 'b'|'a'\n'b'|\n"
_PIECES = st.sampled_from(f"{_WORDS}|{_MORE}|{_ENDS}".split("|"))
_BINDS = "$1 = 'one', $2 = NULL"


def shaped(way: str, text: str, dialect: str) -> Shaped | str:
    try:
        if way == "tokens":
            written = plain_text(text) if dialect == "mysql" else text
            if masks := find_masks(written, dialect):
                return masks[0].code
            return shape_by_tokens(written, parse_binds(_BINDS), dialect)
        return shape_statement(text, _BINDS, dialect)
    except (NotUnderstoodError, UnsureError) as error:
        return str(error)


@pytest.mark.slow
@settings(max_examples=500)
@given(st.lists(_PIECES, max_size=14).map("".join), st.sampled_from(["postgres", "mysql", "sqlite"]))
def test_both_ways_agree(text: str, dialect: str) -> None:
    assert shaped("quick", text, dialect) == shaped("tokens", text, dialect)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT \"id\", name FROM \"members\" WHERE id = 12 AND name = 'it''s' LIMIT 5 OFFSET 10",
        "SELECT * FROM t WHERE id = $1 AND mail LIKE '%@example.jp'",
    ],
)
def test_plain_statements_need_no_tokenizer(text: str) -> None:
    assert find_plain(text, "postgres")


@pytest.mark.parametrize(
    "text", ["SELECT E'a'", "SELECT 1 -- it's", "SELECT $$a$$", "SELECT /* ' */ 1", "SELECT '"]
)
def test_odd_statements_are_left_to_it(text: str) -> None:
    assert find_plain(text, "postgres") is None
