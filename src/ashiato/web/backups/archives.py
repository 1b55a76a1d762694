"""Archives as streams: a tar sealed with age (age-encryption.org), so that any age program opens it too.

The server knows the recipient alone, not the key: who breaks into it cannot read what was backed up before.
"""

from __future__ import annotations

import errno
import os
import tarfile
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pyrage

from ashiato.rooms.private_files import read_private, write_private
from ashiato.terms.errors import IntegrityError, Place, ServerError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def make_key(path: Path) -> str:
    """Write a new key into a file that its owner alone may read; returns the recipient it belongs to."""
    identity = pyrage.x25519.Identity.generate()
    write_private(path, f"{identity}\n".encode())
    return str(identity.to_public())


def recipient_named(text: str) -> pyrage.x25519.Recipient:
    """Return a recipient by its word; ServerError where it is none."""
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        fix = "write what `ashiato backup key` printed: age1..."
        raise ServerError("this is no recipient of age", fix=fix) from error


@contextmanager
def sealing(path: Path, recipient: pyrage.x25519.Recipient) -> Generator[tarfile.TarFile]:
    """Yield a tar to write into; the sealed file is there once it is whole, and else not at all."""
    partial = path.with_name(f".{path.name}.partial")
    if path.exists():
        raise ServerError("there is such a file already", where=Place(str(path)), fix="name a new one")
    handle = _opened(partial)
    try:
        with os.fdopen(handle, "wb") as file:
            with (
                _through(lambda plain: pyrage.encrypt_io(plain, file, [recipient])) as plain,
                tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                yield tar
            file.flush()
            os.fsync(file.fileno())
        _name(partial, path)
    except (pyrage.EncryptError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _FULL:
            raise
        what = f"the archive cannot be written: {error}"
        raise ServerError(
            what, where=Place(str(path)), fix="make room there, or name another disk"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _opened(partial: Path) -> int:
    try:
        return os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        what = "a backup to this file is under way, or was broken off"
        fix = "where none is under way, delete this file"
        raise ServerError(what, where=Place(str(partial)), fix=fix) from error
    except OSError as error:
        what = f"the archive cannot be written ({error.strerror})"
        raise ServerError(what, where=Place(str(partial)), fix="name a folder that is there") from error


def _name(partial: Path, path: Path) -> None:
    """Give a whole file its name, unless the name is taken; file systems without links (exFAT) too."""
    try:
        try:
            os.link(partial, path)
        except FileExistsError:
            raise
        except OSError:
            # Whoever makes a file of this name has it: nothing of anybody's is written over.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            partial.replace(path)
    except FileExistsError as error:
        raise ServerError("there is such a file already", where=Place(str(path))) from error


@contextmanager
def _through(work: Callable[[BinaryIO], object]) -> Generator[BinaryIO]:
    """Yield where to write what a thread reads; its fault is raised once it ended.

    Where the thread gave up, whoever wrote to it finds the pipe broken: the thread's own fault says why.
    """
    reading, writing = os.pipe()
    faults: list[BaseException] = []
    with os.fdopen(reading, "rb") as source, suppress(BrokenPipeError), os.fdopen(writing, "wb") as sink:
        thread = threading.Thread(target=_guarded, args=(work, source, faults))
        thread.start()
        try:
            yield sink
        except BrokenPipeError:
            thread.join()
            if not faults:
                raise
        finally:
            with suppress(BrokenPipeError):
                sink.close()
            thread.join()
    for fault in faults:
        raise fault


def _guarded(work: Callable[[BinaryIO], object], pipe: BinaryIO, faults: list[BaseException]) -> None:
    try:
        work(pipe)
    except BaseException as fault:  # noqa: BLE001 - raised again by whoever waits for the thread
        faults.append(fault)
    finally:
        pipe.close()


def open_sealed(path: Path, key: Path, take: Callable[[tarfile.TarFile], None]) -> None:
    """Let ``take`` read the tar in a sealed file; what it took counts once this returns.

    Raises: ServerError: the key is none. IntegrityError: the file is sealed to another key, was changed,
    or breaks off.
    """
    identities = [_identity(key)]

    def read(plain: BinaryIO) -> None:
        with tarfile.open(fileobj=plain, mode="r|") as tar:
            take(tar)
        while plain.read(1 << 16):
            pass

    try:
        with path.open("rb") as file, _through(read) as plain:
            pyrage.decrypt_io(file, plain, identities)
    except (pyrage.DecryptError, tarfile.TarError) as error:
        raise _refusal(path, error) from error
    except OSError as error:
        # What does not decrypt half way comes as an error of reading that no system gave.
        if error.errno is not None:
            raise
        raise _refusal(path, error) from error


def _identity(key: Path) -> pyrage.x25519.Identity:
    lines = read_private(key).decode("utf-8", "replace").splitlines()
    said = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    try:
        return pyrage.x25519.Identity.from_str("".join(said))
    except pyrage.IdentityError as error:
        raise ServerError("this is no key of age", where=Place(str(key))) from error


def _refusal(path: Path, error: Exception) -> IntegrityError:
    return IntegrityError(
        f"the archive does not open: it was changed, breaks off, or is for another key ({error})",
        where=Place(str(path)),
        fix="take another copy of it, or the key it was made for",
    )
