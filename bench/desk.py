"""Measure the lists of the desk at a million cases.

Run it as `python tests/support/postgres.py python -m bench.desk [CASES ...]`.

Fills a PostgreSQL database of its own with made-up cases, and asks for the same pages in our desk and in a stock admin
list over the same table (date hierarchy, exact counts, every column, search by `icontains`): the ways taken in turn,
medians of several rounds. A page of ours also pays for the second factor and for the row in the log.
"""

import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
SIZES = (100_000, 1_000_000)
ROUNDS = 5
OPEN_EVERY = 200  # one of so many cases is open: 5,000 of a million

FILL = """
INSERT INTO intake_submission (id, key, reference, answers, questionnaire, language, consent, consented_at,
    crisis_given, crisis_change, sent_at, shared_device, erase_hash)
SELECT n, 'key' || n, 'R' || lpad(n::text, 8, '0'), jsonb_build_object('home', 'stable', 'filler', repeat('x', 600)),
    '2026.1', 'en', '1', now(), '[]', '', now() - n * interval '30 seconds', false, ''
FROM generate_series(%(first)s, %(last)s) AS n;

INSERT INTO intake_contactdetails (id, submission_id, name, phone, email, reach_by, safe_times, leave_message, language,
    access_needs, note, phone_hash, email_hash)
SELECT n, n, '', '', '', 'phone', '', 'no', '', '', '', md5('p' || n) || md5('q' || n), md5('e' || n) || md5('f' || n)
FROM generate_series(%(first)s, %(last)s) AS n;

INSERT INTO intake_contactnameword (contact_id, word_hash)
SELECT n, md5('w' || n %% 50000) || md5('x') FROM generate_series(%(first)s, %(last)s) AS n;

INSERT INTO desk_case (id, submission_id, reference, level, chosen, urgent, tier, urgent_because,
    language, status, opened_at, version,
    next_action, next_action_at, contact_by, assignee_id, assigned_at, acknowledged_by_id, acknowledged_at,
    first_contact_at, finished_at, outcome, stale_because)
SELECT n, n, 'R' || lpad(n::text, 8, '0'), (ARRAY['outpatient', 'iop', 'php', 'inpatient'])[1 + n %% 4],
    CASE WHEN n %% %(open)s = 0 THEN '' ELSE
        (ARRAY['outpatient', 'iop', 'php', 'inpatient'])[1 + (n + n %% 9 / 8) %% 4] END,
    n %% 4 = 3, CASE WHEN n %% 4 = 3 THEN 1 + n / 4 %% 2 ELSE 3 + n %% 2 END,
    CASE WHEN n %% 4 = 3 THEN 'suicide' ELSE '' END, 'en',
    CASE WHEN n %% %(open)s > 0 THEN (ARRAY['placed', 'closed'])[1 + n %% 2] ELSE
        (ARRAY['new', 'in_contact', 'assessed'])[1 + n / %(open)s %% 3] END,
    now() - n * interval '30 seconds', 1, CASE WHEN n %% %(open)s > 0 THEN '' ELSE 'review' END,
    CASE WHEN n %% %(open)s > 0 THEN NULL ELSE now() + (n %% 7 - 3) * interval '5 hours' END,
    now() - n * interval '30 seconds' + interval '1 day',
    team.id, CASE WHEN team.id IS NULL THEN NULL ELSE now() END, NULL, NULL,
    CASE WHEN n / %(open)s %% 3 = 0 AND n %% %(open)s = 0 THEN NULL ELSE now() - n * interval '29 seconds' END,
    CASE WHEN n %% %(open)s = 0 THEN NULL ELSE now() - n * interval '20 seconds' END,
    CASE WHEN n %% %(open)s > 0 AND n %% 2 = 1 THEN 'other_care' ELSE '' END, ''
FROM generate_series(%(first)s, %(last)s) AS n
LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM auth_user WHERE is_staff) AS team
    ON team.place = 1 + n / 7 %% 12;

INSERT INTO recommend_recommendation (id, submission_id, level, outcome, ruleset, ruleset_digest, questionnaire,
    questionnaire_digest, safety_digest, made_at)
SELECT n, n, (ARRAY['outpatient', 'iop', 'php', 'inpatient'])[1 + n %% 4],
    jsonb_build_object('filler', repeat('x', 600), 'reasons', (ARRAY['[]', '[{"rule": "severe-symptoms"}]',
    '[{"rule": "serious-risk"}, {"rule": "iop-not-enough"}]', '[{"rule": "danger-now"}]'])[1 + n %% 4]::jsonb),
    '2026.1', '', '2026.1', '', '', now() - n * interval '30 seconds'
FROM generate_series(%(first)s, %(last)s) AS n;

INSERT INTO desk_disposition (case_id, by_id, at, recommended, level, reason, text)
SELECT n, (SELECT min(id) FROM auth_user WHERE is_staff), now() - n * interval '20 seconds',
    (ARRAY['outpatient', 'iop', 'php', 'inpatient'])[1 + n %% 4],
    (ARRAY['outpatient', 'iop', 'php', 'inpatient'])[1 + (n + n %% 9 / 8) %% 4],
    CASE WHEN n %% 9 = 8 THEN 'preference' ELSE '' END, CASE WHEN n %% 9 = 8 THEN 'x' END
FROM generate_series(%(first)s, %(last)s) AS n WHERE n %% %(open)s > 0;
"""

