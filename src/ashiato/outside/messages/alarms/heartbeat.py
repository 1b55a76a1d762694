"""A sign of life to a watch outside the house, which tells its people when it stops coming."""

from __future__ import annotations

from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ashiato.outside.messages.nearness import is_this_machine
from ashiato.outside.messages.outcomes import MessageError, shown
from ashiato.outside.messages.secrets import Secret

_TIMEOUT = 10.0


class _Nowhere(HTTPRedirectHandler):
    """Follows nobody to another address: that might be in clear text, and the secret is in ours."""

    def redirect_request(self, *_: object) -> None:
        """Answer that there is nothing to ask for: the redirect itself is then a refusal."""


def show_life(address: Secret) -> str:
    """Ask for an address; returns why nobody took it, and nothing where somebody did.

    Raises: MessageError: it is no address of HTTPS, nor one of this machine.
    """
    parts = urlsplit(address.text)
    is_near = parts.scheme == "http" and is_this_machine(parts.hostname or "")
    if parts.scheme != "https" and not is_near:
        what = "the address of the watch outside is not one of https"
        raise MessageError(what, fix="write https://.. into its file")
    request = Request(address.text, headers={"User-Agent": "ashiato"})  # noqa: S310 - checked above
    try:
        with build_opener(_Nowhere).open(request, timeout=_TIMEOUT):
            return ""
    except (URLError, OSError, ValueError) as error:
        return shown(str(getattr(error, "reason", error))) or type(error).__name__
