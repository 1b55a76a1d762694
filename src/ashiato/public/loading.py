"""Take a bundle in: judged first, then in one transaction, so that pages see the old or the new edition."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from ashiato.bundle.form import Bundle
from ashiato.public.models import CodeGiven, Edition, RecordBucket, SealedLetter
from ashiato.terms.errors import Place, ServerError

_AT_ONCE = 500
_Row = TypeVar("_Row", bound=models.Model)
_Thing = TypeVar("_Thing")


def load_bundle(path: Path) -> Edition:
    """Make a bundle what the pages say; the same one again changes nothing.

    Raises: ServerError: it is not whole, not signed by our console, or older than what is said already.
    """
    with Bundle(path, settings.PUBLIC.keys()) as bundle, transaction.atomic():
        manifest = bundle.manifest
        digest = hashlib.sha256(manifest.written()).hexdigest()
        newest = Edition.objects.select_for_update().order_by("-number").first()
        if newest is not None and newest.manifest_digest == digest:
            return newest
        if newest is not None and newest.number >= manifest.edition:
            what = f"this bundle is edition {manifest.edition}, and edition {newest.number} is in force"
            raise ServerError(what, where=Place(str(path)), fix="export a new one")
        for model in (CodeGiven, RecordBucket):
            model._default_manager.all().delete()  # noqa: SLF001 - the one way to a model's rows by its class
        _keep(CodeGiven, (CodeGiven(fingerprint=each) for each in bundle.fingerprints()))
        buckets = enumerate(bundle.buckets())
        _keep(RecordBucket, (RecordBucket(number=number, records=each) for number, each in buckets))
        for names in _batches(bundle.taken()):
            SealedLetter.objects.filter(name__in=names).delete()
        return Edition.objects.create(
            number=manifest.edition,
            made_at=manifest.made_at,
            manifest_digest=digest,
            statement=bundle.statement,
            bits=manifest.bits,
            record_bytes=manifest.record_bytes,
            loaded_at=timezone.now(),
        )


def _keep(model: type[_Row], rows: Iterable[_Row]) -> None:
    for batch in _batches(iter(rows)):
        model._default_manager.bulk_create(batch)  # noqa: SLF001 - as above


def _batches(rows: Iterator[_Thing]) -> Iterator[list[_Thing]]:
    while batch := list(islice(rows, _AT_ONCE)):
        yield batch
