"""Is my data in it? With a letter's code and the contact it was sent to: one's own fields, at once."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from ashiato.bundle.contacts import plain_contact
from ashiato.bundle.openings import Opening, bucket_of, opening_input, unpack_grades
from ashiato.bundle.oprf import evaluate, output_of
from ashiato.letters.notices.codes import read_code
from ashiato.public.counting import NOTED
from ashiato.public.forms import CODE, SENT_TO, read_form
from ashiato.public.models import Edition
from ashiato.public.pages.letters import may_try
from ashiato.public.pages.showing import show
from ashiato.public.proofs import challenge
from ashiato.public.store import newest_edition, own_store
from ashiato.public.voices import Voice
from ashiato.terms.grades import Grade

_ELEMENT = 32
FIELDS = (CODE, SENT_TO)


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, voice: Voice) -> HttpResponse:
    """Show both ways to ask; open the record that code and contact open."""
    held: dict[str, object] = {"fields": FIELDS, "challenge": challenge()}
    if request.method != "POST":
        return show("mine", voice, held)
    typed, faults = read_form(FIELDS, request.POST)
    if faults:
        return show("mine", voice, held | {"typed": typed, "faults": faults}, status=422)
    if not may_try(request, "own"):
        return show("mine", voice, held | {"refused": True}, status=429)
    edition = newest_edition()
    payload = _payload(edition, read_code(typed["code"]), plain_contact(typed["contact"]))
    NOTED.note("own", "found" if payload else "nothing")
    return show("mine", voice, held | {"asked": True, "told": _told(edition, payload)})


@require_POST
def private(request: HttpRequest) -> HttpResponse:
    """Evaluate a blinded element and give the bucket beside it: who asks, and for what, is not learned.

    The form's ``element`` is 64 hexadecimal digits, ``bucket`` a number; the answer is the evaluated element
    and the bucket's records, of one length for everybody. 400: these are none; 429: too often, or unproven.
    """
    edition = newest_edition()
    try:
        element, bucket = bytes.fromhex(request.POST["element"]), int(request.POST["bucket"])
        evaluated = evaluate(own_store().keys.oprf, element) if len(element) == _ELEMENT else b""
    except (KeyError, ValueError):
        return HttpResponse(status=400)
    if not evaluated or not 0 <= bucket < 2**edition.bits:
        return HttpResponse(status=400)
    if "altcha" not in request.POST or not may_try(request, "private"):
        return HttpResponse(status=429)
    answer = HttpResponse(evaluated + own_store().bucket(bucket), content_type="application/octet-stream")
    answer.headers["X-Edition"] = str(edition.number)
    return answer


def _payload(edition: Edition, code: str, contact: str) -> bytes | None:
    """Open the record, by the same steps whether there is one or not."""
    asked, store = opening_input(code, contact), own_store()
    opening = Opening(output_of(store.keys.oprf, asked))
    return opening.find(store.bucket(bucket_of(asked, edition.bits)), edition.record_bytes)


def _told(edition: Edition, payload: bytes | None) -> dict[str, object]:
    """Return what to show: nothing found, a newer notice on its way, or the fields by grade."""
    if payload is None:
        return {"state": "nothing"}
    if not payload[0]:
        return {"state": "changed"}
    return {"state": "found", "grades": [*_by_grade(edition, payload)]}


def _by_grade(edition: Edition, payload: bytes) -> Iterator[tuple[str, list[dict[str, str]]]]:
    labels = edition.statement["labels"]
    grades = [*unpack_grades(payload, len(labels))]
    for grade in (Grade.CONFIRMED, Grade.PROBABLE, Grade.POSSIBLE):
        rows = [label for label, told in zip(labels, grades, strict=True) if told == grade]
        if rows:
            yield f"mine.{grade.word}", rows
