"""YAML made to hurt is refused with a place, quickly, and nothing in it is run."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.check import check_written
from ashiato.datamap.structure import load_schema
from ashiato.written.parsing import MAX_BYTES, parse_written
from ashiato.written.problems import Problem
from tests.datamap.written_maps import keys_of

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)
HOSTILE = [
    (LAUGHS.encode(), "aliases"),
    (b"name: *undefined", "aliases"),
    (b"name: !!python/object/apply:os.system ['true']", "tag"),
    (b"systems: " + b"[" * 100_000, "nested"),
    (b"systems: " + b"{a: " * 100_000, "nested"),
    (b"name: a\n---\nname: b\n", "second document"),
    (b"? [a, b]\n: c\n", "a key is a list"),
    (b"name: \x00", "not YAML"),
    (b"name: \xff\xfe", "not UTF-8"),
    (b"name: [", "not YAML"),
    (b"\tname: a", "not YAML"),
    (b"a" * (MAX_BYTES + 1), "at most"),
    (b"- a\n- b\n", "stands where a mapping belongs"),
    (b"just words", "stands where a mapping belongs"),
]


def problems_of(content: bytes) -> list[Problem]:
    return check_written(parse_written(content, "m.yaml"))


@pytest.mark.parametrize(("content", "said"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_with_a_place(content: bytes, said: str) -> None:
    found = problems_of(content)
    assert said in str(found[0])
    assert found[0].line is None or found[0].line >= 1


def test_control_characters_never_reach_a_message() -> None:
    found = problems_of(b'"\\e[2Jevil\\u202e": 1\nname: "\\e]0;x\\a"\nzone: "a\\rb"\n')
    assert found
    assert all(str(problem).isprintable() for problem in found)


@given(st.binary(max_size=300))
def test_no_bytes_make_the_check_fail(content: bytes) -> None:
    assert all(problem.fix for problem in problems_of(content))


_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))
_WORDS = st.sampled_from(["a", "t", *sorted(set(keys_of(load_schema())))])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(_WORDS, _TREES, max_size=6))
def test_no_shape_of_map_makes_the_check_fail(tree: dict[str, object]) -> None:
    assert all(problem.fix for problem in problems_of(json.dumps(tree).encode()))
