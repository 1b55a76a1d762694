"""``ashiato clients``: packages in a folder, noted in the ledger, and a changed byte found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from ashiato.engine.api import create_case
from ashiato.engine.ledger import list_entries
from ashiato.engine.runs import key_of, open_run
from ashiato.law.api import Number, parse_diary
from tests.exports.sample_run import ROWS, write_run

Run = Callable[..., Result]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    made = create_case(tmp_path / "case", "Asia/Tokyo", lambda: 0)
    run = open_run(made, key_of(made))
    named = ("Aozora Life", "Bay Insurance", None)
    members = [row for row in ROWS["people"] if row["table_name"] == "members"]
    master = [row | {"client": named[number % 3]} for number, row in enumerate(members)]
    with write_run(run.folder, {"master": master}) as store:
        run.finish(store)
    return made.folder


def test_each_client_gets_a_package_and_the_ledger_its_hashes(run: Run, case: Path, tmp_path: Path) -> None:
    told = run("clients", case, "--to", tmp_path / "out", "--lang", "en")
    assert told.exit_code == 0, told.stderr
    assert "Aozora Life" in told.stdout
    assert "in no package: up to 2" in told.stderr
    folders = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert [name.rsplit("-", 1)[0] for name in folders] == ["aozora-life", "bay-insurance"]
    assert len(list_entries(case, "export")) == 2


def test_the_answer_for_machines_names_what_is_nobodys(run: Run, case: Path, tmp_path: Path) -> None:
    told = json.loads(run("clients", case, "--to", tmp_path / "out", "--json").stdout)
    assert [client["client"] for client in told["clients"]] == ["Aozora Life", "Bay Insurance"]
    assert told["no_client"] == {"at_least": 1, "at_most": 2}


def test_a_diary_in_the_case_goes_into_each_package(run: Run, case: Path, tmp_path: Path) -> None:
    sets = "{leak: leak_possible, people: {exact: 99}}"
    (case / "facts.yaml").write_text(f"zone: Asia/Tokyo\nentries: [{{known: 2026-06-25, sets: {sets}}}]\n")
    run("clients", case, "--to", tmp_path / "out", "--told", "2026-06-26")
    for folder in (tmp_path / "out").iterdir():
        text = (folder / "facts.yaml").read_text()
        assert 'known: "2026-06-26"' in text
        assert "99" not in text


def test_a_folder_of_what_is_sealed_is_refused(run: Run, case: Path) -> None:
    refused = run("clients", case, "--to", case / "runs")
    assert refused.exit_code == 3
    assert "what is sealed" in refused.stderr


def test_a_runs_counts_are_printed_as_an_entry_that_loads(run: Run, case: Path) -> None:
    told = run("duties", case, "--counts")
    diary = parse_diary(f"zone: Asia/Tokyo\nentries:\n{told.stdout}")
    records = diary.entries[0].sets["records"]
    assert isinstance(records, Number)
    assert (records.at_least, records.at_most, records.unit) == (2, 4, "records")
    assert diary.entries[0].known is not None
