"""Corporate forms: 株式会社, (株), ㈱, K.K. and their like, taken off so that the name itself is compared.

Source of the forms: Companies Act article 6, and the abbreviations banks use for transfers (カ）, ユ）).
"""

from __future__ import annotations

import re

_FORMS = (
    "株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|特定非営利活動法人|npo法人|医療法人社団|医療法人財団"
    "|医療法人|社会福祉法人|学校法人|宗教法人|公益社団法人|公益財団法人|一般社団法人|一般財団法人|社団法人"
    "|財団法人|独立行政法人|国立大学法人|農業協同組合|協同組合|税理士法人|弁護士法人"
)
_SHORT = r"\((?:株|有|同|資|名|相|医|社|学|宗|財|独)\)"
_TRANSFER = r"^(?:カ|ユ|ド|シ|メ|イ|フク|ガク|シャ|ザイ)\)|\((?:カ|ユ|ド|シ|メ)\)?$"
_ENGLISH = (
    r"\b(?:k\.?k\.?|co\.?,? ?ltd\.?|inc\.?|corp(?:oration)?\.?|ltd\.?|limited|llc|llp|gmbh|plc|pty|company)"
    r"(?=\W|$)"
)
# No form is without one of these; most names are.
_SIGN = re.compile("[会法組()a-z]", re.IGNORECASE)
_ANY = re.compile(f"{_FORMS}|{_SHORT}|{_TRANSFER}|{_ENGLISH}", re.IGNORECASE)


def is_company(name: str) -> bool:
    """Tell whether a cleaned name has a corporate form."""
    return _SIGN.search(name) is not None and _ANY.search(name) is not None


def company_name(name: str) -> str:
    """Return a cleaned corporate name without its form; the name as it is where nothing else is left."""
    bare = _ANY.sub(" ", name).strip(" .,・")
    return bare or name
