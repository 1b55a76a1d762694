from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]
LINE = (
    "{ip} - - [10/Jun/2026:{hour:02d}:{minute:02d}:00 +0900] "
    '"GET {target} HTTP/1.1" {status} 512 "-" "{agent}"\n'
)


@pytest.fixture
def investigated(run: Run, tmp_path: Path) -> Path:
    """A case without a data map: a shop's log with a scan full of terminal escapes and markup."""
    lines = [
        LINE.format(
            ip="198.51.100.9", hour=9 + n // 60, minute=n % 60, target="/", status=200, agent="Mozilla"
        )
        for n in range(120)
    ]
    lines += [
        LINE.format(
            ip="192.0.2.66",
            hour=12,
            minute=n % 60,
            target=f"/search?q=1%27%20UNION%20SELECT%20{n},%20[red]<b>",
            status=500,
            agent="sqlmap/1.7 \x1b[31m",
        )
        for n in range(40)
    ]
    lines.append("not a line of any log \x1b]0;owned\x07\n")
    (tmp_path / "access.log").write_text("".join(lines), encoding="utf-8")
    run("case", "new", tmp_path / "c", "--zone", "Asia/Tokyo")
    run("evidence", "add", tmp_path / "c", tmp_path / "access.log")
    return tmp_path / "c"


@pytest.mark.slow
def test_answer_without_a_data_map(run: Run, investigated: Path) -> None:
    told = run("investigate", investigated, "--lang", "en")
    assert told.exit_code == 0, told.stderr
    assert "There is no data map" in told.stdout
    assert "192.0.2.66" in told.stdout
    assert "Lines read: 160. Lines not read: 1." in told.stdout
    assert not set("\x1b\x07\u202e") & set(told.stdout + told.stderr)
    report = Path(told.stdout.split("Report: ")[1].splitlines()[0])
    assert report.read_bytes().startswith(b"<!DOCTYPE html>")


@pytest.mark.slow
def test_answer_in_japanese_and_as_json(run: Run, investigated: Path) -> None:
    told = run("investigate", investigated, "--lang", "ja")
    assert "データマップがない" in told.stdout
    as_json = json.loads(run("investigate", investigated, "--json").stdout)
    assert as_json["schema_version"] == 1
    assert as_json["data_map"] is False
    assert as_json["lines"]["not_read"]["value"] == 1


@pytest.mark.slow
def test_draft_becomes_the_map_and_is_never_overwritten(run: Run, investigated: Path) -> None:
    first = json.loads(run("datamap", "draft", investigated, "--json").stdout)
    assert first["used"] is True
    kept = (investigated / "datamap.yaml").read_bytes()
    assert run("datamap", "check", investigated / "datamap.yaml").exit_code == 0
    again = json.loads(run("datamap", "draft", investigated, "--json").stdout)
    assert again["used"] is False
    assert (investigated / "datamap.yaml").read_bytes() == kept


@pytest.mark.slow
def test_own_rules_are_kept_and_refusals_told(run: Run, investigated: Path, tmp_path: Path) -> None:
    head = "title: t\nlogsource: {category: webserver}\ndetection:\n  s: {cs-user-agent|startswith: Sqlmap}\n"
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "tool.yml").write_text(f"{head}  condition: s\n", encoding="utf-8")
    (tmp_path / "own" / "bad.yml").write_text(f"{head}  condition: s and \x1b\n", encoding="utf-8")
    told = run("investigate", investigated, "--rules", tmp_path / "own", "--lang", "en").stdout
    assert "Rules that were not used: 1\n  own/bad.yml:1: " in told
    assert (investigated / "rules" / "own" / "tool.yml").is_file()
