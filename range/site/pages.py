"""Rows as pages, JSON and CSV; every row that leaves bears its person's key."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date

from markupsafe import escape
from werkzeug.wrappers import Response

from range.site.connections import Row

PAGE = 50


def render_page(title: str, tables: Iterable[Sequence[Row]], key: str) -> Response:
    """Return a page of tables; a row says its column ``key`` in ``data-key``, nothing where it is nobody."""
    body = "".join(f"<table>{''.join(_line(row, key) for row in rows)}</table>" for rows in tables)
    text = f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><h1>{escape(title)}</h1>{body}"
    return Response(text, mimetype="text/html")


def render_json(said: object) -> Response:
    """Return JSON."""
    return Response(json.dumps(said, ensure_ascii=False, default=_plain), mimetype="application/json")


def render_csv(rows: Sequence[Row]) -> Response:
    """Return a file of rows, under their columns' names."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    headers = {"Content-Disposition": 'attachment; filename="export.csv"'}
    return Response(text.getvalue(), mimetype="text/csv", headers=headers)


def _line(row: Row, key: str) -> str:
    cells = "".join(f"<td>{escape(value)}</td>" for value in row.values())
    return f'<tr data-key="{escape(row.get(key, ""))}">{cells}</tr>'


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    message = f"no JSON for {type(value).__name__}"
    raise TypeError(message)
