"""Each protection is taken away once, and a test that is named for it fails: a check that cannot fail is none."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FAILED = 1
"""What pytest says when tests failed; anything else, such as a module that cannot be imported, kills no mutant."""
PYTEST = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "__pycache__", "staticfiles", "*.sqlite3*", ".env", "screenshots"
)


@dataclass(frozen=True)
class Mutant:
    """One protection taken away.

    Attributes:
        file: where.
        before: the text that protects.
        after: what stands there instead.
        tests: the test file that notices.
        only: which of its tests, for pytest's ``-k``.
    """

    file: str
    before: str
    after: str
    tests: str
    only: str


LIMITS, INTAKE_LIMITS = "tests/test_limits.py", "tests/intake/test_limits.py"
SIGN_IN, STRANGERS, FLOOD = (f"tests/desk/test_{name}.py" for name in ("sign_in", "strangers", "flood"))
ODD, DEPLOY, PROXIES = (f"tests/test_{name}.py" for name in ("odd_requests", "deploy", "proxies"))
PRODUCTION, LOGS, METRICS = (f"tests/test_{name}.py" for name in ("production", "logs", "metrics"))
BUCKETS, NETWORK, RATES = (f"carenav/plumbing/throttle/{name}.py" for name in ("buckets", "network", "rates"))
THROTTLING, DEVICES = "carenav/accounts/throttling.py", "carenav/accounts/devices.py"
SECURE = "secure=settings.PRODUCTION"
TOO_OFTEN = """    if wait := max(row.wait(budget.rate, now) for row, budget in zip(rows, budgets, strict=True)):
        return wait