Page = Callable[[], Any]


def prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor != "postgresql":
        sys.exit("run it as: python tests/support/postgres.py python -m bench.desk")
    call_command("migrate", verbosity=0)
    from tests.support.staff import staff_user

    for number in range(10):
        staff_user("coordinator", f"coordinator{number}")


def fill(first: int, last: int) -> None:
    """Made-up cases, a row of each table that a list or a search may touch."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(FILL, {"first": first, "last": last, "open": OPEN_EVERY})
        cursor.execute("VACUUM ANALYZE")


def stock_urls() -> list[Any]:
    """Compare the desk's list with a list that only names its columns."""
    from django.contrib import admin
    from django.urls import path

    from carenav.urls import urlpatterns
    from recommend.desk.models import Case

    class StockAdmin(admin.ModelAdmin):
        change_list_template = "admin/change_list.html"
        list_display = ["reference", "level", "urgent", "status", "assignee", "opened_at"]
        list_filter = ["status", "level", "urgent"]
        search_fields = ["reference"]
        date_hierarchy = "opened_at"
        ordering = ["-urgent", "opened_at"]

    site = admin.AdminSite(name="stock")
    site.register(Case, StockAdmin)
    return [path("stock/", site.urls), *urlpatterns]


def pages(count: int) -> dict[str, tuple[Page, Page | None]]:
    """Each page in our desk and in the stock list; there is none of some."""
    from django.test import Client

    from recommend.desk.models import Case
    from tests.support.staff import sign_in

    client, stock = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    user = sign_in(client, "coordinator", "coordinator0")
    user.is_superuser = True
    user.save()
    stock.force_login(user)
    ours, theirs = "/staff/desk/case/", "/stock/desk/case/"
    some = Case.objects.filter(status="new").order_by("pk").values_list("pk", "reference")[0]

    def get(who: Client, url: str) -> Page:
        return lambda: who.get(url)

    def find(text: str) -> Page:
        return lambda: client.post(f"{ours}search/", {"text": text})

    return {
        "first page of the desk": (get(client, "/staff/"), None),
        "list, as it opens": (get(client, ours), get(stock, theirs)),
        "list, all cases": (get(client, f"{ours}?list=all"), get(stock, theirs)),
        "filtered by level and status": (
            get(client, f"{ours}?list=all&level=php&status=placed"),
            get(stock, f"{theirs}?level__exact=php&status__exact=placed"),
        ),
        "filtered: level chosen differs": (get(client, f"{ours}?list=all&attention=differs"), None),
        "filtered: mine, done too": (get(client, f"{ours}?list=all&who=me"), None),
        "done, the last first": (get(client, f"{ours}?list=done"), None),
        "deepest page": (get(client, f"{ours}?list=all&p=20"), get(stock, f"{theirs}?p={count // 100}")),
        "sorted by age": (get(client, f"{ours}?list=all&o=2"), get(stock, f"{theirs}?o=6")),
        "search without a hit": (find("nobody"), get(stock, f"{theirs}?q=nobody")),
        "search: one reference": (find(some[1]), get(stock, f"{theirs}?q={some[1]}")),
        "search: a phone number": (find("617 555 0100"), None),
        "dashboard, 90 days": (get(client, "/staff/dashboard/"), None),
        "dashboard, 365 days": (get(client, "/staff/dashboard/?days=365"), None),
    }


def milliseconds(page: Page) -> float:
    start = time.perf_counter()
    response = page()
    taken = (time.perf_counter() - start) * 1000
    if response.status_code != 200:
        sys.exit(f"{response.status_code} {response.headers.get('Location', '')}")
    return taken


def measure(count: int) -> dict[str, tuple[float, float | None]]:
    asked = pages(count)
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in asked}
    for _ in range(ROUNDS + 1):
        for name, (ours, theirs) in asked.items():
            times[name][0].append(milliseconds(ours))
            if theirs:
                times[name][1].append(milliseconds(theirs))
    return {
        name: (median(ours[1:]), median(theirs[1:]) if theirs else None)
        for name, (ours, theirs) in times.items()
    }


def main() -> None:
    sizes = [int(each) for each in sys.argv[1:]] or SIZES
    prepare()
    from django.conf import settings

    settings.ROOT_URLCONF = type(sys)("bench_urls")
    settings.ROOT_URLCONF.urlpatterns = stock_urls()
    filled, before = 0, {}
    for size in sizes:
        fill(filled + 1, size)
        filled = size
        print(f"\n{size:,} cases, ms, median of {ROUNDS} rounds")
        for name, (ours, theirs) in (now := measure(size)).items():
            beside = f"{theirs:9.0f}   {theirs / ours:5.0f} x" if theirs else " " * 19
            grown = f"   {ours / before[name][0]:.1f} x the time of the size before" if before else ""
            print(f"{name:32} {ours:7.0f} {beside}{grown}")
        before = now


if __name__ == "__main__":
    main()
