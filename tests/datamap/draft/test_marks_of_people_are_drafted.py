"""A draft names the columns that mark who left, died, is protected or leans on a guardian, to be checked."""

from __future__ import annotations

import pytest

from ashiato.datamap.draft import draft_datamap
from ashiato.datamap.load import parse_datamap
from ashiato.datamap.model import Belongs, DataTable, Mark

_SCHEMA = """
CREATE TABLE members (
    id integer PRIMARY KEY, name varchar(40), birth_date date, email varchar(80), lang char(2),
    taikaibi date, shibobi date, dv_flag char(1), returned_mail date, email_bounced boolean,
    parent_id integer REFERENCES members(id), death_benefit integer, kaiyaku_henreikin integer
);
CREATE TABLE quotes (id integer PRIMARY KEY, name varchar(40), birth_date date, email varchar(80));
"""


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("schema") / "schema.sql"
    path.write_text(_SCHEMA, encoding="utf-8")
    return draft_datamap({"agency": path}).text


@pytest.fixture(scope="module")
def members(drafted: str) -> DataTable:
    return parse_datamap(drafted).systems["agency"].tables["members"]


def test_marks_are_told_by_names(members: DataTable) -> None:
    assert members.states == {
        "past": Mark("taikaibi"), "deceased": Mark("shibobi"), "protected": Mark("dv_flag"),
    }  # fmt: skip
    assert members.undeliverable == {"letter": Mark("returned_mail"), "mail": Mark("email_bounced")}
    assert members.language_column == "lang"
    assert members.guardian == Belongs("members", ("parent_id",))


def test_every_mark_is_to_be_checked(drafted: str) -> None:
    lines = drafted.splitlines()
    for key in ("states:", "undeliverable:", "language:", "guardian:"):
        place = next(number for number, line in enumerate(lines) if line.strip().startswith(key))
        assert "CHECK" in lines[place - 1], key


def test_a_table_of_quotes_holds_those_who_asked(drafted: str) -> None:
    quotes = parse_datamap(drafted).systems["agency"].tables["quotes"]
    assert (quotes.persona, quotes.states, quotes.guardian) == ("quote requester", {}, None)