"""

MUTANTS = {
    "starts are not limited": Mutant(
        "intake/sections.py", "admit(START, request)", "pass", INTAKE_LIMITS, "starts_are"
    ),
    "sending is not limited": Mutant(
        "recommend/desk/submissions/send_page.py", "admit(SEND, request)", "pass", INTAKE_LIMITS, "sending_is"
    ),
    "what was typed is lost": Mutant(
        "carenav/errors.py", "429, sent_again=sent_again(request)", "429", INTAKE_LIMITS, "starts_are"
    ),
    "what was typed is not escaped": Mutant(
        "templates/errors/send_again.html", "{{ value }}", "{{ value|safe }}", INTAKE_LIMITS, "escaped"
    ),
    "a flood turns new people away": Mutant(
        BUCKETS, "(0 if spared else wait_for_all)", "wait_for_all", LIMITS, "new_address"
    ),
    "new addresses get around the total of sign-in": Mutant(
        RATES, ", spares_new=False", "", SIGN_IN, "address_for_each"
    ),
    "a refused request is counted": Mutant(
        BUCKETS, "    if not wait:\n", "    if True:\n", LIMITS, "costs_nothing"
    ),
    "a port is another caller": Mutant(
        NETWORK,
        'return (found["v6"] or found["v4"] or "") if found else address.strip()',
        "return address.strip()",
        LIMITS,
        "count_as_one",
    ),
    "anybody chooses an address": Mutant(
        NETWORK, 'and is_near(request.META.get("REMOTE_ADDR", ""))', "", LIMITS, "cannot_choose"
    ),
    "each IPv6 address is a caller": Mutant(
        NETWORK, "parsed.packed[:8] + bytes(8), 64", "parsed.packed, 128", LIMITS, "count_as_one"
    ),
    "a flood is no group": Mutant(
        "recommend/desk/submissions/flood.py", "update(flood=group)", 'update(flood="")', FLOOD, "one_group"
    ),
    "a flood mails each minute": Mutant(
        "recommend/desk/submissions/flood.py", "    if latest:\n", "    if False:\n", FLOOD, "one_mail"
    ),
    "sign-in is not throttled": Mutant(THROTTLING, TOO_OFTEN, "", SIGN_IN, "more_than_20"),
    "one address takes all tries": Mutant(
        THROTTLING,
        '        Budget(buckets.key("sign-in from", f"{address_of(request)}:{name}"), ONE_ADDRESS),\n',
        "",
        SIGN_IN,
        "one_guesser",
    ),
    "no browser is known": Mutant(
        DEVICES, 'return device["id"] if', 'return None and device["id"] if', SIGN_IN, "browser_that_is_known"
    ),
    "a browser is known for everybody": Mutant(
        DEVICES,
        'if _user_hash(device["id"], username) in device["users"] else None',
        'if device["users"] else None',
        SIGN_IN,
        "own_users_only",
    ),
    "anybody deletes what staff take": Mutant(
        "intake/drafts.py",
        "if taken and not may_take(request, taken):",
        "if False:",
        "tests/desk/test_taking.py",
        "does_not_delete",
    ),
    "a neighbor blocks passkeys": Mutant(
        "carenav/accounts/passkey_views.py",
        "if not is_known(request):",
        "if True:",
        "tests/desk/test_passkeys.py",
        "same_address",
    ),
    "strangers fill the chain": Mutant(
        "recommend/desk/audit/middleware.py",
        "if who is None and verb in STRANGERS_EVENTS:",
        "if False:",
        STRANGERS,
        "thousand",
    ),
    "strangers fill their table": Mutant(
        "recommend/desk/audit/strangers.py", "Q(pk__lte=event.pk - MOST) | ", "", STRANGERS, "capped"
    ),
    "coordinators read the strangers": Mutant(
        "recommend/desk/staff/roles.py",
        '    "desk.casechange": READ,\n',
        '    "desk.casechange": READ,\n    "desk.strangerevent": READ,\n',
        "tests/desk/test_permissions.py",
        "strangerevent and each_address",
    ),
    "a staff page leaves no row": Mutant(
        "recommend/desk/audit/middleware.py",
        "store(request, request.user.pk or before, *event)",
        "pass",
        "tests/desk/test_audit.py",
        "leaves_one_row",
    ),
    "refusals write tracebacks": Mutant(
        "carenav/logs.py", "record.exc_info = None", "pass", LOGS, "no_traceback"
    ),
    "refusals flood the log": Mutant(
        "carenav/logs.py", "if self.seen > self.MOST:", "if False:", LOGS, "beyond_some"
    ),
    "nobody checks the server's log": Mutant(
        "carenav/plumbing/apps.py",
        "checks.register(db_log.check_server, checks.Tags.database)",
        "pass",
        "tests/test_server_log.py",
        "among_those",
    ),
    "Caddy passes slow bodies on": Mutant("deploy/Caddyfile", "buffer_requests", "", DEPLOY, "whole_request"),
    "Caddy's own errors are empty": Mutant(
        "deploy/Caddyfile",
        "import page down {http.error.status_code}",
        "respond {http.error.status_code}",
        PROXIES,
        "caddy and carries_the_numbers",
    ),
    "nginx has no error pages": Mutant(
        "deploy/nginx.conf", "error_page 400 408", "#", PROXIES, "nginx and carries_the_numbers"
    ),
    "nginx believes any caller": Mutant(
        "deploy/nginx.conf",
        "X-Forwarded-For $remote_addr",
        "X-Forwarded-For $proxy_add_x_forwarded_for",
        PROXIES,
        "nginx and choose_the_address",
    ),
    "the device cookie is not secure": Mutant(DEVICES, SECURE, "secure=False", PRODUCTION, "device"),
    "the draft cookie is not secure": Mutant("intake/drafts.py", SECURE, "secure=False", PRODUCTION, "draft"),
    "the language cookie is not secure": Mutant(
        "carenav/plumbing/i18n/language.py", SECURE, "secure=False", PRODUCTION, "language"
    ),
    "https is not demanded": Mutant(
        "carenav/settings.py",
        "SECURE_SSL_REDIRECT = PRODUCTION",
        "SECURE_SSL_REDIRECT = False",
        PRODUCTION,
        "https",
    ),
    "forms need no token": Mutant(
        "carenav/settings.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        "tests/test_errors.py",
        "without_its_token",
    ),
    "a crisis answer in chunks is dropped": Mutant(
        "carenav/edge.py", "            read_without_length(environ)\n", "", ODD, "without_a_length_leads"
    ),
    "a crisis answer in a large form is dropped": Mutant(
        "carenav/urls.py",
        "intake.csrf.bad_request",
        "carenav.errors.bad_request",
        ODD,
        "too_large_a_form_leads",
    ),
    "misspelt settings are ignored": Mutant(
        "carenav/settings.py",
        'env.refuse_unknown("DEBUG", "PORT")',
        "",
        "tests/test_settings.py",
        "no_setting_has",
    ),
    "pages of an outage cannot be read": Mutant(
        "intake/outage_pages.py",
        "place.chmod(0o755 if place.is_dir() else 0o644)",
        "pass",
        "tests/intake/test_outage_pages.py",
        "umask",
    ),
    "the numbers are for everybody": Mutant(
        "carenav/metrics.py", "        raise Http404\n", "        pass\n", METRICS, "without_the_token"
    ),
    "numbers are kept of each address": Mutant(
        "carenav/metrics.py",
        'else "none"\n    if match',
        "else request.path\n    if match",
        METRICS,
        "made_up or makes_up",
    ),
    "numbers tell who needed help": Mutant(
        "carenav/metrics.py", 'return "help"\n', "return match.view_name\n", METRICS, "follow_from_an_answer"
    ),
    "a full disk under the numbers stops help": Mutant(
        "carenav/metrics.py",
        "except Exception:  # such",
        "except ValueError:  # such",
        METRICS,
        "costs_nobody",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the project to take protections out of."""
    folder = tmp_path_factory.mktemp("mutants") / "carenav"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    return folder


def test_there_are_enough_of_them_and_each_text_is_there():
    assert len(MUTANTS) >= 25
    for name, mutant in MUTANTS.items():
        assert mutant.before in (ROOT / mutant.file).read_text(), name
        assert (ROOT / mutant.tests).is_file(), name


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_protection_that_is_taken_away_is_missed(copy, name):
    mutant = MUTANTS[name]
    path = copy / mutant.file
    whole = path.read_text()
    path.write_text(whole.replace(mutant.before, mutant.after))
    try:
        ran = subprocess.run(
            [*PYTEST, mutant.tests, "-k", mutant.only],
            cwd=copy,
            env=os.environ | {"DATABASE_URL": "", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=300,
        )
    finally:
        path.write_text(whole)
    assert ran.returncode == FAILED, ran.stdout[-1500:] + ran.stderr[-500:]
