"""Names by the case's key: of people, and of notices as the outside knows them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ashiato.letters.notices.codes import code_of
from ashiato.rooms.cases.api import make_key, name_by
from ashiato.rooms.notifying.models import Campaign, Notice


def case_key_of(campaign: Campaign) -> bytes:
    """Return the key of the campaign's case, made on first use."""
    return _case_key(campaign.case_id)


@lru_cache(maxsize=8)
def _case_key(case: int) -> bytes:
    return make_key(f"case-{case}")


def person_key_of(campaign: Campaign, person_id: str) -> str:
    """Return what the ledger calls a person of the engine."""
    return name_by(case_key_of(campaign), "person", person_id)


def reference_of(campaign: Campaign, person_key: str, channel: str, edition: int) -> str:
    """Return what the outside knows a notice by: the same over all attempts, and telling nothing."""
    return name_by(case_key_of(campaign), "notice", str(campaign.pk), person_key, channel, str(edition))


def give_codes(notices: Sequence[Notice]) -> None:
    """Give each notice its check code; one that is taken already gives way to the reference's next."""
    waiting, counter, given = list(notices), 0, set[str]()
    while waiting:
        codes = [code_of(case_key_of(each.campaign), each.reference, counter) for each in waiting]
        taken = given | set(Notice.objects.filter(code__in=codes).values_list("code", flat=True))
        again: list[Notice] = []
        for notice, code in zip(waiting, codes, strict=True):
            if code in taken:
                again.append(notice)
            else:
                notice.code = code
                taken.add(code)
        given, waiting, counter = taken, again, counter + 1
