"""The checkout as the house tests read it: its Python files, their functions and their sizes."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file git would ship: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return tuple(path for path in (ROOT / name for name in names) if path.is_file())


def python_files(*folders: str) -> list[Path]:
    """The Python files under these folders of the checkout, in order."""
    inside = [ROOT / folder for folder in folders]
    return [
        path
        for path in tracked_files()
        if path.suffix == ".py" and any(path.is_relative_to(folder) for folder in inside)
    ]


@dataclass(frozen=True)
class Function:
    """One function or method: where it is, and its length from ``def`` to its last line."""

    path: Path
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def lines(self) -> int:
        """Lines from ``def`` to the end, docstring included, decorators not."""
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1

    def __str__(self) -> str:
        """Render as ``path:line name``."""
        return f"{self.path.relative_to(ROOT)}:{self.node.lineno} {self.node.name}"


def functions(*folders: str) -> Iterator[Function]:
    """Yield every function and method defined under these folders."""
    for path in python_files(*folders):
        yield from _functions_of(path)


@cache
def _functions_of(path: Path) -> tuple[Function, ...]:
    nodes = statements(tree_of(path))
    return tuple(
        Function(path, node) for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@cache
def tree_of(path: Path) -> ast.Module:
    """Return a file's syntax tree, read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement inside a node; no function or class is defined inside an expression."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.stmt | ast.excepthandler | ast.match_case):
            yield inner
            yield from statements(inner)


def line_count(path: Path) -> int:
    """Return the number of lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def percentile(values: list[int], share: float) -> int:
    """Return the smallest value that at least ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share * 100) // 100) - 1)]
