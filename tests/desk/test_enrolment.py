"""One-time links: made by a command or an administrator, opened once, ending in a password and a second factor."""

import io
import logging
import re

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from carenav.accounts import second_factor
from carenav.accounts.models import (
    Authenticator,
    BackupCode,
    Invitation,
    app_address,
    current_code,
    typed_secret,
)
from recommend.desk.models import StaffMember
from recommend.desk.staff.roles import Role, role_of
from tests.support.staff import PASSWORD, sign_in, staff_user

pytestmark = pytest.mark.django_db

User = get_user_model()


def make_staff(*arguments):
    out = io.StringIO()
    call_command("make_staff", *arguments, stdout=out)
    return re.search(r"/staff/set-up/\S+/$", out.getvalue().strip())[0]


@pytest.fixture
def link():
    return make_staff("ida", "--role", "clinical lead", "--email", "ida@clinic.example")


def form(**changes):
    key = Invitation.objects.get().key
    return {"new_password": PASSWORD, "again": PASSWORD, "code": current_code(key)} | changes


# ---- the command


def test_the_command_makes_a_user_of_the_role_without_a_password(link, events):
    user = User.objects.get()
    assert (user.username, user.email, user.is_staff, user.is_superuser) == (
        "ida",
        "ida@clinic.example",
        True,
        False,
    )
    assert role_of(user) == Role.LEAD
    assert not user.has_usable_password()
    assert not Authenticator.objects.exists()
    assert StaffMember.objects.get().user == user


@pytest.mark.parametrize("role", ["coordinator", "clinical-lead", "Clinical Lead", "administrator"])
def test_a_role_may_be_typed_with_a_dash(role):
    make_staff("ida", "--role", role)
    assert role_of(User.objects.get()) == role.replace("-", " ").lower()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ida", "--role", "boss"], "boss is none of coordinator, clinical lead, administrator"),
        (["ida"], "required: --role"),
        (["i d a", "--role", "coordinator"], "valid username"),
        (["", "--role", "coordinator"], "blank"),
        (["ida", "--role", "coordinator", "--email", "x"], "valid email"),
        (["ida", "--role", "coordinator", "--again"], "no user ida"),
    ],
)
def test_make_staff_with_a_mistake_makes_no_user(arguments, said):
    with pytest.raises(CommandError, match=said):
        make_staff(*arguments)
    assert not User.objects.exists()


def test_a_user_who_is_there_gets_a_new_link_only_when_asked_for(events):
    staff_user("coordinator", "cora")
    with pytest.raises(CommandError, match="--again"):
        make_staff("cora", "--role", "coordinator")
    assert events == []
    assert Authenticator.objects.exists()
    make_staff("cora", "--role", "coordinator", "--again")
    assert not Authenticator.objects.exists()
    assert events == [("factor_reset", f"user {User.objects.get().pk}")]


def test_a_superuser_of_createsuperuser_becomes_one_of_a_role():
    User.objects.create_superuser("boss", password=PASSWORD)
    make_staff("boss", "--role", "administrator", "--again")
    boss = User.objects.get()
    assert (boss.is_superuser, role_of(boss)) == (False, Role.ADMINISTRATOR)


def test_a_superuser_of_createsuperuser_must_enrol_first(client):
    User.objects.create_superuser("boss", password=PASSWORD)
    client.post("/staff/login/", {"username": "boss", "password": PASSWORD, "code": "000000"})
    assert client.get("/staff/").status_code == 302
    client.force_login(User.objects.get())
    assert client.get("/staff/").status_code == 302


def test_in_production_the_link_has_the_name_of_the_site(settings):
    settings.PRODUCTION, settings.ALLOWED_HOSTS = True, ["care.example"]
    out = io.StringIO()
    call_command("make_staff", "ida", "--role", "coordinator", stdout=out)
    assert "\nhttps://care.example/staff/set-up/" in out.getvalue()


def test_the_link_is_on_the_address_of_the_site_where_that_is_set(settings):
    settings.PRODUCTION, settings.ALLOWED_HOSTS = True, ["localhost", "care.example"]
    settings.SITE_URL = "https://care.example:8464"
    out = io.StringIO()
    call_command("make_staff", "mara", "--role", "coordinator", stdout=out)
    assert "\nhttps://care.example:8464/staff/set-up/" in out.getvalue()


# ---- the link


def test_a_link_is_random_and_stored_as_a_hash(link):
    token = link.split("/")[3]
    assert len(token) >= 43  # 256 bits in base 64
    assert token not in repr(Invitation.objects.values_list())
    assert token != make_staff("ida", "--role", "coordinator", "--again").split("/")[3]


def test_the_page_shows_a_drawn_qr_code_and_the_secret_and_stores_nothing(link, client):
    page = client.get(link).content.decode()
    secret = typed_secret(Invitation.objects.get().key)
    assert secret in re.search(r'class="secret" translate="no">(.*?)<', page)[1].replace(" ", "")
    assert len(secret) == 32  # 160 bits
    assert "<svg" in page
    assert "data:" not in page
    assert not client.cookies.get("session")
    assert client.get(link).status_code == 200  # opening it again changes nothing


