"""Store until when the first contact is due. Cases that are there already keep the limit that held for them: a day."""

from datetime import timedelta

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def a_day_after_it_was_sent(apps, schema_editor):
    cases = apps.get_model("desk", "Case").objects.using(schema_editor.connection.alias)
    cases.update(contact_by=models.F("opened_at") + timedelta(days=1))


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0004_tiers'),
        ('intake', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='case',
            options={'permissions': [('lead_case', 'Can see to escalated cases')]},
        ),
        migrations.RemoveConstraint(
            model_name='case',
            name='case_open_has_a_next_action',
        ),
        migrations.AddField(
            model_name='case',
            name='contact_by',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='case',
            name='lead_told_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(a_day_after_it_was_sent, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='case',
            name='next_action',
            field=models.CharField(blank=True, choices=[('first_contact', 'First contact'), ('try_again', 'Try again'), ('call_back', 'Call back'), ('check_placement', 'Check placement'), ('review', 'Review'), ('lead_review', 'Lead to review')], default='first_contact', max_length=16),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), models.Q(('status__in', ('new', 'in_contact', 'assessed')), ('stale_since__isnull', False), _connector='OR')), fields=['next_action_at'], name='case_by_next_action'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_action__in', ['first_contact', 'try_again', 'call_back', 'check_placement', 'review', 'lead_review']), ('next_action_at__isnull', False), ('status__in', ('new', 'in_contact', 'assessed'))), models.Q(('next_action', ''), ('next_action_at__isnull', True), ('status__in', ('placed', 'closed'))), _connector='OR'), name='case_open_has_a_next_action'),
        ),
    ]
