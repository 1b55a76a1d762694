"""Many hands at once over a server that fails at random: what is believed is what the server has."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ashiato.outside.messages.email.mime import MailWriter
from ashiato.outside.messages.email.pool import SmtpPool
from ashiato.outside.messages.email.server import Server
from ashiato.outside.messages.outcomes import Accepted, InDoubt, NotAccepted
from tests.outside.messages.email.mails import ENVELOPE, notice
from tests.sinks.smtp import SmtpSink

_PHASES = ("connect", "ehlo", "mail", "rcpt", "data", "dot", "taken")


def _faults(seed: int) -> list[dict[str, Any]]:
    """One event in twelve or so goes wrong, in one way or another."""
    drops = [{"phase": phase, "act": "drop", "share": 0.03, "seed": seed} for phase in _PHASES]
    replies = [
        {"phase": phase, "act": "reply", "code": code, "text": "no", "share": 0.03, "seed": seed + code}
        for phase, code in (("mail", 451), ("rcpt", 550), ("data", 421), ("dot", 554), ("dot", 450))
    ]
    garbled = {"phase": "taken", "act": "reply", "raw": "250-ok\r\n251", "share": 0.03, "seed": seed}
    late = {"phase": "dot", "act": "wait", "seconds": 0.3, "share": 0.02, "seed": seed}
    return [*drops, *replies, garbled, late]


@pytest.mark.slow
def test_belief_and_truth_agree_for_every_mail(tmp_path: Path) -> None:
    mails = [notice(reference=f"n{number:012d}") for number in range(400)]
    with SmtpSink(tmp_path) as sink:
        sink.set_faults(*_faults(seed=7))
        server = Server("127.0.0.1", sink.port, "none", timeout=2, dot_timeout=0.2, own_name="worker")
        with SmtpPool(server, MailWriter(ENVELOPE), 50) as pool, ThreadPoolExecutor(4) as hands:
            outcomes = dict(zip(mails, hands.map(pool.send, mails), strict=True))
        sink.set_faults()
        copies = sink.copies()
    kinds = {Accepted: 0, NotAccepted: 0, InDoubt: 0}
    for mail, outcome in outcomes.items():
        kinds[type(outcome)] += 1
        taken = copies[mail.reference]
        assert taken <= 1
        assert isinstance(outcome, InDoubt) or isinstance(outcome, Accepted) == (taken == 1), outcome
    assert min(kinds.values()) > 10, kinds
