"""Programs that ask: a client with somebody's token, over a case of the test's own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from django.test import Client

from ashiato.rooms.accounts.api import Staff, make_token
from ashiato.web.api.bearers import SCOPES


def now() -> datetime:
    """The server's own time: tokens end by it."""
    return datetime.fromtimestamp(time.time(), UTC)


def token_of(staff: Staff, *scopes: str, days: int = 1) -> str:
    """A token of somebody; without scopes it may do all that they may."""
    return make_token(staff, "a test", scopes or SCOPES, days, now())


def program(token: str) -> Client:
    """A program that brings a token."""
    return Client(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {token}", HTTP_ACCEPT_LANGUAGE="en")


def copied(folder: Path, to: Path) -> Path:
    """A case folder of the test's own, as an operation may write into it."""
    import shutil  # noqa: PLC0415 - here alone

    return Path(shutil.copytree(folder, to))
