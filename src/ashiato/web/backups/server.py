"""The server's own backup: its cases as its database knows them, and an entry of the ledger for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from ashiato.rooms.accounts.api import get_program, record_entry
from ashiato.rooms.cases.api import CaseFile
from ashiato.terms.errors import Place, ServerError
from ashiato.web.backups.archives import recipient_named
from ashiato.web.backups.taking import Holding, Taken, take_backup


def back_up_server(to: Path, recipient: str, at: datetime, without: Collection[str] = ()) -> Taken:
    """Write an archive of data folder, database and every case; the ledger in it has an entry of it.

    ``without``: cases whose folders were destroyed on purpose. Raises: ServerError: one of these is there, or
    is no case of the server; and whatever keeps a backup from being whole.
    """
    recipient_named(recipient)
    _refuse_present(without)
    left_out = f"; without {', '.join(sorted(without))}" if without else ""
    record_entry(get_program(), "backup begun", "server", at=at, why=f"for {recipient}{left_out}")
    configuration = settings.CONFIGURATION

    def cases() -> dict[str, Path]:
        rows = CaseFile.objects.exclude(name__in=without).order_by("name")
        return {case.name: Path(case.folder) for case in rows}

    named = tuple(configuration.home / file for file in files_named(configuration.said))
    return take_backup(Holding("server", configuration, cases, named), to, recipient, at)


def _refuse_present(without: Collection[str]) -> None:
    for name in without:
        case = CaseFile.objects.filter(name=name).first()
        if case is None:
            raise ServerError(f"the server has no case `{name}`", fix="name it as the console does")
        if Path(case.folder).exists():
            what = f"the folder of the case `{name}` is there: it is backed up"
            raise ServerError(what, where=Place(case.folder), fix="leave --without away")


def files_named(said: Any) -> Iterator[str]:  # noqa: ANN401 - whatever stands in a file of YAML
    """Yield the files that a configuration names: by ``..._file``, ``..._files`` and ``secrets``."""
    if isinstance(said, list):
        for each in said:
            yield from files_named(each)
    elif isinstance(said, dict):
        for key, value in said.items():
            if key.endswith(("_file", "_files")) or key == "secrets":
                yield from _texts(value)
            else:
                yield from files_named(value)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever stands in a file of YAML
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
