"""What a Linux machine's own programs say of people: sign-ins, sessions, commands run as another.

A sign-in is one attempt with its outcome (``host-sign-in``); lines that tell of the same attempt in other
words (an invalid name, PAM's refusal, a connection that ended before it) are messages with the same columns,
so that counting sign-ins counts each attempt once.

Sources: OpenSSH 9.9 auth.c and sshd-session.c, Linux-PAM 1.6 pam_unix, sudo 1.9 logging.c, shadow 4.16 su.c
(read 2026-11-22).
"""

from __future__ import annotations

import re

import orjson

from ashiato.engine.reading.cloud_calls import Row
from ashiato.engine.reading.wrappings import Opened

_PORT = r" port (?P<port>\d{1,5})"
_FROM = rf"(?P<address>[^\s,\[\]()]+?)(?:{_PORT})?"
_SURELY = rf"(?P<address>[^\s,]+){_PORT}"
_NAME = r"(?:invalid user |illegal user )?(?P<user>.*)"
_ENDED = r"(?:Connection (?:closed|reset) by|Disconnecting|Disconnected from)"
_END = r"(?::?\s.*|:)?"
_SSH = (
    ("sign-in", "success", rf"Accepted (?P<method>\S+) for (?P<user>.*) from {_SURELY}{_END}"),
    ("sign-in", "failure", rf"Failed (?P<method>\S+) for {_NAME} from {_SURELY}{_END}"),
    ("sign-in", "failure", rf"Failed (?P<method>\S+) for {_NAME} from {_FROM}{_END}"),
    ("sign-in", "failure", rf"error: PAM: .*? for {_NAME} from {_FROM}{_END}"),
    ("message", "failure", rf"(?:Invalid|Illegal) user (?P<user>.*) from {_FROM}{_END}"),
    ("message", "failure", rf".*maximum authentication attempts exceeded for {_NAME} from {_FROM}{_END}"),
    ("message", "failure", rf"User (?P<user>.+) from {_FROM} not allowed because .*"),
    ("message", "failure", rf"{_ENDED} (?:authenticating|invalid) user (?P<user>.*) {_SURELY}{_END}"),
    ("message", None, rf"Disconnected from user (?P<user>.*) {_SURELY}{_END}"),
    ("message", "failure", rf"Postponed \S+ for (?:invalid|illegal) user (?P<user>.*) from {_FROM}{_END}"),
    ("message", None, rf"Postponed \S+ for (?P<user>.*) from {_FROM}{_END}"),
    ("message", "failure", rf"ROOT LOGIN REFUSED FROM {_FROM}{_END}"),
    ("message", "failure", rf"Bad protocol version identification .* from {_FROM}{_END}"),
    ("message", "failure", rf"Did not receive identification string from {_FROM}{_END}"),
    ("message", "failure", r"refused connect from .*\((?P<address>[^\s()]+)\)"),
    ("message", "failure", rf"refused connect from {_FROM}"),
    ("message", "failure", rf"(?:fatal: )?Unable to negotiate with {_FROM}{_END}"),
    ("message", "failure", r"reverse mapping checking .* for \S+ \[?(?P<address>[^\s\]]+)\]? failed.*"),
    ("message", "failure", r"Address (?P<address>\S+) maps to .*"),
    ("message", "failure", r"Authentication refused: .*"),
    ("message", None, rf"(?:error: )?(?:Received disconnect|Connection) from {_FROM}{_END}"),
    ("message", None, rf"(?:error: )?Connection (?:closed|reset) by(?: remote host)? {_FROM}{_END}"),
    ("message", None, rf".* from {_SURELY}{_END}"),
    ("message", "failure", rf".*Timeout before authentication for (?:connection from )?{_FROM}{_END}"),
    ("message", None, rf"Disconnected from {_FROM}{_END}"),
    ("message", None, rf".*from remote host {_FROM}{_END}"),
)  # fmt: skip
_MODULE = r"(?:pam_\w+\((?P<service>[^:)]*):session\): )?"
_DENIED = r"incorrect password|NOT in sudoers|NOT allowed|NOT authorized"
_OTHERS = (
    (
        "message",
        "success",
        r"pam_\w+\((?P<service>[^:)]*):session\): session opened for user (?P<user>[^\s(]+).*",
    ),
    (
        "sign-out",
        None,
        r"pam_\w+\((?P<service>[^:)]*):session\): session closed for user (?P<user>[^\s(]+).*",
    ),
    ("message", "success", r"session opened for user (?P<user>[^\s(]+).*"),
    ("sign-out", None, r"session closed for user (?P<user>[^\s(]+).*"),
    ("message", "success", r"New session \S+ of user (?P<user>[^\s.]+)\.?.*"),
    ("message", "success", r"\s*(?P<user>\S+) : (?:(?!incorrect|NOT ).)*?COMMAND=.*"),
    (
        "message",
        "failure",
        r"\s*(?P<user>\S+) : (?:.*incorrect password|.*NOT in sudoers|.*NOT allowed|.*NOT authorized).*",
    ),
    ("sign-in", "success", r"Successful su for \S+ by (?P<user>\S+)"),
    ("sign-in", "failure", r"FAILED su for \S+ by (?P<user>\S+)"),
    ("sign-in", "failure", r"FAILED SU \(to \S+\) (?P<user>\S+) on .*"),
    ("sign-in", "success", r"\(to \S+\) (?P<user>\S+) on .*"),
    ("sign-in", "failure", r"FAILED LOGIN.* FROM (?P<address>\S+) FOR (?P<user>.*?),.*"),
    ("sign-in", "success", r"(?:ROOT )?LOGIN ON \S+ BY (?P<user>\S+)(?: FROM (?P<address>\S+))?"),
)
_PAM = re.compile(
    r"(?:pam_\w+\((?P<service>[^:)]*)(?::\w+)?\): )?(?:\d+ more )?authentication failures?;(?P<pairs>.*)",
    re.DOTALL,
)
_PAIR = re.compile(r"(\w+)=(\S*)")
# The command comes last and may hold anything.
_SUDO = re.compile(r"(?<=[ ;])(?:(TTY|PWD|USER|GROUP)=(.*?)(?= ; |\Z)|(COMMAND)=(.*))", re.DOTALL)
_BALANCER = (("message", None, r"Connect from (?P<address>\S+):(?P<port>\d{1,5}) to .*"),)
Patterns = tuple[tuple[str, str | None, re.Pattern[str]], ...]
_SSH_PATTERNS: Patterns = tuple((kind, status, re.compile(text, re.DOTALL)) for kind, status, text in _SSH)
_OTHER_PATTERNS: Patterns = tuple(
    (kind, status, re.compile(text, re.DOTALL)) for kind, status, text in _OTHERS
)
_BALANCERS: Patterns = tuple((kind, status, re.compile(text, re.DOTALL)) for kind, status, text in _BALANCER)
_SOLARIS = re.compile(r"\A\[ID \d+ \S+\] ")
_LONGEST = 1000
AUTH = "linux-auth"


