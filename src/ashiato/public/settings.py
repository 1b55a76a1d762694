"""Django's settings of the public pages: no session, no cookie, nobody signs in.

The only file of them that reads the surroundings.
"""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path

from django.utils.functional import lazy

from ashiato.public.configuration import read_public
from ashiato.rooms.private_files import keep_private
from ashiato.web.databases import database_of

PUBLIC_HOME = Path(os.environ["ASHIATO_PUBLIC_HOME"])  # noqa: TID251 - here alone
PUBLIC = read_public(PUBLIC_HOME)
#: A connection is kept; one that broke is found out by the request that meets it, not asked before each.
DATABASES = {"default": database_of(PUBLIC.database) | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False}}


@cache
def _secret() -> str:
    return keep_private(PUBLIC_HOME / "secret", secrets.token_urlsafe(64).encode()).decode()


SECRET_KEY = lazy(_secret, str)()
DEBUG = False
ALLOWED_HOSTS = list(PUBLIC.hosts)
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
ROOT_URLCONF = "ashiato.public.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING_CONFIG = None
APPEND_SLASH = False
INSTALLED_APPS = ["ashiato.public"]
MIDDLEWARE = [
    "ashiato.public.gates.safe_answers",
    "ashiato.public.gates.own_forms_only",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"builtins": ["ashiato.public.reading_aids"]},
    }
]
#: A form is some lines of text; nothing is uploaded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 65_536
DATA_UPLOAD_MAX_NUMBER_FIELDS = 40
FILE_UPLOAD_HANDLERS: list[str] = []
