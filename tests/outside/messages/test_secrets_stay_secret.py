"""A secret is read from a file of its owner alone, and shown nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ashiato.outside.messages.outcomes import MessageError
from ashiato.outside.messages.secrets import read_secret


def _secret(folder: Path, mode: int = 0o600, text: str = "hunter2\n") -> Path:
    path = folder / "password"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_secret_is_read_but_never_printed(tmp_path: Path) -> None:
    found = read_secret(_secret(tmp_path))
    assert found.text == "hunter2"
    assert "hunter2" not in f"{found!r}{found}{[found]}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622, 0o601])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(MessageError, match="open to others") as refused:
        read_secret(_secret(tmp_path, mode))
    assert "hunter2" not in str(refused.value)
    assert refused.value.fix == "chmod 600"


def test_what_is_no_file_of_a_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MessageError, match="cannot be read"):
        read_secret(tmp_path / "nothing")
    with pytest.raises(MessageError, match="regular file"):
        read_secret(tmp_path)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(MessageError, match="regular file"):
        read_secret(tmp_path / "pipe")
    with pytest.raises(MessageError, match="empty"):
        read_secret(_secret(tmp_path, text="\n"))
