"""The page with every rule: too long for a picture, so it is looked at with everything on it open."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_nothing_to_find_and_nothing_cut_off_with_everything_open(new_context, live_server, axe, scheme):
    page = new_context(viewport={"width": 320, "height": 640}, color_scheme=scheme).new_page()
    page.goto(f"{live_server.url}/how-we-decide/")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    axe(page)
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


def test_a_link_to_a_rule_shows_the_rule_below_the_head_of_the_page(new_context, live_server):
    page = new_context(viewport={"width": 320, "height": 640}).new_page()
    page.goto(f"{live_server.url}/how-we-decide/#rule-severe-in-most-areas")
    top = page.locator("#rule-severe-in-most-areas h3").bounding_box()["y"]
    head = page.locator("header.top").bounding_box()
    assert head["y"] + head["height"] <= top < 320
