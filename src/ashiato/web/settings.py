"""Django's settings, made from one operator's configuration; the only file that reads the surroundings.

Importing it writes nothing: the data folder and the secret are made when they are first needed.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.utils.functional import lazy

from ashiato.rooms.private_files import keep_private
from ashiato.web.configuration import USUAL_HOME, read_configuration
from ashiato.web.databases import database_of

ASHIATO_HOME = Path(os.environ.get("ASHIATO_HOME") or USUAL_HOME).expanduser()  # noqa: TID251 - here alone
CONFIGURATION = read_configuration(ASHIATO_HOME)
DATABASES = {"default": database_of(CONFIGURATION)}


def _secret() -> str:
    return keep_private(ASHIATO_HOME / "secret", secrets.token_urlsafe(64).encode()).decode()


SECRET_KEY = lazy(_secret, str)()
DEBUG = False
ALLOWED_HOSTS: list[str] = []
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
ROOT_URLCONF = "ashiato.web.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Staff"
LOGGING_CONFIG = None
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "ashiato.rooms.accounts",
    "ashiato.rooms.cases",
    "ashiato.rooms.notifying",
    "ashiato.rooms.publishing",
]
