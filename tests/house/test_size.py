"""Size is the part of beauty that can be measured: hard bounds, and ratchets that may only fall."""

from __future__ import annotations

from tests.house.source import ROOT, functions, line_count, percentile, python_files

MAX_FUNCTION = 60
MAX_FILE = 500
MAX_POSITIONAL = 5

# Ratchets over src/: lower them when the code allows, never raise them.
FUNCTION_MEDIAN = 8
FUNCTION_P90 = 20
FILE_MEDIAN = 110
FILE_P90 = 260


def test_no_function_exceeds_sixty_lines() -> None:
    long = [
        f"{item}: {item.lines}" for item in functions("src", "range", "tests") if item.lines > MAX_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_no_file_exceeds_five_hundred_lines() -> None:
    files = python_files("src", "range", "tests", "benchmarks", "docs", "examples")
    long = [str(path.relative_to(ROOT)) for path in files if line_count(path) > MAX_FILE]
    assert not long, "\n".join(long)


def test_functions_of_the_source_stay_short() -> None:
    lengths = [item.lines for item in functions("src")]
    assert percentile(lengths, 0.5) <= FUNCTION_MEDIAN
    assert percentile(lengths, 0.9) <= FUNCTION_P90


def test_files_of_the_source_stay_short() -> None:
    lengths = [line_count(path) for path in python_files("src")]
    assert percentile(lengths, 0.5) <= FILE_MEDIAN
    assert percentile(lengths, 0.9) <= FILE_P90


def test_no_function_takes_six_positional_arguments() -> None:
    many = []
    for item in functions("src", "range"):
        arguments = item.node.args
        positional = [arg.arg for arg in arguments.posonlyargs + arguments.args]
        if len([name for name in positional if name not in {"self", "cls"}]) > MAX_POSITIONAL:
            many.append(str(item))
    assert not many, "\n".join(many)
