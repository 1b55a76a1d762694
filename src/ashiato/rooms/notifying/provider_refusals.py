"""What a mail provider's refusal (4xx) means: this mail's matter, or everybody's, and what to do then.

Under 400 and 422 providers say both that a mail is malformed and that the account or the sender may not send.
The second fails every mail alike: it is nobody's bounce, and waits for somebody to put it right. Sources: the
providers' own lists of errors (Postmark's codes, SES v2 ``SendEmail``, SendGrid's ``field``, Mailgun's text).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ashiato.outside.messages.outcomes import About, NotAccepted

_OF_THE_MESSAGE = {400, 413, 422}
#: Postmark: the mail cannot be read or taken. Its other codes speak of the token, the sender or the account.
_POSTMARK = {300, 402, 403, 411}
#: Amazon: the mail itself. Its other names speak of the account, its limits or its domains.
_AMAZON = {"MessageRejected", "BadRequestException"}
_TO_DO = {
    401: "check the key of the provider in server.yaml",
    402: "the provider's account is not paid",
    403: "check what the provider's key and account may do",
    404: "check the address and the domain of the provider in server.yaml",
    429: "slower: `rates:`, or a larger quota at the provider",
}
_LOOK = "check the account, the sender and its domain at the provider"


def refused(status: int, answer: Mapping[str, Any] | str, words: str) -> NotAccepted:
    """Return what a refusal says; ``answer`` as the provider gave it, ``words`` of it fit to keep."""
    about = _about(status, _read(answer))
    cause = f"the provider refuses: {status} {words}".rstrip()
    if about == "service":
        return NotAccepted(f"{_TO_DO.get(status, _LOOK)}: {cause}", permanent=False)
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
    return "message" if status in _OF_THE_MESSAGE and not _of_the_sender(said) else "service"


def _of_the_sender(said: Mapping[str, Any]) -> bool:
    """Whether an answer names the account or the sender; one that names nothing speaks of the mail."""
    if isinstance(said.get("Error"), Mapping):
        code, text = (str(said["Error"].get(each) or "") for each in ("Code", "Message"))
        # boto3 gives the bare status where Amazon named nothing.
        return not code.isdigit() and (code not in _AMAZON or "not verified" in text)
    if isinstance(said.get("ErrorCode"), int):
        return said["ErrorCode"] not in _POSTMARK
    if isinstance(said.get("errors"), list):
        return any(isinstance(each, dict) and _is_sender(each.get("field")) for each in said["errors"])
    return "'from'" in str(said.get("message", ""))


def _is_sender(field: object) -> bool:
    return isinstance(field, str) and field.partition(".")[0] == "from"
