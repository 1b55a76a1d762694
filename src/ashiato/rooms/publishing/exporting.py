"""Make a bundle: what two persons approved, signed, and of each person only what their own code opens."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

import yaml
from django.db import IntegrityError, transaction

from ashiato.bundle.form import Manifest, write_bundle
from ashiato.bundle.openings import canary_mark, fingerprint_of, size_of
from ashiato.bundle.records import bits_for, closed_records, padded_buckets
from ashiato.letters.notices.advice import advice_of
from ashiato.letters.notices.codes import code_of
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.cases.api import make_key
from ashiato.rooms.notifying.api import (
    Campaign,
    approve_digest,
    is_approved,
    list_senders,
    words_of_category,
)
from ashiato.rooms.publishing.collecting import Collector, notices_out
from ashiato.rooms.publishing.fetching import taken_names
from ashiato.rooms.publishing.keeping import console_keys
from ashiato.rooms.publishing.models import BundleMade
from ashiato.rooms.publishing.statement_file import digest_of_statement
from ashiato.terms.approvals import APPROVALS_NEEDED
from ashiato.terms.categories import Category
from ashiato.terms.errors import ServerError

#: Codes of ours that stand on no message: whoever asks for one has them from where no person is.
_CANARIES_LEAST, _CANARIES_MOST, _CANARIES_PERCENT = 20, 1_000, 1
_MANY = 20_000


def approve_statement(campaign: Campaign, said: Mapping[str, Any], staff: Staff, at: datetime) -> int:
    """Approve what the pages say to everybody; returns how many have. ServerError: this person did before."""
    return approve_digest(campaign, digest_of_statement(said), "the public statement", staff, at)


def export_bundle(
    campaign: Campaign, said: Mapping[str, Any], to: Path, *, by: Staff, at: datetime, processes: int = 2
) -> BundleMade:
    """Write the next bundle of a campaign; the database is held for its entry alone, however many people.

    Raises: ServerError: the statement is not approved by two persons as it stands, or another export was
    done meanwhile; nothing is left of this one.
    """
    digest = digest_of_statement(said)
    if not is_approved(campaign, digest):
        what = f"the statement is not approved by {APPROVALS_NEEDED} persons as it stands"
        raise ServerError(what, fix="ashiato public approve CASE --statement FILE --by NAME, by two persons")
    keys, collector = console_keys(campaign.case), Collector(campaign)
    last = BundleMade.objects.filter(campaign=campaign).order_by("-number").first()
    count = notices_out(campaign).count()
    codes = sorted({fingerprint_of(keys.public.pepper, code) for code in _codes(campaign, collector, count)})
    bits, size = bits_for(count), size_of(len(collector.labels))
    held = closed_records(keys.public.oprf, collector.told(), bits, processes if count > _MANY else 1)
    buckets = [*padded_buckets(held, bits, size, keys.public.pepper)]
    parts = {
        "statement.json": json.dumps(statement_of(campaign, said, collector), ensure_ascii=False).encode(),
        "codes": b"".join(codes),
        "records": b"".join(buckets),
        "taken": taken_names(campaign),
    }
    number = last.number + 1 if last else 1
    manifest = Manifest(number, at.isoformat(), bits, size, len(buckets[0]), {})
    written = write_bundle(to, keys, manifest, parts).written()
    made = BundleMade(
        campaign=campaign,
        number=number,
        made_at=at,
        manifest_digest=hashlib.sha256(written).hexdigest(),
        statement_digest=digest,
        codes=count,
        records=sum(map(len, held.values())),
    )
    try:
        _enter(made, by)
    except IntegrityError:
        to.unlink()
        raise ServerError("another export was done meanwhile", fix="export once more") from None
    return made


@transaction.atomic
def _enter(made: BundleMade, by: Staff) -> None:
    made.save(force_insert=True)
    record_entry(by, "exported bundle", str(made.campaign), at=made.made_at, why=made.statement_digest)


def sites_of(campaign: Campaign) -> frozenset[str]:
    """Return the names of the senders' own that may stand in texts."""
    return frozenset(sender["site"] for sender in list_senders(campaign.matter))


def statement_of(campaign: Campaign, said: Mapping[str, Any], collector: Collector) -> dict[str, Any]:
    """Return what is said to everybody, as the pages take it; each client's sender is ours too."""
    senders = list_senders(campaign.matter)
    known = said.get("known", {})
    own = {
        "sites": list(dict.fromkeys(each["site"] for each in senders)),
        "senders": list(dict.fromkeys(each["mail"] for each in senders)),
        "phones": list(dict.fromkeys(each["desk"]["phone"] for each in senders)),
    }
    kinds = sorted({label.category for label in collector.labels})
    return {
        "sender": senders[0],
        "known": {name: [*held, *known.get(name, [])] for name, held in own.items()},
        "decided": said["decided"],
        "statements": [{**each, "number": place} for place, each in enumerate(said["statements"], 1)],
        "questions": said.get("questions", []),
        "advice": [{"name": _name_of(kind), "text": text} for kind, text in advice_of(kinds)],
        "labels": [asdict(label) for label in collector.labels],
        "canaries": sorted(_canary_marks(campaign)),
    }


def canaries(campaign: Campaign, messages: int) -> Iterator[str]:
    """Yield codes that stand on no message, the same each time."""
    key = make_key(f"case-{campaign.case_id}")
    count = messages * _CANARIES_PERCENT // 100
    for number in range(min(_CANARIES_MOST, max(_CANARIES_LEAST, count))):
        yield code_of(key, f"canary {campaign.pk} {number}")


def _canary_marks(campaign: Campaign) -> Iterator[str]:
    pepper = console_keys(campaign.case).public.pepper
    own = set(Collector(campaign).codes())
    for code in canaries(campaign, len(own)):
        if code not in own:
            yield canary_mark(pepper, fingerprint_of(pepper, code))


def _codes(campaign: Campaign, collector: Collector, messages: int) -> Iterator[str]:
    return chain(collector.codes(), canaries(campaign, messages))


def _name_of(kind: str) -> dict[str, str]:
    if not kind:
        return {"ja": "皆様に", "en": "For everybody", "easy": "みなさんへ"}
    return {**words_of_category(Category(kind)), "easy": _easy_kinds()[kind]}


@cache
def _easy_kinds() -> dict[str, str]:
    text = resources.files("ashiato.rooms.publishing").joinpath("easy_kinds.yaml").read_text("utf-8")
    held: dict[str, str] = yaml.safe_load(text)
    return held
