"""A schema alone gives people, belongs, categories, keys and types."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.draft import Draft, draft_datamap
from ashiato.datamap.load import parse_datamap
from ashiato.datamap.model import Belongs, System
from ashiato.terms.categories import Category
from ashiato.terms.errors import DataMapError
from tests.datamap.draft.agencies import MYSQL

PG_DUMP = """\
-- Dumped from database version 15.4 (Debian 15.4-1)
SET statement_timeout = 0;
CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CREATE TABLE ghost (name text, email text);
END $$;
CREATE TABLE public.members (
    no integer NOT NULL,
    full_name text NOT NULL,
    e_mail public.citext,
    joined timestamp with time zone DEFAULT now()
);
ALTER TABLE public.members OWNER TO app;
CREATE TABLE shop.orders (order_no text, member integer, total numeric(10,2));
COPY public.members (no, full_name) FROM stdin;
1\tCREATE TABLE evil (name text, email text);
\\.
ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (no);
ALTER TABLE ONLY shop.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (order_no);
ALTER TABLE ONLY shop.orders
    ADD CONSTRAINT orders_member FOREIGN KEY (member) REFERENCES public.members(no);
CREATE TABLE broken (((;
"""


def draft_of(text: str, folder: Path) -> Draft:
    path = folder / "schema.sql"
    path.write_text(text, encoding="utf-8")
    return draft_datamap({"agency": path})


@pytest.fixture
def agency(tmp_path: Path) -> System:
    return draft_of(MYSQL, tmp_path).datamap.systems["agency"]


def test_engine_and_version_come_from_the_dump(agency: System) -> None:
    assert (agency.engine, agency.version, agency.collation) == ("mysql", "8.0.36", None)
    assert agency.default_schema == "minato_db"


def test_rows_in_a_dump_define_no_tables(agency: System) -> None:
    assert "evil" not in agency.tables
    assert len(agency.tables) == 6


def test_people_organisations_and_staff_are_told_apart(tmp_path: Path) -> None:
    draft = draft_of(MYSQL, tmp_path)
    tables = draft.datamap.systems["agency"].tables
    assert [name for name, table in tables.items() if table.person] == ["inquiries", "tbl_customers"]
    assert draft.datamap.accounts.staff_table == "admin_users"
    assert (draft.datamap.accounts.staff_name, draft.datamap.accounts.staff_role) == ("login_id", "kengen")
    (first, *_) = draft.notes["systems", "agency", "tables", "inquiries"]
    assert first.startswith("CHECK: people")


def test_rows_hang_on_people_through_a_chain(agency: System) -> None:
    assert agency.tables["policies"].belongs == Belongs("tbl_customers", ("customer_id",))
    assert agency.tables["policy_notes"].belongs == Belongs("policies", ("policy_no",))


def test_romaji_and_comments_give_categories(agency: System) -> None:
    columns = agency.tables["tbl_customers"].columns
    assert {name: column.category for name, column in columns.items()} == {
        "customer_id": Category.OTHER,
        "shimei": Category.IDENTITY,
        "furigana": Category.IDENTITY,
        "tanjobi": Category.BIRTH,
        "denwa": Category.CONTACT,
        "mailAddress": Category.CONTACT,
        "col_17": Category.BANK_ACCOUNT,
        "kubun": Category.OTHER,
    }
    assert agency.tables["policies"].columns["hokenryo"].category is Category.PREMIUM
    assert agency.tables["policy_notes"].columns["memo"].category is Category.FREE_TEXT
    assert {column.category for column in agency.tables["insurers"].columns.values()} == {Category.OTHER}


def test_only_keys_are_called_immutable(agency: System) -> None:
    found = {
        (name, column.name)
        for name, table in agency.tables.items()
        for column in table.columns.values()
        if column.immutable
    }
    assert found == {(name, part) for name, table in agency.tables.items() for part in table.key}


def test_a_postgresql_dump_keeps_its_other_schemas(tmp_path: Path) -> None:
    draft = draft_of(PG_DUMP, tmp_path)
    tables = draft.datamap.systems["agency"].tables
    assert sorted(tables) == ["members", "shop.orders"]
    assert tables["shop.orders"].belongs == Belongs("members", ("member",))
    assert tables["members"].columns["joined"].type == "timestamptz"
    assert tables["members"].columns["e_mail"].type == "text"
    assert any("not understood" in note for note in draft.notes["systems", "agency"])


def test_a_draft_loads_unedited_as_it_was_drafted(tmp_path: Path) -> None:
    for text in (MYSQL, PG_DUMP):
        draft = draft_of(text, tmp_path)
        assert parse_datamap(draft.text) == draft.datamap


def test_a_table_without_key_gets_one_to_check(tmp_path: Path) -> None:
    draft = draft_of("CREATE TABLE people (name text, email text);", tmp_path)
    assert draft.datamap.systems["agency"].tables["people"].key == ("name", "email")
    assert any("CHECK" in note for note in draft.notes["systems", "agency", "tables", "people"])


def test_a_second_way_to_people_is_said(tmp_path: Path) -> None:
    text = """
        CREATE TABLE clients (id int PRIMARY KEY, name text, birth date);
        CREATE TABLE patients (id int PRIMARY KEY, name text, birth date);
        CREATE TABLE visits (
            id int PRIMARY KEY, client_id int REFERENCES clients, patient_id int REFERENCES patients);
    """
    draft = draft_of(text, tmp_path)
    assert draft.datamap.systems["agency"].tables["visits"].belongs == Belongs("clients", ("client_id",))
    assert any(
        "patient_id leads to patients" in n for n in draft.notes["systems", "agency", "tables", "visits"]
    )


def test_nothing_to_draft_from_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataMapError, match="nothing to draft from"):
        draft_datamap({"agency": tmp_path / "none"})
