"""Contents tell keys, links, people and categories where no schema does."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ashiato.datamap.draft import Draft, draft_datamap
from ashiato.datamap.load import parse_datamap
from ashiato.datamap.model import Belongs, DataTable
from ashiato.terms.categories import Category, LegalTag
from tests.datamap.draft.agencies import write_japanese_folder


@pytest.fixture(params=["utf-8-sig", "cp932"])
def japanese(request: pytest.FixtureRequest, tmp_path: Path) -> Draft:
    write_japanese_folder(tmp_path, request.param)
    return draft_datamap({"agency": tmp_path})


def tables_of(folder: Path, **files: str) -> dict[str, DataTable]:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return draft_datamap({"s": folder}).datamap.systems["s"].tables


def test_japanese_headers_are_understood(japanese: Draft) -> None:
    tables = japanese.datamap.systems["agency"].tables
    assert [name for name, table in tables.items() if table.person] == ["問い合わせ", "契約者"]
    assert tables["契約"].belongs == Belongs("契約者", ("契約者番号",))
    assert tables["給付"].belongs == Belongs("契約", ("証券番号",))
    assert tables["取次"].belongs is None
    columns = tables["契約者"].columns
    assert [column.category for column in columns.values()] == [
        Category.IDENTITY,
        Category.IDENTITY,
        Category.IDENTITY,
        Category.SEX,
        Category.BIRTH,
        Category.CONTACT,
        Category.CONTACT,
        Category.CONTACT,
        Category.BANK_ACCOUNT,
        Category.FREE_TEXT,
    ]
    assert tables["契約"].columns["保険料"].category is Category.PREMIUM


def test_a_human_illness_bears_both_legal_tags(japanese: Draft) -> None:
    columns = japanese.datamap.systems["agency"].tables["給付"].columns
    assert columns["傷病名"].tags == (LegalTag.SPECIAL_CARE, LegalTag.FINANCE_SENSITIVE)
    assert columns["支払額"].tags == ()


def test_leading_zeros_keep_a_column_text(japanese: Draft) -> None:
    tables = japanese.datamap.systems["agency"].tables
    assert tables["契約者"].columns["契約者番号"].type == "text"
    assert tables["契約者"].columns["生年月日"].type == "date"
    assert tables["契約"].columns["保険料"].type == "bigint"


def test_the_draft_loads_unedited(japanese: Draft) -> None:
    assert parse_datamap(japanese.text) == japanese.datamap


def test_names_of_organisations_are_not_people(tmp_path: Path) -> None:
    rows = "".join(f"{n},ひまわり動物病院{n}号院クリニック,港区{n}-1,03-1111-{n:04d}\n" for n in range(50))
    tables = tables_of(tmp_path, places=f"id,name,address,phone\n{rows}")
    assert not tables["places"].person


def test_a_doubtful_table_is_taken_as_people(tmp_path: Path) -> None:
    rows = "".join(f"{n},x{n}@example.com\n" for n in range(50))
    tables = tables_of(tmp_path, newsletter=f"k,v\n{rows}")
    assert tables["newsletter"].person
    assert tables["newsletter"].columns["v"].category is Category.CONTACT


def test_staff_accounts_are_not_people(tmp_path: Path) -> None:
    staff = "".join(f"{n},s{n},佐藤 花子,{'support' if n % 2 else 'manager'},{n:064x}\n" for n in range(20))
    tables = tables_of(tmp_path, users=f"id,login,name,role,password_hash\n{staff}")
    assert not tables["users"].person


def test_customers_who_sign_in_are_people(tmp_path: Path) -> None:
    rows = "".join(f"{n},u{n},佐藤 花子,member,{n:064x},u{n}@example.jp\n" for n in range(20))
    tables = tables_of(tmp_path, users=f"id,login,name,role,password_hash,email\n{rows}")
    assert tables["users"].person


def test_a_link_by_name_is_checked_against_values(tmp_path: Path) -> None:
    people = "id,name,email\n" + "".join(f"{n},佐藤 花子,a{n}@example.jp\n" for n in range(100))
    orders = "id,customer_id\n" + "".join(f"{n},{n + 1_000_000}\n" for n in range(100))
    visits = "id,customer_id\n" + "".join(f"{n},{n % 100}\n" for n in range(300))
    tables = tables_of(tmp_path, customers=people, orders=orders, visits=visits)
    assert tables["visits"].belongs == Belongs("customers", ("customer_id",))
    assert tables["orders"].belongs is None


def test_a_key_must_be_unique_over_all_rows(tmp_path: Path) -> None:
    rows = [f"{n},A{n},佐藤 花子,a{n}@example.jp\n" for n in range(6_000)]
    rows[-1] = "0,A5999,佐藤 花子,z@example.jp\n"
    tables = tables_of(tmp_path, customers="id,member_no,name,email\n" + "".join(rows))
    assert tables["customers"].key == ("member_no",)


def test_rows_without_any_key_are_still_people(tmp_path: Path) -> None:
    rows = "佐藤 花子,a@example.jp\n" * 20
    tables = tables_of(tmp_path, guests=f"name,email\n{rows}")
    assert tables["guests"].person
    assert tables["guests"].key == ("name", "email")


def test_broken_files_do_not_cost_the_others(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "ragged.csv").write_text(
        "id,name,email\n1,佐藤 花子\n2,佐藤 花子,a@example.jp,x\n3,b,c@d.jp\n"
    )
    (tmp_path / "twice.csv").write_text("id,id,name,tel\n1,2,佐藤 花子,03-1234-5678\n")
    (tmp_path / "wide.csv").write_text("id,name\n1," + "x" * 2_000_000 + "\n")
    tables = tables_of(tmp_path, customers="id,name,email\n1,佐藤 花子,a@example.jp\n")
    assert tables["customers"].person
    assert tables["ragged"].person


def test_a_live_sqlite_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE client (id INTEGER PRIMARY KEY, surname VARCHAR(20), dob DATE, pan TEXT);"
            "CREATE TABLE bill (no TEXT, client_id INTEGER REFERENCES client, fee REAL);"
        )
        connection.executemany(
            "INSERT INTO client VALUES (?, 'Sato', '1980-01-01', '4111111111111111')",
            [(n,) for n in range(50)],
        )
        connection.executemany("INSERT INTO bill VALUES (?, ?, 1.5)", [(f"B{n}", n % 50) for n in range(90)])
        connection.commit()
    before = path.read_bytes()
    system = draft_datamap({"shop": path}).datamap.systems["shop"]
    assert system.engine == "sqlite"
    assert system.tables["client"].person
    assert system.tables["client"].columns["pan"].category is Category.CARD
    assert system.tables["bill"].key == ("no",)
    assert system.tables["bill"].belongs == Belongs("client", ("client_id",))
    assert path.read_bytes() == before
