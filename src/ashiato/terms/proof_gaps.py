"""What keeps silence from being a proof of absence (docs/semantics.md). Words only at the edge."""

from __future__ import annotations

import re
from enum import StrEnum

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f(),=;|]")
_LONGEST = 80


class ProofGap(StrEnum):
    """One missing piece each: of the log, of rights, of other ways, of what was understood."""

    NO_INTRUSION = "no-intrusion"
    NO_STATEMENT_LOG = "no-statement-log"
    WEB_LOG_ALONE = "web-log-alone"
    ENGINE_NOT_COVERED = "engine-not-covered"
    COVERS_NOT_SAID = "covers-not-said"
    NOT_ALL_STATEMENTS = "not-all-statements"
    SETTINGS_CHANGED = "settings-changed"
    NOT_NUMBERED = "not-numbered"
    HOLE = "hole"
    STARTS_LATE = "starts-late"
    ENDS_EARLY = "ends-early"
    UNREAD_LINES = "unread-lines"
    SESSION_HEAD_MISSING = "session-head-missing"
    SESSION_OPEN = "session-open"
    STATEMENT_MISSING = "statement-missing"
    TEXTS_CUT = "texts-cut"
    LOSSY_TRANSPORT = "lossy-transport"
    SERVER_CRASHED = "server-crashed"
    RIGHTS_NOT_TOLD = "rights-not-told"
    ROLE_UNKNOWN = "role-unknown"
    CAN_CHANGE_LOGGING = "can-change-logging"
    LOGGING_DIFFERS = "logging-differs"
    RIGHTS_CHANGED = "rights-changed"
    SCHEMA_NOT_TOLD = "schema-not-told"
    HIDDEN_WRITES = "hidden-writes"
    COPIES_MADE = "copies-made"
    OBJECTS_APART = "objects-apart"
    HOST_REACHED = "host-reached"
    OTHER_TRACE = "other-trace"
    SNAPSHOT_MISSING = "snapshot-missing"
    SEVERAL_SYSTEMS = "several-systems"
    NOT_UNDERSTOOD = "not-understood"
    BEYOND_READING = "beyond-reading"
    TABLE_NOT_MAPPED = "table-not-mapped"

    def told(self, **params: object) -> str:
        """Return the gap as files carry it: the code, and its parameters in round brackets."""
        inside = ",".join(f"{name}={_safe(value)}" for name, value in params.items())
        return f"{self}({inside})" if inside else str(self)


def _safe(value: object) -> str:
    return _UNSAFE.sub("_", str(value))[:_LONGEST]
