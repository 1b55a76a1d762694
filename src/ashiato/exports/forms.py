"""What an export may be written as; by itself, so that naming it costs nothing."""

from __future__ import annotations

from enum import StrEnum


class Form(StrEnum):
    """What an export is written as."""

    FILES = "files"
    OCSF = "ocsf"
    TIMESKETCH = "timesketch"
    STIX = "stix"
