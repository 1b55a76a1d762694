"""The worker that `ashiato serve` keeps beside its pages: ``python -m ashiato.web.runner HOME``.

It ends with its standard input: whoever started it is gone then.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from ashiato.web.signals import listening
from ashiato.web.starting import start


def main(home: Path) -> None:
    """Take up runs until standard input ends, or until told to stop, as a service manager tells all alike."""
    gone = threading.Event()

    def heed() -> None:
        while os.read(0, 1):
            pass
        gone.set()

    threading.Thread(target=heed, daemon=True).start()
    start(home)
    from ashiato.web.running import work  # noqa: PLC0415 - ready only once started

    with listening() as stopped:
        work(lambda: gone.is_set() or stopped())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
