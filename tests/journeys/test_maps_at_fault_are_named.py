"""A data map that is missing, wrong or short: a located refusal, or a narrower answer that says so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.command import must, tell
from tests.journeys.shop import AS_OF, DATAMAP, MEMBERS, write_shop

pytestmark = pytest.mark.slow

_DATA_MAP_FAULT = 5
FAULTS = {
    "unknown key": (DATAMAP.replace("persona: member", "personna: member"), "personna"),
    "cycle": (
        DATAMAP.replace(
            "    tables:\n",
            "    tables:\n"
            "      a: {key: id, belongs: {table: b, by: x}, columns: {id: other, x: other}}\n"
            "      b: {key: id, belongs: {table: a, by: x}, columns: {id: other, x: other}}\n",
        ),
        "belongs",
    ),
    "missing table": (
        DATAMAP.replace(
            "    tables:\n",
            "    tables:\n"
            "      orders: {key: id, belongs: {table: clients, by: x}, columns: {id: other, x: other}}\n",
        ),
        "clients",
    ),
    "unknown system": (DATAMAP.replace("system: shop", "system: shpo"), "shpo"),
    "object": (f"{DATAMAP}owner: !!python/object/apply:os.system ['touch CANARY']\n", "python"),
    "not YAML": (f"{DATAMAP}  : [\n", ""),
    "alias bomb": ("a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nsystems: *b\n", ""),
    "empty name": (DATAMAP.replace("      members:", '      "":'), ""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_map_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    text, word = FAULTS[name]
    faulty, canary = tmp_path / "faulty.yaml", tmp_path / "canary"
    faulty.write_text(text.replace("CANARY", str(canary)))
    told = tell("datamap", "check", faulty)
    said = told.out + told.err
    assert told.code == _DATA_MAP_FAULT, said
    assert re.search(r"faulty\.yaml:\d+", said), said
    assert word in said
    assert "Fix: " in said
    assert "Traceback" not in said
    assert not canary.exists()


@pytest.mark.slow
def test_a_map_that_became_faulty_stops_the_run(tmp_path: Path) -> None:
    case = _case(write_shop(tmp_path / "shop"), "--datamap", "map.yaml")
    (case / "datamap.yaml").write_text(FAULTS["unknown key"][0])
    told = tell("investigate", case)
    assert told.code == _DATA_MAP_FAULT
    assert re.search(r"datamap\.yaml:\d+", told.err), told.err
    assert "fix:" in told.err
    assert "Traceback" not in told.err


@pytest.mark.slow
def test_a_table_that_no_snapshot_holds_is_told(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    more = "      guests: {key: id, person: true, columns: {id: other, name: identity}}\n"
    (shop / "map.yaml").write_text(DATAMAP.replace("    tables:\n", f"    tables:\n{more}"))
    summary = _answer(_case(shop, "--datamap", "map.yaml"))
    assert summary["records"]["all"]["value"] == MEMBERS
    assert summary["records"]["by_grade"]["confirmed"]["value"] == 60
    told = [limit["params"] for limit in summary["limits"] if limit["reason"] == "snapshot-missing"]
    assert told == ["table=shop.guests"]


@pytest.mark.slow
def test_without_a_map_the_rest_comes_out_and_the_gap_is_told(tmp_path: Path) -> None:
    case = _case(write_shop(tmp_path / "shop"))
    told = must("investigate", case, "--lang", "en")
    assert "data map" in told.out
    summary = _answer(case)
    assert summary["data_map"] is False
    assert summary["hostile_events"]["value"] >= 120
    assert len(summary["paths"]) == 1
    out = tmp_path / "answer"
    must("export", case, "--to", out)
    assert (out / "intrusion.csv").read_bytes().count(b"\n") > 120
    assert (out / "timeline.csv").read_bytes().count(b"\n") > 1
    assert (out / "report.pdf").stat().st_size > 10_000


def _case(shop: Path, *given: str) -> Path:
    case = shop / "case"
    words = [shop / word if word.endswith(".yaml") else word for word in given]
    must("case", "new", case, "--zone", "Asia/Tokyo", *words)
    must("snapshot", "add", case, shop / "dump", "--as-of", AS_OF, "--system", "shop")
    must("evidence", "add", case, shop / "logs")
    return case


def _answer(case: Path) -> dict[str, Any]:
    return dict(json.loads(must("investigate", case, "--json").out))
