"""The pages that staff sign in by, in a real browser: axe, phone and desktop, light and dark, and the strict policy."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext, Page, expect

from carenav.accounts import second_factor, sessions
from carenav.accounts.models import Authenticator, Invitation, current_code
from recommend.desk.audit import chain
from tests.browser.pictures import take_picture
from tests.browser.states import press
from tests.support.browser import DESKTOP, PHONE, end_fades, sign_in_browser, wider_than_the_window
from tests.support.staff import PASSWORD, staff_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def context(new_context) -> BrowserContext:
    return new_context(viewport=PHONE)


@pytest.fixture
def look(axe) -> Callable[[Page, str], None]:
    """Nothing for axe to find, nothing cut off, one heading, in every look; and a picture of each for people."""

    def look(page: Page, name: str) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for kind, size in (("phone", PHONE), ("desktop", DESKTOP)):
                page.set_viewport_size(size)
                end_fades(page)
                axe(page)
                assert not wider_than_the_window(page), (name, kind)
                take_picture(page, f"{kind}-{scheme}", f"staff-{name}")
        page.set_viewport_size(PHONE)
        assert page.locator("h1").count() == 1

    return look


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    press(page, "main [type=submit]")


def session_of(context: BrowserContext) -> SessionStore:
    [cookie] = [cookie for cookie in context.cookies() if cookie["name"] == "session"]
    return SessionStore(cookie["value"])


def set_in_session(context: BrowserContext, **values: int) -> None:
    session = session_of(context)
    session.update(values)
    session.save()


def test_enrolment_link_leads_to_the_desk(context, live_server, look):
    """Setting up with every mistake on the way, then signing in with a code from paper."""
    ida = staff_user("clinical lead", "ida")
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/set-up/{second_factor.new_link(ida)}/")
    look(page, "set-up")
    qr = page.locator(".qr-frame svg").bounding_box()
    assert qr["width"] == pytest.approx(qr["height"])
    assert qr["width"] > 200
    fill(page, new_password="short", again="other", code="000000")
    expect(page).to_have_title(re.compile("^Error:"))
    look(page, "set-up-errors")
    code = current_code(Invitation.objects.get().key)
    fill(page, new_password=PASSWORD, again=PASSWORD, code=code)
    look(page, "backup-codes")
    backup = page.locator(".codes code").all_inner_texts()
    assert len(backup) == 10
    page.reload()  # the browser sends the form again: the link is over
    look(page, "link-over")
    press(page, "text=Go to the sign-in page")
    look(page, "sign-in")
    fill(page, username="ida", password="wrong", code="123456")
    look(page, "sign-in-error")
    assert page.input_value("[name=code]") == page.input_value("[name=password]") == ""
    fill(page, username="ida", password=PASSWORD, code=backup[0])
    expect(page).to_have_url(f"{live_server.url}/staff/")


def test_enrolment_without_scripts_works(new_context, live_server):
    ida = staff_user("coordinator", "ida")
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/staff/set-up/{second_factor.new_link(ida)}/")
    fill(page, new_password=PASSWORD, again=PASSWORD, code=current_code(Invitation.objects.get().key))
    [code, *_] = page.locator(".codes code").all_inner_texts()
    press(page, "text=Go to the sign-in page")
    fill(page, username="ida", password=PASSWORD, code=code)
    expect(page).to_have_url(f"{live_server.url}/staff/")
    assert not page.locator("#time-ends").is_visible()


@pytest.mark.slow
def test_an_administrator_adds_somebody_and_hands_over_a_link(context, live_server, look):
    boss = sign_in_browser(context, live_server.url, "administrator", "boss")
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/auth/user/")
    look(page, "people")
    page.goto(f"{live_server.url}/staff/auth/user/add/")
    look(page, "person-add")
    press(page, "[name=_save]")
    look(page, "person-add-errors")
    page.fill("[name=username]", "dan")
    page.select_option("[name=role]", "coordinator")
    set_in_session(context, **{sessions.CODE: 0})
    press(page, "[name=_save]")
    look(page, "step-up")
    fill(page, step_up_code="000000")
    look(page, "step-up-error")
    fill(page, step_up_code=current_code(Authenticator.objects.get(user=boss).key))
    look(page, "sign-in-link")
    press(page, "text=Make the link")
    look(page, "sign-in-link-made")
    link = page.locator(".link").inner_text()
    assert link.startswith(f"{live_server.url}/staff/set-up/")
    dan = get_user_model().objects.get(username="dan")
    page.goto(f"{live_server.url}/staff/auth/user/{dan.pk}/change/")
    look(page, "person")
    page.goto(f"{live_server.url}/staff/auth/user/{boss.pk}/change/")
    look(page, "person-oneself")
    page.goto(f"{live_server.url}/staff/")
    page.click(".account summary")
    press(page, "text=Your backup codes")
    look(page, "backup-codes-left")
    press(page, "text=Make new codes")
    look(page, "backup-codes-new")
    page.goto(f"{live_server.url}/staff/password_change/")
    look(page, "password")
    page.click(".account summary")
    press(page, "#logout-form button")
    look(page, "signed-out")


@pytest.mark.slow
def test_others_are_put_on_duty_on_their_page(context, live_server, look):
    sign_in_browser(context, live_server.url, "administrator", "boss")
    ida = staff_user("coordinator", "ida")
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/auth/user/{ida.pk}/change/")
    page.check("[name=on_duty]")
    press(page, "[name=_save]")
    expect(page.locator(".field-on_duty .errorlist")).to_contain_text("Without an e-mail address")
    look(page, "duty-error")
    page.fill("[name=email]", "ida@clinic.example")
    press(page, "[name=_save]")
    page.goto(f"{live_server.url}/staff/auth/user/?duty=on")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    look(page, "people-on-duty")
    press(page, "text=ida")
    page.uncheck("[name=is_active]")
    press(page, "[name=_save]")
    expect(page.locator(".messagelist .warning")).to_contain_text("Off duty now")
    look(page, "people-off-duty")


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False])
def test_the_log_is_filtered_by_a_person_whose_sign_in_name_nobody_types(
    scripts, new_context, live_server, look
):
    for name in ("ann", "a.long.sign-in.name.of.somebody@clinic.example"):
        chain.append(staff_user("coordinator", name).pk, "read", "K7QX-92MD", "203.0.113.7")
    page_context = new_context(viewport=PHONE, java_script_enabled=scripts)
    sign_in_browser(page_context, live_server.url, "clinical lead", "lena")
    page = page_context.new_page()
    page.goto(f"{live_server.url}/staff/desk/accessevent/")
    page.select_option("[name=who]", label="ann")
    press(page, ".beside:has([name=who]) [type=submit]")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    expect(page.locator("#result_list .field-who")).to_have_text("ann")
    if scripts:
        look(page, "log-of-a-person")


@pytest.mark.some(1)
@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("signed_in", [True, False])
def test_link_in_webmail_opens_the_desk_while_signed_in(
    scripts, signed_in, neutral_site, settings, new_context, live_server
):  # fmt: skip
    context = new_context(java_script_enabled=scripts)
    if signed_in:
        sign_in_browser(context, live_server.url)
    page = context.new_page()
    page.goto(settings.LEAVE_TO)
    page.evaluate(
        "url => document.body.innerHTML = `<a href=${url}>A case is waiting</a>`", f"{live_server.url}/staff/"
    )
    page.click("a")
    if signed_in:
        expect(page).to_have_url(f"{live_server.url}/staff/")
        expect(page.locator("h1")).to_have_text("Today")
    else:
        expect(page.locator("[name=password]")).to_be_visible()
        expect(page).to_have_url(f"{live_server.url}/staff/login/?next=/staff/")


# ---- the end of a session


@pytest.fixture
def desk(context, live_server) -> Page:
    """The page of the desk 100 seconds before its session ends, and what a tab learns when it is looked at again."""
    sign_in_browser(context, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/recommend/program/")
    return page


def seconds_before_the_end(page: Page, seconds: int) -> None:
    set_in_session(page.context, **{sessions.SEEN: sessions.now() - sessions.IDLE + seconds})
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")


def test_session_warns_two_minutes_before_the_end(desk, look):
    assert not desk.locator("#time-ends").is_visible()
    seconds_before_the_end(desk, 100)
    expect(desk.locator("#time-ends")).to_be_visible()
    expect(desk.locator("#time-ends [role=status]")).to_have_text("Less than 2 minutes left.")
    look(desk, "time-ends")
    assert session_of(desk.context)[sessions.SEEN] < sessions.now() - 600  # looking and asking are no use
    desk.click("text=I need more time")
    expect(desk.locator("#time-ends")).not_to_be_visible()
    assert session_of(desk.context)[sessions.SEEN] >= sessions.now() - 30


def test_expired_session_hides_the_page_until_sign_in(desk, live_server):
    seconds_before_the_end(desk, -1)
    expect(desk).to_have_url(f"{live_server.url}/staff/login/?next=%2Fstaff%2Frecommend%2Fprogram%2F")
    user = get_user_model().objects.get()
    code = current_code(Authenticator.objects.get().key)
    fill(desk, username=user.username, password=PASSWORD, code=code)
    expect(desk).to_have_url(f"{live_server.url}/staff/recommend/program/")
