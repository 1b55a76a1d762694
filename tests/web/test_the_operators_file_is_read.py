"""The server's configuration: read from one folder, refused with the line, secrets in files of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.outside.messages.email.mail_log import read_queue
from ashiato.rooms.notifying.mailing import find_mail_log
from ashiato.rooms.private_files import keep_private
from ashiato.terms.errors import ServerError
from ashiato.web.configuration import read_configuration
from ashiato.web.databases import database_of

TEAM = """database: team
databases:
  team: {engine: postgresql, host: db.internal, name: ashiato, user: ashiato, password_file: db.password,
         ca_file: root.pem}
"""


def _written(folder: Path, text: str) -> Path:
    (folder / "server.yaml").write_text(text)
    return folder


def test_without_a_file_sqlite_is_kept_in_the_folder(tmp_path: Path) -> None:
    entry = database_of(read_configuration(tmp_path))
    assert entry["NAME"] == tmp_path / "server.sqlite3"
    assert entry["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in entry["OPTIONS"]["init_command"]


def test_a_named_database_takes_its_password_from_a_file(tmp_path: Path) -> None:
    home = _written(tmp_path, TEAM)
    keep_private(home / "db.password", b"correct horse\n")
    entry = database_of(read_configuration(home))
    assert (entry["HOST"], entry["PORT"], entry["PASSWORD"]) == ("db.internal", 5432, "correct horse")
    assert entry["OPTIONS"]["sslmode"] == "verify-full"
    assert entry["OPTIONS"]["sslrootcert"] == str(home / "root.pem")
    (home / "db.password").chmod(0o644)
    with pytest.raises(ServerError, match="read by others"):
        database_of(read_configuration(home))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("database: team\n", "no database is named"),
        ("databse: team\n", "databse"),
        (TEAM.replace("password_file: db.password", "password: secret"), "password"),
        (TEAM.replace("host: db.internal, ", ""), "'host' is a required property"),
        (TEAM.replace(",\n         ca_file: root.pem", ""), "without knowing whose server answers"),
        ("zone: [\n", "not YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ServerError, match=said) as refused:
        read_configuration(_written(tmp_path, text))
    assert refused.value.where is not None
    assert refused.value.fix


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = keep_private(tmp_path / "secret", b"one")
    assert keep_private(tmp_path / "secret", b"two") == first == b"one"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_the_queue_is_asked_where_the_file_says_so(tmp_path: Path) -> None:
    said = {"host": "localhost", "bounce_domain": "bounce.example.jp", "log": ["mail.log"], "queue": True}
    log = find_mail_log(said, tmp_path)
    assert log is not None
    assert log.queue is read_queue
