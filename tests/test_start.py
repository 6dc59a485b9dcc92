"""What a server does before it serves."""

import os
import subprocess
import sys

from django.conf import settings

RESULT = """
import carenav.wsgi
from recommend import content
from recommend.engine.analysis.answer_space import answer_space_on
from recommend.result.snapshot import outcome_of
built = answer_space_on.cache_info()
level = outcome_of(content.ruleset(), {}).level
print(level is not None, built.currsize, answer_space_on.cache_info().misses - built.misses)
"""


def test_first_result_finds_the_answer_space_built(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "carenav.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "FIELD_KEYS": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    }
    ran = subprocess.run(
        [sys.executable, "-c", RESULT],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.stdout.split() == ["True", "1", "0"], ran.stderr
