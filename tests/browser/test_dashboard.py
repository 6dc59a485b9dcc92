"""The dashboard in a real browser: nothing that axe finds, light and dark, wide and narrow."""

import pytest
from django.test import Client

from recommend.desk.models import Case, Disposition
from tests.support.browser import sign_in_browser
from tests.support.people import ALICE, BOB, CHARLIE, DANA
from tests.support.staff import staff_user
from tests.support.submissions import send_answers


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("dark", 390),
        *(
            pytest.param(*look, marks=pytest.mark.slow)
            for look in (("light", 390), ("light", 1280), ("dark", 1280))
        ),
    ],
)
def test_dashboard_passes_the_look(new_context, live_server, axe, scheme, width):
    by = staff_user("coordinator", "judge")
    for person in (ALICE, BOB, BOB, CHARLIE, DANA) * 3:
        send_answers(Client(), person)
        case = Case.objects.latest("pk")
        Disposition.objects.create(
            case=case, by=by, recommended=case.level, level="php", reason="safety", text="x"
        )
    context = new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    sign_in_browser(context, live_server.url, "clinical lead")
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/dashboard/")
    assert page.locator(".dashboard svg").count() == 4
    page.locator("summary", has_text="As a table").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)
