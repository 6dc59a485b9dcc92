"""Sort cases by tier instead of urgent or not, and store why each is urgent, so that lists need no answers.

A stored recommendation has the marks. That too little is known to be sure is worked out only for cases sent from now on.
"""

from django.conf import settings
from django.db import migrations, models

NOW, TODAY, SOON = 1, 2, 3
BATCH = 500


def sort_existing_cases(apps, schema_editor):
    cases = apps.get_model("desk", "Case").objects.using(schema_editor.connection.alias)
    cases.filter(urgent=False, level="php").update(tier=SOON)
    urgent = cases.filter(urgent=True).values_list("pk", "level", "submission__recommendation__outcome")
    found = []
    for pk, level, outcome in urgent.iterator(chunk_size=BATCH):
        crisis = (outcome or {}).get("crisis") or []
        kinds = list(dict.fromkeys([*crisis, *((outcome or {}).get("urgent") or [])]))
        because = ",".join(kinds) or ("evaluation" if level else "no_level")
        found.append((pk, NOW if crisis else TODAY, because))
    for pk, tier, because in found:
        cases.filter(pk=pk).update(tier=tier, urgent_because=because)
    languages = cases.values_list("submission__language", flat=True).order_by().distinct()
    for language in [each for each in languages if each]:
        cases.filter(submission__language=language).update(language=language)


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0003_next_action'),
        ('intake', '0001_initial'),
        ('recommend', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='case',
            name='case_worklist',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_status',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_of_somebody',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_level',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_stale',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_at_desk',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_differs',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_chosen',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_of_anybody',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_next_action',
        ),
        migrations.AddField(
            model_name='case',
            name='language',
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name='case',
            name='tier',
            field=models.PositiveSmallIntegerField(choices=[(1, 'Now'), (2, 'Today'), (3, 'Soon'), (4, 'Routine')], default=4),
        ),
        migrations.AddField(
            model_name='case',
            name='urgent_because',
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.RunPython(sort_existing_cases, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['tier', 'opened_at'], name='case_worklist'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['status', 'tier', 'opened_at'], name='case_by_status'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['assignee', 'status', 'tier', 'opened_at'], name='case_of_somebody'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['level', 'tier', 'opened_at'], name='case_by_level'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('stale_since__isnull', False)), fields=['tier', 'opened_at'], name='case_stale'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), models.Q(('status__in', ('new', 'in_contact', 'assessed')), ('stale_since__isnull', False), _connector='OR')), fields=['tier', 'next_action_at'], name='case_at_desk'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(models.Q(('chosen', ''), _negated=True), models.Q(('level', ''), _negated=True), models.Q(('chosen', models.F('level')), _negated=True)), fields=['tier', 'opened_at'], name='case_differs'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['chosen', 'tier', 'opened_at'], name='case_by_chosen'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['assignee', 'tier', 'opened_at'], name='case_of_anybody'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('tier__in', (1, 2)), ('urgent', True)), models.Q(('tier__in', (3, 4)), ('urgent', False)), _connector='OR'), name='case_urgent_by_its_tier'),
        ),
    ]
