"""Triggers that refuse to change or delete an access event, on both databases.

Whoever owns the database can take them away: they stop a slip and a stolen account of the desk. What the owner does
shows in the chain (recommend/desk/audit.py). A migration that alters the table makes it anew on SQLite, without its
triggers: put them back with `create`; a test tries them.
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
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    names = [f"{TABLE}_append_only_{verb}" for verb in _VERBS[connection.vendor]]
    _run(connection, [f"DROP TRIGGER IF EXISTS {name}{on_table}" for name in names])


def in_place(connection: BaseDatabaseWrapper) -> bool:
    """Whether every trigger is there and on."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT[connection.vendor])
        return cursor.fetchone()[0] >= len(_VERBS[connection.vendor])


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
