"""A batch reaches the printer whole and once, wherever handing it over is interrupted."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from ashiato.outside.messages.outcomes import Accepted, InDoubt, MessageError, NotAccepted
from ashiato.outside.messages.post import printer as module
from ashiato.outside.messages.post.printer import PrintBatch, Printer


class _Crash(BaseException):
    """The process ends here."""


def _batch(folder: Path, name: str = "wave-1.batch-0001", letters: bytes = b"%PDF letters") -> PrintBatch:
    source = folder / "made" / name
    source.mkdir(parents=True, exist_ok=True)
    (source / "letters.pdf").write_bytes(letters)
    (source / "manifest.csv").write_bytes(b"number\r\n1\r\n")
    return PrintBatch(name, source)


def _printer(folder: Path) -> Printer:
    (folder / "printer").mkdir(exist_ok=True)
    return Printer(folder / "printer")


def _shown(folder: Path) -> list[str]:
    """What the printer sees."""
    return sorted(path.name for path in (folder / "printer").iterdir() if not path.name.startswith("."))


def test_a_batch_arrives_whole_with_its_hashes(tmp_path: Path) -> None:
    batch, printer = _batch(tmp_path), _printer(tmp_path)
    assert isinstance(printer.find(batch.name), NotAccepted)
    assert printer.send(batch) == Accepted(batch.name)
    assert printer.find(batch.name) == Accepted(batch.name)
    handed = tmp_path / "printer" / batch.name
    sums = [line.split("  ") for line in (handed / "SHA256SUMS").read_text().splitlines()]
    assert {name: digest for digest, name in sums} == {
        name: hashlib.sha256((batch.folder / name).read_bytes()).hexdigest()
        for name in ("letters.pdf", "manifest.csv")
    }
    assert (handed / "letters.pdf").stat().st_mode & 0o777 == 0o640


def test_the_same_batch_twice_is_one_batch(tmp_path: Path) -> None:
    batch, printer = _batch(tmp_path), _printer(tmp_path)
    assert printer.send(batch) == printer.send(batch) == Accepted(batch.name)
    shutil.rmtree(tmp_path / "printer" / batch.name)  # the printer took it
    assert _printer(tmp_path).send(batch) == Accepted(batch.name)
    assert _shown(tmp_path) == []


def test_another_batch_of_the_same_name_is_refused(tmp_path: Path) -> None:
    printer = _printer(tmp_path)
    printer.send(_batch(tmp_path))
    outcome = printer.send(_batch(tmp_path, letters=b"%PDF others"))
    assert isinstance(outcome, NotAccepted)
    assert outcome.permanent
    assert (tmp_path / "printer" / "wave-1.batch-0001" / "letters.pdf").read_bytes() == b"%PDF letters"


@pytest.mark.parametrize("kind", [_Crash, OSError])
@pytest.mark.parametrize("step", range(14))
def test_any_interruption_is_plain_and_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, kind: type[BaseException]
) -> None:
    batch, left = _batch(tmp_path), [step]

    def trip(path: Path) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise kind("no space left on device")
        original(path)

    def rename(path: Path, target: Path) -> Path:
        trip(path.parent)
        return original_rename(path, target)

    original, original_rename = module._sync, Path.rename
    with monkeypatch.context() as patched:
        patched.setattr(module, "_sync", trip)
        patched.setattr(Path, "rename", rename)
        try:
            outcome = _printer(tmp_path).send(batch)
        except _Crash:
            outcome = InDoubt("crashed")
    before = _shown(tmp_path)
    found = _printer(tmp_path).find(batch.name)
    assert isinstance(found, Accepted) == (before == [batch.name])
    assert isinstance(outcome, InDoubt) or type(outcome) is type(found)
    for name in before:  # the printer takes it before we try again
        shutil.rmtree(tmp_path / "printer" / name)
    assert _printer(tmp_path).send(batch) == Accepted(batch.name)
    assert before + _shown(tmp_path) == [batch.name]


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a" * 101, "バッチ", "x\n"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    batch, printer = _batch(tmp_path), _printer(tmp_path)
    outcome = printer.send(PrintBatch(name, batch.folder))
    assert isinstance(outcome, NotAccepted)
    assert outcome.permanent
    assert printer.find(name) is None
    assert _shown(tmp_path) == []


def test_only_plain_files_go_to_the_printer(tmp_path: Path) -> None:
    batch, printer = _batch(tmp_path), _printer(tmp_path)
    (batch.folder / "link").symlink_to("/etc/hostname")
    assert isinstance(printer.send(batch), NotAccepted)
    (batch.folder / "link").unlink()
    (batch.folder / "inner").mkdir()
    assert isinstance(printer.send(batch), NotAccepted)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert isinstance(printer.send(PrintBatch("b2", empty)), NotAccepted)
    assert isinstance(printer.send(PrintBatch("b3", tmp_path / "none")), NotAccepted)
    assert _shown(tmp_path) == []


def test_a_printers_folder_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MessageError, match="missing"):
        Printer(tmp_path / "none")


def test_a_folder_that_vanishes_leaves_doubt(tmp_path: Path) -> None:
    batch, printer = _batch(tmp_path), _printer(tmp_path)
    shutil.rmtree(tmp_path / "printer")
    assert isinstance(printer.send(batch), InDoubt)
