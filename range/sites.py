"""The applications of the range, by name."""

from __future__ import annotations

from range.agency.site import AGENCY
from range.insurer.site import INSURER

SITES = {site.name: site for site in (INSURER, AGENCY)}
