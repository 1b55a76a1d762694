"""The drill: backup while staff work, destroy it all, restore: the same numbers, ledger and sign-in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from ashiato.engine.api import check_chain
from ashiato.rooms.accounts.api import LedgerEntry, add_staff, find_break, get_program, record_entry
from ashiato.rooms.cases.api import CaseFile, Role, key_path, make_key, read_key
from ashiato.rooms.private_files import write_private
from tests.browser.server import PASSWORD, code_now
from tests.cli.sample_case import PERSONS, make_case
from tests.journeys.command import ASHIATO
from tests.journeys.databases import postgresql
from tests.rooms import server
from tests.web.console.scenes import NOW, casefile

pytestmark = pytest.mark.slow
_NAMED = """database: team
databases:
  team: {{engine: postgresql, host: 127.0.0.1, port: {port}, name: postgres, user: site}}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A data folder on either database, and what destroys all of it."""
    folder, before = tmp_path / "home", settings.ASHIATO_HOME

    def destroy() -> None:
        if request.param == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.close()
        shutil.rmtree(folder)
        shutil.rmtree(tmp_path / "case")

    try:
        if request.param == "sqlite":
            server.use_home(folder)
            yield folder, destroy
        else:
            with postgresql() as served:
                folder.mkdir(mode=0o700)
                write_private(folder / "server.yaml", _NAMED.format(port=served.port).encode())
                server.use_home(folder)
                yield folder, destroy
                connection.close()
    finally:
        server.use_home(before)


def test_a_server_comes_back(home: tuple[Path, Callable[[], None]], tmp_path: Path) -> None:
    folder, destroy = home
    name, secret = _begun(tmp_path)
    seen = _pages(_signed_in(secret), name)
    key = make_key("case-1")
    recipient = _ashiato(folder, "backup", "key", "--to", "k").splitlines()[-1]
    _while_others_write(lambda: _ashiato(folder, "backup", "make", "--to", "a.age", "--for", recipient))
    digest = sha256((tmp_path / "a.age").read_bytes()).hexdigest()
    destroy()
    told = _ashiato(folder, "restore", "a.age", "--key", "k", "--home", str(folder), "--sha256", digest)
    assert "every hash and ledger as it was" in told
    connection.close()
    assert find_break() is None
    assert not check_chain(Path(CaseFile.objects.get(name=name).folder))
    verbs = list(LedgerEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-1] == "restored"
    assert "backup begun" in verbs
    assert read_key("case-1") == key
    assert key_path("case-1").stat().st_mode & 0o777 == 0o600
    assert _pages(_signed_in(secret), name) == seen


def _begun(folder: Path) -> tuple[str, str]:
    """A case with an answer, and a lead who comes in by a password and a code."""
    case, staff, secret = make_case(folder, PERSONS), add_staff("aoi"), generate_totp_secret()
    staff.set_password(PASSWORD)
    staff.save()
    TOTP.activate(staff, secret)
    return casefile(case.folder, (staff, Role.LEAD)).name, secret


def _signed_in(secret: str) -> Client:
    cache.clear()
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    client.post(reverse("account_login"), {"login": "aoi", "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})
    assert client.get(reverse("cases")).status_code == 200
    return client


def _pages(client: Client, case: str) -> list[str]:
    """What pages of numbers say, without the tokens of their forms and how long ago things were."""
    pages = [client.get(reverse(name, args=[case])) for name in ("overview", "people", "evidence")]
    assert {page.status_code for page in pages} == {200}
    return [re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.content.decode()) for page in pages]


def _while_others_write(act: Callable[[], object]) -> None:
    """Do something while another thread adds to the ledger."""
    is_over = threading.Event()

    def write() -> None:
        number = 0
        while not is_over.wait(0.02):
            number += 1
            record_entry(get_program(), "look", f"case-{number}", at=NOW + timedelta(seconds=number))
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        act()
    finally:
        is_over.set()
        writer.join()


def _ashiato(home: Path, *words: str) -> str:
    done = subprocess.run(
        [ASHIATO, *words, "--lang", "en"], cwd=home.parent, capture_output=True, text=True, check=False,
        env={**os.environ, "ASHIATO_HOME": str(home)}, timeout=120,  # noqa: TID251 - a child's own
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
