from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from ashiato.engine.lock import forget_holder, hold_lock
from ashiato.terms.errors import CaseError


def test_the_lock_names_its_holder_while_held(tmp_path: Path) -> None:
    with hold_lock(tmp_path):
        holder = json.loads((tmp_path / "lock").read_text())
        assert holder == {"pid": os.getpid(), "host": socket.gethostname()}
    assert (tmp_path / "lock").read_bytes() == b""


def test_a_second_holder_is_refused_even_here(tmp_path: Path) -> None:
    with hold_lock(tmp_path):
        with pytest.raises(CaseError, match=f"process {os.getpid()} on"), hold_lock(tmp_path):
            pass
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()


def test_a_stale_lock_of_this_host_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(json.dumps({"pid": 1, "host": socket.gethostname()}))
    with hold_lock(tmp_path):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()


def test_a_lock_of_another_host_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(json.dumps({"pid": 7, "host": "elsewhere.example"}))
    with pytest.raises(CaseError, match=r"process 7 on elsewhere\.example"), hold_lock(tmp_path):
        pass


@pytest.mark.parametrize("text", ["", "rubbish", "[1]", '{"host": 3'])
def test_an_unreadable_lock_file_locks_nobody_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "lock").write_text(text)
    with hold_lock(tmp_path):
        assert json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), hold_lock(tmp_path):
        raise RuntimeError
    with hold_lock(tmp_path):
        pass


def test_a_host_that_is_gone_is_taken_out_of_the_lock_and_no_other(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    name = "worker-of-a-container-whose-name-is-longer-than-forty"
    lock.write_text(json.dumps({"pid": 7, "host": name}))
    for other in ("", "worker", "here"):
        assert not forget_holder(tmp_path, other)
    assert forget_holder(tmp_path, name[:40])
    with hold_lock(tmp_path):
        assert not forget_holder(tmp_path, socket.gethostname())
        assert json.loads(lock.read_text())["pid"] == os.getpid()
