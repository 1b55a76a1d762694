"""Standard answers: written by version, approved by two; what was given is tied to its version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from ashiato.exports.words import Language
from ashiato.letters.notices.unsafe import unsafe_in
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.answering.ladder import Rung
from ashiato.rooms.answering.models import AnswerGiven, Contact, Desk, Script, ScriptApproval
from ashiato.rooms.answering.words import Stand
from ashiato.terms.approvals import APPROVALS_NEEDED
from ashiato.terms.errors import ServerError
from ashiato.terms.ids import sha256_text

_LONGEST = 2_000


@dataclass(frozen=True)
class Wording:
    """What a version says: title and text by language, and the rung a caller needs to be told."""

    title: Mapping[str, str]
    texts: Mapping[str, str]
    needs: Rung


@transaction.atomic
def write_script(desk: Desk, name: str, wording: Wording, staff: Staff, at: datetime) -> Script:
    """Write the next version of a standard answer; nobody may give it before two approved it.

    Raises: ServerError: a language is missing, or the text asks for secrets, offers links or misleads.
    """
    _refuse_wording(desk, wording)
    Desk.objects.select_for_update().get(pk=desk.pk)
    written = Script.objects.filter(desk=desk, name=name).aggregate(last=Max("version"))
    said = json.dumps([dict(wording.title), dict(wording.texts), wording.needs], sort_keys=True)
    script = Script.objects.create(
        desk=desk,
        name=name,
        version=(written["last"] or 0) + 1,
        title=dict(wording.title),
        texts=dict(wording.texts),
        needs=wording.needs,
        digest=sha256_text(name, said),
        made_by=staff,
        made_at=at,
    )
    record_entry(staff, "wrote script", f"{desk} {script}", at=at, why=script.digest)
    return script


@transaction.atomic
def approve_script(script: Script, staff: Staff, at: datetime) -> int:
    """Approve a version; returns how many have. It may be given when two have.

    Raises: ServerError: this person did before.
    """
    script = Script.objects.select_for_update().get(pk=script.pk)
    if script.approvals.filter(staff=staff).exists():
        what = f"{staff.name} approved {script} before; the second approval is another person's"
        raise ServerError(what, fix="ask a colleague")
    ScriptApproval.objects.create(script=script, staff=staff, at=at)
    record_entry(staff, "approved script", f"{script.desk} {script}", at=at, why=script.digest)
    count = script.approvals.count()
    if count >= APPROVALS_NEEDED:
        Script.objects.filter(pk=script.pk).update(is_approved=True)
    return count


def find_script(desk: Desk, name: str) -> Script | None:
    """Return the newest approved version of a standard answer, or None."""
    return Script.objects.filter(desk=desk, name=name, is_approved=True).order_by("-version").first()


@transaction.atomic
def give_answer(contact: Contact, name: str, language: str, staff: Staff, at: datetime) -> AnswerGiven:
    """Record that an answer was given, in the version that is approved now; the words are the script's.

    Raises: ServerError: no version is approved, the caller is not known surely enough, the contact is closed.
    """
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    script = find_script(contact.desk, name)
    if script is None:
        what = f"no version of `{name[:40]}` is approved"
        raise ServerError(what, fix="choose another, or let two persons approve it")
    if contact.rung < script.needs:
        what = f"`{name[:40]}` may be told only to somebody who is verified further"
        raise ServerError(what, fix="climb the ladder first")
    if contact.stand == Stand.CLOSED or language not in script.texts:
        raise ServerError("the contact is closed, or the answer is not in that language", fix="look again")
    return AnswerGiven.objects.create(contact=contact, script=script, language=language, staff=staff, at=at)


def _refuse_wording(desk: Desk, wording: Wording) -> None:
    wanted = {str(each) for each in Language}
    if set(wording.texts) != wanted or set(wording.title) != wanted:
        raise ServerError(
            "an answer is written in every language", fix=f"write {' and '.join(sorted(wanted))}"
        )
    site = desk.campaign.matter.get("sender", {}).get("site", "")
    for language, text in {**wording.texts}.items():
        if not 0 < len(text.strip()) <= _LONGEST or not wording.title[language].strip():
            raise ServerError(f"the answer's {language} is empty or longer than {_LONGEST} characters")
        faults = list(unsafe_in(f"{wording.title[language]}\n{text}", frozenset(filter(None, [site]))))
        if faults:
            raise ServerError(
                f"the answer's {language} may not be said: {faults[0]}", fix="write it otherwise"
            )