def row_of_host(opened: Opened, wrapping: str) -> Row:
    """Return what a message says, as columns; one that says nothing of people keeps its words."""
    assert opened.moment is not None  # noqa: S101 - the caller asks of no others
    text = opened.message.decode("utf-8", "replace").replace("\x00", "")
    rest = dict(opened.rest)
    row = _told(opened.program or "", text[:_LONGEST], rest)
    row |= (
        {"source_format": AUTH}
        if row or _tells_of_people(opened.program or "", rest)
        else {"source_format": wrapping}
    )
    return {
        "record_kind": "host-message",
        "time_us": opened.moment[0],
        "time_step_us": opened.moment[1],
        "message": text,
        **row,
        "unmapped": orjson.dumps(rest).decode() if rest else None,
    }


def is_of_hosts(opened: Opened) -> bool:
    """Whether a message is of a program that tells of people, and so holds names that anybody may type."""
    name = (opened.program or "").rpartition("/")[2].lower()
    return name.startswith("dropbear") or _tells_of_people(opened.program or "", opened.rest)


def _tells_of_people(program: str, rest: dict[str, object]) -> bool:
    name = program.rpartition("/")[2].lower()
    return name in _PROGRAMS or name.startswith("sshd") or str(rest.get("sub", "")).startswith("pam")


def _told(program: str, text: str, rest: dict[str, object]) -> Row:
    name = program.rpartition("/")[2].lower()
    if name == "haproxy":
        return _first(_BALANCERS, text, rest)
    if found := _PAM.fullmatch(text):
        return _refused_by_pam(found, f"{name}{rest.get('sub', '')}", rest)
    if name.startswith(("sshd", "dropbear")) and (row := _first(_SSH_PATTERNS, _SOLARIS.sub("", text), rest)):
        return row
    if text.startswith("pam_") or _tells_of_people(program, rest):
        if name == "sudo":
            rest |= _said_by_sudo(text)
        return _first(_OTHER_PATTERNS, text, rest)
    return {}


def _said_by_sudo(text: str) -> dict[str, object]:
    said: dict[str, object] = {}
    for key, value, command, words in _SUDO.findall(text):
        said.setdefault((key or command).lower(), (value or words).strip())
    return said


_PROGRAMS = frozenset({"sudo", "su", "login", "systemd-logind", "doas", "gdm", "lightdm"})


def _first(patterns: Patterns, text: str, rest: dict[str, object]) -> Row:
    for kind, status, pattern in patterns:
        if found := pattern.fullmatch(text):
            said = {name: value for name, value in found.groupdict().items() if value}
            rest |= {name: said[name] for name in ("method", "service") if name in said}
            return {
                "record_kind": f"host-{kind}",
                "activity_name": _ACTIVITIES.get(kind),
                "status": status,
                "actor_user_name": said.get("user"),
                "src_endpoint_ip": said.get("address"),
                "src_endpoint_port": said.get("port"),
            }
    return {}


_ACTIVITIES = {"sign-in": "sign-in", "sign-out": "sign-out"}


def _refused_by_pam(found: re.Match[str], program: str, rest: dict[str, object]) -> Row:
    said = dict(_PAIR.findall(found["pairs"]))
    rest |= {name: value for name, value in said.items() if value and name not in ("user", "rhost")}
    # sshd itself tells of each attempt; PAM alone does where the program is no sshd, or leaves it to PAM.
    beside = program.startswith("sshd") and "pam" not in program
    return {
        "record_kind": "host-message" if beside else "host-sign-in",
        "activity_name": None if beside else "sign-in",
        "status": "failure",
        "actor_user_name": said.get("user") or said.get("logname") or None,
        "src_endpoint_ip": said.get("rhost") or None,
    }
