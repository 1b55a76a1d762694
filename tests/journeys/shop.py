"""A small made-up shop that was broken into: an access log, a PostgreSQL log, tables and a data map.

One client looks for paths at night, then walks through the members' numbers. What it says of itself is for
the test to choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ashiato.engine.api import Case, add_evidence, add_snapshot, create_case

MEMBERS = 80
#: The walker asks for these, and gets them.
WALKED = range(11, 71)
DAY = "10/Jun/2026"
AS_OF = "2026-06-11T06:00:00+09:00"
NOW_US = 1_780_000_000_000_000

DATAMAP = """
name: Bookshop
zone: Asia/Tokyo
systems:
  shop:
    engine: postgresql
    version: "16"
    tables:
      members:
        person: true
        key: id
        persona: member
        columns:
          id: {type: integer, immutable: true}
          name: {type: text, category: identity}
          email: {type: text, category: contact}
routes:
  - path: /members/{id}
    methods: [GET]
    system: shop
    statements:
      - SELECT id, name, email FROM members WHERE id = {id}
    answer: {columns: [members.id, members.name, members.email], success: [200]}
accounts:
  pooled: [shopapp]
"""


def members() -> Iterator[tuple[int, str, str]]:
    """Yield each member's id, name and address."""
    for number in range(1, MEMBERS + 1):
        yield number, f"Member Name{number:03}", f"mail{number:03}@shop.example"


def write_shop(folder: Path, agents: Sequence[bytes] = (b"curl/8",), said: Sequence[bytes] = (b"-",)) -> Path:
    """Write ``logs/``, ``dump/`` and ``map.yaml``; return the folder.

    ``agents``: what the intruder's client calls itself, in turn; ``said``: its referrer in turn, and while it
    looks for paths its user and part of the query.
    """
    for name in ("logs", "dump"):
        (folder / name).mkdir(parents=True)
    rows = "".join(f"{number},{name},{email}\n" for number, name, email in members())
    (folder / "dump" / "members.csv").write_text(f"id,name,email\n{rows}")
    (folder / "map.yaml").write_text(DATAMAP)
    web, database = zip(*_requests(agents, said), strict=True)
    (folder / "logs" / "access.log").write_bytes(b"".join(web))
    (folder / "logs" / "postgresql.log").write_bytes(b"".join(database))
    return folder


def open_shop(folder: Path, datamap: bool = True) -> Case:
    """Make a case of a written shop."""
    case = create_case(
        folder / "case", "Asia/Tokyo", lambda: NOW_US, folder / "map.yaml" if datamap else None
    )
    add_snapshot(case, folder / "dump", AS_OF, "shop")
    add_evidence(case, [folder / "logs"])
    return case


def _requests(agents: Sequence[bytes], said: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield each request's line of the access log, and the lines of the database's."""
    yield from _night(agents, said)
    for second in range(0, 36_000, 30):
        number = second // 30 % 10 + 1
        address = f"198.51.100.{number}"
        yield _request(8 * 3600 + second, address, f"/members/{number}".encode(), 200)


def _night(agents: Sequence[bytes], said: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    begun, address = 2 * 3600, "203.0.113.7"
    for number in range(300):
        agent, word = agents[number % len(agents)], said[number % len(said)]
        target = b"/admin%d?q=" % number + word.replace(b" ", b"%20")
        yield _request(begun + number // 5, address, target, 404, (agent, word))
    for step, number in enumerate(WALKED):
        agent, word = agents[step % len(agents)], said[step % len(said)]
        yield _request(begun + 120 + step * 2, address, b"/members/%d" % number, 200, (agent, word))


def _request(
    second: int, address: str, target: bytes, status: int, words: tuple[bytes, bytes] = (b"Mozilla/5.0", b"-")
) -> tuple[bytes, bytes]:
    at = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    agent, word = words
    size = 153 if status == 404 else 400 + len(target)
    web = b'%b - %b [%b:%b +0900] "GET %b HTTP/1.1" %d %d "%b" "%b"\n' % (
        address.encode(),
        word.replace(b" ", b"_") if status == 404 else b"-",
        DAY.encode(),
        at.encode(),
        target,
        status,
        size,
        word,
        agent,
    )
    return web, _statement(at, target) if status == 200 else b""


def _statement(at: str, target: bytes) -> bytes:
    number = int(target.rpartition(b"/")[2])
    name = f"2026-06-10 {at}.200 JST [4711] shopapp@shop"
    sql = f"SELECT id, name, email FROM members WHERE id = {number}"
    return f"{name} LOG:  statement: {sql}\n{name} LOG:  duration: 0.120 ms\n".encode()
