"""What an incident leaves in logs: nginx's access log and PostgreSQL's, in each of its formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from tests.proof.base import text_of
from tests.proof.incidents import Execution, Request

JST = timezone(timedelta(hours=9), "JST")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TRACED_FORMAT = (
    '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent" $request_id'
)
PREFIXES = (
    "%m [%p] %q%u@%d ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m %c %u %d %r [%p] ",
)
FORMATS = ("stderr", "csvlog", "jsonlog")


@dataclass(frozen=True)
class LogSettings:
    """How the servers log.

    ``shape``: one of FORMATS. ``prefix``: ``log_line_prefix`` of stderr logs. ``binds``: parameters are
    logged. ``audit``: pgaudit writes row counts. ``durations``: each statement's end is logged. ``cut``: text
    longer than this is cut. ``skew_us``: by so much the web server's clock is ahead. ``traced``: both logs
    bear the request's trace identifier.
    """

    shape: str = "stderr"
    prefix: str = PREFIXES[0]
    binds: bool = True
    audit: bool = True
    durations: bool = True
    cut: int | None = None
    skew_us: int = 0
    traced: bool = False


@dataclass(frozen=True)
class Line:
    """One message of the database server."""

    at_us: int
    backend: int
    number: int
    severity: str
    message: str
    detail: str | None = None
    statement: str | None = None
    state: str = "00000"
    command: str = "SELECT"


def moment(at_us: int) -> datetime:
    """Return a time in the operator's zone."""
    return (_EPOCH + timedelta(microseconds=at_us)).astimezone(JST)


def access_log(requests: Iterable[Request], settings: LogSettings) -> str:
    """Write nginx's combined format, in order of the replies' ends."""
    lines = []
    for request in sorted(requests, key=lambda r: r.end_us):
        at = moment(request.end_us + settings.skew_us).strftime("%d/%b/%Y:%H:%M:%S +0900")
        asked = f"{request.method} {request.target} HTTP/1.1"
        lines.append(
            f'{request.ip} - - [{at}] "{asked}" {request.code} {request.size} '
            f'"-" "{request.agent}"{f" {trace_of(request)}" if settings.traced else ""}\n'
        )
    return "".join(lines)


def trace_of(request: Request) -> str:
    """Return a request's trace identifier."""
    return f"{request.end_us * 2654435761 % (1 << 64):016x}{request.start_us % (1 << 64):016x}"


def database_log(executions: Iterable[Execution], settings: LogSettings) -> str:
    """Write the database's log in the format of the settings."""
    lines = sorted(_lines_of(executions, settings), key=lambda line: (line.at_us, line.number))
    writer = {"stderr": _stderr, "csvlog": _csvlog, "jsonlog": _jsonlog}[settings.shape]
    return writer(lines, settings)


def _lines_of(executions: Iterable[Execution], settings: LogSettings) -> Iterator[Line]:
    """Yield the lines of all executions; what is not logged was numbered all the same."""
    numbers: dict[int, int] = {}
    audits: dict[int, int] = {}

    def line(run: Execution, at_us: int, message: str, severity: str = "LOG", **more: str | None) -> Line:
        numbers[run.backend] = numbers.get(run.backend, 0) + 1
        return Line(at_us, run.backend, numbers[run.backend], severity, message, command=run.command, **more)  # type: ignore[arg-type]

    kept = [replace(run, text=run.text[: settings.cut]) for run in executions]
    for run in sorted(kept, key=lambda run: run.at_us):
        made = list(_lines_of_one(run, line, audits, settings))
        yield from () if run.unlogged else made


