"""The process that answers browsers: our pages by gunicorn."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

from ashiato.terms.errors import ServerError
from ashiato.web.addresses import Site
from ashiato.web.wording import built_files

_THREADS = 8
_SECONDS = 120
#: Before a worker that was killed is started anew.
_SECONDS_TO_WORKER = 1.0


class PageServer(BaseApplication):  # type: ignore[misc]  # the library has no types
    """gunicorn over our pages: one process, some threads, nothing of it configured elsewhere."""

    def __init__(self, site: Site, *, with_worker: bool) -> None:
        """``site``: where to listen, and whose word on the client's address is taken."""
        self._site, self._with_worker = site, with_worker
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's own."""
        said: dict[str, Any] = {
            "bind": f"{self._site.bind}:{self._site.port}",
            "workers": 1,
            "threads": _THREADS,
            "timeout": _SECONDS,
            "forwarded_allow_ips": self._site.proxy or "127.0.0.1",
            "errorlog": "-",
            "loglevel": "warning",
            "graceful_timeout": 5,
            "control_socket_disable": True,
        }
        if self._with_worker:
            said["post_worker_init"] = _keep_worker
        for name, value in said.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - gunicorn's own
        """Return the application; refuses to begin where the pages are not built."""
        built_files()
        logging.basicConfig(level=logging.WARNING)
        return get_wsgi_application()


def site_here(port: int | None) -> Site:
    """Return where to listen: as the operator's file says, or at a port of this machine that is named."""
    site: Site = settings.SITE
    if port is None or port == site.port:
        return site
    if site.is_secure:
        what = f"the console is reached at {site.origin}, and at no port of this machine"
        raise ServerError(what, fix="leave --port out, or change web.port in server.yaml")
    settings.CSRF_TRUSTED_ORIGINS = [f"http://localhost:{port}"]
    return replace(site, origin=f"http://localhost:{port}", port=port, bind="127.0.0.1")


def serve_pages(site: Site, *, with_worker: bool) -> None:
    """Serve until told to stop; with a worker that runs what staff start."""
    built_files()
    PageServer(site, with_worker=with_worker).run()


def _keep_worker(_pages: object) -> None:
    """Keep a worker beside this process of pages: started anew when it dies, and gone when this one is.

    Not in the process above it, which forks: a thread there would be half copied.
    """
    threading.Thread(target=_start_again_and_again, daemon=True).start()


def _start_again_and_again() -> None:
    words = [sys.executable, "-m", "ashiato.web.runner", str(settings.ASHIATO_HOME)]
    while True:
        subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True).wait()  # noqa: S603 - our own words, no shell
        time.sleep(_SECONDS_TO_WORKER)
