"""The document of the interface for programs, as the server would serve it."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from ashiato.web.starting import start

PAGE = Path(__file__).resolve().parent / "reference" / "openapi.json"


def main() -> None:
    """Write it: over a data folder that is gone afterwards, as asking for it needs no data."""
    with TemporaryDirectory() as home:
        start(Path(home))
        from ashiato.web.api.routes import api  # noqa: PLC0415 - ready only once started

        PAGE.write_text(json.dumps(api.get_openapi_schema(), indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
