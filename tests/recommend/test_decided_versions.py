"""A file that has decided a stored case may not change or go: the start and `manage.py prove` refuse it by name."""

import io
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from intake import content
from intake.models import Submission
from recommend.result.models import Recommendation
from recommend.rules import decided_versions

pytestmark = pytest.mark.django_db

FILE = settings.RULESET.with_stem("2026.1")
"""The file whose stored cases are in question; `manage.py prove` takes seconds for it, and minutes for the newest."""


FOLDERS = [("ruleset", "rulesets"), ("questionnaire", "questionnaires"), ("safety", "safety")]


def decided(number=1, ruleset="2026.1", questionnaire="2026.1", **digests):
    """Store a recommendation that these versions made."""
    submission = Submission.objects.create(
        key=f"key {number}",
        reference=f"REF-{number}",
        answers={},
        questionnaire=questionnaire,
        consented_at=timezone.now(),
    )
    made_by = {
        "ruleset_digest": content.ruleset("2026.1").digest,
        "questionnaire_digest": content.questionnaire("2026.1").digest,
        "safety_digest": content.safety_texts_of(content.ruleset("2026.1")).digest,
    }
    Recommendation.objects.create(
        submission=submission,
        level="iop",
        outcome={},
        ruleset=ruleset,
        questionnaire=questionnaire,
        **made_by | digests,
    )


def found():
    messages = run_checks(tags=[Tags.database], databases=["default"])
    return [
        (message.id, str(message.msg)) for message in messages if (message.id or "").startswith("recommend.")
    ]


def prove(*arguments):
    out = io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("prove", *map(str, arguments), stdout=out, stderr=io.StringIO())
    assert stopped.value.code == 1
    return out.getvalue()


def test_files_as_they_were_are_no_problem():
    assert found() == []
    decided(1)
    decided(2)
    assert found() == []


@pytest.mark.parametrize(("kind", "folder"), FOLDERS)
def test_changed_file_is_named_with_what_to_do(kind, folder):
    decided(1)
    decided(2, **{f"{kind}_digest": "0123456789ab" + "0" * 52})
    [(id, said)] = found()
    assert id == "recommend.E001"
    assert f"{folder}/2026.1.toml: it decided stored cases as SHA-256 0123456789ab… and is " in said
    assert said.endswith("put it back as it was, and give what changed a version of its own")


def test_missing_old_version_is_named():
    decided(1, ruleset="2025.9", questionnaire="2025.8")
    decided(2, ruleset="no/name")
    said = [message for _, message in found()]
    assert len(said) == 4
    for name in (
        "rulesets/2025.9.toml",
        "questionnaires/2025.8.toml",
        "safety/2025.8.toml",
        "rulesets/no",
    ):
        assert any(name in each and "is missing: put it back" in each for each in said)


def test_recommendation_from_before_the_texts_were_noted_is_no_problem():
    decided(1, safety_digest="")
    assert found() == []


def test_database_that_does_not_answer_is_a_warning(monkeypatch):
    def fail():
        raise OperationalError("the database did not answer in time")

    monkeypatch.setattr(decided_versions, "decided_files", fail)
    [(id, said)] = found()
    assert id == "recommend.W001"
    assert "were not compared" in said


def test_checks_without_a_database_ask_none(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert decided_versions.check_decided_files(databases=None) == []


@pytest.mark.parametrize("kind", ["ruleset", "questionnaire", "safety"])
def test_prove_refuses_a_shipped_file_that_changed(kind):
    decided(1, **{f"{kind}_digest": "f" * 64})
    said = prove(FILE)
    assert said.startswith("REFUTED  loads: ")
    assert "2026.1.toml: the file: it decided stored cases as SHA-256 ffffffffffff… and is " in said


def test_prove_judges_a_draft_elsewhere_by_itself(tmp_path):
    decided(1, ruleset_digest="f" * 64)
    file = tmp_path / "2026.1.toml"
    file.write_text("version = ")
    assert "it decided stored cases" not in prove(file)


def test_prove_does_not_mind_what_other_versions_decided():
    decided(1, ruleset="2025.9")
    file = FILE.with_stem("none")
    assert "No such file" in prove(file)


@pytest.mark.slow
def test_server_does_not_start_on_a_changed_file(tmp_path):
    """The start of a server with a database of its own, in a process of its own."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "carenav.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "FIELD_KEYS": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    }

    def python(*arguments):
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120
        )

    start = ("-c", "import carenav.wsgi")
    assert python(*start).returncode == 0, "a database without tables"
    assert python("manage.py", "migrate", "--verbosity", "0").returncode == 0
    assert python(*start).returncode == 0, "an empty database"
    store = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from intake.models import Submission\n"
        "from recommend.result.models import Recommendation\n"
        "sent = Submission.objects.create(key='k', reference='R', answers={}, questionnaire='2026.1',"
        " consented_at=timezone.now())\n"
        "Recommendation.objects.create(submission=sent, level='iop', outcome={}, ruleset='2025.9',"
        " ruleset_digest='0' * 64, questionnaire='2026.1', questionnaire_digest='0' * 64)\n"
    )
    stored = python("-c", store)
    assert stored.returncode == 0, stored.stderr
    refused = python(*start)
    assert refused.returncode != 0
    assert "rulesets/2025.9.toml: it decided stored cases and is missing" in refused.stderr
    assert "questionnaires/2026.1.toml: it decided stored cases as SHA-256 000000000000" in refused.stderr
    assert "2025.9.toml" in python("manage.py", "check", "--database", "default").stderr
