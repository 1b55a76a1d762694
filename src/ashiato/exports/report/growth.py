"""The lane below the paths: how many records were reached by when, confirmed dark and at most light."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from ashiato.exports.growth_facts import GrowthFact

#: The lane's height, with the room above it.
HEIGHT, _ROOM = 96, 14
_SURE, _MOST, _INK = "#8f1d2c", "#e2b7bd", "#17222e"


def render_growth(
    growth: Sequence[GrowthFact], x: Callable[[int], float], top: int, end_us: int, labels: tuple[str, str]
) -> list[str]:
    """Return the lane as pieces of SVG, its numbers rising to the largest; nothing where nobody was reached.

    ``x``: where a time stands. ``end_us``: where the picture ends. ``labels``: what, and how many.
    """
    if not growth:
        return []
    most = max(growth[-1].at_most, 1)
    floor, right = top + HEIGHT, x(end_us)
    scale = (HEIGHT - _ROOM) / most
    counts = {_MOST: [fact.at_most for fact in growth], _SURE: [fact.at_least for fact in growth]}
    parts = []
    for fill, values in counts.items():
        points = [(x(fact.time_us), floor - v * scale) for fact, v in zip(growth, values, strict=True)]
        parts.append(f'<path d="{_outline(points, floor, right)}" fill="{fill}"/>')
    words = [
        f'<text x="0" y="{top + 40 + 18 * line}" fill="{_INK}">{escape(label)}</text>'
        for line, label in enumerate(labels)
    ]
    return [*parts, *words]


def _outline(points: Sequence[tuple[float, float]], floor: int, right: float) -> str:
    """Return the outline of a count that rises in steps: it holds until the next one."""
    steps = "".join(f"H{across:.1f}V{down:.1f}" for across, down in points)
    return f"M{points[0][0]:.1f} {floor}{steps}H{right:.1f}V{floor}Z"
