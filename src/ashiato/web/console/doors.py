"""Doors of pages: every view says who may open it, and is asked for nothing before that is settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Concatenate
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from ashiato.engine.api import Case, open_case
from ashiato.rooms.accounts.api import Staff
from ashiato.rooms.cases.api import CaseFile, Permission, Role, permissions_of, roles_in
from ashiato.rooms.living import now_us
from ashiato.web.entering import note_refusal

_View = Callable[..., HttpResponseBase]


class Door(StrEnum):
    """Who may open a page that belongs to no case."""

    PUBLIC = "everybody"
    STAFF = "everybody who works here"


#: Who may open each view; a test holds that none is missing.
DOORS: dict[_View, Door | Permission] = {}
#: Pages that sign-in brings with it, by the names of their addresses.
LIBRARY_DOORS = {
    "account_login": Door.PUBLIC,
    "account_logout": Door.PUBLIC,
    "account_inactive": Door.PUBLIC,
    "account_reset_password_from_key": Door.PUBLIC,
    "account_reset_password_from_key_done": Door.PUBLIC,
    "mfa_authenticate": Door.PUBLIC,
    "mfa_login_webauthn": Door.PUBLIC,
    "set_language": Door.PUBLIC,
    "account_reauthenticate": Door.STAFF,
    "account_change_password": Door.STAFF,
    "usersessions_list": Door.STAFF,
    "mfa_index": Door.STAFF,
    "mfa_reauthenticate": Door.STAFF,
    "mfa_activate_totp": Door.STAFF,
    "mfa_deactivate_totp": Door.STAFF,
    "mfa_view_recovery_codes": Door.STAFF,
    "mfa_generate_recovery_codes": Door.STAFF,
    "mfa_download_recovery_codes": Door.STAFF,
    "mfa_list_webauthn": Door.STAFF,
    "mfa_add_webauthn": Door.STAFF,
    "mfa_reauthenticate_webauthn": Door.STAFF,
    "mfa_edit_webauthn": Door.STAFF,
    "mfa_remove_webauthn": Door.STAFF,
}


@dataclass(frozen=True)
class CaseRequest:
    """One request for a page of a case, by somebody who may see it.

    ``within``: what they may do here at most, whatever their roles say; a program's token says less than all.
    ``token``: the first part of that token; empty where a person asks.
    """

    request: HttpRequest
    staff: Staff
    file: CaseFile
    roles: tuple[Role, ...]
    within: frozenset[Permission] = frozenset(Permission)
    token: str = ""

    @property
    def may(self) -> frozenset[Permission]:
        """What they may do in this case."""
        return permissions_of(self.roles) & self.within

    @property
    def case(self) -> Case:
        """The case's folder, open."""
        return open_case(Path(self.file.folder), now_us)

    @property
    def now(self) -> datetime:
        """The moment of the request, aware."""
        return timezone.now()

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the case, in which its times are told."""
        return self.case.zone


_CaseView = Callable[Concatenate[CaseRequest, ...], HttpResponseBase]


def staff_of(request: HttpRequest) -> Staff:
    """Return who is signed in; PermissionDenied where nobody is."""
    if not isinstance(request.user, Staff):
        raise PermissionDenied
    return request.user


def everybody(view: _View) -> _View:
    """Mark a view as open to everybody."""
    DOORS[view] = Door.PUBLIC
    return view


def of_staff(view: _View) -> _View:
    """Open a view to everybody who works here."""
    opened = login_required(view)
    DOORS[opened] = Door.STAFF
    return opened


def in_case(permission: Permission) -> Callable[[_CaseView], _View]:
    """Open a view of a case to those with a permission there.

    To somebody without any role in it a case is not there at all (404); one whose role does not reach so
    far is told so (403).
    """

    def open_to(view: _CaseView) -> _View:
        @login_required
        @wraps(view)
        def opened(request: HttpRequest, case: str, **named: object) -> HttpResponseBase:
            return view(case_opened(request, staff_of(request), case, permission), **named)

        DOORS[opened] = permission
        return opened

    return open_to


def case_opened(
    request: HttpRequest,
    staff: Staff,
    name: str,
    permission: Permission,
    within: frozenset[Permission] = frozenset(Permission),
) -> CaseRequest:
    """Return a case as somebody may see it; Http404 without any role in it, PermissionDenied without this."""
    file = CaseFile.objects.filter(name=name).first()
    roles = roles_in(file, staff) if file else ()
    if file is None or not roles:
        note_refusal(request, staff, "a case of others")
        raise Http404
    here = CaseRequest(request, staff, file, roles, within)
    if permission not in here.may:
        note_refusal(request, staff, permission)
        raise PermissionDenied
    return here
