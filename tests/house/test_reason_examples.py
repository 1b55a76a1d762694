"""Each reason code has an example, and what the page says came out of it comes out of it."""

from __future__ import annotations

import pytest

from ashiato.terms.reasons import ReasonCode
from docs.reason_examples import PAGE, read_examples, render_example


def _parts() -> dict[str, str]:
    _, *parts = PAGE.read_text(encoding="utf-8").split("\n## ")
    return {part.split("\n", 1)[0]: part for part in parts}


def test_every_code_has_an_example() -> None:
    assert set(read_examples()) == {str(code) for code in ReasonCode} == set(_parts())


@pytest.mark.parametrize("code", sorted(map(str, ReasonCode)))
def test_the_answer_of_an_example_names_its_code(code: str) -> None:
    lines = _parts()[code].split("```")[-1].splitlines()
    rows = [line for line in lines if line.startswith("|")][2:]
    assert rows
    assert all(f"`{code}`" in row or f";{code}" in row or f"{code};" in row for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("code", sorted(map(str, ReasonCode)))
def test_the_page_shows_what_is_answered(code: str) -> None:
    assert render_example(code, read_examples()[code]).strip() == f"## {_parts()[code]}".strip(), (
        "run `make docs`"
    )
