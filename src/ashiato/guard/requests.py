"""One request of a log, as the guard needs it: who asked, for what, and what came back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

#: The columns of ``records`` that are looked at.
_COLUMNS = (
    "time_us", "line_first", "record_kind", "src_endpoint_ip", "actor_session_uid", "actor_user_name",
    "http_request_method", "http_request_path", "http_request_query", "http_response_code",
    "http_response_body_bytes", "traffic_out_bytes", "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A request with a reply, or a sign-in; times in microseconds since 1970 UTC, sizes in bytes."""

    time_us: int
    line: int
    kind: str
    address: str
    session: str
    account: str
    method: str
    path: str
    query: str
    code: int | None
    reply_bytes: int
    status: str


def requests_in(records: pa.RecordBatch) -> Iterator[Request]:
    """Yield the requests and sign-ins among records of the engine, in the order of their lines."""
    kinds = records.column("record_kind")
    wanted = records.filter(pc.is_in(kinds, pa.array(["web-request", "sign-in"]).cast(pa.string())))
    columns = [wanted.column(name).to_pylist() for name in _COLUMNS]
    for row in zip(*columns, strict=True):
        yield _request(row)


def _request(row: tuple[object, ...]) -> Request:
    said = dict(zip(_COLUMNS, row, strict=True))

    def text(name: str) -> str:
        return str(said[name] or "")

    def number(name: str) -> int | None:
        value = said[name]
        return value if isinstance(value, int) else None

    return Request(
        time_us=number("time_us") or 0,
        line=number("line_first") or 0,
        kind=text("record_kind"),
        address=text("src_endpoint_ip"),
        session=text("actor_session_uid"),
        account=text("actor_user_name"),
        method=text("http_request_method"),
        path=text("http_request_path"),
        query=text("http_request_query"),
        code=number("http_response_code"),
        reply_bytes=number("http_response_body_bytes") or number("traffic_out_bytes") or 0,
        status=text("status"),
    )
