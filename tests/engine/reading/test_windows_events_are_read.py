"""Windows events: numbered by their EventRecordID, located by their bytes, whatever the file is broken by."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import pytest

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.event_records import EventReader, _decoded, _records_in
from tests.engine.reading.reading_desk import Desk

EVENT = {
    "Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}}, "EventID": 4625,
            "TimeCreated": {"#attributes": {"SystemTime": "2026-05-12T00:10:49.250000Z"}},
            "EventRecordID": 77, "Channel": "Security", "Computer": "dc1",
        },
        "EventData": {"TargetUserName": "ann", "IpAddress": "203.0.113.9", "IpPort": "4001"},
    }
}  # fmt: skip
AUDIT = {
    "CreationTime": "2026-05-12T00:10:49", "Operation": "FileDownloaded", "Workload": "SharePoint", "Id": "1",
    "UserId": "ann@example.com", "ClientIP": "203.0.113.9", "SiteUrl": "https://x/", "ObjectId": 'https://x/a,"b".csv',
}  # fmt: skip


def _chunk(numbers: list[int]) -> bytes:
    records = b""
    for number in numbers:
        body = b"\x00" * 16
        size = 24 + len(body) + 4
        records += struct.pack("<4sIQQ", b"**\x00\x00", size, number, 0) + body + struct.pack("<I", size)
    return (b"ElfChnk\x00".ljust(512, b"\x00") + records).ljust(65536, b"\x00")


def _file(*chunks: bytes) -> bytes:
    head = bytearray(b"ElfFile\x00".ljust(4096, b"\x00"))
    struct.pack_into("<IHHHH", head, 32, 128, 1, 3, 4096, len(chunks))
    struct.pack_into("<I", head, 124, zlib.crc32(bytes(head[:120])))
    return bytes(head) + b"".join(chunks)


def test_an_exported_event_is_a_sign_in(tmp_path: Path) -> None:
    (row,) = Desk(tmp_path).read_one(json.dumps(EVENT, separators=(",", ":")) + "\n").records
    assert (row["source_format"], row["record_kind"], row["status"]) == (
        "windows-events",
        "host-sign-in",
        "failure",
    )
    assert (row["actor_user_name"], row["src_endpoint_ip"], row["src_endpoint_port"]) == (
        "ann",
        "203.0.113.9",
        4001,
    )
    assert (row["device_hostname"], row["activity_name"]) == ("dc1", "4625")
    assert json.loads(row["unmapped"])["EventRecordID"] == 77


def test_an_event_in_xml_says_what_its_json_says(tmp_path: Path) -> None:
    written = (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-Security-Auditing'/><EventID Qualifiers='0'>4625</EventID>"
        "<TimeCreated SystemTime='2026-05-12T00:10:49.250000Z'/><EventRecordID>77</EventRecordID>"
        "<Channel>Security</Channel><Computer>dc1</Computer></System><EventData>"
        "<Data Name='TargetUserName'>ann</Data><Data Name='IpAddress'>203.0.113.9</Data>"
        "<Data Name='IpPort'>4001</Data></EventData></Event>"
    )
    broken = [written[:-9], "<!DOCTYPE Event [<!ENTITY a 'b'>]>" + written, written.replace("4625", "&a;")]
    as_json, as_xml, *others = (
        Desk(tmp_path)
        .read_one("\n".join([json.dumps(EVENT, separators=(",", ":")), written, *broken]) + "\n")
        .records
    )
    assert others == []
    skipped = ("line_first", "line_last", "byte_first", "byte_last", "unmapped")
    assert all(as_json[name] == as_xml[name] for name in as_json if name not in skipped)
    said = {name: str(value) for name, value in json.loads(as_json["unmapped"]).items()}
    assert json.loads(as_xml["unmapped"]) == said | {"EventID_Qualifiers": "0"}


@pytest.mark.parametrize("is_csv", [False, True])
def test_audits_of_microsoft_read_alike(tmp_path: Path, is_csv: bool) -> None:
    text = json.dumps(AUDIT)
    if is_csv:
        doubled = text.replace('"', '""')
        text = f'CreationDate,UserIds,Operations,AuditData\n2026-05-12,ann,FileDownloaded,"{doubled}"'
    tables = Desk(tmp_path, zone="Asia/Tokyo").read_one(text + "\n")
    (row,) = tables.records
    assert (row["source_format"], row["record_kind"], row["activity_name"]) == (
        "m365-audit",
        "api-call",
        "read",
    )
    assert (row["time_us"], row["databucket_file_path"]) == (1778544649000000, 'https://x/a,"b".csv')
    assert [reason for *_, reason in tables.reasons()] == ["heading"] * is_csv


def test_records_are_found_where_they_stand() -> None:
    found = list(_records_in(_chunk([5, 6]), 4096))
    assert [each.number for each in found] == [5, 6]
    assert found[0].byte_first == 4096 + 512
    assert found[0].byte_last == found[1].byte_first


def test_no_record_of_a_broken_file_is_lost(tmp_path: Path) -> None:
    content = _file(_chunk([8, 9]), b"X" * 65536, _chunk([5, 6]), _chunk([6, 7])[:700])
    tables = Desk(tmp_path).read_one(content, "a.evtx")
    reading = tables.reading("a.evtx")
    assert reading["lines"] == reading["unread_lines"] == 6
    assert sorted(first for first, *_ in tables.reasons()) == [-2, 5, 6, 7, 8, 9]
    for row in tables.unread:
        if row["line_first"] > 0:
            assert content[row["byte_first"] : row["byte_first"] + 4] == b"**\x00\x00"


@pytest.mark.parametrize(
    "content", [b"", b"ElfFile\x00", _file()[:100], _file(b"ElfChnk\x00" + b"\xff" * 900)]
)
def test_broken_heads_end_quietly(content: bytes) -> None:
    pieces = list(EventReader(lambda: io.BytesIO(content)))
    assert all(isinstance(piece, Block) for piece in pieces)
    assert _decoded(content[:4096], content[4096:]) == {}
