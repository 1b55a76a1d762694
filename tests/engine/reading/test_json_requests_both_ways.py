"""Requests as JSON lines: the way over many lines at once agrees with the exact way."""

from __future__ import annotations

import io
import json
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.forwarded import Proxies
from ashiato.engine.reading.json_keys import KeyMap
from ashiato.engine.reading.json_templates import json_template_of
from ashiato.engine.reading.parser import Parsed
from ashiato.engine.reading.parsers.json_lines import JsonLines, Outcome
from ashiato.engine.reading.times import Clock

CLOCK = Clock(ZoneInfo("Asia/Tokyo"))

text = st.sampled_from(
    ["", "-", "x", "a b", "あ", 'q"', "back\\slash", "\t", "\x7f", "\u202e", "GET", "/a?b=%41"]
)
number = st.sampled_from(["0", "7", "-1", "200", "0.250", "1e3", "-0", "12345678901234567890", "0.1e-7"])
odd = st.sampled_from(["null", "true", "{}", "[1]", "NaN", "01", "", '"7"'])
time = st.sampled_from([
    '"2026-06-08T22:41:03+09:00"', "1780926063", "1780926063.405", "1780926063.4", "1780926063.4055",
    '"1780926063.405"', '"2026-06-08 22:41:03.405 JST"', "1780926063405", '""', "-1",
])  # fmt: skip
value = text.map(lambda each: json.dumps(each, ensure_ascii=False)) | number | odd
address = st.sampled_from(
    ['"192.0.2.7"', '"2001:db8::7"', '"192.0.2.7:443"', '"-"', '""', '"host"', "7", '"::"']
)

MEMBERS = {
    "ts": time, "ip": address, "method": value, "uri": value, "status": value, "bytes": value, "rt": value,
    "sess": value, "shard": value, "xff": value, "ua": value,
}  # fmt: skip


@st.composite
def _files(draw: st.DrawFn) -> str:
    keys = draw(st.lists(st.sampled_from(sorted(MEMBERS)), unique=True, min_size=3))
    keys = [*keys, *({"ts", "method"} - set(keys))]
    gap = draw(st.sampled_from(["", " "]))
    lines = []
    for _ in range(draw(st.integers(1, 12))):
        members = [f'"{key}":{gap}{draw(MEMBERS[key])}' for key in keys]
        lines.append(
            "{" + f",{gap}".join(members) + "}" + draw(st.sampled_from(["", "", "", " ", "\r", "x"]))
        )
    return "\n".join(lines) + "\n"


@given(_files())
def test_both_ways_agree_on_requests(content: str) -> None:
    (block,) = [piece for piece in LineReader(io.BytesIO(content.encode())) if isinstance(piece, Block)][:1]
    parser = JsonLines("json-lines", KeyMap({}), CLOCK, Outcome({}, {}), Proxies(["192.0.2.0/24"]))
    both, exactly = parser.parse(block), parser.parse_exactly(block)
    assert both.first.tolist() == exactly.first.tolist()
    assert _rows(both) == _rows(exactly)


def _rows(parsed: Parsed) -> list[dict[str, Any]]:
    table = pa.table(parsed.columns) if parsed.columns else pa.table({"n": pa.nulls(len(parsed))})
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def test_alike_requests_are_taken_together() -> None:
    line = (
        '{"ts":"2026-06-08T22:41:03+09:00","ip":"192.0.2.7","method":"GET","uri":"/a?b","status":200,"n":7}\n'
    )
    block = next(iter(LineReader(io.BytesIO(line.encode() * 40))))
    assert isinstance(block, Block)
    parser = JsonLines("json-lines", KeyMap({}), CLOCK, Outcome({}, {}))
    (part,) = parser._alike.parse(block)
    assert len(part) == 40
    assert _rows(part)[0]["unmapped"] == '{"n":7}'


def test_templates_are_learned_from_plain_objects_only() -> None:
    learned = json_template_of(b'{"a": 1, "b":"x", "c":-0.5}')
    assert learned is not None
    assert (learned.keys, learned.quoted) == (("a", "b", "c"), (False, True, False))
    for line in (
        b"{}",
        b"[]",
        b'{"a":{}}',
        b'{"a":"\\n"}',
        b'{"a":1,"a":2}',
        b'{"a":1',
        b'{"a":1} ',
        b'{"a":tru}',
    ):
        assert json_template_of(line) is None
