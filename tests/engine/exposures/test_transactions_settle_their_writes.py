from __future__ import annotations

import pytest

from ashiato.engine.exposures.deeds import Logged
from ashiato.engine.exposures.sessions.pieces import split_statements
from ashiato.engine.exposures.transactions import Entry, settle
from ashiato.engine.exposures.upserts import as_insert


def settled(*said: str) -> dict[str, int | None]:
    """Settle one connection's statements, a word each; ``!`` before one: it failed.

    Returns, by statement kept, when others saw it: -1 for at once, None for perhaps never.
    """
    entries = [
        Entry("c", n, word.startswith("!"), Logged(word.lstrip("!"), None, 10 * n, None, 0))
        for n, word in enumerate(said)
    ]
    found: dict[str, int | None] = {}
    for entry in settle(entries):
        logged = entry.logged
        found[logged.text] = None if logged.unsure else -1 if logged.seen_us is None else logged.seen_us
    return found


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("w1",), {"w1": -1}),
        (("BEGIN", "w1", "w2", "COMMIT", "w3"), {"w1": 30, "w2": 30, "w3": -1}),
        (("begin;", "w1", "ROLLBACK", "w2"), {"w2": -1}),
        (("/* pool */ START TRANSACTION", "w1", "end"), {"w1": 20}),
        (("BEGIN", "w1", "!w2", "COMMIT"), {"w1": None}),
        (("BEGIN", "w1", "ROLLBACK TO SAVEPOINT s", "w2", "COMMIT"), {"w1": None, "w2": None}),
        (("BEGIN", "w1"), {"w1": None}),
        (("BEGIN", "w1", "BEGIN", "w2", "COMMIT"), {"w1": None, "w2": 40}),
        # The begin is missing: what was written before may have been undone with the rest.
        (("w1", "ROLLBACK", "w2"), {"w1": None, "w2": -1}),
        (("w1", "COMMIT"), {"w1": -1}),
        (("!w1", "w2"), {"w2": -1}),
    ],
)
def test_writes_are_kept_as_their_transaction_is(
    said: tuple[str, ...], expected: dict[str, int | None]
) -> None:
    assert settled(*said) == expected


def test_connections_do_not_end_each_others_transactions() -> None:
    said = [("a", "BEGIN"), ("a", "w1"), ("b", "w2"), ("b", "ROLLBACK"), ("a", "COMMIT"), (None, "w3")]
    entries = [
        Entry(session, n, failed=False, logged=Logged(text, None, n, None, 0))
        for n, (session, text) in enumerate(said)
    ]
    found = {entry.logged.text: entry.logged for entry in settle(entries)}
    assert found["w1"].seen_us == 4
    assert found["w2"].unsure
    assert (found["w3"].seen_us, found["w3"].unsure) == (None, False)


@pytest.mark.parametrize(
    "text", ["/**/" * 40 + "x", "/* a * b */" * 40 + "x", "/*" * 4000, "--\n" * 40 + "/*x"]
)
def test_comments_upon_comments_are_read_once(text: str) -> None:
    assert settled(text) == {text: -1}
    assert as_insert(text) == (text, False)
    assert split_statements(text, "postgres")


def test_comments_before_the_words_are_passed_over() -> None:
    assert settled("/* a\n*/ BEGIN", "w1", "/**/ -- x\n ROLLBACK") == {}
    assert as_insert("/* a ** */ REPLACE INTO t VALUES (1)") == (
        "/* a ** */ INSERT INTO t VALUES (1)",
        True,
    )
