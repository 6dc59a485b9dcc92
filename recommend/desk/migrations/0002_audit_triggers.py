"""Make the access log append-only, and begin its chain.

The SQL stands here in full, so that later edits of the code cannot change what this migration did.
"""

from django.db import migrations

from carenav.plumbing.crypto import blind_index

TABLE = "desk_accessevent"

TRIGGERS = {
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


def create_triggers(apps, schema_editor):
    for statement in TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def begin_chain(apps, schema_editor):
    """Sign the head of the empty chain, as every later head is signed: over the row count and the last hash."""
    signature = blind_index("audit head", "0:")
    apps.get_model("desk", "ChainHead").objects.create(pk=1, count=0, hash="", signature=signature)


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]

    operations = [
        # Nothing to undo: the tables go with 0001, and the triggers with them.
        migrations.RunPython(create_triggers, migrations.RunPython.noop),
        migrations.RunPython(begin_chain, migrations.RunPython.noop),
    ]
