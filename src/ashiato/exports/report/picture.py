"""The timeline as an SVG picture: one lane per access path, dark where many hostile events fall.

Below them, how many records had been reached by when.

Only shapes and escaped text, no style and no script, so that a strict page and the PDF can show it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from ashiato.exports.cell import show
from ashiato.exports.facts import BEATS, Facts, HoleFact, PathFact
from ashiato.exports.report.growth import HEIGHT, render_growth
from ashiato.exports.words import Words
from ashiato.terms.times import moment_of, us_of

_WIDTH, _LABELS, _LANE, _TOP, _FOOT = 960, 250, 34, 12, 40
_SPAN = _WIDTH - _LABELS - 16
_MOST_LANES = 24
_INK, _FAINT, _DARK, _HATCH = "#17222e", "#d5dce3", "#8f1d2c", "#9aa6b2"
_STEPS = [
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1),
    timedelta(hours=3), timedelta(hours=6), timedelta(hours=12), timedelta(days=1),
    timedelta(days=2), timedelta(days=7), timedelta(days=30), timedelta(days=90), timedelta(days=365),
]  # fmt: skip


def render_picture(facts: Facts, words: Words) -> str:
    """Return the picture as SVG text; empty when there is no path."""
    if not facts.paths:
        return ""
    shown = facts.paths[:_MOST_LANES]
    below = _TOP + _LANE * len(shown)
    height = below + (HEIGHT if facts.growth else 0) + _FOOT
    scale = _Scale(facts)
    parts = [_open(height, words), *_ticks(scale, facts, height)]
    labels = (words.say("report.growth"), _reached(facts, words))
    parts += render_growth(facts.growth, scale.x, below, scale.last, labels)
    for lane, path in enumerate(shown):
        parts += _lane(lane, path, scale, facts, words)
    parts += [_hole(hole, scale, height, words) for hole in facts.holes]
    return "".join([*parts, "</svg>"])


def _reached(facts: Facts, words: Words) -> str:
    if not facts.growth:
        return ""
    low, high = (words.number(value) for value in (facts.growth[-1].at_least, facts.growth[-1].at_most))
    return low if low == high else words.say("range", at_least=low, at_most=high)


class _Scale:
    """Where a time stands on the picture: the hostile events fill the width."""

    def __init__(self, facts: Facts) -> None:
        self.first = min(path.first_us for path in facts.paths)
        self.last = max(path.last_us for path in facts.paths)

    def x(self, time_us: int) -> float:
        share = (time_us - self.first) / max(self.last - self.first, 1)
        return _LABELS + _SPAN * min(max(share, 0.0), 1.0)


def _open(height: int, words: Words) -> str:
    label = quoteattr(words.say("report.picture"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" role="img" aria-label={label} '
        'font-family="Noto Sans CJK JP, Hiragino Sans, Noto Sans JP, Yu Gothic, sans-serif" font-size="12">'
    )


def _ticks(scale: _Scale, facts: Facts, height: int) -> list[str]:
    parts = []
    for moment, label in _tick_moments(scale, facts):
        x = scale.x(us_of(moment))
        anchor = "end" if x > _WIDTH - 60 else "middle"
        parts.append(
            f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{height - _FOOT + 4}" stroke="{_FAINT}"/>'
            f'<text x="{x:.1f}" y="{height - 20}" text-anchor="{anchor}" fill="{_INK}">{label}</text>'
        )
    return parts


def _tick_moments(scale: _Scale, facts: Facts) -> list[tuple[datetime, str]]:
    span = timedelta(microseconds=scale.last - scale.first)
    step = next((step for step in _STEPS if span / step <= 7), _STEPS[-1])
    first = moment_of(scale.first, facts.zone)
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [midnight + step * n for n in range(int((span + timedelta(days=1)) / step) + 2)]
    inside = [moment for moment in moments if scale.first <= us_of(moment) <= scale.last]
    pattern = "%m-%d" if step >= timedelta(days=1) else "%m-%d %H:%M"
    return [(moment, moment.strftime(pattern)) for moment in inside]


def _lane(lane: int, path: PathFact, scale: _Scale, facts: Facts, words: Words) -> list[str]:
    top = _TOP + _LANE * lane
    name = _short(f"{path.path}  {words.code('techniques', path.technique)}")
    start, end = scale.x(path.first_us), scale.x(path.last_us)
    parts = [
        f'<text x="0" y="{top + 21}" fill="{_INK}">{escape(name)}</text>',
        f'<line x1="{start:.1f}" y1="{top + 17}" x2="{end:.1f}" y2="{top + 17}" stroke="{_HATCH}"/>',
    ]
    beats = [beat for beat in facts.beats if beat.path == path.path]
    most = max((beat.events for beat in beats), default=1)
    width = max(_SPAN / BEATS, 3.0)
    for beat in beats:
        x = _LABELS + _SPAN * beat.beat / (BEATS - 1)
        shade = 0.35 + 0.65 * (beat.events / most) ** 0.5
        parts.append(
            f'<rect x="{x - width / 2:.1f}" y="{top + 6}" width="{width:.1f}" height="22" fill="{_DARK}" '
            f'fill-opacity="{shade:.2f}"/>'
        )
    return parts


def _hole(hole: HoleFact, scale: _Scale, height: int, words: Words) -> str:
    if hole.first_us is None or hole.last_us is None:
        return ""
    if hole.last_us < scale.first or hole.first_us > scale.last:
        return ""
    start, end = scale.x(hole.first_us), scale.x(hole.last_us)
    title = escape(show(f"{hole.source}: {words.say('report.picture_hole')}"))
    width = max(end - start, 2)
    return (
        f'<rect x="{start:.1f}" y="{_TOP}" width="{width:.1f}" height="{height - _FOOT - _TOP}" '
        f'fill="{_HATCH}" fill-opacity="0.35"><title>{title}</title></rect>'
    )


def _short(text: str, most: int = 30) -> str:
    clean = show(text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"
