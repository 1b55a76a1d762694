"""The pet insurer: owners, their contracts and claims, hospitals anybody may look for."""

from __future__ import annotations

from range.draws import Draws
from range.people.dialects import Dialect
from range.people.tables import Column, Person, Table
from range.people.words import BREEDS, DIAGNOSES, PETS, PREFECTURES, PRODUCTS
from range.site.accounts import account_tables
from range.site.definition import Belonging, People, Searched, Site

_HOSPITALS = 400
_TEXT = "varchar(120) NOT NULL"


def tables(draws: Draws, dialect: Dialect, people: int) -> list[Table]:
    """Return every table with as many owners as asked: a contract each, a claim for one in three."""
    person = Person(draws, dialect)
    return [
        _owners(person, people),
        _contracts(person, people),
        _claims(person, max(1, people // 3), people),
        _hospitals(person),
        *account_tables(draws, dialect),
    ]


def _owners(person: Person, people: int) -> Table:
    drawn = person.columns()
    text = {"name_kanji": "name", "name_kana": "kana", "email": "mail", "phone": "phone", "zip": "zip"}
    text |= {"prefecture": "prefecture", "address": "address", "password_hash": "password_hash"}
    columns = (
        Column("id", "bigint", "i"),
        Column("member_no", _TEXT, f"'M' || {person.dialect.digits('i', 8)}"),
        *(Column(name, _TEXT, drawn[known]) for name, known in text.items()),
        Column("sex", "char(1) NOT NULL", drawn["sex"]),
        Column("birth_date", "date NOT NULL", drawn["birth"]),
        Column("bank_code", "char(4) NOT NULL", "'0000'"),
        Column("bank_account_no", "varchar(7) NOT NULL", drawn["account"]),
        Column("registered_at", "date NOT NULL", drawn["registered"]),
        Column("disabled", "smallint NOT NULL", "0"),
    )
    return Table("owners", people, columns, ("email", "name_kanji, id"))


def _contracts(person: Person, people: int) -> Table:
    columns = (
        Column("id", "bigint", "i"),
        Column("owner_id", "bigint NOT NULL", "i"),
        Column("policy_no", _TEXT, f"'P' || {person.dialect.digits('i', 9)}"),
        Column("product", _TEXT, person.word("product", PRODUCTS)),
        Column("premium_monthly", "integer NOT NULL", f"1200 + {person.draws.sql('premium', 'i', 6000)}"),
        Column("pet_name", _TEXT, person.word("pet", PETS)),
        Column("breed", _TEXT, person.word("breed", BREEDS)),
        Column(
            "start_date",
            "date NOT NULL",
            person.dialect.day("2016-01-01", person.draws.sql("start", "i", 3800)),
        ),
    )
    return Table("contracts", people, columns, ("owner_id",))


def _claims(person: Person, claims: int, people: int) -> Table:
    draws = person.draws
    columns = (
        Column("id", "bigint", "i"),
        Column("owner_id", "bigint NOT NULL", f"1 + {draws.sql('claimant', 'i', people)}"),
        Column("claim_no", _TEXT, f"'C' || {person.dialect.digits('i', 9)}"),
        Column(
            "visit_date", "date NOT NULL", person.dialect.day("2024-01-01", draws.sql("visit", "i", 1000))
        ),
        Column("diagnosis", _TEXT, person.word("diagnosis", DIAGNOSES)),
        Column("billed_amount", "integer NOT NULL", f"3000 + {draws.sql('billed', 'i', 90_000)}"),
    )
    return Table("claims", claims, columns, ("owner_id",))


def _hospitals(person: Person) -> Table:
    columns = (
        Column("id", "bigint", "i"),
        Column("name", _TEXT, f"{person.word('hospital', PETS)} || '動物病院' || i"),
        Column("prefecture", _TEXT, person.dialect.pick(PREFECTURES, f"(i % {len(PREFECTURES)})")),
        Column("address", _TEXT, "'架空市本町' || i"),
        Column("phone", _TEXT, f"'000-0000-' || {person.dialect.digits('i', 4)}"),
    )
    return Table("hospitals", _HOSPITALS, columns)


INSURER = Site(
    name="insurer",
    title="Mirai Pet",
    engine="postgresql",
    people=People(
        table="owners",
        key="id",
        name="name_kanji",
        mail="email",
        shown=(
            *("id", "member_no", "name_kanji", "name_kana", "sex", "birth_date", "email", "phone", "zip"),
            *("prefecture", "address", "bank_code", "bank_account_no"),
        ),
        listed=("id", "member_no", "name_kanji", "name_kana", "phone"),
    ),
    belongings=(
        Belonging("contracts", "owner_id", ("policy_no", "product", "premium_monthly", "pet_name", "breed")),
        Belonging("claims", "owner_id", ("claim_no", "visit_date", "diagnosis", "billed_amount")),
    ),
    searched=Searched(
        "/hospitals/search", "hospitals", ("id", "name", "prefecture", "address", "phone"), "prefecture",
        "動物病院", prints_errors=True,
    ),
    record="/api/owners/<int:key>",
    listing="/staff/owners",
    batch="/api/owners/batch",
    left_over="/backup/owners-20261101.csv.gz",
    tables=tables,
)  # fmt: skip
