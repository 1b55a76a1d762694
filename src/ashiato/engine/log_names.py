"""Which log a file is a piece of, told by its name: rotated pieces of one log are one *source*."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

_COMPRESSION = re.compile(r"\.(?:gz|bz2|xz|zst|z)$", re.IGNORECASE)
_ROTATION_NUMBER = re.compile(r"\.(\d{1,4})$")
_ROTATION_DATE = re.compile(
    r"""
    [-_.]?
    (?: \d{4}[-_.]?\d{2}[-_.]?\d{2} (?: [-_.T]? \d{2,6} )?   # 2026-06-08, 20260608_030000
      | (?: mon|tue|wed|thu|fri|sat|sun ) (?= \. | $ )       # postgresql-Mon.log
      | (?<= [a-z] ) \d{6,8} (?= \. | $ )                    # u_ex260608.log
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Object stores deliver their logs in a file per hour and server, clouds in folders per day.
_DELIVERED = (
    (re.compile(r"\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-\d{2}-[0-9A-F]{16}$"), "s3-access"),
    (re.compile(r"\d{12}_CloudTrail_([a-z0-9-]+)_\d{8}T\d{4}Z_\w+\.json$"), "cloudtrail"),
)
_DAY_FOLDERS = re.compile(r"/\d{4}/\d{2}/\d{2}(?=/|$)")


def source_of(file: str) -> str:
    """Return the log a file belongs to: its path without compression, rotation number and date."""
    bare = _ROTATION_NUMBER.sub("", _COMPRESSION.sub("", file))
    folder, slash, name = bare.rpartition("/")
    for delivered, log in _DELIVERED:
        if delivered.fullmatch(name):
            return f"{_DAY_FOLDERS.sub('', folder)}{slash}{log}"
    return f"{folder}{slash}{_ROTATION_DATE.sub('', name) or name}"


def is_named_by(file: str, pattern: str) -> bool:
    """Tell whether a pattern of the data map fits a file's path below the evidence folder, or its end."""
    return fnmatchcase(file, pattern) or fnmatchcase(file, f"*/{pattern}")


def rotation_of(file: str) -> int | None:
    """Return the rotation number of a file (``access.log.2.gz``: 2), None when it carries none."""
    found = _ROTATION_NUMBER.search(_COMPRESSION.sub("", file))
    return int(found.group(1)) if found else None
