"""CrowdSec's parser tests: what its parsers assert of each line, against our columns.

Within our formats: the lines that one of these parsers reads; the others read products of their own.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ashiato.terms.times import us_of
from tests.corpus.rates import Rate
from tests.engine.reading.reading_desk import Desk, Tables, check_every_line_stands_once

Row = dict[str, Any]
Asserts = dict[str, dict[str, dict[int, Row]]]

_PARSERS = (
    "crowdsecurity/nginx-logs", "crowdsecurity/apache2-logs", "crowdsecurity/caddy-logs",
    "crowdsecurity/haproxy-logs", "crowdsecurity/aws-alb", "crowdsecurity/sshd-logs",
    "crowdsecurity/auditd-logs", "crowdsecurity/pgsql-logs", "crowdsecurity/mysql-logs",
    "crowdsecurity/iis-logs", "crowdsecurity/traefik-logs", "crowdsecurity/aws-cloudtrail",
)  # fmt: skip
_TRUTH = re.compile(
    r'results\["(?P<stage>[^"]+)"\]\["(?P<parser>[^"]+)"\]\[(?P<index>\d+)\]\.'
    r'(?:(?P<success>Success) == (?P<truth>true|false)|Evt\.\w+\["(?P<name>\w+)"\] == (?P<value>".*"))'
)
_COLUMNS = {
    "source_ip": "src_endpoint_ip", "http_status": "http_response_code", "http_verb": "http_request_method",
    "http_user_agent": "http_request_user_agent", "body_bytes_sent": "http_response_body_bytes",
    "http_referer": "http_request_referrer",
}  # fmt: skip
_DATED = re.compile(r"\d{4}-\d\d-\d\dT[^ ]+\Z")
_NAMES = ("target_user", "username", "user")


def _asserts(path: Path) -> Asserts:
    found: Asserts = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for line in path.read_text("utf-8", "replace").split("\n"):
        if truth := _TRUTH.fullmatch(line.strip()):
            case = found[truth["stage"]][truth["parser"]][int(truth["index"])]
            if truth["success"]:
                case["success"] = truth["truth"] == "true"
            else:
                case.setdefault(truth["name"], _plain(truth["value"]))
    return found


def _plain(quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        return str(ast.literal_eval(quoted))


def _line_of(message: str, lines: list[str], used: set[int]) -> int | None:
    """The number of the next line that holds the message."""
    for number, line in enumerate(lines, 1):
        if number not in used and (line.endswith(message) or message in line or _packed(message) in line):
            used.add(number)
            return number
    return None


def _packed(message: str) -> str:
    return json.dumps(message, ensure_ascii=False)[1:-1]


@pytest.mark.slow
def test_crowdsec_asserts_hold_in_columns(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("expected-crowdsec")
    newest = us_of(datetime(2026, 8, 22, tzinfo=UTC))
    for folder in sorted((corpus / "expected-crowdsec").iterdir()):
        told = _asserts(folder / "parser.assert") if (folder / "parser.assert").exists() else {}
        stages = told.get("s01-parse", {})
        logs = [path for path in sorted(folder.glob("*.log")) if path.is_file()]
        for parser, cases in sorted(stages.items()):
            good = {number: case for number, case in cases.items() if case.get("success")}
            if folder.name.endswith("-npm"):
                rate.gaps["lines of Nginx Proxy Manager, whose log_format no configuration gives"] += len(
                    good
                )
            elif parser not in _PARSERS:
                rate.gaps["lines of other parsers' products"] += len(good)
            elif good and len(logs) == 1:
                desk = Desk(
                    tmp_path / f"{folder.name}-{parser.rpartition('/')[2]}", zone="UTC", modified_us=newest
                )
                tables = desk.read({logs[0].name: logs[0].read_bytes()})
                check_every_line_stands_once(tables)
                times = told.get("s02-enrich", {}).get("crowdsecurity/dateparse-enrich", {})
                _compare(rate, f"{folder.name} {parser}", good, times, tables)
    rate.close()


def _compare(rate: Rate, label: str, cases: dict[int, Row], times: dict[int, Row], tables: Tables) -> None:
    (content,) = tables.contents.values()
    lines, used = content.decode("utf-8", "replace").split("\n"), set[int]()
    stamps: dict[str, list[str]] = defaultdict(list)
    for _, case in sorted(times.items()):
        if _DATED.match(case.get("timestamp", "")) and "message" in case:
            stamps[case["message"]].append(case["timestamp"])
    for number, case in sorted(cases.items()):
        line = _line_of(case.get("message", "\0"), lines, used)
        row = next((r for r in tables.records if line and r["line_first"] <= line <= r["line_last"]), None)
        expected = {ours: case[theirs] for theirs, ours in _COLUMNS.items() if theirs in case}
        said: Row | None = None
        if row is not None:
            said = {name: "-" if row[name] is None else str(row[name]) for name in expected}
            if "request" in case and row["http_request_target"]:
                expected["request"], said["request"] = _as_sent(case["request"]), row["http_request_target"]
            _add_who(case, row, expected, said)
            # Of a balancer's two times it takes the request's creation; ours is that of the reply.
            if (stamp := stamps.get(case.get("message", ""))) and row["source_format"] != "aws-alb":
                expected["time"], said["time"] = _second(stamp.pop(0)), str(row["time_us"] // 1_000_000)
        expected = {name: value or "-" for name, value in expected.items()} | {"record": True}
        rate.count(
            f"{label}[{number}] {case.get('message', '')[:110]}",
            expected,
            None if said is None else said | {"record": True},
        )


def _add_who(case: Row, row: Row, expected: Row, said: Row) -> None:
    name = next((case[key] for key in _NAMES if case.get(key)), None)
    if name and row["record_kind"] in ("host-sign-in", "host-message", "sql-error", "sql-connection"):
        expected["user"], said["user"] = name, row["actor_user_name"] or row["database_user_name"]


def _second(stamp: str) -> str:
    return str(us_of(datetime.fromisoformat(stamp)) // 1_000_000)


def _as_sent(request: str) -> str:
    """Without the log's own escapes, and without the host where its pattern keeps half of an address."""
    plain = re.sub(rb"\\x([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), request.encode())
    return re.sub(r"\A//[^/]+(?=/)", "", plain.decode("utf-8", "replace"))
