"""Tests are code too: each asserts something, and there are enough of them."""

from __future__ import annotations

import ast

from tests.house.source import Function, functions, line_count, python_files

#: Lines of test per line of source; a ratchet that may only rise.
RATIO = 0.3

_ASSERTING_CALLS = {"raises", "fail", "warns"}


def _called(node: ast.AST) -> set[str]:
    calls = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
    return {func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls}


def _asserts(item: Function) -> bool:
    """Whether a function asserts by itself, or by ``pytest.raises`` and its like."""
    stated = any(isinstance(node, ast.Assert) for node in ast.walk(item.node))
    return stated or bool(_called(item.node) & _ASSERTING_CALLS)


def test_every_test_asserts_something() -> None:
    everything = list(functions("tests"))
    asserting = {(item.path, item.node.name) for item in everything if _asserts(item)}
    shared = {name for path, name in asserting if not path.name.startswith("test_")}
    idle = [
        str(item)
        for item in everything
        if item.node.name.startswith("test_")
        and (item.path, item.node.name) not in asserting
        and not any((item.path, name) in asserting or name in shared for name in _called(item.node))
    ]
    assert not idle, "\n".join(idle)


def test_there_is_enough_test_for_the_source() -> None:
    source = sum(map(line_count, python_files("src", "range")))
    tests = sum(map(line_count, python_files("tests")))
    assert tests >= RATIO * source
