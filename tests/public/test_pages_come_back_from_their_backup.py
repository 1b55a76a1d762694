"""The narrow store, its keys and the bundle in force come back: the same pages, the same answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.public.site import DAN, command, running, serving

pytestmark = pytest.mark.slow


def test_pages_come_back(tmp_path: Path) -> None:
    key, archive = tmp_path / "backup.key", tmp_path / "public.age"
    recipient = command("backup", "key", "--to", str(key)).stdout.splitlines()[-1]
    with serving(tmp_path / "home") as site:
        before = [site.ask("/").content, site.ask("/check/", {"asked": DAN}).content]
        assert before[1] != site.ask("/check/", {"asked": "483920174628"}).content
        made = command("backup", "make", "--to", str(archive), "--for", recipient, "--public", str(site.home))
        assert made.returncode == 0, made.stderr
    shutil.rmtree(site.home)
    back = command("restore", str(archive), "--key", str(key), "--home", str(site.home))
    assert back.returncode == 0, back.stderr
    with running(site):
        assert [site.ask("/").content, site.ask("/check/", {"asked": DAN}).content] == before
