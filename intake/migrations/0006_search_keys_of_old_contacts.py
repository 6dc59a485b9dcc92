from django.db import migrations


def fill(apps, schema_editor):
    from intake import search_keys

    search_keys.fill(*(apps.get_model("intake", name) for name in ("ContactDetails", "ContactSearchKey")))


class Migration(migrations.Migration):
    """Store the blind indexes of parts for contact details that came before. Can be stopped and run again."""

    atomic = False

    dependencies = [("intake", "0005_search_keys")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
