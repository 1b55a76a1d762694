"""Serve the pages: processes with threads, started anew when one dies; nothing is logged of who asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication
from whitenoise import WhiteNoise

from ashiato.public.built import built_files
from ashiato.public.gates import HEADERS

_THREADS = 4
_SECONDS = 30


class _Serving(BaseApplication):  # type: ignore[misc]  # gunicorn tells no types
    """gunicorn, set up by our file and not by the surroundings."""

    def load_config(self) -> None:
        """Take what the operator said."""
        public = settings.PUBLIC
        said: dict[str, Any] = {
            "bind": public.listen,
            "workers": public.processes,
            "threads": _THREADS,
            "timeout": _SECONDS,
            "graceful_timeout": 5,
            "limit_request_line": 2_048,
            "limit_request_fields": 60,
            "loglevel": "warning",
            "proc_name": "ashiato-public",
            "control_socket_disable": True,
        }
        for name, value in said.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> WhiteNoise:
        """Return the pages, and in front of them the files that never change."""
        files = Path(__file__).resolve().parent / "static"
        pages = WhiteNoise(
            get_wsgi_application(),
            root=files,
            prefix="static/",
            add_headers_function=_add_headers,
            immutable_file_test=r"^.+-[0-9A-Z]{8}\..+$",
        )
        for address, path in built_files().items():
            pages.add_file_to_dictionary(address, str(path))
        return pages


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value


def serve() -> None:
    """Serve until told to stop."""
    _Serving().run()
