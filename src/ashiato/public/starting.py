"""Start the public pages' side inside a process: over its own folder, with its own settings."""

from __future__ import annotations

import os
from pathlib import Path

from ashiato.terms.errors import ServerError


def start(home: Path) -> None:
    """Make Django ready over the folder of the public pages, and its tables what they have to be.

    Raises: ServerError: the server's parts are not installed, or the folder's file is wrong.
    """
    os.environ["ASHIATO_PUBLIC_HOME"] = str(home.absolute())  # noqa: TID251 - settings read it from here
    os.environ["DJANGO_SETTINGS_MODULE"] = "ashiato.public.settings"  # noqa: TID251 - Django's own door
    try:
        import django  # noqa: PLC0415 - an extra: what needs no server must not need it
    except ModuleNotFoundError as error:
        what = "the server's parts are not installed"
        raise ServerError(what, fix="install them: pip install 'ashiato[server]'") from error
    django.setup()
    from ashiato.web.starting import bring_up_to_date  # noqa: PLC0415 - ready only once set up

    bring_up_to_date()
