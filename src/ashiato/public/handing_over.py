"""Hand over what people sent, as a file of sealed letters; counts older than a day are removed meanwhile."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ashiato.public.counting import HOUR
from ashiato.public.models import SealedLetter, Tally

_KEPT_HOURS = 24


def hand_over(path: Path) -> int:
    """Write every sealed letter into a new file; returns how many.

    They stay here until a bundle says that the console has them, so a file that is lost loses nobody's words.
    """
    count = 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for sealed in SealedLetter.objects.order_by("pk").values_list("sealed", flat=True).iterator(500):
            file.write(bytes(sealed))
            count += 1
        file.flush()
        os.fsync(file.fileno())
    Tally.objects.filter(hour__lt=int(time.time() // HOUR) - _KEPT_HOURS).delete()
    return count
