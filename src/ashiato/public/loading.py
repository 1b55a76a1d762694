"""Take a bundle in: judged first, then written beside what is in force, then put in force at once.

Pages see the old or the new edition whole, and who sends a form meanwhile waits for no more than one small
part: the store is never held for long.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from ashiato.bundle.form import Bundle
from ashiato.public.models import CodeGiven, Edition, RecordBucket, SealedLetter
from ashiato.terms.errors import Place, ServerError

_AT_ONCE = 500
_Row = TypeVar("_Row", bound=models.Model)
_Thing = TypeVar("_Thing")


def load_bundle(path: Path) -> Edition:
    """Make a bundle what the pages say; the same one again changes nothing.

    Raises: ServerError: it is not whole, not signed by our console, older than what is said already, or
    another one is being taken in.
    """
    with Bundle(path, settings.PUBLIC.keys()) as bundle, _alone():
        manifest = bundle.manifest
        digest = hashlib.sha256(manifest.written()).hexdigest()
        newest = Edition.objects.order_by("-number").first()
        if newest is not None and newest.manifest_digest == digest:
            return newest
        if newest is not None and newest.number >= manifest.edition:
            what = f"this bundle is edition {manifest.edition}, and edition {newest.number} is in force"
            raise ServerError(what, where=Place(str(path)), fix="export a new one")
        # What a load that was broken off left behind.
        _drop_all_but(newest.number if newest else 0)
        number = manifest.edition
        _keep(CodeGiven, (CodeGiven(edition=number, fingerprint=each) for each in bundle.fingerprints()))
        buckets = enumerate(bundle.buckets())
        _keep(RecordBucket, (RecordBucket(edition=number, number=at, records=each) for at, each in buckets))
        loaded = _put_in_force(bundle, digest)
        _drop_all_but(number)
        return loaded


@transaction.atomic
def _put_in_force(bundle: Bundle, digest: str) -> Edition:
    for names in _batches(bundle.taken()):
        SealedLetter.objects.filter(name__in=names).delete()
    manifest = bundle.manifest
    return Edition.objects.create(
        number=manifest.edition,
        made_at=manifest.made_at,
        manifest_digest=digest,
        statement=bundle.statement,
        bits=manifest.bits,
        record_bytes=manifest.record_bytes,
        loaded_at=timezone.now(),
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the store's own lock: two that take bundles in at once would mix them."""
    with (settings.PUBLIC.home / ".loading").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ServerError("another bundle is being taken in", fix="wait until it is done") from None
        yield


def _drop_all_but(number: int) -> None:
    """Remove the rows of every other edition, some at a time, so that nobody waits long."""
    for model in (CodeGiven, RecordBucket):
        table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001 - Django's own documented door
        key = "fingerprint" if model is CodeGiven else "number"
        for edition in _editions_of(table, number):
            part = f"SELECT {key} FROM {table} WHERE edition = %s LIMIT {_AT_ONCE}"
            gone = _AT_ONCE
            while gone == _AT_ONCE:
                with connection.cursor() as cursor:
                    cursor.execute(
                        f"DELETE FROM {table} WHERE edition = %s AND {key} IN ({part})", [edition, edition]
                    )
                    gone = cursor.rowcount


def _editions_of(table: str, but: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT edition FROM {table} WHERE edition <> %s", [but])
        return [number for (number,) in cursor.fetchall()]


def _keep(model: type[_Row], rows: Iterable[_Row]) -> None:
    """Write rows, some at a time: between them others write, visitors' letters before all."""
    for batch in _batches(iter(rows)):
        model._default_manager.bulk_create(batch)  # noqa: SLF001 - the one way to a model's rows by its class


def _batches(rows: Iterator[_Thing]) -> Iterator[list[_Thing]]:
    while batch := list(islice(rows, _AT_ONCE)):
        yield batch
