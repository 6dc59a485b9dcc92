"""The watchers of this folder see what they are for."""

import pytest

from tests.browser.watch import Watch

HOME = "http://localhost:1"
LEAVE_TO = "https://elsewhere.example/"


@pytest.fixture
def unwatched(browser):
    context = browser.new_context()
    context.route(
        "**/*", lambda route: route.fulfill(status=404, content_type="text/html", body="<p>nothing</p>")
    )
    yield context
    context.close()


def test_a_request_to_another_origin_is_seen(unwatched):
    watch = Watch(unwatched, HOME, LEAVE_TO)
    page = unwatched.new_page()
    page.goto(f"{HOME}/")
    assert watch.strangers == []
    page.set_content('<img src="https://tracker.example/1.gif">', wait_until="load")
    assert watch.strangers == ["https://tracker.example/1.gif"]


def test_only_a_page_may_be_opened_elsewhere(unwatched):
    watch = Watch(unwatched, HOME, LEAVE_TO)
    page = unwatched.new_page()
    page.goto(LEAVE_TO)
    assert watch.strangers == []
    page.set_content(f'<img src="{LEAVE_TO}">', wait_until="load")
    assert watch.strangers == [LEAVE_TO]


def test_watch_sees_missing_files_and_script_errors_only(unwatched):
    watch = Watch(unwatched, HOME, LEAVE_TO)
    page = unwatched.new_page()
    page.goto(f"{HOME}/")
    assert watch.complaints == []
    with unwatched.expect_console_message():
        page.set_content(f'<img src="{HOME}/gone.png">')
    with unwatched.expect_event("weberror"):
        page.evaluate("setTimeout(() => { throw new Error('broken') })")
    assert len(watch.complaints) == 2, watch.complaints


def test_axe_sees_a_picture_without_a_text(unwatched, axe):
    page = unwatched.new_page()
    page.set_content('<html lang="en"><title>a</title><main><h1>a</h1><p>text</p></main>')
    axe(page)
    page.set_content('<html lang="en"><title>a</title><main><h1>a</h1><img src="/a.png"></main>')
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
