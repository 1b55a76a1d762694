"""A gateway's event is believed only with its signature, in its time, and once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.outcomes import MessageError
from ashiato.outside.messages.secrets import Secret
from ashiato.outside.messages.sms.webhooks import Event, new_events, read_event, signature_of

_SECRET = Secret(b"shared\n")
_NOW = 1_795_000_000


def _body(**changed: Any) -> bytes:
    return json.dumps({"id": "e1", "reference": "n000000001", "status": "delivered", **changed}).encode()


def _event(body: bytes, at: int = _NOW, now: float = _NOW) -> Event:
    return read_event(_SECRET, str(at), signature_of(_SECRET, at, body), body, now)


@pytest.mark.parametrize(
    ("told", "status"), [("delivered", "delivered"), ("UNDELIVERED", "failed"), ("queued", "underway")]
)
def test_a_signed_event_is_read(told: str, status: str) -> None:
    event = _event(_body(status=told, reason="no +819012345678"))
    assert (event.reference, event.status, len(event.key)) == ("n000000001", status, 64)


@given(junk=st.binary(max_size=20), at=st.text(max_size=12), signature=st.text(max_size=70))
def test_nothing_unsigned_is_believed(junk: bytes, at: str, signature: str) -> None:
    body = _body()
    with pytest.raises(MessageError):
        read_event(_SECRET, at, signature, body, _NOW)
    with pytest.raises(MessageError):
        read_event(_SECRET, str(_NOW), signature_of(_SECRET, _NOW, body), body + b"x" + junk, _NOW)
    with pytest.raises(MessageError):
        read_event(Secret(b"other"), str(_NOW), signature_of(_SECRET, _NOW, body), body, _NOW)


@pytest.mark.parametrize("away", [-301, 301, -10_000_000])
def test_an_event_is_not_played_again_for_ever(away: int) -> None:
    with pytest.raises(MessageError, match="too old"):
        _event(_body(), at=_NOW + away)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b"{}", _body(status="odd"), _body(reference="X"), b"[" * 60_000, b"\xff"]
)
def test_a_signed_event_of_no_known_form_is_refused(body: bytes) -> None:
    with pytest.raises(MessageError):
        _event(body)


def test_the_same_event_is_taken_once() -> None:
    first, again, other = _event(_body()), _event(_body(), at=_NOW + 9), _event(_body(id="e2"))
    assert first.key == again.key != other.key
    assert list(new_events([first, again, other, first], known=())) == [first, other]
    assert list(new_events([first, again, other], known={first.key})) == [other]
