"""``ashiato worker``: what runs investigations that staff ask for in the console."""

from __future__ import annotations


def worker() -> None:
    """Take up the runs that staff start in the console, until stopped (Ctrl-C).

    Needed where several servers share a PostgreSQL; on SQLite `ashiato serve` brings its own. A run that is
    at hand when it stops, or is killed, is taken up again by the next.
    """
    from ashiato.cli.started import start_server

    start_server()
    from ashiato.web.running import work
    from ashiato.web.signals import listening

    with listening() as stopped:
        work(stopped)
