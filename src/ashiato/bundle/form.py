"""The bundle: one ZIP of a signed manifest and the parts it names by hash, read with every limit held.

``manifest.json`` (format, edition, when made, per part its SHA-256 and length, how buckets are cut),
``signature`` (Ed25519 over its bytes), ``statement.json`` (what is said to everybody), ``codes``
(fingerprints, sorted), ``records`` (buckets in order, all alike), ``taken`` (names of sealed letters that the
console has, so that they need not be kept). Who changes a byte is found out before anything is taken in.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from ashiato.bundle.intake import LETTER_NAME
from ashiato.bundle.keys import ConsoleKeys, PublicKeys
from ashiato.bundle.openings import FINGERPRINT
from ashiato.terms.errors import Place, ServerError

FORMAT = 1
_STAMP = (1980, 1, 1, 0, 0, 0)
_SMALL = 4_000_000
_BLOCK = 1 << 20
PARTS = ("statement.json", "codes", "records", "taken")


@dataclass(frozen=True)
class Manifest:
    """What a bundle is. ``record_bytes``: of one record; ``bucket_bytes``: of each of ``2**bits`` buckets."""

    edition: int
    made_at: str
    bits: int
    record_bytes: int
    bucket_bytes: int
    parts: Mapping[str, Mapping[str, Any]]
    format: int = FORMAT

    def written(self) -> bytes:
        """Return the bytes that are signed."""
        return (json.dumps(asdict(self), sort_keys=True, indent=1) + "\n").encode()

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read them; ValueError where they are none of a format known here."""
        said = json.loads(content)
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise ValueError("the format is not known")
        return cls(**said)


def write_bundle(path: Path, keys: ConsoleKeys, manifest: Manifest, parts: Mapping[str, bytes]) -> Manifest:
    """Write a bundle, whole or not at all; returns the manifest with the parts' hashes."""
    named = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in parts.items()
    }
    whole = Manifest(**(asdict(manifest) | {"parts": named}))
    beside = path.with_name(f".{path.name}.part")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as file:
        front = {"manifest.json": whole.written(), "signature": keys.sign(whole.written())}
        for name, content in (*front.items(), *parts.items()):
            file.writestr(zipfile.ZipInfo(name, _STAMP), content)
    beside.chmod(0o600)
    beside.replace(path)
    return whole


class Bundle:
    """An opened bundle of which every byte was judged; a context that closes the file."""

    def __init__(self, path: Path, keys: PublicKeys) -> None:
        """Raises ServerError: it is no bundle, not signed by this console, or not as it was signed."""
        self._path = path
        try:
            self._file = zipfile.ZipFile(path)
            written = self._small("manifest.json")
            if not keys.check(self._small("signature"), written):
                raise ServerError(
                    "this bundle is not signed by the console whose keys are here",
                    where=Place(str(path)),
                    fix="take the bundle from the console again, or carry its keys over anew",
                )
            self.manifest = Manifest.read(written)
            for name in PARTS:
                self._judge(name)
            self.statement: dict[str, Any] = json.loads(self._small("statement.json"))
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, NotImplementedError) as error:
            raise self._refusal(str(error)) from error

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def fingerprints(self) -> Iterator[bytes]:
        """Yield the fingerprint of every code, sorted."""
        return self._cut("codes", FINGERPRINT)

    def taken(self) -> Iterator[bytes]:
        """Yield the names of the sealed letters that the console has."""
        return self._cut("taken", LETTER_NAME)

    def buckets(self) -> Iterator[bytes]:
        """Yield the buckets in order."""
        if not self.manifest.bucket_bytes:
            return iter([b""] * 2**self.manifest.bits)
        return self._cut("records", self.manifest.bucket_bytes)

    def _small(self, name: str) -> bytes:
        info = self._file.getinfo(name)
        if info.file_size > _SMALL or info.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{name} is too large, or compressed")
        return self._file.read(info)

    def _judge(self, name: str) -> None:
        named = self.manifest.parts[name]
        held, length = hashlib.sha256(), 0
        for block in self._blocks(name, _BLOCK):
            held.update(block)
            length += len(block)
        if (held.hexdigest(), length) != (named["sha256"], named["bytes"]):
            raise ValueError(f"{name} is not as it was signed")

    def _cut(self, name: str, size: int) -> Iterator[bytes]:
        return (each for each in self._blocks(name, size) if len(each) == size)

    def _blocks(self, name: str, size: int) -> Iterator[bytes]:
        info = self._file.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{name} is compressed")
        with self._file.open(info) as part:
            while block := part.read(size):
                yield block

    def _refusal(self, what: str) -> ServerError:
        fix = "take the bundle from the console again"
        return ServerError(f"this is no whole bundle ({what})", where=Place(str(self._path)), fix=fix)
