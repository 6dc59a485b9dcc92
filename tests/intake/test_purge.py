"""`manage.py purge_drafts`: drafts that have run out are deleted, all others stay."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from intake import drafts
from intake.models import DRAFT_LIFE, Draft, Submission

pytestmark = pytest.mark.django_db


def purge():
    out = io.StringIO()
    call_command("purge_drafts", stdout=out)
    return out.getvalue().strip()


def draft_touched(ago):
    draft, _ = drafts.create("en")
    draft.save()
    Draft.objects.filter(pk=draft.pk).update(touched_at=timezone.now() - ago)
    return draft.pk


def test_expired_drafts_are_deleted_and_counted():
    alive = [draft_touched(ago) for ago in (timedelta(0), DRAFT_LIFE - timedelta(minutes=1))]
    draft_touched(timedelta(0))
    Draft.objects.exclude(pk__in=alive).update(touched_at=timezone.now() - DRAFT_LIFE - timedelta(minutes=1))
    assert purge() == "drafts deleted: 1"
    assert set(Draft.objects.values_list("pk", flat=True)) == set(alive)


def test_a_second_run_finds_nothing():
    draft_touched(timedelta(days=3))
    assert purge() == "drafts deleted: 1"
    assert purge() == "drafts deleted: 0"


def test_no_drafts_at_all():
    assert purge() == "drafts deleted: 0"


def test_submissions_are_not_purged():
    Submission.objects.create(
        key="0" * 64,
        reference="AAAA-3333",
        answers={},
        questionnaire="2026.1",
        language="en",
        consent="2026-11",
        consented_at=timezone.now() - timedelta(days=400),
        sent_at=timezone.now() - timedelta(days=400),
    )
    purge()
    assert Submission.objects.count() == 1
