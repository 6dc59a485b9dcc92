"""Give every open case a next action with a date; cases that are open already are due now, and finished ones have none."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FINISHED = ("placed", "closed")


def date_existing_cases(apps, schema_editor):
    cases = apps.get_model("desk", "Case").objects.using(schema_editor.connection.alias)
    cases.filter(status__in=FINISHED).update(next_action="", next_action_at=None)
    # The new columns' defaults made the others a first contact, due now.
    cases.exclude(status__in=FINISHED).exclude(status="new").update(next_action="review")


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0002_audit_triggers'),
        ('intake', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='next_action',
            field=models.CharField(blank=True, choices=[('first_contact', 'First contact'), ('try_again', 'Try again'), ('call_back', 'Call back'), ('check_placement', 'Check placement'), ('review', 'Review')], default='first_contact', max_length=16),
        ),
        migrations.AddField(
            model_name='case',
            name='next_action_at',
            field=models.DateTimeField(blank=True, default=django.utils.timezone.now, null=True),
        ),
        migrations.RunPython(date_existing_cases, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='casechange',
            name='what',
            field=models.CharField(choices=[('status', 'Status'), ('assignee', 'Assigned to'), ('acknowledged', 'Acknowledged'), ('outcome', 'Outcome'), ('contact', 'Contact attempt'), ('note', 'Note'), ('disposition', 'Disposition'), ('next', 'Next step'), ('stale', 'To be looked at again'), ('resent', 'Sent again by the person'), ('erased', 'Deleted by the person')], max_length=14),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), models.Q(('status__in', ('new', 'in_contact', 'assessed')), ('stale_since__isnull', False), _connector='OR')), fields=['next_action_at'], name='case_by_next_action'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_action__in', ['first_contact', 'try_again', 'call_back', 'check_placement', 'review']), ('next_action_at__isnull', False), ('status__in', ('new', 'in_contact', 'assessed'))), models.Q(('next_action', ''), ('next_action_at__isnull', True), ('status__in', ('placed', 'closed'))), _connector='OR'), name='case_open_has_a_next_action'),
        ),
    ]