def _lines_of_one(
    run: Execution, line: Callable[..., Line], audits: dict[int, int], settings: LogSettings
) -> Iterator[Line]:
    bound = ", ".join(f"${n} = {_quoted(value)}" for n, value in enumerate(run.binds, 1))
    if run.binds:
        detail = f"parameters: {bound}" if settings.binds else None
        yield line(run, run.at_us, f"execute <unnamed>: {run.text}", detail=detail)
    else:
        yield line(run, run.at_us, f"statement: {run.text}")
    end = run.at_us + run.took_us
    if run.error:
        state, said = run.error
        yield line(run, end, said, "ERROR", statement=run.text, state=state)
        return
    if settings.audit:
        audits[run.backend] = audits.get(run.backend, 0) + 1
        yield line(run, end - 100, f"AUDIT: {_audit(run, audits[run.backend], settings)}")
    if settings.durations:
        yield line(run, end, f"duration: {run.took_us / 1000:.3f} ms")


def _audit(run: Execution, number: int, settings: LogSettings) -> str:
    kind = "READ" if run.command == "SELECT" else "WRITE"
    values = io.StringIO()
    csv.writer(values, lineterminator="").writerow([text_of(value) for value in run.binds])
    parameters = (values.getvalue() if run.binds else "<none>") if settings.binds else "<not logged>"
    made = io.StringIO()
    fields = ["SESSION", number, 1, kind, run.command, "", "", run.text, parameters, run.rows]
    csv.writer(made, lineterminator="").writerow(fields)
    return made.getvalue()


def _quoted(value: object) -> str:
    return "NULL" if value is None else "'" + text_of(value).replace("'", "''") + "'"  # type: ignore[arg-type]


def _stamp(at_us: int, *, fine: bool = True) -> str:
    at = moment(at_us)
    return at.strftime("%Y-%m-%d %H:%M:%S") + (f".{at.microsecond // 1000:03}" if fine else "") + " JST"


def _pid(backend: int) -> int:
    return 4700 + backend


def _session(backend: int) -> str:
    return f"66668{backend:03x}.{_pid(backend):x}"


def _stderr(lines: Iterable[Line], settings: LogSettings) -> str:
    made = []
    for line in lines:
        head = _prefix(line, settings.prefix)
        parts = [(line.severity, line.message), ("DETAIL", line.detail), ("STATEMENT", line.statement)]
        made += [f"{head}{word}:  {text}\n".replace("\n", "\n\t")[:-1] for word, text in parts if text]
    return "".join(made)


def _prefix(line: Line, prefix: str) -> str:
    said = {
        "m": _stamp(line.at_us),
        "t": _stamp(line.at_us, fine=False),
        "p": str(_pid(line.backend)),
        "u": "app",
        "d": "estate",
        "a": "web",
        "h": "10.0.0.5",
        "r": f"10.0.0.5({50000 + line.backend})",
        "c": _session(line.backend),
        "l": str(line.number),
        "q": "",
    }
    for letter, text in said.items():
        prefix = prefix.replace(f"%{letter}", text)
    return prefix


def _csvlog(lines: Iterable[Line], _settings: LogSettings) -> str:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    for line in lines:
        started = _stamp(line.at_us - line.at_us % 86_400_000_000, fine=False)
        writer.writerow([
            _stamp(line.at_us), "app", "estate", _pid(line.backend), f"10.0.0.5:{50000 + line.backend}",
            _session(line.backend), line.number, line.command, started, f"{line.backend + 3}/7", 0,
            line.severity, line.state, line.message, line.detail or "", "", "", "", "",
            line.statement or "", "", "", "web", "client backend", "", 0,
        ])  # fmt: skip
    return made.getvalue()


def _jsonlog(lines: Iterable[Line], _settings: LogSettings) -> str:
    made = []
    for line in lines:
        said = {
            "timestamp": _stamp(line.at_us),
            "user": "app",
            "dbname": "estate",
            "pid": _pid(line.backend),
            "remote_host": "10.0.0.5",
            "remote_port": 50000 + line.backend,
            "session_id": _session(line.backend),
            "line_num": line.number,
            "ps": line.command,
            "error_severity": line.severity,
            "state_code": line.state,
            "message": line.message,
            "detail": line.detail,
            "statement": line.statement,
            "application_name": "web",
            "backend_type": "client backend",
        }
        made.append(json.dumps({name: value for name, value in said.items() if value is not None}) + "\n")
    return "".join(made)
