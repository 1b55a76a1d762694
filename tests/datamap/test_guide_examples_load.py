"""The guide's worked example loads, is right, and survives a round trip."""

from __future__ import annotations

import re
from pathlib import Path

from ashiato.datamap.check import check_written
from ashiato.datamap.load import parse_datamap
from ashiato.datamap.model import Belongs
from ashiato.datamap.render import render_datamap
from ashiato.written.parsing import parse_written

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "datamap.md"
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_worked_example_is_right() -> None:
    assert check_written(parse_written(EXAMPLE.encode(), "datamap.yaml")) == []


def test_the_worked_example_loads_as_told() -> None:
    loaded = parse_datamap(EXAMPLE)
    tables = loaded.systems["agency"].tables
    assert [name for name, table in tables.items() if table.person] == ["customers"]
    assert tables["health_answers"].belongs == Belongs("policies", ("policy_no",))
    assert parse_datamap(render_datamap(loaded)) == loaded


def test_the_error_shown_is_what_the_check_says() -> None:
    wrong = EXAMPLE.replace("{table: customers, by: customer_id}", "{table: customer, by: customer_id}")
    problems = check_written(parse_written(wrong.encode(), "datamap.yaml"))
    said = [f"error: {problem}" for problem in problems]
    line = re.search(r"^error: datamap.yaml:.*$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    assert line[0] in said
