from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashiato.engine.chain import START, append_link, check_links, head_of, read_links
from ashiato.terms.errors import IntegrityError
from tests.engine.casework import flip_byte


def _chain(path: Path, length: int = 4) -> Path:
    for number in range(length):
        append_link(path, {"name": f"entry {number}", "note": "é ü 円"})
    return path


def test_links_follow_by_plain_sha256(tmp_path: Path) -> None:
    path = _chain(tmp_path / "chain.jsonl")
    before = START
    for number, line in enumerate(path.read_text().splitlines(), 1):
        link = json.loads(line)
        digest = link.pop("hash")
        body = json.dumps(link, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(body.encode()).hexdigest() == digest
        assert (link["seq"], link["prev"]) == (number, before)
        before = digest
    assert head_of(path) == before
    assert check_links(path) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128]))
def test_any_flipped_bit_is_found_in_its_line(tmp_path: Path, place: float, bit: int) -> None:
    path = tmp_path / "chain.jsonl"
    path.unlink(missing_ok=True)
    whole = _chain(path).read_bytes()
    spot = int(place * len(whole))
    flip_byte(path, spot, bit)
    flaws = check_links(path)
    assert flaws
    assert flaws[0].byte_first <= spot <= flaws[0].byte_last


def test_a_removed_line_is_found(tmp_path: Path) -> None:
    path = _chain(tmp_path / "chain.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1] + lines[2:]))
    assert check_links(path)[0].line == 2


def test_lines_exchanged_are_found(tmp_path: Path) -> None:
    path = _chain(tmp_path / "chain.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[2], lines[1], lines[3]]))
    assert check_links(path)


def test_one_altered_line_is_reported_once(tmp_path: Path) -> None:
    path = _chain(tmp_path / "chain.jsonl")
    path.write_bytes(path.read_bytes().replace(b"entry 1", b"entry X"))
    assert [flaw.line for flaw in check_links(path)] == [2]


def test_a_line_torn_by_a_kill_is_set_aside(tmp_path: Path) -> None:
    path = _chain(tmp_path / "chain.jsonl")
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert len(read_links(path)) == 3
    assert "breaks off" in check_links(path)[0].what
    append_link(path, {"name": "after the kill"})
    assert check_links(path) == []
    assert [link["seq"] for link in read_links(path)] == [1, 2, 3, 4]
    torn = (tmp_path / "chain.jsonl.torn").read_bytes()
    assert torn == whole.splitlines(keepends=True)[3][:-20] + b"\n"


def test_nothing_is_chained_to_an_altered_end(tmp_path: Path) -> None:
    path = tmp_path / "chain.jsonl"
    path.write_bytes(b"not a link\n")
    with pytest.raises(IntegrityError, match="altered"):
        append_link(path, {"name": "x"})
    with pytest.raises(IntegrityError, match="cannot be read"):
        read_links(path)


def test_very_long_links_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "chain.jsonl"
    for number in range(3):
        append_link(path, {"name": "x" * 50_000, "number": number})
    assert check_links(path) == []
    assert [link["number"] for link in read_links(path)] == [0, 1, 2]


def test_writers_at_the_same_time_take_turns(tmp_path: Path) -> None:
    path, together = tmp_path / "chain.jsonl", threading.Barrier(4)

    def write() -> None:
        together.wait()
        for number in range(5):
            append_link(path, {"name": f"entry {number}"})

    writers = [threading.Thread(target=write) for _ in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert check_links(path) == []
    assert len(read_links(path)) == 20
