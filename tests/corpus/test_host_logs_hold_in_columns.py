"""Logs of Linux machines as loghub, fail2ban and Wazuh read them, against our columns."""

from __future__ import annotations

import configparser
import csv
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ashiato.terms.times import moment_of, us_of
from tests.corpus.rates import Rate
from tests.engine.reading.reading_desk import Desk, check_every_line_stands_once

Row = dict[str, Any]


def _structured(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _expected_of(name: str, each: Row) -> tuple[str, Row]:
    """The written time and the columns that a row of loghub's parsed form asks for."""
    if name == "Apache":
        return each["Time"], {"message": each["Content"]}
    day = (
        f"{each.get('Month') or each['Date']} {int(each['Day' if 'Day' in each else 'Date'])} {each['Time']}"
    )
    pid = each.get("Pid") or each.get("PID")
    program = each["Component"].partition("(")[0] if name == "Linux" else "sshd"
    host = each["Level"] if name == "Linux" else each["Component"]
    said = {"message": each["Content"].strip(), "device_hostname": host, "process_name": program or None}
    return day, said | {"process_pid": int(pid) if pid and pid.isdigit() else None}


@pytest.mark.slow
def test_loghub_lines_say_the_same(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("loghub")
    for name in ("Apache", "Linux", "OpenSSH"):
        log = corpus / "loghub" / name / f"{name}_2k.log"
        newest = us_of(datetime(2006, 1, 1, tzinfo=UTC))
        tables = Desk(tmp_path / name, zone="UTC", modified_us=newest).read({log.name: log.read_bytes()})
        check_every_line_stands_once(tables)
        rows = {row["line_first"]: row for row in tables.records}
        for each in _structured(log.with_name(f"{log.name}_structured.csv")):
            row = rows.get(int(each["LineId"]))
            written, expected = _expected_of(name, each)
            told = None if row is None else {**row, "message": row["message"].strip()}
            if row is not None and told is not None:
                told["time"] = _as_written(row["time_us"], written)
            rate.count(f"{name}:{each['LineId']}", {**expected, "time": written}, told)
    rate.close()


def _as_written(time_us: int, written: str) -> str:
    moment = moment_of(time_us)
    if len(written) > len("Dec 10 06:55:46"):
        return moment.strftime("%a %b %d %H:%M:%S %Y")
    return f"{moment:%b} {moment.day} {moment:%H:%M:%S}"


#: fail2ban names a file for each service. Within our formats: logs of web servers and of sshd. The words of
#: other services (mail, telephony, games) are formats of their own that nobody asked us for.
_SERVICES = re.compile(r"(apache|nginx|haproxy)-.*|sshd")
_ZURICH = ZoneInfo("Europe/Zurich")


def _jails(path: Path) -> list[tuple[Row, str]]:
    """The lines of a service, each with what stands of it in the comment above."""
    cases: list[tuple[Row, str]] = []
    wanted: Row | None = None
    for line in path.read_text("utf-8", "surrogateescape").split("\n"):
        if found := re.match(r"#\s*failJSON:\s*(\{.*\})\s*$", line):
            wanted = json.loads(found[1])
        elif line.strip() and not line.startswith("#"):
            cases.append((wanted or {"match": False}, line))
            wanted = None
    return cases


@pytest.mark.slow
def test_fail2ban_names_the_same_clients(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("expected-fail2ban")
    newest = us_of(datetime(2005, 8, 14, 10, tzinfo=UTC))
    services = [path for path in (corpus / "expected-fail2ban" / "logs").iterdir() if path.is_file()]
    for path in sorted(services):
        cases = _jails(path)
        if not _SERVICES.fullmatch(path.name):
            rate.gaps["lines of services whose words are no format of ours"] += len(cases)
            continue
        text = "".join(f"{line}\n" for _, line in cases).encode("utf-8", "surrogateescape")
        tables = Desk(tmp_path / path.name, zone="Europe/Zurich", modified_us=newest).read({path.name: text})
        check_every_line_stands_once(tables)
        rows = {row["line_first"]: row for row in tables.records}
        for number, (wanted, _) in enumerate(cases, 1):
            row = rows.get(number)
            if wanted["match"] and wanted.get("host", "") not in cases[number - 1][1]:
                rate.gaps["addresses that another line has"] += 1
                continue
            expected, told = _of_jail(wanted, row)
            rate.count(f"{path.name}:{number} {cases[number - 1][1][:150]}", expected, told)
    rate.close()


def _of_jail(wanted: Row, row: Row | None) -> tuple[Row, Row | None]:
    if row is None:
        return {"record": True}, None
    expected: Row = {"record": True}
    told: Row = {"record": True}
    if not wanted["match"]:
        return expected, told
    if row["source_format"] != "haproxy":
        # Of HAProxy's two times fail2ban takes that of syslog; ours is when the request came.
        expected["time"] = wanted["time"][:19]
        told["time"] = moment_of(row["time_us"], _ZURICH).strftime("%Y-%m-%dT%H:%M:%S")
    expected["host"], told["host"] = wanted.get("host"), row["src_endpoint_ip"]
    if (user := wanted.get("user")) and row["source_format"] == "linux-auth":
        expected["user"], told["user"] = user, row["actor_user_name"]
    return expected, told


#: Wazuh says with which decoder a line is read. Within our formats: these; the others are appliances'.
_DECODERS = {
    "sshd": "linux-auth", "sudo": "linux-auth", "pam": "linux-auth", "su": "linux-auth", "auditd": "auditd",
    "apache-errorlog": "apache-error", "web-accesslog": "", "web-accesslog-iis-default": "",
    "web-accesslog-iis6": "", "systemd": "syslog",
}  # fmt: skip
_UNDATED = re.compile(r"\[(error|notice)\] ")


@pytest.mark.slow
def test_wazuh_outcomes_are_the_same(corpus: Path, tmp_path: Path) -> None:
    rate = Rate("expected-wazuh")
    folder = corpus / "expected-wazuh"
    with (folder / "rule_index.csv").open(encoding="utf-8", newline="") as file:
        groups = {each["rule_id"]: each["groups"] for each in csv.DictReader(file)}
    cases = [case for path in sorted((folder / "tests").glob("*.ini")) for case in _sections(path)]
    read = [case for case in cases if case[0] in _DECODERS]
    dated = [case for case in read if not _UNDATED.match(case[2])]
    rate.gaps["lines without any time"] = len(read) - len(dated)
    known = [case for case in dated if "-iis" not in case[0]]
    rate.gaps["IIS lines without the heading that names their columns"] = len(dated) - len(known)
    rate.gaps["lines of appliances and other products (by decoder)"] = len(cases) - len(read)
    newest = us_of(datetime(2025, 4, 30, tzinfo=UTC))
    text = {f"{n}.log": f"{line}\n" for n, (_, _, line, _) in enumerate(known)}
    tables = Desk(tmp_path, zone="UTC", modified_us=newest).read(text)
    check_every_line_stands_once(tables)
    rows = {row["evidence_id"]: row for row in tables.records}
    for number, (decoder, rule, line, _) in enumerate(known):
        row = rows.get(tables.reading(f"{number}.log")["evidence_id"])
        expected: Row = (
            {"format": _DECODERS[decoder]} if _DECODERS[decoder] else {"record_kind": "web-request"}
        )
        told = None if row is None else {**row, "format": row["source_format"]}
        if "authentication_success" in groups.get(rule, ""):
            expected["status"] = "success"
        if "authentication_failed" in groups.get(rule, "") and decoder in ("sshd", "pam"):
            expected["status"] = "failure"
        rate.count(f"{decoder} {rule} {line[:160]}", expected, told)
    rate.close()


def _sections(path: Path) -> list[tuple[str, str, str, str]]:
    """(decoder, rule, line, file) of each line that is to pass."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), allow_no_value=True)
    parser.read_string(path.read_text("utf-8", "replace"))
    found = []
    for section in parser.sections():
        options = dict(parser.items(section))
        decoder, rule = (options.get("decoder") or "").strip(), (options.get("rule") or "").strip()
        found += [
            (decoder, rule, line, path.stem)
            for name, line in options.items()
            if re.fullmatch(r"log \d+ pass", name) and line
        ]
    return found
