"""Reads the YAML documents of rule files, each knowing the lines its keys stand on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ashiato.terms.errors import AshiatoError, Place

# libyaml reads ten times as fast; it is not in every build.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST_FILE = 8_000_000
# Aliases of aliases make a small file stand for a huge one.
_MOST_NODES = 500_000


class RuleError(AshiatoError):
    """A detection rule cannot be used; the message names the rule's file and line."""

    exit_code = 5


@dataclass(frozen=True)
class Document:
    """One YAML document of a rule file: what it says, and where its keys and values stand, in order."""

    file: str
    name: str
    written: Mapping[str, Any]
    first_line: int
    words: tuple[tuple[str, int], ...]

    def line_of(self, word: str) -> int:
        """Return the line of the first key or value that is the word, begins with it, or has it."""
        for fits in (str.__eq__, lambda key, said: key.split("|")[0] == said, str.__contains__):
            for found, line in self.words:
                if fits(found, word):
                    return line
        return self.first_line

    def inside(self, key: str) -> Mapping[str, Any]:
        """Return what is written under a key, when it is a mapping; else nothing."""
        found = self.written.get(key)
        return found if isinstance(found, dict) else {}

    def refuse(self, what: str, word: str, fix: str) -> RuleError:
        """Return the error that says what is wrong where this word stands."""
        return RuleError(what, where=Place(self.file, self.line_of(word)), fix=fix)


def read_documents(path: Path, shown: str) -> list[Document]:
    """Return the documents of one file; ``shown`` is what errors call it. Raises RuleError."""
    text = _text_of(path, shown)
    try:
        nodes = [node for node in yaml.compose_all(text, Loader=_LOADER) if node is not None]
        for node in nodes:
            _check_size(node, shown)
        found = [found for found in yaml.load_all(text, Loader=_LOADER) if found is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Place(shown, mark.line + 1 if mark else 1)
        raise RuleError(f"not YAML: {error}", where=where, fix="quote values with special signs") from error
    except (RecursionError, ValueError) as error:
        raise RuleError(f"not YAML: {type(error).__name__}", where=Place(shown, 1)) from error
    return [
        _document(path, shown, place, pair) for place, pair in enumerate(zip(nodes, found, strict=True), 1)
    ]


def _text_of(path: Path, shown: str) -> str:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise RuleError(f"a rule file of more than {_LARGEST_FILE:,} bytes", where=Place(shown, 1))
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"the file cannot be read: {type(error).__name__}", where=Place(shown, 1)) from error


def _document(path: Path, shown: str, place: int, pair: tuple[Any, Any]) -> Document:
    node, written = pair
    line = node.start_mark.line + 1
    if not isinstance(written, dict):
        raise RuleError("a rule is a mapping of names to values", where=Place(shown, line))
    own = written.get("name") or (place if place > 1 else "")
    name = f"{path.stem}-{own}" if place > 1 else path.stem
    return Document(shown, name, written, line, tuple(_words_of(node)))


def _words_of(node: yaml.Node) -> list[tuple[str, int]]:
    """Return every key with its line, and behind them every value with its."""
    keys: list[tuple[str, int]] = []
    values: list[tuple[str, int]] = []
    waiting, seen = [node], set[int]()
    for each in waiting:
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, yaml.MappingNode):
            keys += [(str(key.value), key.start_mark.line + 1) for key, _ in each.value]
            waiting += [value for _, value in each.value]
        elif isinstance(each, yaml.SequenceNode):
            waiting += each.value
        else:
            values.append((str(each.value), each.start_mark.line + 1))
    return keys + values


def _check_size(root: yaml.Node, shown: str) -> None:
    """Refuse a document that stands for more than it holds: each alias counts as all below it."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node, above: frozenset[int]) -> int:
        if id(node) in above:
            raise RuleError("a value holds itself", where=Place(shown, node.start_mark.line + 1))
        if id(node) not in sizes:
            inside = above | {id(node)}
            sizes[id(node)] = 1 + sum(size(part, inside) for part in _parts_of(node))
        return sizes[id(node)]

    if size(root, frozenset()) > _MOST_NODES:
        what = f"the rule stands for more than {_MOST_NODES:,} values"
        raise RuleError(what, where=Place(shown, root.start_mark.line + 1))


def _parts_of(node: yaml.Node) -> Iterator[Any]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value
