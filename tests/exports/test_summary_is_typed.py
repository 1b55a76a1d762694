from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ashiato.datamap.model import Column, DataMap, DataTable, System
from ashiato.engine.api import Store, show_missing_as_empty
from ashiato.exports.facts import gather_facts
from ashiato.exports.summary import summary_of, write_summary
from ashiato.terms.categories import Category, LegalTag
from docs.summary import read_schema
from tests.exports.sample_run import TOKYO

MAP = DataMap(
    name="Bookshop",
    systems={
        "shop": System(
            "shop",
            tables={
                "members": DataTable(
                    "members",
                    key=("id",),
                    person=True,
                    columns={
                        "name": Column("name", category=Category.IDENTITY),
                        "email": Column("email", category=Category.CONTACT, tags=(LegalTag.SPECIAL_CARE,)),
                    },
                )
            },
        )
    },
)


def numbers_in(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        if {"value", "unit", "bound", "as_of"} == set(value):
            return
        for held in value.values():
            yield from numbers_in(held)
    elif isinstance(value, list):
        for held in value:
            yield from numbers_in(held)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def test_counts_by_grade_and_bounds(store: Store) -> None:
    told = summary_of(gather_facts(store, TOKYO, MAP))
    records = told["records"]
    assert {word: count["value"] for word, count in records["by_grade"].items()} == {
        "confirmed": 2,
        "probable": 0,
        "possible": 1,
        "not shown": 1,
        "not reached": 2,
    }
    assert records["reached"]["at_least"] == {
        "value": 2,
        "unit": "records",
        "bound": "at least",
        "as_of": "2026-06-10T23:08:00.001000+09:00",
    }
    assert records["reached"]["at_most"]["value"] == 3
    assert records["by_persona"]["guest"]["at_most"]["value"] == 0
    assert records["not_in_master"]["at_least"]["value"] == 1
    assert records["by_field"]["members.name"]["at_most"]["value"] == 3


def test_no_number_stands_without_its_unit(store: Store) -> None:
    told = summary_of(gather_facts(store, TOKYO, MAP))
    assert told.pop("schema_version") == 1
    assert list(numbers_in(told)) == []


def test_lines_read_and_not_read_add_up(store: Store) -> None:
    lines = summary_of(gather_facts(store, TOKYO, MAP))["lines"]
    assert lines["read"]["value"] + lines["not_read"]["value"] == 63
    assert lines["not_read_by_reason"]["cut"]["value"] == 2


def test_field_carries_category_and_tag_of_the_map(store: Store) -> None:
    fields = {fact["field"]: fact for fact in summary_of(gather_facts(store, TOKYO, MAP))["fields"]}
    assert fields["members.email"]["category"] == "contact"
    assert fields["members.email"]["tags"] == ["special care-required"]
    assert fields["orders.total"]["category"] == "other"


def test_same_run_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    facts = gather_facts(store, TOKYO, MAP)
    (tmp_path / "again").mkdir()
    first = write_summary(facts, tmp_path).read_bytes()
    assert first == write_summary(gather_facts(store, TOKYO, MAP), tmp_path / "again").read_bytes()
    assert json.loads(first)["holes"][0]["reason"] == "silent"


def test_run_without_any_table_still_answers(tmp_path: Path) -> None:
    with Store(tmp_path / "run") as store:
        show_missing_as_empty(store)
        told = summary_of(gather_facts(store, TOKYO, DataMap()))
    assert told["data_map"] is False
    assert told["records"]["all"]["value"] == 0
    assert told["paths"] == []


def test_summaries_hold_what_their_page_says(store: Store, tmp_path: Path) -> None:
    check = Draft202012Validator(read_schema())
    with Store(tmp_path / "run") as empty:
        show_missing_as_empty(empty)
        told = [
            summary_of(gather_facts(empty, TOKYO, DataMap())),
            summary_of(gather_facts(store, TOKYO, MAP)),
        ]
    assert [error.message for one in told for error in check.iter_errors(one)] == []
    assert not check.is_valid({**told[0], "more": 1})
