"""What a mail provider's refusal (4xx) means: this mail's matter, or everybody's, and what to do then.

Under 400 and 422 providers say both that a mail is malformed and that the account or the sender may not send.
The second fails every mail alike: it is nobody's bounce, and waits for somebody to put it right; so does what
names neither. Sources: the providers' own lists of errors (Postmark's codes, SES v2 ``SendEmail``, SendGrid's
``field``, Mailgun's text).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ashiato.outside.messages.outcomes import About, NotAccepted

_TOO_LARGE = 413
_MALFORMED = {400, 422}
#: Codes that speak of one mail: Postmark's refused receiver and attachment, Amazon's content.
_OF_THE_MAIL = {"406", "411", "MessageRejected"}
#: What words name of the mail: its receiver, its texts, its size. A bare "to" stands in any English sentence.
_NAMES_THE_MAIL = re.compile(
    r"""['"`](?:to|cc|bcc|subject|body|html|text|htmlbody|textbody)['"`]"""
    r"""|\b(?:to|subject|html|text) (?:parameter|address|field)\b"""
    r"""|\b(?:recipients?|subject|body|attachments?|virus|too (?:large|big|long))\b""",
    re.IGNORECASE,
)
#: What words name of everybody's: the sender, the account, its domain and plan.
_NAMES_THE_ACCOUNT = re.compile(
    r"\b(?:from|sender|signature|accounts?|domains?|verified|authoriz\w+|allowed|plan|quota|credits?|keys?|tokens?)\b",
    re.IGNORECASE,
)
_TO_DO = {
    401: "check the key of the provider in server.yaml",
    402: "the provider's account is not paid",
    403: "check what the provider's key and account may do",
    404: "check the address and the domain of the provider in server.yaml",
    429: "slower: `rates:`, or a larger quota at the provider",
}
_LOOK = "check the account, the sender and its domain at the provider"


def refused(status: int, answer: Mapping[str, Any] | str, words: str, wait_s: int = 0) -> NotAccepted:
    """Return what a refusal says; ``answer`` as the provider gave it, ``words`` of it fit to keep.

    ``wait_s``: for how many seconds it asks to be left alone.
    """
    about = _about(status, _read(answer))
    cause = f"the provider refuses: {status} {words}".rstrip()
    if about == "service":
        return NotAccepted(f"{_TO_DO.get(status, _LOOK)}: {cause}", permanent=False, wait_s=wait_s)
    return NotAccepted(cause, permanent=True, about=about)


def _read(answer: Mapping[str, Any] | str) -> Mapping[str, Any]:
    if not isinstance(answer, str):
        return answer
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _about(status: int, said: Mapping[str, Any]) -> About:
    """Only what names the mail fails it: else one fault of the account would fail everybody for good."""
    if status == _TOO_LARGE:
        return "message"
    return "message" if status in _MALFORMED and _is_of_the_mail(said) else "service"


def _is_of_the_mail(said: Mapping[str, Any]) -> bool:
    errors = said.get("errors")
    if isinstance(errors, list) and errors:
        return all(isinstance(each, dict) and _is_own_field(each) for each in errors)
    code, text = _code_and_text(said)
    if _NAMES_THE_ACCOUNT.search(text):
        return False
    return code in _OF_THE_MAIL or bool(_NAMES_THE_MAIL.search(text))


def _is_own_field(error: Mapping[str, Any]) -> bool:
    """Whether an error of SendGrid's names a field of the mail other than its sender."""
    field = error.get("field")
    if isinstance(field, str) and field:
        return field.partition(".")[0] not in {"from", "reply_to"}
    return _is_of_the_mail({"message": error.get("message")})


def _code_and_text(said: Mapping[str, Any]) -> tuple[str, str]:
    """Return the code and the words of an answer of Amazon, Postmark or Mailgun; "" what is not there."""
    if isinstance(said.get("Error"), Mapping):
        return str(said["Error"].get("Code") or ""), str(said["Error"].get("Message") or "")
    return str(said.get("ErrorCode", "")), str(said.get("Message") or said.get("message") or "")
