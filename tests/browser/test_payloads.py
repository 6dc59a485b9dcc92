"""Texts that try to become markup or script, in every free text of a case: staff see them as text, and nothing runs.

`Watch` fails each test on a request to another origin and on what the console says, and Chromium says there what the
Content-Security-Policy stopped: an unescaped text would be seen even where the policy keeps it from running.
"""

from pathlib import Path

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from recommend.desk.audit import chain
from recommend.desk.export.csv_file import csv_of
from recommend.desk.models import Case, CaseChange, ContactAttempt, Disposition, Note
from tests.browser.states import press, press_enter
from tests.support.browser import sign_in_browser
from tests.support.cases import case_url, new_case
from tests.support.people import CHARLIE
from tests.support.staff import staff_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PAYLOADS = Path(__file__).with_name("payloads.txt").read_text(encoding="utf-8").splitlines()
ALL = "\n".join(PAYLOADS)
LIST = "/staff/desk/case/"

COUNT = "window.hits = 0; window.hit = () => { window.hits += 1; };"
# What a text that became markup would leave, whether or not it has run.
FOUND = """() => [
    window.hits,
    [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length,
    document.querySelectorAll('[href^="javascript" i], [src*="evil"], [action*="evil"], base, iframe, object').length,
]"""


@pytest.fixture
def case():
    """A case in which everything that can be written freely is all of the texts."""
    free = dict.fromkeys(("name", "phone", "email", "safe_times", "language", "access_needs", "note"), ALL)
    case = new_case(CHARLIE, contact=free)
    bo = staff_user("coordinator", "<img src=x onerror=hit()>")
    Case.objects.filter(pk=case.pk).update(assignee=bo, assigned_at=case.opened_at)
    ContactAttempt.objects.create(case=case, by=bo, how="call", outcome="reached", note=ALL)
    Note.objects.create(case=case, by=bo, text=ALL)
    Disposition.objects.create(case=case, by=bo, recommended="php", level="iop", reason="other", text=ALL)
    CaseChange.objects.create(case=case, by=bo, what="status", before="closed", after="new", reason=ALL)
    for start in range(0, len(ALL), 100):
        chain.append(bo.pk, "page", ALL[start : start + 100], "<script>hit()</script>")
    return case


def nothing_ran(page):
    page.wait_for_load_state("networkidle")
    assert page.evaluate(FOUND) == [0, 0, 0], page.url


def text_of(page):
    return page.evaluate("document.querySelector('#container').textContent")


@pytest.fixture
def desk(new_context, live_server):
    def open_as(role):
        context = new_context()
        context.add_init_script(COUNT)
        sign_in_browser(context, live_server.url, role)
        return context.new_page()

    return open_as


def test_payloads_in_a_case_run_nothing_at_the_desk(case, desk, live_server):
    page = desk("coordinator")
    for address in ("/staff/", LIST, f"{LIST}?list=all"):
        page.goto(live_server.url + address)
        nothing_ran(page)
    assert "<img src=x onerror=hit()>" in text_of(page)  # who has the case

    page.goto(live_server.url + case_url(case))
    nothing_ran(page)
    shown = text_of(page)
    assert all(shown.count(payload) >= 8 for payload in PAYLOADS)

    press(page, "button[name=reveal]")
    nothing_ran(page)
    assert all(text_of(page).count(payload) > shown.count(payload) for payload in PAYLOADS)

    page.fill("[name=note]", ALL)
    press(page, "button[name=save]")
    nothing_ran(page)

    page.goto(f"{live_server.url}{LIST}{case.pk}/print/")
    nothing_ran(page)
    assert all(payload in text_of(page) for payload in PAYLOADS)
    page.emulate_media(media="print")
    nothing_ran(page)


@pytest.mark.parametrize("typed", [*PAYLOADS[:3], "'; DROP TABLE x; --", "{{ 7|add:7 }}"])
def test_payloads_in_a_search_run_nothing(case, desk, live_server, typed):
    page = desk("coordinator")
    page.goto(f"{live_server.url}{LIST}search/")
    page.fill("[name=text]", typed)
    page.focus("[name=text]")
    press_enter(page)
    nothing_ran(page)
    assert page.input_value("[name=text]") == typed


def test_payloads_in_an_export_run_nothing(case, desk, live_server):
    page = desk("coordinator")
    page.goto(f"{live_server.url}{LIST}?list=all")
    page.check(f"[name={ACTION_CHECKBOX_NAME}]")
    page.select_option("[name=action]", "export_csv")
    press(page, "button[name=index]")
    nothing_ran(page)
    assert "42 CFR 2.32" in text_of(page)
    with page.expect_download() as download:
        page.click("input[value=Download]")
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    for with_substance_use in (True, False):
        data += b"".join(csv_of(Case.objects.all(), with_substance_use))
    assert case.reference.encode() in data
    assert b"hit()" not in data


def test_payloads_in_the_access_log_run_nothing(case, desk, live_server):
    page = desk("clinical lead")
    for query in (
        "",
        f"?q={'<script>hit()</script>'}",
        '?q="><img src=x onerror=hit()>',
        '?from="><svg onload=hit()>',
    ):
        page.goto(f"{live_server.url}/staff/desk/accessevent/{query}")
        nothing_ran(page)
    page.goto(f"{live_server.url}/staff/desk/accessevent/")
    assert all(text_of(page).count(part) for part in ("<script>hit()</script>", "<img src=x onerror=hit()>"))


def test_payload_rendered_as_markup_is_noticed(browser, live_server):
    """The same page with the texts put in as markup: the policy stops them, and all three ways to look find them."""
    context = browser.new_context()
    context.add_init_script(COUNT)
    page = context.new_page()
    page.goto(live_server.url)
    found = page.evaluate(FOUND)
    put_in = "texts => { for (const text of texts) document.body.insertAdjacentHTML('beforeend', text); }"
    with context.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(
            put_in, [text for text in PAYLOADS if "http-equiv" not in text]
        )  # those would lead away
    hits, handlers, addresses = page.evaluate(FOUND)
    assert found == [0, 0, 0]
    assert hits == 0
    assert handlers > 50
    assert addresses > 10
    context.close()
