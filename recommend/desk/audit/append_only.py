"""Database triggers that reject changes to access events, on SQLite and PostgreSQL.

They protect against mistakes and stolen staff accounts. The owner of the database can drop them, but the chain
(chain.py) still reveals a change. On SQLite, a migration that alters the table recreates it without its triggers and
must call ``create`` again; a test checks that they exist.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "desk_accessevent"

_CREATE = {
    "sqlite": [
        f"""CREATE TRIGGER {TABLE}_append_only_{verb} BEFORE {verb} ON {TABLE}
        BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"""
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        f"""CREATE OR REPLACE FUNCTION {TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{TABLE} is append-only'; END $$""",
        *[
            f"""CREATE TRIGGER {TABLE}_append_only_{verb} BEFORE {verb} ON {TABLE}
            FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_append_only()"""
            for verb in ("UPDATE", "DELETE", "TRUNCATE")
        ],
    ],
}
_COUNT = {
    "sqlite": f"SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{TABLE}'",  # noqa: S608
    "postgresql": f"""SELECT count(*) FROM pg_trigger WHERE tgrelid = '{TABLE}'::regclass
        AND NOT tgisinternal AND tgenabled <> 'D'""",  # noqa: S608
}
_VERBS = {"sqlite": ["UPDATE", "DELETE"], "postgresql": ["UPDATE", "DELETE", "TRUNCATE"]}


def create(connection: BaseDatabaseWrapper) -> None:
    _run(connection, _CREATE[connection.vendor])


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, if they exist. Only for tests, which have to empty the table."""
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    names = [f"{TABLE}_append_only_{verb}" for verb in _VERBS[connection.vendor]]
    _run(connection, [f"DROP TRIGGER IF EXISTS {name}{on_table}" for name in names])


def in_place(connection: BaseDatabaseWrapper) -> bool:
    """Return whether every trigger exists and is enabled."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT[connection.vendor])
        return int(cursor.fetchone()[0]) >= len(_VERBS[connection.vendor])


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
