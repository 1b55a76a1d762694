"""A program sends evidence by pieces; what breaks off goes on, what differs or is another's is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from ashiato.engine.api import Case, list_sealed
from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.cases import api as room
from ashiato.rooms.cases.api import Role
from tests.web.api.programs import copied, now, program, token_of
from tests.web.console.scenes import casefile, staff_named

pytestmark = pytest.mark.usefixtures("database")
LINES = b'203.0.113.9 - - [10/Jun/2026:23:01:00 +0900] "GET /<b> HTTP/1.1" 200 1 "-" "x"\n' * 40
SHA256 = hashlib.sha256(LINES).hexdigest()
CUSTODY = {"sha256": SHA256, "source": "web2, nightly", "custodian": "Aoi"}


class Sender:
    """Aoi's program, over a case folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.staff = staff_named("aoi")
        self.file = casefile(folder, (self.staff, Role.ANALYST))
        self.client = program(token_of(self.staff, "add-evidence"))

    def ask(self, method: str, path: str = "", said: Any = None, client: Client | None = None) -> Any:
        """Ask for something of the uploads; bytes go as they are."""
        address, asking = f"/api/v1/cases/{self.file.name}/uploads{path}", client or self.client
        if isinstance(said, bytes):
            return asking.generic(method, address, said, "application/octet-stream")
        return asking.generic(method, address, json.dumps(said) if said else b"", "application/json")

    def announced(self) -> str:
        """Announce the log; returns its upload's token."""
        answer = self.ask("POST", said={"name": "web2.log", "size_bytes": len(LINES)})
        assert answer.status_code == 201
        return str(answer.json()["token"])


@pytest.fixture
def sender(investigated: Case, tmp_path: Path) -> Iterator[Sender]:
    """A sender whose server keeps what arrives in the test's own folder."""
    with override_settings(ASHIATO_HOME=tmp_path / "home"):
        yield Sender(copied(investigated.folder, tmp_path / "case"))


def test_pieces_become_sealed_evidence(sender: Sender) -> None:
    token = sender.announced()
    assert sender.ask("PATCH", f"/{token}?offset=0", LINES[:100]).json()["offset"] == 100
    refused = sender.ask("PATCH", f"/{token}?offset=50", LINES[50:])
    assert refused.status_code == 409
    assert refused.json()["detail"] == "100 bytes are here"
    assert sender.announced() == token
    assert sender.ask("GET", f"/{token}").json()["offset"] == 100
    assert sender.ask("PATCH", f"/{token}?offset=100", LINES[100:]).json()["offset"] == len(LINES)
    ended = sender.ask("POST", f"/{token}/finish", CUSTODY)
    assert (ended.status_code, ended.json()["stand"]) == (202, "whole")
    (upload,) = room.list_whole()
    room.seal(upload, lambda: 0, now())
    (listed,) = sender.ask("GET").json()["uploads"]
    assert (listed["stand"], listed["sha256"], listed["staff"]) == ("sealed", SHA256, "aoi")
    assert SHA256 in {each.content_sha256 for each in list_sealed(Path(sender.file.folder))}
    assert LedgerEntry.objects.filter(staff=sender.staff, verb="evidence sent").exists()


def test_what_differs_is_thrown_away(sender: Sender) -> None:
    token = sender.announced()
    sender.ask("PATCH", f"/{token}?offset=0", LINES[:-1] + b"!")
    refused = sender.ask("POST", f"/{token}/finish", CUSTODY)
    assert refused.status_code == 409
    assert "is not what its sender read" in refused.json()["detail"]
    assert sender.ask("GET", f"/{token}").json()["stand"] == "refused"
    assert not list(room.list_whole())


def test_bad_pieces_are_refused(sender: Sender) -> None:
    token = sender.announced()
    assert sender.ask("PATCH", f"/{token}?offset=0", b"").status_code == 422
    assert sender.ask("PATCH", f"/{token}?offset=-1", b"x").status_code == 422
    assert sender.ask("PATCH", f"/{token}?offset=0", LINES + b"more").status_code == 409
    assert sender.ask("POST", said={"name": "../x", "size_bytes": 1}).status_code == 409
    assert sender.ask("POST", said={"name": "x\x1b[2J", "size_bytes": 1}).status_code == 422
    assert sender.ask("POST", f"/{token}/discard").json()["stand"] == "discarded"
    assert sender.ask("PATCH", f"/{token}?offset=0", LINES).status_code == 404


def test_anothers_upload_is_not_there(sender: Sender) -> None:
    token = sender.announced()
    ben = staff_named("ben")
    room.give_role(sender.file, ben, Role.ANALYST, now())
    other = program(token_of(ben, "add-evidence"))
    for method, path, said in (
        ("GET", f"/{token}", None),
        ("PATCH", f"/{token}?offset=0", LINES),
        ("POST", f"/{token}/finish", CUSTODY),
        ("POST", f"/{token}/discard", None),
    ):
        assert sender.ask(method, path, said, other).status_code == 404, path
    reader = program(token_of(sender.staff, "see-evidence"))
    assert sender.ask("GET", "", None, reader).status_code == 403
