"""Sigma's rules on Windows and Linux machines run over the events of a case, by fields of any name."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine import findings
from ashiato.engine.findings.rules import source_of
from ashiato.engine.sigma.rule_files import read_rule_set
from ashiato.engine.store import Store
from ashiato.engine.tables import CAUSES, EVENTS
from ashiato.engine.workspace import Workspace

OWN = """
title: Dump of another process by a system program
name: dump
logsource: {category: process_creation, product: windows}
detection:
  call: {Image|endswith: '\\rundll32.exe', CommandLine|contains: MiniDump}
  condition: call
---
title: Words anywhere
name: words
logsource: {product: windows, service: application}
detection:
  keywords: ['Exploit Guard', 'C:\\Users\\']
  condition: keywords
---
title: Program of Linux
name: fetched
logsource: {category: process_creation, product: linux}
detection:
  call: {Image|endswith: /curl, CommandLine|contains: ' -o /opt/'}
  condition: call
---
title: File of Linux
name: cron-file
logsource: {category: file_event, product: linux}
detection:
  made: {TargetFilename|startswith: /etc/cron.d/}
  condition: made
---
title: One record of an audit event
name: one-record
logsource: {product: linux, service: auditd}
detection:
  one: {type: PATH, name: /etc/shadow, exe: /usr/bin/cat}
  condition: one
---
title: A line of sshd
name: line
logsource: {product: linux, service: sshd}
detection:
  keywords: ['bad client public DH value']
  condition: keywords
---
title: A command run as another
name: sudo
logsource: {product: linux, service: sudo}
detection:
  who: {USER: '#-1', COMMAND|endswith: /id}
  condition: who
---
title: Many starts by one account
name: many
level: high
correlation:
  type: event_count
  rules: [dump]
  group-by: [User]
  timespan: 1m
  condition: {gte: 2}
"""
_CALL = {"type": "SYSCALL", "exe": "/usr/bin/curl", "AUID": "ann", "pid": "7", "ppid": "6"}
_STARTED = {"type": "EXECVE", "argc": "3", "a0": "curl", "a1": "-o", "a2": "/opt/x"}
_MADE = {"type": "PATH", "nametype": "CREATE", "name": "/etc/cron.d/x"}
_SHADOW = {"type": "PATH", "nametype": "NORMAL", "name": "/etc/shadow"}


def _windows(channel: str, number: int, **fields: object) -> dict[str, Any]:
    told = {"Channel": channel, "EventID": number, **fields}
    return {"source_format": "windows-events-evtx", "device_hostname": "pc1", "unmapped": json.dumps(told)}


def _audit(*records: dict[str, str]) -> dict[str, Any]:
    told = {"audit_id": "1:1", "records": list(records)}
    return {"source_format": "auditd", "actor_user_name": "ann", "unmapped": json.dumps(told)}


def _dump(user: str) -> dict[str, Any]:
    call = {"Image": r"C:\Windows\rundll32.exe", "CommandLine": "x MiniDump", "User": user}
    return _windows("Microsoft-Windows-Sysmon/Operational", 1, **call)


EVENTS_TOLD = (
    _dump("ann"),
    _dump("ann"),
    _dump("bob"),
    _windows("Security", 4624, Image="x\\rundll32.exe", CommandLine="MiniDump"),
    _windows("Application", 1000, Data=r"fault in C:\Users\ann", Deep=True),
    _audit(_CALL, _STARTED),
    _audit(_CALL, _MADE, _SHADOW),
    {"source_format": "syslog", "process_name": "/usr/sbin/sshd", "message": "bad client public DH value"},
    {"source_format": "syslog", "process_name": "named", "message": "bad client public DH value"},
    {"source_format": "linux-auth", "unmapped": json.dumps({"user": "#-1", "command": "/usr/bin/id"})},
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[int]], set[tuple[str, str]]]:
    """Return the events of each rule, and the kind and name of each actor."""
    folder = tmp_path_factory.mktemp("machines")
    (folder / "own.yml").write_text(OWN)
    rows = [
        {"event_id": at, "start_us": at, "end_us": at, "event_kind": "host", **said}
        for at, said in enumerate(EVENTS_TOLD)
    ]
    with Store(folder) as store, pytest.MonkeyPatch.context() as patched:
        patched.setattr(findings, "read_case_rules", lambda _: read_rule_set([folder], source_of))
        store.write(EVENTS, [tuple(row.get(column) for column in EVENTS.columns) for row in rows])
        store.write(CAUSES, [])
        findings.build(Workspace(folder, ZoneInfo("UTC"), DataMap(), (), store))
        hits: dict[str, list[int]] = {}
        for rule, event in store.rows("SELECT rule, event_id FROM finding_rule_hits ORDER BY event_id"):
            hits.setdefault(rule, []).append(event)
        assert store.rows("SELECT rule FROM rules WHERE rule_use = 'refused'") == []
        return hits, set(store.rows("SELECT actor_kind, actor FROM findings"))


def test_each_rule_finds_its_events_alone(told: tuple[dict[str, list[int]], Any]) -> None:
    hits, _ = told
    found = {rule: events for rule, events in hits.items() if rule.startswith("own")}
    assert list(found.values()) == [[0, 1], [4], [5], [6], [7], [9]]


def test_machine_and_account_are_the_actors(told: tuple[Any, set[tuple[str, str]]]) -> None:
    assert told[1] == {("host", "pc1"), ("host", "?|ann"), ("host", "?")}
