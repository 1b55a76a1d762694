"""The agency: customers, the policies it arranged for them, what they said of their health, its branches."""

from __future__ import annotations

from range.draws import Draws
from range.people.dialects import Dialect
from range.people.tables import Column, Person, Table
from range.people.words import PREFECTURES, TOWNS
from range.site.accounts import account_tables
from range.site.definition import Belonging, People, Searched, Site

_BRANCHES = 120
_TEXT = "varchar(120) NOT NULL"
_INSURERS = ("あさひ架空生命", "みどり架空損保", "わかば架空生命", "ひかり架空共済")
_PLANS = ("医療A", "医療B", "がん", "自動車", "火災", "傷害")
_ANSWERS = ("なし", "高血圧", "糖尿病", "喘息", "腰痛", "花粉症", "入院歴あり")


def tables(draws: Draws, dialect: Dialect, people: int) -> list[Table]:
    """Return every table with as many customers as asked: a policy each, an answer on health for half."""
    person = Person(draws, dialect)
    return [
        _customers(person, people),
        _policies(person, people),
        _answers(person, max(1, people // 2)),
        _branches(person),
        *account_tables(draws, dialect),
    ]


def _customers(person: Person, people: int) -> Table:
    drawn = person.columns()
    text = {"shimei": "name", "furigana": "kana", "mail": "mail", "tel": "phone", "yubin": "zip"}
    text |= {"todofuken": "prefecture", "jusho": "address", "password_hash": "password_hash"}
    columns = (
        Column("customer_id", "bigint", "i"),
        *(Column(name, _TEXT, drawn[known]) for name, known in text.items()),
        Column("seibetsu", "char(1) NOT NULL", drawn["sex"]),
        Column("tanjobi", "date NOT NULL", drawn["birth"]),
        Column("kouza_no", "varchar(7) NOT NULL", drawn["account"]),
        Column("disabled", "smallint NOT NULL", "0"),
    )
    return Table("customers", people, columns, ("mail", "shimei, customer_id"))


def _policies(person: Person, people: int) -> Table:
    columns = (
        Column("policy_id", "bigint", "i"),
        Column("customer_id", "bigint NOT NULL", "i"),
        Column("policy_no", _TEXT, f"'A' || {person.dialect.digits('i', 9)}"),
        Column("insurer", _TEXT, person.word("insurer", _INSURERS)),
        Column("plan", _TEXT, person.word("plan", _PLANS)),
        Column("hokenryo", "integer NOT NULL", f"900 + {person.draws.sql('hokenryo', 'i', 30_000)}"),
    )
    return Table("policies", people, columns, ("customer_id",))


def _answers(person: Person, count: int) -> Table:
    columns = (
        Column("answer_id", "bigint", "i"),
        Column("customer_id", "bigint NOT NULL", "i * 2"),
        Column("question", _TEXT, "'過去5年の病歴'"),
        Column("answer", _TEXT, person.word("answer", _ANSWERS)),
    )
    return Table("health_answers", count, columns, ("customer_id",))


def _branches(person: Person) -> Table:
    columns = (
        Column("id", "bigint", "i"),
        Column("name", _TEXT, f"{person.word('branch', TOWNS)} || '支店' || i"),
        Column("prefecture", _TEXT, person.dialect.pick(PREFECTURES, f"(i % {len(PREFECTURES)})")),
        Column("tel", _TEXT, f"'000-0001-' || {person.dialect.digits('i', 4)}"),
    )
    return Table("branches", _BRANCHES, columns)


AGENCY = Site(
    name="agency",
    title="Minato Agency",
    engine="mariadb",
    people=People(
        table="customers",
        key="customer_id",
        name="shimei",
        mail="mail",
        shown=(
            *("customer_id", "shimei", "furigana", "seibetsu", "tanjobi", "mail", "tel", "yubin"),
            *("todofuken", "jusho", "kouza_no"),
        ),
        listed=("customer_id", "shimei", "furigana", "tel"),
    ),
    belongings=(
        Belonging("policies", "customer_id", ("policy_no", "insurer", "plan", "hokenryo")),
        Belonging("health_answers", "customer_id", ("question", "answer")),
    ),
    searched=Searched(
        "/branches/search",
        "branches",
        ("id", "name", "prefecture", "tel"),
        "prefecture",
        "支店",
        prints_errors=False,
    ),
    record="/api/customers/<int:key>",
    listing="/staff/customers",
    batch="/api/customers/batch",
    left_over="/old/customers-20261101.csv.gz",
    tables=tables,
)
