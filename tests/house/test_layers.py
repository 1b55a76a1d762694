"""The laws import-linter cannot say: what the basement may import, and what nobody may."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT, python_files

_BANNED_MODULES = {"pickle", "shelve", "marshal", "importlib.util", "importlib.machinery"}
_BANNED_CALLS = {"import_module", "__import__", "get_model", "eval", "exec"}


def _imported_modules(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


def _imported_roots(tree: ast.Module) -> set[str]:
    return {name.split(".")[0] for name in _imported_modules(tree)}


def test_terms_use_the_standard_library_alone() -> None:
    allowed = sys.stdlib_module_names | {"ashiato"}
    for path in python_files("src/ashiato/terms"):
        assert _imported_roots(ast.parse(path.read_text())) <= allowed, path


def test_the_datamap_does_not_know_the_engine() -> None:
    for path in python_files("src/ashiato/datamap"):
        assert "ashiato.engine" not in path.read_text(), path


@pytest.mark.parametrize("path", python_files("src", "range"), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_and_lookups_are_static(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert not _BANNED_MODULES & _imported_modules(tree)
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert not called & _BANNED_CALLS
