"""Where a log tells no session, a request is its client's who signed in before it; if two did, nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from ashiato.engine.findings.signers import STATIONS
from ashiato.engine.store import Store

MINUTE = 60_000_000
Request = tuple[str, int, str, str | None]
_REQUESTS = pa.schema(
    [
        ("event_id", pa.int64()), ("start_us", pa.int64()), ("address", pa.string()), ("agent", pa.string()),
        ("system", pa.string()), ("source_format", pa.string()),
        ("actor_session_uid", pa.string()), ("actor_user_name", pa.string()),
    ]
)  # fmt: skip
_SIGN_INS = pa.schema(
    [
        ("event_id", pa.int64()), ("is_success", pa.bool_()),
        ("actor_session_uid", pa.string()), ("actor_user_name", pa.string()),
    ]
)  # fmt: skip
_CARRIERS = pa.schema([("sign_in_id", pa.int64()), ("event_id", pa.int64())])


def _table(schema: pa.Schema, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def _signers(folder: Path, requests: list[Request], told: str | None = None) -> list[tuple[str | None, int]]:
    """Return whose each request is and whether it is signed.

    A request is its client's address, minute, and the account that signs in by it (None: none does; several:
    they signed in within its second).
    ``told``: the session that the log tells of every other request.
    """
    asked, signed, carried = [], [], []
    for number, (address, minute, agent, account) in enumerate(requests):
        session = told if account is None else f"session-{number}"
        asked.append((number, minute * MINUTE, address, agent, "shop", "combined", session, account))
        for each, name in enumerate((account or "").split()):
            signed.append((1000 + 10 * number + each, True, f"{session}-{each}", name))
            carried.append((1000 + 10 * number + each, number))
    with Store(folder) as store:
        store.write_as("finding_requests", _table(_REQUESTS, asked))
        store.write_as("finding_sign_ins", _table(_SIGN_INS, signed))
        for name in ("finding_sign_in_requests", "finding_sign_ins_near"):
            store.write_as(name, _table(_CARRIERS, carried))
        for station in STATIONS:
            store.run(station)
        rows = store.rows("SELECT account, session, is_signed FROM finding_signers ORDER BY event_id")
    assert told is not None or all((account is None) == (session is None) for account, session, _ in rows)
    return [(account, signed) for account, _, signed in rows]


HOME, OTHER, BROWSER = "10.1.1.1", "10.2.2.2", "Firefox"
ANN, NOBODY, OPEN = ("ann", 1), (None, 0), (None, 1)
#: Requests in order of time, and whose each is.
STORIES: dict[str, tuple[list[Request], list[tuple[str | None, int]]]] = {
    "after-the-sign-in": (
        [(HOME, 0, BROWSER, None), (HOME, 1, BROWSER, "ann"), (HOME, 2, BROWSER, None)],
        [NOBODY, ANN, ANN],
    ),
    "another-client": (
        [(HOME, 1, BROWSER, "ann"), (OTHER, 2, BROWSER, None), (HOME, 3, "curl", None)],
        [ANN, NOBODY, NOBODY],
    ),
    "back-within-the-day": ([(HOME, 1, BROWSER, "ann"), (HOME, 300, BROWSER, None)], [ANN, ANN]),
    "back-after-two-days": ([(HOME, 1, BROWSER, "ann"), (HOME, 3000, BROWSER, None)], [ANN, NOBODY]),
    "signed-in-twice": (
        [(HOME, 1, BROWSER, "ann"), (HOME, 2, BROWSER, "ann"), (HOME, 3, BROWSER, None)],
        [ANN, ANN, ANN],
    ),
    "two-at-once": (
        [(HOME, 1, BROWSER, "ann"), (HOME, 2, BROWSER, "bob"), (HOME, 3, BROWSER, None)],
        [OPEN, OPEN, OPEN],
    ),
    "one-after-the-other": (
        [(HOME, 1, BROWSER, "ann"), (HOME, 90, BROWSER, "bob"), (HOME, 91, BROWSER, None)],
        [ANN, ("bob", 1), ("bob", 1)],
    ),
    "within-one-second": ([(HOME, 1, BROWSER, "ann bob"), (HOME, 2, BROWSER, None)], [OPEN, OPEN]),
    "one-again-after-two-within-a-second": (
        [(HOME, 1, BROWSER, "ann bob"), (HOME, 2, BROWSER, "ann"), (HOME, 3, BROWSER, None)],
        [OPEN, OPEN, OPEN],
    ),
    "either-may-be-back": (
        [(HOME, 1, BROWSER, "ann"), (HOME, 90, BROWSER, "bob"), (HOME, 180, BROWSER, None)],
        [ANN, ("bob", 1), OPEN],
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_whose_a_request_is(tmp_path: Path, story: str) -> None:
    requests, expected = STORIES[story]
    assert _signers(tmp_path, requests) == expected


def test_log_that_tells_sessions_is_taken_at_its_word(tmp_path: Path) -> None:
    requests: list[Request] = [(HOME, 1, BROWSER, "ann"), (HOME, 2, BROWSER, None), (OTHER, 3, BROWSER, None)]
    assert _signers(tmp_path, requests, told="s") == [ANN, OPEN, OPEN]
