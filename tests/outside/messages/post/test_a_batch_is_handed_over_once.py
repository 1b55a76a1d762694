"""A batch reaches the printer whole and once, wherever handing it over is interrupted."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ashiato.outside.messages.outcomes import TOO_LATE, Accepted, InDoubt, MessageError, NotAccepted
from ashiato.outside.messages.post import printer as module
from ashiato.outside.messages.post.printer import PrintBatch, Printer

#: A file system of its own.
_PLACES = (Path("/dev/shm"), Path("/var/tmp"))  # noqa: S108 - to write to another file system


class _Crash(BaseException):
    """The process ends here."""


def _batch(
    folder: Path, name: str = "wave-1.batch-0001", letters: bytes = b"%PDF letters", place: str = "made"
) -> PrintBatch:
    source = folder / place / name
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
    held = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in batch.folder.iterdir()}
    assert isinstance(printer.find(batch.name), NotAccepted)
    assert printer.send(batch) == Accepted(batch.name)
    assert printer.find(batch.name) == Accepted(batch.name)
    handed = tmp_path / "printer" / batch.name
    sums = [line.split("  ") for line in (handed / "SHA256SUMS").read_text().splitlines()]
    assert {name: digest for digest, name in sums} == held
    assert {hashlib.sha256((handed / name).read_bytes()).hexdigest() for name in held} == set(held.values())
    assert (handed / "letters.pdf").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("place", ["made", "printer/.staging"])
def test_a_batch_is_written_once(tmp_path: Path, place: str) -> None:
    """On one file system its files are the very ones that were made."""
    printer = _printer(tmp_path)
    printer.staging()
    batch = _batch(tmp_path, place=place)
    made = {path.name: path.stat().st_ino for path in batch.folder.iterdir()}
    assert printer.send(batch) == Accepted(batch.name)
    handed = tmp_path / "printer" / batch.name
    assert made == {name: (handed / name).stat().st_ino for name in made}
    assert not batch.folder.exists()


def _elsewhere(here: Path) -> Path:
    """Return a folder of another file system; the test is skipped where there is one alone."""
    for place in _PLACES:
        if place.is_dir() and place.stat().st_dev != here.stat().st_dev:
            return place
    pytest.skip("no second file system; mount -t tmpfs tmpfs /dev/shm")


def test_a_batch_of_another_file_system_is_copied(tmp_path: Path) -> None:
    printer = _printer(tmp_path)
    with TemporaryDirectory(dir=_elsewhere(tmp_path)) as elsewhere:
        batch = _batch(Path(elsewhere))
        assert batch.folder.stat().st_dev != tmp_path.stat().st_dev
        assert printer.send(batch) == Accepted(batch.name)
        assert (tmp_path / "printer" / batch.name / "letters.pdf").read_bytes() == b"%PDF letters"
        assert not batch.folder.exists()


def test_what_was_not_handed_over_is_thrown_away_when_asked_for(tmp_path: Path) -> None:
    printer = _printer(tmp_path)
    printer.staging()
    batch = _batch(tmp_path, place="printer/.staging")
    (tmp_path / "printer" / ".staging" / f".{batch.name}.part").mkdir()
    other = _batch(tmp_path, "other", place="printer/.staging")
    assert isinstance(printer.find(batch.name), NotAccepted)
    assert [path.name for path in printer.staging().iterdir()] == ["other"]
    assert isinstance(printer.send(batch), NotAccepted)
    assert printer.send(other, lambda: False) == TOO_LATE
    assert list(printer.staging().iterdir()) == []
    assert _shown(tmp_path) == []


def test_the_same_batch_twice_is_one_batch(tmp_path: Path) -> None:
    batch, printer = _batch(tmp_path), _printer(tmp_path)
    assert printer.send(batch) == printer.send(batch) == Accepted(batch.name)
    shutil.rmtree(tmp_path / "printer" / batch.name)  # the printer took it
    assert _printer(tmp_path).send(_batch(tmp_path)) == Accepted(batch.name)
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
    assert _printer(tmp_path).send(_batch(tmp_path)) == Accepted(batch.name)
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
