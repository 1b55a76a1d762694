"""Which formats a wrapped message may be in, by who wrote it: no word that somebody typed makes a format.

Who can reach a server can have its programs write what he likes: sshd writes the name he signs in with. So
what a machine's own programs say of people is never another format; a database's messages without a time of
their own come from a program named so (or bear PostgreSQL's part marks, or the container names nobody); and
of a program that is not named like a database, its lines are a database's where most of them are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ashiato.engine.reading.host_messages import is_of_hosts
from ashiato.engine.reading.message_parts import MARK, SEVERITY
from ashiato.engine.reading.parser import Parsed
from ashiato.engine.reading.spans import Truths
from ashiato.engine.reading.wrappings import Opened
from ashiato.terms.times import moment_of

#: What a line of a format with a time of its own holds: a date, an object, a tab that goes on with one.
_SIGNS = re.compile(
    rb"\d{4}[-/]\d\d[-/]\d\d|\d\d/[A-Z][a-z]{2}/\d{4}|\A\s*\{|\A(?:\t|#011)|audit\(\d"
    rb"|\A\d{6} |\A# |\d\d \d{4}\] "
)
_APACHE = re.compile(rb"\[\w*:?\w+\] \[(?:pid|client) ")
_TABLED = re.compile(rb"\{|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \w+,")
_DATED = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d|\d{9,11}\.\d{3}")
_GOES_ON = re.compile(rb"\t|#011")
_AUDIT_PROGRAM = "server_audit"
_OTHERS = r"(?!.*(?:export|admin|proxy|bouncer|backup))"
_POSTGRES = re.compile(rf"(?i){_OTHERS}.*(?:postgres|pgsql|patroni|(?<![a-z])pg(?![a-z]))")
_DATABASE = re.compile(
    rf"(?i){_OTHERS}.*(?:postgres|pgsql|patroni|mysql|maria|percona|server_audit"
    r"|(?<![a-z])(?:pg|db|database)\d*(?![a-z]))"
)
_OF_DATABASES = ("postgresql-", "mysql-", "mariadb-")
_SURE_SHARE = 0.5


def signed(opened: Opened, *, is_bare: bool) -> bytes | None:
    """The message where it may be in a format that says its own time."""
    if is_of_hosts(opened):
        return None
    return opened.message if is_bare or _SIGNS.search(opened.message[:2000]) else None


def comes_in_parts(opened: Opened, *, is_bare: bool) -> bool:
    """Whether a message may be a part of PostgreSQL's as it hands them to syslog."""
    if is_of_hosts(opened) or _TABLED.match(opened.message):
        return False
    if is_bare and (SEVERITY.match(opened.message) or _GOES_ON.match(opened.message)):
        return True
    return is_surely_part(opened, is_bare=is_bare)


def is_surely_part(opened: Opened, *, is_bare: bool) -> bool:
    """Whether such a message says of itself, or by its program's name, that it is one."""
    return bool(MARK.match(opened.message)) or (not is_bare and _is_named(_POSTGRES, opened))


def stamped(opened: Opened, text: bytes, mark: bytes = b"") -> bytes:
    """A message of PostgreSQL's with the wrapping's time and process before it, where it has no own."""
    if opened.written_at is None or _DATED.match(text):
        return text
    process = f" [{opened.pid}]: " if opened.pid else " "
    return f"{opened.written_at}{process}".encode() + mark + text


def timed(opened: Opened) -> bytes | None:
    """The message with the wrapping's time put where its format would have written one; None for others."""
    time, message = opened.written_at, opened.message
    if time is None or opened.moment is None or is_of_hosts(opened):
        return None
    if message.startswith(b"{"):
        return b'{"@timestamp":"' + time.encode() + b'",' + message[1:]
    if _AUDIT_PROGRAM in (opened.program or ""):
        return b"%016d," % opened.moment[0] + message
    if _APACHE.match(message):
        return moment_of(opened.moment[0]).strftime("[%a %b %d %H:%M:%S UTC %Y] ").encode() + message
    return None


def believed(parsed: Parsed, opened: Sequence[Opened]) -> Truths:
    """Which records stand: a database's, where its name says so or most lines of its writer are such."""
    formats = parsed.columns["source_format"].to_pylist()
    of_database = np.array([str(name).startswith(_OF_DATABASES) for name in formats], np.bool_)
    lines = Counter(each.program for each in opened)
    read: Counter[str | None] = Counter()
    for first, last in zip(parsed.first[of_database], parsed.last[of_database], strict=True):
        read[opened[first].program] += int(last) - int(first) + 1
    trusted = {
        program
        for program in read
        if read[program] >= _SURE_SHARE * lines[program] or _DATABASE.match(program or "")
    }
    by_program = np.array([opened[first].program in trusted for first in parsed.first.tolist()], np.bool_)
    return np.asarray(~of_database | by_program)


def _is_named(pattern: re.Pattern[str], opened: Opened) -> bool:
    return opened.program is not None and pattern.match(opened.program) is not None
