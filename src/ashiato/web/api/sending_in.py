"""Evidence that a program sends: announced, piece by piece, ended by its hash; a worker seals it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import HttpRequest
from django.http.request import UnreadablePostError
from ninja import Router, Status
from ninja.errors import HttpError

from ashiato.engine.api import Custody
from ashiato.rooms.cases import api as room
from ashiato.rooms.cases.api import Permission
from ashiato.web.api import shapes
from ashiato.web.api.needing import here_of, needing, turned_rows
from ashiato.web.api.sent_shapes import Offset, Token, UploadAsked, UploadFinished, UploadShape, UploadsPage
from ashiato.web.console.uploads import (
    ANSWERED,
    LARGEST_PIECE,
    finish_or_refuse,
    largest_bytes,
    own_upload,
    whole_number,
)

router = Router(tags=["evidence"])
#: The body is the piece, whatever its bytes are.
_PIECE = needing(Permission.ADD_EVIDENCE, UploadShape)
_PIECE["openapi_extra"] |= {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/uploads", **needing(Permission.ADD_EVIDENCE, UploadsPage), summary="What was sent")
def list_uploads(request: HttpRequest, case: shapes.Case, page: shapes.Page = 1) -> dict[str, Any]:
    """List everybody's uploads of the case, the newest first."""
    del case
    rows, place = turned_rows(here_of(request).file.uploads.select_related("staff").order_by("-pk"), page)
    return place | {"uploads": list(map(_told, rows))}


@router.post("/uploads", **needing(Permission.ADD_EVIDENCE, UploadShape, 201), summary="Announce it")
def announce(request: HttpRequest, case: shapes.Case, asked: UploadAsked) -> Status[dict[str, Any]]:
    """Answer the upload's token, and from where on to send: what was broken off goes on."""
    del case
    here = here_of(request)
    announced = room.Announced(asked.name, asked.size_bytes, asked.modified_us)
    return Status(201, _told(room.announce(here.file, here.staff, announced, largest_bytes(), here.now)))


@router.get("/uploads/{name}", **needing(Permission.ADD_EVIDENCE, UploadShape), summary="How far it is")
def tell_upload(request: HttpRequest, case: shapes.Case, name: Token) -> dict[str, Any]:
    """Tell how much of one's own file is here; 404 for another's."""
    del case
    return _told(own_upload(here_of(request), name, tuple(room.Arrival)))


@router.patch("/uploads/{name}", **_PIECE, summary="Send a piece")
def take_piece(request: HttpRequest, case: shapes.Case, name: Token, offset: Offset) -> dict[str, Any]:
    """Take the body as the piece that begins at ``offset``; 409 where what is here ends elsewhere."""
    del case
    upload, length = (
        own_upload(here_of(request), name),
        whole_number(request.headers.get("Content-Length", "")),
    )
    if not 0 < length <= LARGEST_PIECE:
        raise HttpError(413 if length else 422, f"a piece holds 1 to {LARGEST_PIECE} bytes")
    # Whoever breaks off is gone, and what came is kept.
    with suppress(UnreadablePostError):
        room.take_piece(upload, offset, request, length)
    return _told(upload)


@router.post(
    "/uploads/{name}/finish",
    **needing(Permission.ADD_EVIDENCE, UploadShape, 202),
    summary="All is sent",
)
def finish(
    request: HttpRequest, case: shapes.Case, name: Token, asked: UploadFinished
) -> Status[dict[str, Any]]:
    """Compare the hashes, and let a worker seal it; 409 where they differ, and what came is thrown away."""
    del case
    here = here_of(request)
    upload = own_upload(here, name, ANSWERED)
    finish_or_refuse(upload, asked.sha256, Custody(asked.source, asked.custodian), here.now)
    upload.refresh_from_db()
    return Status(202, _told(upload))


@router.post(
    "/uploads/{name}/discard", **needing(Permission.ADD_EVIDENCE, UploadShape), summary="Throw it away"
)
def discard(request: HttpRequest, case: shapes.Case, name: Token) -> dict[str, Any]:
    """Throw away one's own file that is not sealed."""
    del case
    here = here_of(request)
    upload = own_upload(here, name)
    room.discard(upload, here.now)
    upload.refresh_from_db()
    return _told(upload)


def _told(upload: room.Upload) -> dict[str, Any]:
    columns = ("token", "name", "size_bytes", "begun_at", "sha256", "fault")
    told = {column: getattr(upload, column) for column in columns}
    return told | {
        "staff": upload.staff.name,
        "stand": str(upload.stand),
        "offset": room.size_here(upload),
    }
