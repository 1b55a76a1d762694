"""Tables of those who sign in, the same in both applications: staff, partners, and everybody's sessions."""

from __future__ import annotations

from hashlib import sha256

from range.draws import Draws
from range.people.dialects import Dialect
from range.people.tables import Column, Person, Table
from range.people.words import GIVEN_NAMES, SURNAMES

STAFF = 40
PARTNERS = 3


def account_tables(draws: Draws, dialect: Dialect) -> list[Table]:
    """Return the tables of staff and partners; a row whose ``disabled`` is 1 gets no further."""
    person = Person(draws, dialect)
    name = (
        f"{person.word('staff surname', SURNAMES, 0)} || ' ' || {person.word('staff given', GIVEN_NAMES, 0)}"
    )
    staff = Table(
        "staff",
        STAFF,
        (
            Column("id", "bigint", "i"),
            Column("login", "varchar(40) NOT NULL", f"'staff' || {dialect.digits('i', 2)}"),
            Column("name", "varchar(80) NOT NULL", name),
            Column("role", "varchar(20) NOT NULL", "CASE WHEN i <= 4 THEN 'manager' ELSE 'clerk' END"),
            Column("password_hash", "char(64) NOT NULL", dialect.sha256(_secret_sql(draws, "staff"))),
            Column("disabled", "smallint NOT NULL", "0"),
        ),
        ("login",),
    )
    partners = Table(
        "partners",
        PARTNERS,
        (
            Column("id", "bigint", "i"),
            Column("name", "varchar(40) NOT NULL", "'partner' || i"),
            Column("token_hash", "char(64) NOT NULL", dialect.sha256(_secret_sql(draws, "partner"))),
            Column("disabled", "smallint NOT NULL", "0"),
        ),
    )
    return [staff, partners]


SESSIONS = (
    "CREATE TABLE sessions (sid varchar(12) NOT NULL PRIMARY KEY, secret_hash char(64) NOT NULL, "
    "kind varchar(8) NOT NULL, account bigint NOT NULL, address varchar(45) NOT NULL, "
    "started_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)"
)


def staff_login(number: int) -> str:
    """Return a member of staff's login."""
    return f"staff{number:02}"


def staff_password(draws: Draws, number: int) -> str:
    """Return a member of staff's password."""
    return f"staff-{number}-{draws.number('staff', number, 1_000_000)}"


def partner_token(draws: Draws, number: int) -> str:
    """Return a partner's token for the programs' door."""
    return f"partner-{number}-{draws.number('partner', number, 1_000_000)}"


def hashed(secret: str) -> str:
    """Return what is kept of a secret, as the database computes it."""
    return sha256(secret.encode()).hexdigest()


def _secret_sql(draws: Draws, kind: str) -> str:
    return f"'{kind}-' || i || '-' || {draws.sql(kind, 'i', 1_000_000)}"
