"""The figures are in Prometheus's text format, whatever a log is called."""

from __future__ import annotations

import re
from pathlib import Path

from ashiato.guard.metrics import render_metrics, write_metrics

LOG = {"lines": 7, "unread": 1, "gaps": 0, "odd_times": 2, "waiting_bytes": 90, "lag_s": 1.5}
#: https://prometheus.io/docs/instrumenting/exposition_formats, a sample line.
SAMPLE = re.compile(r'[a-z_]+(\{log="(?:[^"\\\n]|\\["\\n])*"\})? -?[0-9.]+')


def _status(log: str) -> dict[str, object]:
    return {"kept_us": 1_500_000, "alarms": 3, "logs": [LOG | {"log": log}]}


def test_every_line_is_a_comment_or_a_sample() -> None:
    text = render_metrics(_status('a\\"b\nc'))
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(samples) == 8
    assert all(SAMPLE.fullmatch(line) for line in samples)
    assert 'ashiato_guard_lines_total{log="a\\\\\\"b\\nc"} 7' in samples


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "guard.prom"
    write_metrics(path, _status("one"))
    write_metrics(path, _status("two"))
    assert path.read_text(encoding="utf-8") == render_metrics(_status("two"))
    assert list(tmp_path.iterdir()) == [path]
