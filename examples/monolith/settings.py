"""Django's settings. What differs from machine to machine comes from the environment only.

STRANGLER_DEMO_DATABASE (required): path of the SQLite file. STRANGLER_DEMO_HOSTS: the Host names served, with commas;
loopback by default.
"""

import os
import secrets

from django.core.exceptions import ImproperlyConfigured


def _database_path() -> str:
    path = os.environ.get("STRANGLER_DEMO_DATABASE")
    if not path:
        raise ImproperlyConfigured("set STRANGLER_DEMO_DATABASE to the path of the SQLite file")
    return path


DEBUG = False
SECRET_KEY = secrets.token_urlsafe(50)  # nothing is signed, so it need not outlive the process
ALLOWED_HOSTS = os.environ.get("STRANGLER_DEMO_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
ROOT_URLCONF = "examples.monolith.urls"
INSTALLED_APPS = ["examples.monolith.payments"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # Content-Length, and the check of Host
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A write takes the lock when it begins: an idempotency key is looked up, and its work done, by one request at a time.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _database_path(),
        "OPTIONS": {
            "timeout": 10,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        },
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["console"], "level": "ERROR"}},
}
