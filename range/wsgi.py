"""Where gunicorn finds an application: ``range.wsgi:application("insurer", "folder", 15432)``."""

from __future__ import annotations

from pathlib import Path

from range.site.application import Application
from range.site.connections import Connections
from range.site.sessions import Sessions
from range.sites import SITES


def application(name: str, folder: str, port: int) -> Application:
    """Return the application of a site whose database listens on ``port``."""
    site = SITES[name]
    connections = Connections(site.engine, port, site.name)
    return Application(site, connections, Sessions(site, connections, Path(folder) / "app" / "auth.log"))