def test_the_qr_code_says_what_an_app_understands():
    address = app_address("00" * 20, "ida o'hara@clinic")
    assert address == (
        f"otpauth://totp/carenav:ida%20o%27hara%40clinic?secret={32 * 'A'}&issuer=carenav&digits=6&period=30"
    )


def test_enrolment_sets_password_device_and_backup_codes(link, client, events):
    sent = form()
    page = client.post(link, sent).content.decode()
    codes = re.findall(r'<li><code translate="no">([A-Z0-9-]{14})</code>', page)
    assert len(set(codes)) == 10
    assert not any(code in repr(BackupCode.objects.values_list()) for code in codes)
    user = User.objects.get()
    assert user.check_password(PASSWORD)
    assert events == [("enrolled", f"user {user.pk}")]
    assert client.get("/staff/").status_code == 302  # the sign-in itself is still to come
    login = {"username": "ida", "password": PASSWORD}
    client.post("/staff/login/", login | {"code": sent["code"]})
    assert client.get("/staff/").status_code == 302  # that code was used up by setting up
    client.post("/staff/login/", login | {"code": codes[0]})
    assert client.get("/staff/").status_code == 200


def test_a_link_works_once(link, client):
    again = form()
    client.post(link, again)
    assert client.get(link).status_code == 404
    assert (
        client.post(link, again | {"new_password": "another one", "again": "another one"}).status_code == 404
    )
    assert User.objects.get().check_password(PASSWORD)


def test_double_click_on_enrolment_explains_the_missed_codes(link, client):
    sent = form()
    client.post(link, sent)
    page = client.post(link, sent).content.decode()
    assert "If you have just set up your sign-in here, that is done" in page
    assert "make new backup codes at the desk" in page


def test_a_link_works_for_a_day(link, client, clock):
    clock.forward(24 * 3600 - 60)
    assert client.get(link).status_code == 200
    clock.forward(120)
    assert client.get(link).status_code == 404
    assert client.post(link, form()).status_code == 404
    assert not User.objects.get().has_usable_password()


def test_a_newer_link_ends_the_one_before(link, client):
    newer = make_staff("ida", "--role", "coordinator", "--again")
    assert client.get(link).status_code == 404
    assert client.get(newer).status_code == 200


def test_a_link_of_a_disabled_user_is_over(link, client):
    User.objects.update(is_active=False)
    assert client.get(link).status_code == 404
    assert client.post(link, form()).status_code == 404


@pytest.mark.parametrize("token", ["x", "a" * 43, "é", "%00x", "../", "' OR 1=1", "a" * 3000])
def test_a_made_up_link_opens_nothing(token, link, client):
    assert client.get(f"/staff/set-up/{token}/").status_code in (302, 400, 404)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"new_password": ""}, "This field is required"),
        ({"new_password": "short", "again": "short"}, "at least 12 characters"),
        ({"new_password": "ida@clinic.example", "again": "ida@clinic.example"}, "too similar"),
        ({"new_password": "password1234", "again": "password1234"}, "too common"),
        ({"again": "another long way to the sea"}, "not the same"),
        ({"code": ""}, "This field is required"),
        ({"code": "12345"}, "not the code of now"),
        ({"code": "１２３４５６"}, "not the code of now"),
    ],
)
def test_enrolment_with_a_mistake_keeps_the_link(changes, said, link, client, monkeypatch):
    console = logging.getLogger("django").handlers[0]
    monkeypatch.setattr(console, "stream", io.StringIO())
    response = client.post(link, form(**changes))
    assert response.status_code == 200
    assert link.split("/")[3] not in console.stream.getvalue()
    page = response.content.decode()
    assert said in page
    assert PASSWORD not in page
    assert page.count("<title>Error:") == 1
    assert not Authenticator.objects.exists()
    assert not User.objects.get().has_usable_password()
    assert client.post(link, form()).status_code == 200


def test_the_form_needs_its_csrf_token(link):
    assert Client(enforce_csrf_checks=True).post(link, form()).status_code == 403


def test_new_link_ends_password_device_and_sessions(client, clock):
    user = sign_in(client)
    [code, *_] = Authenticator.objects.get().new_backup_codes()
    assert client.get("/staff/").status_code == 200
    token = second_factor.new_link(user)
    assert client.get("/staff/").status_code == 302
    assert not Authenticator.objects.exists()
    assert not BackupCode.objects.exists()
    client.post("/staff/login/", {"username": "coordinator", "password": PASSWORD, "code": code})
    assert client.get("/staff/").status_code == 302
    assert Invitation.objects.open(token).get().expires_at > timezone.now()


def test_the_secret_of_an_unused_link_opens_nothing(link, client):
    """Who saw the page, but did not send it, has no second factor."""
    client.get(link)
    user = User.objects.get()
    user.set_password(PASSWORD)
    user.save()
    code = current_code(Invitation.objects.get().key)
    client.post("/staff/login/", {"username": "ida", "password": PASSWORD, "code": code})
    assert client.get("/staff/").status_code == 302
