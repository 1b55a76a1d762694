"""What the source refuses with: each sentence and remedy of an error as a form with `{}` for values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_REMEDY = "fix"
_OF_ERRORS = "Error"


class Refusal(NamedTuple):
    """One sentence of an error that is made; ``form`` is None where it passes on what another said."""

    place: str
    form: str | None


def list_refusals(path: Path) -> list[Refusal]:
    """Return what the errors made in a file say, and what each tells to do about it."""
    text = path.read_text(encoding="utf-8")
    if _OF_ERRORS not in text:
        return []
    tree = ast.parse(text)
    found = []
    for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))):
        for call in _errors_in(scope, _first_words(tree)):
            said = [*call.args[:1], *(word.value for word in call.keywords if word.arg == _REMEDY)]
            forms = [form for each in said for form in _forms(each, [scope, tree])]
            found += [Refusal(f"{path.name}:{call.lineno}", form) for form in forms]
    return found


def _first_words(tree: ast.Module) -> set[ast.AST]:
    """Return the functions in which our own kinds of errors say what they are."""
    kinds = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name.endswith(_OF_ERRORS))
    return {function for kind in kinds for function in kind.body}


def _errors_in(scope: ast.AST, firsts: set[ast.AST]) -> Iterator[ast.Call]:
    for node in _own_nodes(scope):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name.endswith(_OF_ERRORS):
                yield node
            case ast.Call(func=ast.Attribute(attr="__init__")) if scope in firsts:
                yield node


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Walk a scope without the functions inside it, whose names are their own."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, ast.FunctionDef):
            yield from _own_nodes(child)


def _forms(said: ast.expr, scopes: list[ast.AST]) -> list[str | None]:
    """Return every form that an expression may have; None for one that is not written here."""
    match said:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)]
        case ast.IfExp(body=one, orelse=other):
            return [*_forms(one, scopes), *_forms(other, scopes)]
        case ast.Name(id=name) if told := _assigned(name, scopes):
            return [form for each in told for form in _forms(each, scopes)]
    return [] if isinstance(said, ast.Constant) else [None]


def _assigned(name: str, scopes: list[ast.AST]) -> list[ast.expr]:
    for scope in scopes:
        found = [
            node.value
            for node in _own_nodes(scope)
            if isinstance(node, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        ]
        if found:
            return found
    return []
