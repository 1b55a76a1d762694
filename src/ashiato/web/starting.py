"""Start the server's side inside a process: find its parts, make its folder, renew its database."""

from __future__ import annotations

import os
from pathlib import Path

from ashiato.terms.errors import ServerError


def start(home: Path | None = None) -> None:
    """Make Django ready over a data folder: the named one, else the surroundings', else the usual one.

    Raises: ServerError: the server's parts are not installed, or its configuration is wrong.
    """
    if home is not None:
        os.environ["ASHIATO_HOME"] = str(home)  # noqa: TID251 - settings read it from here
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ashiato.web.settings")  # noqa: TID251 - Django's own door
    try:
        import django  # noqa: PLC0415 - an extra: what needs no server must not need it
        from django.conf import settings  # noqa: PLC0415
    except ModuleNotFoundError as error:
        what = "the server's parts are not installed"
        raise ServerError(what, fix="install them: pip install 'ashiato[server]'") from error
    settings.ASHIATO_HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    django.setup()


def has_database() -> bool:
    """Tell whether the rooms' tables were ever made; asking makes no file."""
    from django.db import connection  # noqa: PLC0415 - ready only after start()

    if has_own_database() and not Path(connection.settings_dict["NAME"]).exists():
        return False
    return "notifying_campaign" in connection.introspection.table_names()


def has_own_database() -> bool:
    """Tell whether the database is a file of this machine's, which no other server shares."""
    from django.db import connection  # noqa: PLC0415 - ready only after start()

    return connection.vendor == "sqlite"


def bring_up_to_date() -> None:
    """Apply what the database lacks of the rooms' migrations; none is lacking the second time."""
    from django.core.management import call_command  # noqa: PLC0415 - ready only after start()
    from django.db import connection  # noqa: PLC0415

    if has_own_database():
        Path(connection.settings_dict["NAME"]).touch(mode=0o600)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
