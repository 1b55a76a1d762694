from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from ashiato.engine.api import Case
from ashiato.engine.ledger import list_entries
from tests.cli.sample_case import LINES

Run = Callable[..., Result]
FILES = {
    "persons.csv", "people.csv", "exposures.csv", "paths.csv", "intrusion.csv", "recovered.csv",
    "objects.csv", "coverage.csv", "reachable.csv", "timeline.csv", "timeline.json", "summary.json",
    "report.html", "report.pdf", "excluded.csv", "spared.csv",
}  # fmt: skip


def test_export_writes_every_file_and_notes_it(run: Run, case: Case, tmp_path: Path) -> None:
    told = run("export", case.folder, "--to", tmp_path / "out", "--json")
    assert told.exit_code == 0, told.stderr
    assert set(json.loads(told.stdout)["files"]) == FILES
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    assert len(list_entries(case.folder, "export")) == 1


@pytest.mark.slow
def test_two_exports_have_the_same_bytes(run: Run, case: Case, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert run("export", case.folder, "--to", tmp_path / name).exit_code == 0
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


@pytest.mark.slow
def test_verify_finds_a_changed_output(run: Run, case: Case, tmp_path: Path) -> None:
    run("export", case.folder, "--to", tmp_path / "out")
    path = tmp_path / "out" / "persons.csv"
    path.write_bytes(path.read_bytes().replace(b"confirmed", b"not shown", 1))
    told = run("verify", case.folder, "--json")
    assert told.exit_code == 6
    assert any(problem["file"].endswith("persons.csv") for problem in json.loads(told.stdout))


def test_export_before_an_investigation_says_what_to_run(run: Run, tmp_path: Path) -> None:
    run("case", "new", tmp_path / "c", "--zone", "UTC")
    refused = run("export", tmp_path / "c", "--to", tmp_path / "out")
    assert refused.exit_code == 3
    assert "ashiato investigate" in refused.stderr


def test_explain_shows_file_line_and_masked_values(run: Run, case: Case) -> None:
    told = run("explain", case.folder, "--person", "1", "--lang", "en")
    assert told.exit_code == 0, told.stderr
    assert "access.log:1" in told.stdout
    assert "Grade: confirmed" in told.stdout
    assert '"GET /members/1 HTTP/1.1" 200 120' in told.stdout
    for value in ("aoi@shop.example", "aoi%40shop.example", "Aoi Mori", "Aoi+Mori"):
        assert value not in told.stdout
    assert not list_entries(case.folder, "explain")


def test_reason_unmasks_and_is_kept_without_the_key(run: Run, case: Case) -> None:
    told = run(
        "explain", case.folder, "--person", "shop/members/1", "--reason", "call of Dan", "--lang", "en"
    )
    assert "aoi%40shop.example" in told.stdout
    (entry,) = list_entries(case.folder, "explain")
    assert entry["results"] == {"reason": "call of Dan"}
    assert "members" not in json.dumps(entry)


def test_explain_never_obeys_the_log(run: Run, case: Case) -> None:
    for language in ("ja", "en"):
        told = run("explain", case.folder, "--person", "1", "--reason", "test", "--lang", language)
        assert not set("\x1b\x07\u202e\x00") & set(told.stdout + told.stderr)
        assert "\\u001b]0;owned\\u0007" in told.stdout
        assert "[bold]1[/]" in told.stdout


def test_command_in_the_note_prints_the_line(run: Run, case: Case) -> None:
    told = json.loads(run("explain", case.folder, "--person", "1", "--reason", "test", "--json").stdout)
    proofs = told["paths"][0]["proofs"]
    assert [proof["raw"].rstrip("\n") for proof in proofs] == LINES
    assert proofs[0]["check"].startswith("sed -n '1,1p' evidence/")


def test_unknown_key_says_where_keys_are(run: Run, case: Case) -> None:
    refused = run("explain", case.folder, "--person", "4711")
    assert refused.exit_code == 2
    assert "persons.csv" in refused.stderr


def test_record_without_a_trace_is_explained_too(run: Run, case: Case) -> None:
    told = run("explain", case.folder, "--person", "4", "--lang", "en")
    assert "Grade: not shown" in told.stdout
    assert "Not “not reached”, because the evidence is not complete enough" in told.stdout
