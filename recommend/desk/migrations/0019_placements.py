"""Placements. Cases that are placed already keep no next action: nobody is asked whether they arrived long ago."""

import carenav.plumbing.crypto
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0018_what_the_recommendation_did'),
        ('intake', '0004_taken_by_staff'),
        ('recommend', '0006_openings_and_referrals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=120)),
                ('elsewhere', carenav.plumbing.crypto.EncryptedTextField(blank=True, null=True)),
                ('state', models.CharField(choices=[('offered', 'Offered'), ('accepted', 'Accepted'), ('waitlisted', 'On the waitlist'), ('start_set', 'Start date set'), ('arrived', 'Arrived'), ('declined', 'Declined'), ('no_show', 'Did not arrive'), ('finished', 'Finished')], max_length=12)),
                ('start_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('error_at', models.DateTimeField(blank=True, null=True)),
                ('error_reason', carenav.plumbing.crypto.EncryptedTextField(blank=True)),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PlacementStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('offered', 'Offered'), ('accepted', 'Accepted'), ('waitlisted', 'On the waitlist'), ('start_set', 'Start date set'), ('arrived', 'Arrived'), ('declined', 'Declined'), ('no_show', 'Did not arrive'), ('finished', 'Finished')], max_length=12)),
                ('day', models.DateField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, choices=[('no_place', 'No place, or the wait is too long'), ('not_suited', 'The program says it does not fit'), ('no_reply', 'The program did not reply'), ('preference', 'The person does not want it'), ('hours', 'Hours, distance or transport'), ('cost', 'Insurance or cost'), ('other_care', 'Other care, or a hospital stay'), ('other_program', 'Another program instead'), ('case_closed', 'The case was closed'), ('other', 'Another reason')], max_length=16)),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'abstract': False,
            },
        ),
        migrations.RemoveConstraint(
            model_name='case',
            name='case_open_has_a_next_action',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_at_desk',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_next_action',
        ),
        migrations.AlterField(
            model_name='case',
            name='next_action',
            field=models.CharField(blank=True, choices=[('first_contact', 'First contact'), ('try_again', 'Try again'), ('call_back', 'Call back'), ('check_placement', 'Check placement'), ('review', 'Review'), ('lead_review', 'Lead to review'), ('arrival', 'Did they arrive?'), ('what_next', 'What next?')], default='first_contact', max_length=16),
        ),
        migrations.AlterField(
            model_name='casechange',
            name='what',
            field=models.CharField(choices=[('status', 'Status'), ('assignee', 'Assigned to'), ('acknowledged', 'Acknowledged'), ('outcome', 'Outcome'), ('contact', 'Contact attempt'), ('note', 'Note'), ('learned', 'Asked on a call'), ('disposition', 'Disposition'), ('placement', 'Placement'), ('corrected', 'Entered in error'), ('next', 'Next step'), ('taken', 'Answers taken by staff'), ('stale', 'To be looked at again'), ('resent', 'Sent again by the person'), ('erased', 'Deleted by the person')], max_length=14),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), models.Q(('next_action_at__isnull', False), ('stale_since__isnull', False), _connector='OR')), fields=['tier', 'next_action_at'], name='case_at_desk'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), models.Q(('next_action_at__isnull', False), ('stale_since__isnull', False), _connector='OR')), fields=['next_action_at'], name='case_by_next_action'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_action__in', ['first_contact', 'try_again', 'call_back', 'check_placement', 'review', 'lead_review']), ('next_action_at__isnull', False), ('status__in', ('new', 'in_contact', 'assessed'))), models.Q(('next_action__in', ('arrival', 'what_next')), ('next_action_at__isnull', False), ('status', 'placed')), models.Q(('next_action', ''), ('next_action_at__isnull', True), ('status__in', ('placed', 'closed'))), _connector='OR'), name='case_open_has_a_next_action'),
        ),
        migrations.AddField(
            model_name='placement',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='placements', to='desk.case'),
        ),
        migrations.AddField(
            model_name='placement',
            name='error_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='placement',
            name='program',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='recommend.program'),
        ),
        migrations.AddField(
            model_name='placementstep',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='placementstep',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='desk.case'),
        ),
        migrations.AddField(
            model_name='placementstep',
            name='placement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='desk.placement'),
        ),
        migrations.AddIndex(
            model_name='placement',
            index=models.Index(fields=['program', 'state'], name='placement_by_program'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.UniqueConstraint(condition=models.Q(('error_at__isnull', True), ('state__in', ('offered', 'accepted', 'waitlisted', 'start_set', 'arrived'))), fields=('case',), name='placement_one_current'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['offered', 'accepted', 'waitlisted', 'start_set', 'arrived', 'declined', 'no_show', 'finished'])), name='placement_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('elsewhere__isnull', True), ('program__isnull', False)), models.Q(('elsewhere__isnull', False), ('program__isnull', True)), _connector='OR'), name='placement_is_somewhere'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.CheckConstraint(condition=models.Q(('start_on__isnull', False), models.Q(('state__in', ('start_set', 'arrived', 'no_show', 'finished')), _negated=True), _connector='OR'), name='placement_starts_on_a_day'),
        ),
        migrations.AddConstraint(
            model_name='placement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('error_at__isnull', True), ('error_by__isnull', True)), models.Q(('error_at__isnull', False), ('error_by__isnull', False)), _connector='OR'), name='placement_error_by_whom_and_when'),
        ),
        migrations.AddConstraint(
            model_name='placementstep',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['offered', 'accepted', 'waitlisted', 'start_set', 'arrived', 'declined', 'no_show', 'finished'])), name='placement_step_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='placementstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='placement_declined_with_a_reason'),
        ),
    ]
