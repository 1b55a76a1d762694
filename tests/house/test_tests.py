"""Tests are code too: each asserts something, and there are enough of them."""

from __future__ import annotations

import ast

from tests.house.source import Function, functions, line_count, python_files

#: Lines of test per line of source; a ratchet that may only rise.
RATIO = 0.3

_ASSERTING_CALLS = {"raises", "fail", "warns"}


def _asserts(item: Function) -> bool:
    """Whether a test asserts: itself, by ``pytest.raises``, or through a function named ``assert_...``."""
    for node in ast.walk(item.node):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _ASSERTING_CALLS or name.lstrip("_").startswith(("assert_", "expect_")):
                return True
    return False


def test_every_test_asserts_something() -> None:
    idle = [
        str(item) for item in functions("tests") if item.node.name.startswith("test_") and not _asserts(item)
    ]
    assert not idle, "\n".join(idle)


def test_there_is_enough_test_for_the_source() -> None:
    source = sum(map(line_count, python_files("src")))
    tests = sum(map(line_count, python_files("tests")))
    assert tests >= RATIO * source
