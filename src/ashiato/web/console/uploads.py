"""Evidence that a browser sends: announced, taken piece by piece, finished; our script reads JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import redirect
from django.template.loader import render_to_string

from ashiato.engine.api import Custody
from ashiato.rooms.cases import api
from ashiato.rooms.cases.api import Permission
from ashiato.terms.errors import ServerError
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.parts import part_or_unchanged
from ashiato.web.console.proving import sent_alone
from ashiato.web.wording import refusal, screen_words

_LARGEST_BYTES = 50 << 30
#: What one piece may hold; our script sends smaller ones.
LARGEST_PIECE = 64 << 20
_MOST_SHOWN = 50
#: What is not over.
_OPEN = (api.Arrival.RECEIVING, api.Arrival.WHOLE)
#: What may be finished once more, by a script that no answer reached.
ANSWERED = (*_OPEN, api.Arrival.SEALED, api.Arrival.KNOWN, api.Arrival.REFUSED)


@in_case(Permission.ADD_EVIDENCE)
@sent_alone
def announce_upload(here: CaseRequest) -> HttpResponse:
    """Announce a file; answers its token, and how much of it is here from before."""
    said = here.request.POST
    announced = api.Announced(
        said.get("name", ""),
        whole_number(said.get("size", "")),
        whole_number(said.get("modified", "")) * 1000,
    )

    def begin() -> dict[str, Any]:
        upload = api.announce(here.file, here.staff, announced, largest_bytes(), here.now)
        return {"token": upload.token, "offset": api.size_here(upload)}

    return _answered(begin)


@in_case(Permission.ADD_EVIDENCE)
def take_upload(here: CaseRequest, name: str) -> HttpResponse:
    """Tell how much is here (GET), or take the piece that begins at ``Upload-Offset`` (PATCH)."""
    upload = own_upload(here, name)
    if here.request.method == "GET":
        return JsonResponse({"offset": api.size_here(upload)})
    if here.request.method != "PATCH":
        return HttpResponseNotAllowed(["GET", "PATCH"])
    offset = whole_number(here.request.headers.get("Upload-Offset", ""), -1)
    length = whole_number(here.request.headers.get("Content-Length", ""), -1)
    if not 0 < length <= LARGEST_PIECE:
        return _fault(ServerError(f"a piece holds 1 to {LARGEST_PIECE} bytes"), 413 if length > 0 else 400)

    def take() -> dict[str, Any]:
        try:
            return {"offset": api.take_piece(upload, offset, here.request, length)}
        except UnreadablePostError:
            # Whoever sent it is gone; what came is kept.
            return {"offset": api.size_here(upload)}

    return _answered(take)


@in_case(Permission.ADD_EVIDENCE)
@sent_alone
def finish_upload(here: CaseRequest, name: str) -> HttpResponse:
    """Compare the two hashes; what is whole is sealed by a worker. ``waits``: it is still being compared."""
    upload, said = own_upload(here, name, ANSWERED), here.request.POST
    custody = Custody(said.get("source", "").strip(), said.get("custodian", "").strip())

    def finish() -> dict[str, Any]:
        finish_or_refuse(upload, said.get("sha256", ""), custody, here.now)
        return {}

    return _answered(finish)


@in_case(Permission.ADD_EVIDENCE)
@sent_alone
def discard_upload(here: CaseRequest, name: str) -> HttpResponse:
    """Throw away one's own upload that is not sealed."""
    api.discard(own_upload(here, name), here.now)
    return redirect("evidence", here.file.name)


@in_case(Permission.ADD_EVIDENCE)
def tell_uploads(here: CaseRequest) -> HttpResponse:
    """Answer where everybody's uploads of the case stand, as a part of a page; unchanged: 304."""
    return part_or_unchanged(here.request, state_of_uploads(here))


def state_of_uploads(here: CaseRequest) -> str:
    """Render where the newest uploads of the case stand."""
    rows = here.file.uploads.select_related("staff").order_by("-pk")[:_MOST_SHOWN]
    told = [(upload, api.size_here(upload) * 100 // upload.size_bytes) for upload in rows]
    waits = any(upload.stand == api.Arrival.WHOLE for upload in rows)
    known = {"uploads": told, "waits": waits, "zone": here.zone}
    return render_to_string("console/upload_state.html", known, here.request)


def told_of_uploads(here: CaseRequest) -> dict[str, Any]:
    """Return what the page of evidence needs to send files and to show where they stand."""
    open_ = here.file.uploads.filter(stand__in=_OPEN)
    return {
        "uploads": state_of_uploads(here) if here.file.uploads.exists() else "",
        "waits": open_.filter(stand=api.Arrival.WHOLE).exists(),
        "mine": open_.filter(staff=here.staff).order_by("pk"),
        "upload_words": screen_words().section("upload_script"),
    }


def largest_bytes() -> int:
    """Return how large a file the operator lets in at most."""
    return int(settings.CONFIGURATION.said.get("evidence", {}).get("largest_bytes", _LARGEST_BYTES))


def finish_or_refuse(upload: api.Upload, sha256: str, custody: Custody, at: datetime) -> None:
    """Let a file that is whole be sealed; ServerError where its sender read something else."""
    if not api.finish(upload, sha256, custody, at):
        raise ServerError("what arrived is not what its sender read", fix="send the file once more")


def own_upload(here: CaseRequest, token: str, stands: tuple[api.Arrival, ...] = _OPEN) -> api.Upload:
    """Return one's own upload of this case that stands so; Http404 else, whosever it may be."""
    upload = here.file.uploads.filter(token=token, staff=here.staff, stand__in=stands).first()
    if upload is None:
        raise Http404
    return upload


def _answered(act: Callable[[], dict[str, Any]]) -> HttpResponse:
    try:
        return JsonResponse(act())
    except api.NotThereError as refused:
        waits = {"waits": True} if isinstance(refused, api.BusyError) else {}
        return JsonResponse({"offset": refused.offset, **waits}, status=409)
    except api.OverError as refused:
        return _fault(refused, 404)
    except api.TooLargeError as refused:
        return _fault(refused, 413)
    except api.NoRoomError as refused:
        return _fault(refused, 507)
    except ServerError as refused:
        return _fault(refused, 400)


def _fault(refused: ServerError, status: int) -> HttpResponse:
    return JsonResponse({"error": refusal(refused.what), "fix": refusal(refused.fix or "")}, status=status)


def whole_number(said: str, otherwise: int = 0) -> int:
    """Return a whole number of at most 13 digits that somebody sent, or what stands for none."""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 13 else otherwise
