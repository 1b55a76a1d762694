"""What is said of files that a program sends to be sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Path, Schema
from pydantic import Field, StringConstraints

from ashiato.web.api.shapes import PLAIN, Paged, Reason, Word

#: The word by which an upload is known, and where a piece of it begins.
Token = Path[Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,64}$")]]
Offset = Annotated[int, Field(ge=0, le=1 << 50)]


class UploadAsked(Schema):
    """A file somebody wants to send: its name there, its size, and when it was changed last."""

    name: Word
    size_bytes: Annotated[int, Field(ge=1, le=1 << 50)]
    modified_us: Annotated[int, Field(ge=0, le=1 << 52)] = 0


class UploadFinished(Schema):
    """All was sent: the hash of what the sender has, whence it comes, and who held it."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    source: Reason
    custodian: Annotated[
        str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=PLAIN)
    ]


class UploadShape(Schema):
    """A file that is sent to be sealed: ``offset``, how many bytes are here; ``stand`` as a code."""

    token: str
    name: str
    staff: str
    size_bytes: int
    offset: int
    begun_at: datetime
    stand: str
    sha256: str
    fault: str


class UploadsPage(Paged):
    """Files that were sent, the newest first."""

    uploads: list[UploadShape]
