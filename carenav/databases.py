"""Read the settings of the database from its URL."""

from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def database_at(url: str) -> dict[str, Any]:
    """Return Django's settings for the PostgreSQL or SQLite database at a URL.

    Raises:
        ImproperlyConfigured: it is not a URL, or is one of another database. The message does not show the URL, which
            may hold a password.
    """
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL is no database URL: postgresql://user:password@host/name or sqlite:////path/to/file"
        ) from None
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # WAL needs IMMEDIATE: with both, a writer waits for the lock; with WAL alone, it may fail at once.
        config["OPTIONS"] = config.get("OPTIONS", {}) | {
            "init_command": "PRAGMA journal_mode = WAL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
        }
    elif config["ENGINE"] == "django.db.backends.postgresql":
        if not config["NAME"]:
            raise ImproperlyConfigured(
                "DATABASE_URL names no database. In a password write # as %23, ? as %3F, / as %2F, @ as %40, % as %25"
            )
        config |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    else:
        raise ImproperlyConfigured("DATABASE_URL must be a PostgreSQL or SQLite URL")
    return config
