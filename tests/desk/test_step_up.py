"""Before what is worth stealing, a code of the last 5 minutes; what was posted waits for it and is not lost."""

import re

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

from carenav.accounts.models import Authenticator, current_code
from carenav.accounts.reauthentication import require_recent_code
from carenav.urls import handler403, handler404, handler500, urlpatterns  # noqa: F401, read by Django
from recommend.programs.models import Program
from tests.support.staff import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

MINUTE = 60


@require_recent_code
def export(request):
    return HttpResponse(f"{request.method} {sorted(request.POST.lists())} {request.GET.urlencode()}")


urlpatterns = [
    path("staff/export/", admin.site.admin_view(export)),
    path("staff/open-by-mistake/", export),
    *urlpatterns,
]


@pytest.fixture
def cora(client, clock):
    user = sign_in(client, name="cora")
    clock.forward(6 * MINUTE)
    return user


def code(user):
    return current_code(Authenticator.objects.get(user=user).key)


def asked(response):
    return 'name="step_up_code"' in response.content.decode()


def held(response):
    """The form of the page that asks, as a browser would send it."""
    page = response.content.decode()
    return [
        (re.search(r'name="([^"]*)"', tag)[1], re.search(r'value="([^"]*)"', tag)[1])
        for tag in re.findall(r'<input type="hidden"[^>]*>', page)
        if "csrfmiddlewaretoken" not in tag
    ]


def send_code(client, address, response, given):
    fields = {"step_up_code": [given]}
    for name, value in held(response):
        fields.setdefault(name, []).append(value)
    return client.post(address, fields)


def test_right_after_sign_in_nothing_is_asked(client, clock):
    sign_in(client)
    assert client.get("/staff/export/").content.decode().startswith("GET")
    clock.forward(5 * MINUTE - 1)
    assert client.get("/staff/export/").content.decode().startswith("GET")
    clock.forward(2)
    assert asked(client.get("/staff/export/"))


def test_a_page_that_was_opened_is_opened_after_the_code(client, cora, events):
    response = send_code(
        client, "/staff/export/?level=iop", client.get("/staff/export/?level=iop"), code(cora)
    )
    assert (response.status_code, response["Location"]) == (302, "/staff/export/?level=iop")
    assert client.get(response["Location"]).content.decode() == "GET [] level=iop"
    assert events == [("step_up", f"user {cora.pk}")]


def test_posted_form_is_resubmitted_whole_after_the_code(client, cora):
    posted = {"cases": ["1", "2", "3"], "note": "a \"quoted\" <b> & 'word'", "empty": ""}
    response = client.post("/staff/export/?a=b", posted)
    assert asked(response)
    assert "POST [" not in response.content.decode()
    wrong = send_code(client, "/staff/export/?a=b", response, "000000")
    assert asked(wrong)
    fields = {"step_up_code": [code(cora)], "step_up_was": ["POST"]} | posted
    right = client.post("/staff/export/?a=b", fields)
    assert right.content.decode() == (
        "POST [('cases', ['1', '2', '3']), ('empty', ['']), ('note', ['a \"quoted\" <b> & \\'word\\''])] a=b"
    )
    assert [name for name, _ in held(wrong)] == ["cases", "cases", "cases", "note", "empty", "step_up_was"]


def test_wrong_or_used_code_is_refused(client, cora, events):
    used = code(cora)
    send_code(client, "/staff/export/", client.get("/staff/export/"), used)
    page = client.get("/staff/export/")
    assert not asked(page)  # fresh now
    session = client.session
    session["accounts_code"] = 0
    session.save()
    for wrong in (used, "000000", "", "x"):
        response = send_code(client, "/staff/export/", client.get("/staff/export/"), wrong)
        assert asked(response)
        assert "That code did not fit" in response.content.decode()
    assert [verb for verb, _ in events] == ["step_up"] + 4 * ["step_up_failed"]


def test_backup_code_is_accepted(client, cora):
    [backup, *_] = Authenticator.objects.get().new_backup_codes()
    assert send_code(client, "/staff/export/", client.get("/staff/export/"), backup).status_code == 302


def test_code_of_somebody_else_is_refused(client, cora):
    other = sign_in(type(client)(), "clinical lead")
    assert asked(send_code(client, "/staff/export/", client.get("/staff/export/"), code(other)))


def test_codes_are_throttled(client, cora, clock, monkeypatch):
    checked = []
    monkeypatch.setattr(Authenticator, "verify_token", lambda self, token: checked.append(token))
    for number in range(200):
        client.post("/staff/export/", {"step_up_code": f"{number:06}", "step_up_was": "GET"})
        clock.forward(18)
    assert 5 <= len(checked) <= 20


def test_the_flag_in_a_form_alone_opens_nothing(client, cora):
    assert asked(client.post("/staff/export/", {"step_up_was": "GET"}))
    assert asked(client.post("/staff/export/", {"step_up_was": "POST", "step_up_code": ""}))


def test_anonymous_user_is_refused_even_where_the_view_forgot(client):
    assert client.get("/staff/open-by-mistake/").status_code == 403
    user = sign_in(client)
    Authenticator.objects.all().delete()
    client.force_login(user)
    assert client.get("/staff/open-by-mistake/").status_code == 403


# ---- bulk delete, in every list of the desk


def test_bulk_delete_asks_for_a_code_twice_if_it_must_and_loses_nothing(client, clock):
    boss = sign_in(client, "administrator")
    programs = [
        Program.objects.create(name=name, level="iop", online=True, phone="617 555 0100") for name in "abc"
    ]
    clock.forward(6 * MINUTE)
    address = "/staff/recommend/program/"
    chosen = {"action": "delete_selected", "_selected_action": [programs[0].pk, programs[2].pk], "index": "0"}
    response = client.post(address, chosen)
    assert asked(response)
    confirm = send_code(client, address, response, code(boss)).content.decode()
    assert "Are you sure" in confirm
    assert Program.objects.count() == 3
    client.post(address, chosen | {"post": "yes"})
    assert [program.name for program in Program.objects.all()] == ["b"]
