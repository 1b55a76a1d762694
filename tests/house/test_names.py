"""Names say what a thing is; words that say nothing are banned (CONTRIBUTING.md, names)."""

from __future__ import annotations

import ast

from tests.house.source import ROOT, functions, python_files, statements, tree_of

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "misc", "common", "data"}
# What the standard library's decompressors call it; a stand-in for one has to.
PROTOCOL_NAMES = {"unused_data"}
EMPTY_VERBS = ("process_", "handle_", "manage_", "do_")


def test_no_file_or_folder_has_an_empty_name() -> None:
    for path in python_files("src", "range", "tests", "benchmarks", "docs", "examples"):
        parts = {*path.relative_to(ROOT).parts[:-1], path.stem}
        assert not parts & EMPTY_WORDS, path


def test_no_function_hides_behind_an_empty_verb() -> None:
    for item in functions("src", "range"):
        name = item.node.name.strip("_")
        assert not name.startswith(EMPTY_VERBS), str(item)
        assert name in PROTOCOL_NAMES or name.split("_")[-1] not in EMPTY_WORDS, str(item)


def test_no_class_carries_the_name_of_the_product() -> None:
    for path in python_files("src"):
        for node in statements(tree_of(path)):
            if isinstance(node, ast.ClassDef) and node.name != "AshiatoError":
                assert "ashiato" not in node.name.lower(), f"{path}: {node.name}"


def test_names_of_tests_are_plain_sentences() -> None:
    for item in functions("tests"):
        words = item.node.name.split("_")
        if words[0] == "test":
            assert len(words) >= 4, f"{item}: say in three words or more what holds"
            assert "should" not in words, str(item)
