"""Nothing of a bundle is taken in before every byte of it was judged."""

from __future__ import annotations

import random  # noqa: TID251 - seeded
import zipfile
from pathlib import Path

import pytest

from ashiato.bundle.form import PARTS, Bundle, Manifest, write_bundle
from ashiato.bundle.intake import Kind, letter_name, letters_in, open_letter, seal_letter
from ashiato.bundle.keys import ConsoleKeys, PublicKeys
from ashiato.terms.errors import ServerError

KEYS = ConsoleKeys.make()


def _written(path: Path, keys: ConsoleKeys = KEYS) -> Path:
    parts = {
        "statement.json": b'{"a": 1}',
        "codes": bytes(range(64)),
        "records": bytes(80),
        "taken": bytes(16),
    }
    write_bundle(path, keys, Manifest(3, "2026-11-24T09:00:00+09:00", 1, 20, 40, {}), parts)
    return path


def test_a_bundle_reads_back_as_written(tmp_path: Path) -> None:
    with Bundle(_written(tmp_path / "b"), KEYS.public) as bundle:
        assert bundle.statement == {"a": 1}
        assert b"".join(bundle.fingerprints()) == bytes(range(64))
        assert [*bundle.buckets()] == [bytes(40), bytes(40)]
        assert [*bundle.taken()] == [bytes(16)]
        assert bundle.manifest.edition == 3


def test_another_consoles_bundle_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path / "b", ConsoleKeys.make())
    with pytest.raises(ServerError, match="not signed by the console"):
        Bundle(path, KEYS.public)


@pytest.mark.parametrize("name", PARTS)
def test_an_exchanged_part_is_found_out(tmp_path: Path, name: str) -> None:
    path = _written(tmp_path / "b")
    with zipfile.ZipFile(path) as file:
        parts = {each: file.read(each) for each in file.namelist()}
    parts[name] += b" "
    with zipfile.ZipFile(path, "w") as file:
        for each, content in parts.items():
            file.writestr(each, content)
    with pytest.raises(ServerError, match="not as it was signed"):
        Bundle(path, KEYS.public)


def test_no_changed_byte_is_taken_in(tmp_path: Path) -> None:
    path = _written(tmp_path / "b")
    whole, chance = path.read_bytes(), random.Random(7)  # noqa: S311 - seeded
    with Bundle(path, KEYS.public) as bundle:
        said = (
            bundle.manifest,
            bundle.statement,
            [*bundle.fingerprints()],
            [*bundle.buckets()],
            [*bundle.taken()],
        )
    for _ in range(300):
        torn = bytearray(whole)
        torn[chance.randrange(len(torn))] ^= 1 << chance.randrange(8)
        path.write_bytes(torn[: chance.choice((len(torn), chance.randrange(len(torn))))])
        try:
            with Bundle(path, KEYS.public) as bundle:
                found = (
                    bundle.manifest,
                    bundle.statement,
                    [*bundle.fingerprints()],
                    [*bundle.buckets()],
                    [*bundle.taken()],
                )
        except ServerError:
            continue
        assert found == said, "a change of what the ZIP does not use changes nothing"


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"\0" * 1000])
def test_what_is_no_bundle_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b").write_bytes(content)
    with pytest.raises(ServerError, match="no whole bundle"):
        Bundle(tmp_path / "b", KEYS.public)


def test_letters_are_of_one_size_and_open_for_the_console_alone() -> None:
    short = seal_letter(KEYS.public, Kind.QUESTION, {"text": "?"})
    long = seal_letter(KEYS.public, Kind.CONTACT_CHECK, {"contact": "あ" * 2_000})
    assert len(short) == len(long)
    assert open_letter(KEYS, short) == (Kind.QUESTION, {"text": "?"})
    assert [*letters_in(short + long)] == [short, long]
    assert letter_name(short) != letter_name(long)
    with pytest.raises(ValueError):  # noqa: PT011 - libsodium gives no words
        open_letter(ConsoleKeys.make(), short)
    with pytest.raises(ValueError):  # noqa: PT011
        open_letter(KEYS, short[:-1] + bytes([short[-1] ^ 1]))
    with pytest.raises(ValueError, match="at most"):
        seal_letter(KEYS.public, Kind.QUESTION, {"text": "あ" * 3_000})
    with pytest.raises(ValueError, match="whole number"):
        letters_in(short[:-1])


def test_keys_read_back_and_the_public_side_holds_no_secret_of_the_console() -> None:
    assert ConsoleKeys.read(KEYS.written()) == KEYS
    assert PublicKeys.read(KEYS.public.written()) == KEYS.public
    assert PublicKeys.read(KEYS.written()) == KEYS.public
    for content in (b"", b"[]", b"{}", b'{"pepper": "AAAA"}', KEYS.public.written().replace(b"=", b"")):
        with pytest.raises(ServerError):
            PublicKeys.read(content)
