"""A logo that was accepted, and how large it is printed."""

from __future__ import annotations

from dataclasses import dataclass

#: The room of a logo above the sender's block, in mm.
ROOM = (60.0, 7.5)


@dataclass(frozen=True)
class Logo:
    """A logo that may be printed. ``kind``: png or svg; ``ratio``: its width over its height."""

    kind: str
    content: bytes
    ratio: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in mm, as large as there is room."""
        width, height = ROOM
        return (width, width / self.ratio) if self.ratio > width / height else (height * self.ratio, height)
