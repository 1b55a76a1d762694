"""Is this notice real? Asked by its code, sender, site or telephone number; never whom it went to."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from ashiato.letters.notices.codes import read_code
from ashiato.letters.notices.genuine import Answer, Known, check
from ashiato.letters.notices.written_matter import sender_of
from ashiato.public.canaries import watch
from ashiato.public.counting import NOTED, count_once, tries_name
from ashiato.public.models import Edition
from ashiato.public.pages.showing import show
from ashiato.public.store import CURRENT, own_store
from ashiato.public.voices import Voice

#: Of one address within an hour: a call centre's own people may sit behind one.
MOST_TRIES = 120
_LONGEST = 300


@require_http_methods(["GET", "HEAD", "POST"])
def genuine(request: HttpRequest, voice: Voice, asked: str = "") -> HttpResponse:
    """Show the form, and what is known of what was asked; a letter's square brings its code along."""
    asked = (request.POST.get("asked", "") if request.method == "POST" else asked)[: _LONGEST + 1].strip()
    if not asked:
        return show("check", voice)
    answer = check(asked, _known(CURRENT.edition()), voice.language)
    NOTED.note("check", answer.verdict)
    if count_once(tries_name(request, "check")) > MOST_TRIES:
        return show("check", voice, {"refused": True}, status=429)
    if answer.name == "code_genuine":
        watch(read_code(asked))
    said = {"asked": asked, "verdict": answer.verdict.name.lower(), **_words_of(answer, voice)}
    return show("check", voice, said)


@lru_cache(maxsize=2)
def _known(edition: Edition) -> Known:
    said = edition.statement
    return Known(
        sender=sender_of({"sender": said["sender"]}),
        has_code=own_store().has_code,
        sites=frozenset(said["known"]["sites"]),
        senders=frozenset(said["known"]["senders"]),
        phones=frozenset(said["known"]["phones"]),
    )


def _words_of(answer: Answer, voice: Voice) -> dict[str, str]:
    """Return what it means and what to do; in easy Japanese from words of the pages' own."""
    if voice is not Voice.EASY:
        return {"means": answer.means, "todo": answer.todo}
    sender = CURRENT.statement()["sender"]
    said = {"sender": sender["name"]["ja"], "phone": sender["desk"]["phone"]}
    return {
        "means": voice.say(f"answers.{answer.name}", **said),
        "todo": voice.say(f"answers.{answer.name}_todo", **said),
    }
