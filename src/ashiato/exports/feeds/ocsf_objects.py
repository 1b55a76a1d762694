"""The objects of OCSF that events are made of, each from the columns that hold it.

A column whose value an attribute cannot hold (a method that is none of HTTP's, a port beyond 65535) is left
where it is, and so comes out as unmapped.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

import orjson

#: Methods that OCSF numbers as activities of HTTP.
METHODS = ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE", "PATCH")
#: What OCSF requires of every log, where this one did not say.
UNKNOWN = "unknown"
_MOST_PORT = 65_535
_OUTCOMES = {"success": (1, "Success"), "failure": (2, "Failure")}


class Said:
    """What one event says, taken column by column; what nobody took is the rest."""

    def __init__(self, event: dict[str, object]) -> None:
        """``event``: columns and their values, none of them NULL."""
        self._held = dict(event)

    def pop(self, column: str) -> str | None:
        """Take a column's value as text; None when there is none."""
        value = self._held.pop(column, None)
        return None if value is None else str(value)

    def peek(self, column: str) -> str | None:
        """Return a column's value as text and leave it there."""
        value = self._held.get(column)
        return None if value is None else str(value)

    def whole(self, column: str) -> int | None:
        """Take a whole number."""
        value = self._held.pop(column, None)
        return value if isinstance(value, int) else None

    def look(self, column: str) -> int | None:
        """Return a whole number and leave it there."""
        value = self._held.get(column)
        return value if isinstance(value, int) else None

    def take(self, **columns: str) -> dict[str, object]:
        """Take columns by the names of their attributes, as text."""
        found = {name: self.pop(column) for name, column in columns.items()}
        return {name: value for name, value in found.items() if value is not None}

    def rest(self) -> dict[str, object]:
        """Return what is left; JSON that a parser kept is opened."""
        kept = self._held.pop("unmapped", None)
        held = dict(sorted(self._held.items()))
        return held if kept is None else held | {"unmapped": _opened(str(kept))}


def _opened(text: str) -> object:
    try:
        held: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return held


def first(*values: str | None) -> str | None:
    """Return the first value that there is."""
    return next((value for value in values if value is not None), None)


def some(**parts: object) -> dict[str, object]:
    """Return the parts that hold something."""
    return {name: part for name, part in parts.items() if part not in (None, {}, [])}


def source_endpoint(said: Said) -> dict[str, object]:
    """Return where it came from: an address, or what a log wrote in place of one."""
    address = said.pop("src_endpoint_ip")
    if address is None:
        return {}
    fits = 0 <= (said.look("src_endpoint_port") or 0) <= _MOST_PORT
    port = said.whole("src_endpoint_port") if fits else None
    return some(port=port, **{"ip" if is_address(address) else "name": address})


@lru_cache(maxsize=65_536)
def is_address(text: str) -> bool:
    """Tell whether a text is an IP address as OCSF writes one."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return text.isascii() and "%" not in text


def actor(said: Said, name: str, session: str) -> dict[str, object]:
    """Return who did it, from the columns that hold the user's name and the session."""
    return some(
        user=user(said, name),
        session=said.take(uid=session),
        app_name=said.pop("database_application"),
        process=_process(said),
    )


def user(said: Said, name: str) -> dict[str, object]:
    """Return a user by name or key; without either, nothing."""
    if said.peek(name) is None and said.peek("actor_user_credential_uid") is None:
        return {}
    found = said.take(name=name, credential_uid="actor_user_credential_uid", type="actor_user_type")
    return {"name": UNKNOWN, **found, **({"type_id": 99} if "type" in found else {})}


def _process(said: Said) -> dict[str, object]:
    """Return the program that wrote it; OCSF knows none without a number."""
    if said.peek("process_pid") is None:
        return {}
    return some(pid=said.whole("process_pid"), name=said.pop("process_name"))


def request(said: Said) -> dict[str, object]:
    """Return what was asked over HTTP."""
    known = said.peek("http_request_method") in METHODS
    return some(
        http_method=said.pop("http_request_method") if known else None,
        url=_url(said),
        **said.take(
            user_agent="http_request_user_agent",
            referrer="http_request_referrer",
            version="http_request_version",
        ),
    )


def _url(said: Said) -> dict[str, object]:
    if said.peek("http_request_target") is None and said.peek("http_request_path") is None:
        return {}
    return said.take(
        url_string="http_request_target",
        path="http_request_path",
        query_string="http_request_query",
        hostname="http_request_host",
    )


def response(said: Said) -> dict[str, object]:
    """Return what was answered over HTTP; OCSF knows none without a status."""
    code = said.whole("http_response_code")
    if code is None:
        return {}
    return some(code=code, body_length=said.whole("http_response_body_bytes"))


def traffic(said: Said) -> dict[str, object]:
    """Return how much went over the line; seen from the client, what the server sent comes in."""
    return some(bytes_in=said.whole("traffic_out_bytes"))


def outcome(said: Said) -> dict[str, object]:
    """Return whether it worked and how long it took, in words and milliseconds."""
    status = said.pop("status")
    numbered, word = _OUTCOMES.get(str(status), (99, str(status)))
    told: dict[str, object] = {} if status is None else {"status_id": numbered, "status": word}
    micros = said.look("duration_us")
    if micros is not None and micros % 1000 == 0:
        said.pop("duration_us")
    return told | some(
        duration=None if micros is None else micros // 1000,
        **said.take(status_code="error_code", status_detail="error_text", message="message"),
    )
