"""Services that Apprise knows, by the address that names each: no key, no reason why not, and no asking."""

from __future__ import annotations

import logging

from apprise import Apprise, AppriseAsset, NotifyFormat, PersistentStoreMode

# What it logs names numbers and shows texts.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


def find_service(address: str) -> Apprise | None:
    """Return the service of an address, which keeps nothing on disk; None where Apprise knows none."""
    found = Apprise(asset=AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, async_mode=False))
    return found if found.add(address) else None


def is_told(service: Apprise, text: str, title: str = "") -> bool:
    """Hand a text over as plain text; True where the service said yes."""
    return bool(service.notify(body=text, title=title, body_format=NotifyFormat.TEXT))
