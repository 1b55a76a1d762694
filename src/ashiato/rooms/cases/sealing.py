"""What arrived whole is sealed into its case; what nobody goes on with is given up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from ashiato.engine.api import Custody, Sealing, add_evidence, list_sealed, open_case
from ashiato.rooms.accounts.api import record_entry
from ashiato.rooms.cases.models import Arrival, Upload
from ashiato.rooms.cases.parts import KEPT, end_upload, moved_at, part_of, uploads_folder
from ashiato.terms.errors import AshiatoError

#: What nobody went on with for so long is given up.
_TO_GO_ON = timedelta(days=7)


def list_whole() -> list[Upload]:
    """Return what waits to be sealed, the first begun first."""
    return list(Upload.objects.filter(stand=Arrival.WHOLE).select_related("case", "staff").order_by("pk"))


def seal(upload: Upload, clock: Callable[[], int], at: datetime) -> bool:
    """Seal what arrived into its case, an entry of both ledgers; False, with the reason kept, where it waits.

    ``clock`` dates the entry of the case, in microseconds.
    A case that a run writes to is sealed into afterwards. Sealed twice by a worker that died in between, the
    engine knows the bytes and adds nothing. Bytes sealed before under the same name with another source or
    custodian are known: whence these came and who held them is kept in the entry, as no manifest has it.
    """
    try:
        sealing = _add(upload, clock)
        is_known = bool(sealing.already) and not _has_its_custody(upload)
    except (AshiatoError, OSError) as error:
        what = error.what if isinstance(error, AshiatoError) else f"it cannot be read: {error.strerror}"
        return _wait(upload, what)
    if sealing.skipped:
        return _wait(upload, sealing.skipped[0].reason)
    why = f"{upload.name} SHA-256 {upload.sha256}; from: {upload.source}; held by: {upload.custodian}"
    if is_known:
        why += f"; sealed before as {sealing.already[0]}"
    with transaction.atomic():
        after = Arrival.KNOWN if is_known else Arrival.SEALED
        is_first = end_upload(upload, Arrival.WHOLE, after, "", at)
        if is_first:
            record_entry(upload.staff, "evidence sent", upload.case.name, at=at, why=why)
    return is_first


def _add(upload: Upload, clock: Callable[[], int]) -> Sealing:
    path = part_of(upload)
    os.utime(path, ns=(upload.modified_us * 1000, upload.modified_us * 1000))
    case = open_case(Path(upload.case.folder), clock)
    return add_evidence(case, [path], Custody(upload.source, upload.custodian))


def _wait(upload: Upload, fault: str) -> bool:
    """Keep why it waits; nothing is written where that is known."""
    if upload.fault != fault:
        Upload.objects.filter(pk=upload.pk, stand=Arrival.WHOLE).update(fault=fault)
    return False


def _has_its_custody(upload: Upload) -> bool:
    """Tell whether these bytes stand in the manifest with this very source and custodian."""
    mine = (upload.sha256, upload.source, upload.custodian)
    sealed = list_sealed(Path(upload.case.folder))
    return any((one.original_sha256, one.source, one.custodian) == mine for one in sealed)


def sweep(at: datetime) -> None:
    """Give up what nobody goes on with, and remove what is left of uploads that are over."""
    for upload in Upload.objects.filter(stand=Arrival.RECEIVING, begun_at__lt=at - _TO_GO_ON):
        if moved_at(upload) < at - _TO_GO_ON:
            end_upload(upload, Arrival.RECEIVING, Arrival.DISCARDED, "", at)
    # The folders first: one that is made meanwhile belongs to an upload that is asked for afterwards.
    folders = list(uploads_folder().glob("*"))
    known = set(Upload.objects.filter(stand__in=KEPT).values_list("token", flat=True))
    for folder in folders:
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)
