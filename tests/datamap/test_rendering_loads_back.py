"""What is rendered loads back as the same map, for every map that can be."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ashiato.datamap.load import parse_datamap
from ashiato.datamap.model import (
    Accounts,
    Answer,
    Belongs,
    Column,
    DataMap,
    DataTable,
    Route,
    Source,
    System,
)
from ashiato.datamap.render import render_datamap
from ashiato.datamap.structure import load_schema
from ashiato.terms.categories import Category, LegalTag
from ashiato.terms.contacts import AddressUse
from ashiato.terms.meanings import Meaning
from ashiato.written.problems import Spot
from tests.datamap.written_maps import FULL

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
NAMES = TEXTS | st.sampled_from(
    ["no", "on", "1", "0x1", "~", "null", "2026-01-01", "12:30", "-", "a: b", " x", "#"]
)
TUPLES = st.lists(NAMES, unique=True, max_size=3).map(tuple)
ZONES = st.sampled_from([None, "Asia/Tokyo", "UTC"])


@st.composite
def tables(draw: st.DrawFn, name: str, person: str | None) -> DataTable:
    key = draw(st.lists(NAMES, unique=True, min_size=1, max_size=2).map(tuple))
    names = draw(st.lists(NAMES, unique=True, max_size=4)) if draw(st.booleans()) else []
    named = dict.fromkeys([*names, *key]) if names else {}
    tags = st.lists(st.sampled_from(list(LegalTag)), unique=True).map(tuple)
    columns = {
        column: Column(
            column,
            draw(st.sampled_from([None, "text", "varchar(40)"])),
            draw(st.sampled_from(list(Category))),
            draw(tags),
            draw(st.booleans()),
            means=draw(st.none() | st.sampled_from(list(Meaning))),
            contact=draw(st.none() | st.sampled_from(list(AddressUse))),
        )
        for column in named
    }
    persona_column = draw(st.sampled_from([None, key[0]])) if person is None else None
    client_column = draw(st.sampled_from([None, key[0]])) if person is None else None
    return DataTable(
        name,
        key=key,
        person=person is None,
        belongs=None if person is None else Belongs(person, key[:1]),
        persona=draw(st.none() | NAMES) if person is None else None,
        persona_column=persona_column,
        personas=draw(st.dictionaries(NAMES, NAMES, min_size=1, max_size=2)) if persona_column else {},
        client_column=client_column,
        clients=draw(st.dictionaries(NAMES, NAMES, max_size=2)) if client_column else {},
        client=draw(st.none() | NAMES) if person is None and client_column is None else None,
        columns=columns,
        updated_at=draw(st.sampled_from([None, key[0]])),
        append_only=draw(st.booleans()),
        membership_sensitive=person is None and draw(st.booleans()),
    )


@st.composite
def systems(draw: st.DrawFn, name: str) -> System:
    first, *rest = draw(st.lists(NAMES, unique=True, min_size=1, max_size=3))
    people = draw(tables(first, None))
    held = {first: people}
    if len(people.key) == 1:
        held |= {other: draw(tables(other, first)) for other in rest}
    return System(
        name,
        engine=draw(st.sampled_from(["postgresql", "mysql"])),
        version=draw(st.none() | NAMES),
        collation=draw(st.none() | NAMES),
        encoding=draw(st.sampled_from(["UTF-8", "CP932"])),
        zone=draw(ZONES),
        default_schema=draw(st.sampled_from(["public", "dbo"])),
        tables=held,
        copies_apart=draw(st.booleans()),
        sql_mode=draw(st.sampled_from([None, "ANSI_QUOTES", "PIPES_AS_CONCAT"])),
    )


@st.composite
def maps(draw: st.DrawFn) -> DataMap:
    held = {name: draw(systems(name)) for name in draw(st.lists(NAMES, unique=True, max_size=2))}
    known = [f"{table}.*" for system in held.values() for table in system.tables]
    patterns = st.lists(st.sampled_from(known), unique=True, max_size=2).map(tuple) if known else st.just(())
    routes = [
        Route(
            path=path,
            methods=draw(st.sampled_from([(), ("GET",), ("GET", "POST")])),
            role=draw(st.none() | NAMES),
            statements=draw(TUPLES),
            answer=Answer(
                draw(st.none() | patterns),
                draw(patterns),
                draw(st.sampled_from([(), (200,)])),
                draw(st.booleans()),
            ),
            login=draw(st.booleans()),
        )
        for path in draw(st.lists(st.sampled_from(["/", "/a/{id}", "/a/{id}/{x}"]), unique=True))
    ]
    accounts = Accounts(
        pooled=draw(TUPLES),
        machines=draw(TUPLES),
        offices=draw(st.sampled_from([(), ("192.0.2.0/24", "2001:db8::1")])),
        staff_roles=draw(st.dictionaries(NAMES, NAMES, max_size=2)),
    )
    pairs = st.dictionaries(NAMES, NAMES, max_size=2)
    source = Source(
        files=draw(st.sampled_from(["a*", "x/y.log"])),
        format=draw(st.none() | NAMES),
        fields=draw(st.dictionaries(st.sampled_from(["time", "src_endpoint_ip"]), NAMES, max_size=2)),
        log_format=draw(st.none() | NAMES),
        zone=draw(ZONES),
        skew_us=draw(st.integers(-(10**9), 10**9)),
        success=draw(pairs),
        failure=draw(pairs),
        covers=draw(st.booleans()),
        system=draw(st.sampled_from([None, *held])),
    )
    return DataMap(draw(st.just("") | NAMES), draw(ZONES), held, tuple(routes), accounts, (source,))


@pytest.mark.slow
@given(maps())
def test_what_is_rendered_loads_back_the_same(datamap: DataMap) -> None:
    assert parse_datamap(render_datamap(datamap)) == datamap


@pytest.mark.slow
@given(maps())
def test_other_yaml_readers_find_the_schema_kept(datamap: DataMap) -> None:
    rendered = yaml.safe_load(render_datamap(datamap))
    assert list(Draft202012Validator(load_schema()).iter_errors(rendered)) == []


def test_the_full_map_survives_a_round_trip() -> None:
    loaded = parse_datamap(FULL)
    assert parse_datamap(render_datamap(loaded)) == loaded


@pytest.mark.slow
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_hostile_comments_cannot_become_keys(note: str) -> None:
    loaded = parse_datamap(FULL)
    spots: list[Spot] = [
        (),
        ("systems", "agency"),
        ("systems", "agency", "tables", "customers", "columns", "no"),
    ]
    spots += [("routes", 1), ("sources", 0)]
    text = render_datamap(loaded, dict.fromkeys(spots, (note,)))
    assert parse_datamap(text) == loaded


def test_an_empty_map_renders_as_an_empty_map() -> None:
    assert parse_datamap(render_datamap(DataMap())) == DataMap()
