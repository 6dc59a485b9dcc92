"""Sign-in asks for three things at once, and a guesser learns nothing."""

import re
import threading
from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model, hashers
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.test import Client

from carenav.accounts import models, second_factor, sessions, throttling
from carenav.accounts.models import Authenticator, BackupCode, Invitation, current_code
from carenav.accounts.throttling import Budget
from carenav.plumbing.throttle.models import Bucket
from carenav.plumbing.throttle.rates import SIGN_IN, rate
from tests.support.staff import PASSWORD, code_of, sign_in, staff_user

pytestmark = pytest.mark.django_db

LOGIN = "/staff/login/"
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}
PLENTY = 100
"""So many tries are too many: a test ends then, also where nothing slows them."""
SOMEBODY = (Budget("somebody", throttling.TWENTY_AN_HOUR),)


@pytest.fixture
def cora():
    return staff_user("coordinator", "cora")


def wrong_code_of(user):
    """Six digits that are not the code of now, nor of the steps beside it."""
    key = Authenticator.objects.get(user=user).key
    return next(
        code
        for code in ("000000", "111111", "222222", "333333")
        if models.matching_step(key, code, -1) is None
    )


def post(client, name, password=PASSWORD, code="000000", **more):
    extra = {key: more.pop(key) for key in [*more] if key.isupper()}
    return client.post(LOGIN, {"username": name, "password": password, "code": code, **more}, **extra)


def signed_in(response):
    return response.status_code == 302


def said(response):
    return re.findall(r'class="errornote"[^>]*>(.*?)</p>', response.content.decode())


# ---- the right way


def test_name_password_and_code_open_the_desk(client, cora, events):
    response = post(client, "cora", code=code_of(cora))
    assert response.status_code == 302
    assert response["Location"] == "/staff/"
    assert client.get("/staff/").status_code == 200
    assert events == [("sign_in", f"user {cora.pk}")]


@pytest.mark.parametrize(
    "spell",
    [
        lambda code: f"{code[:3]} {code[3:]}",
        lambda code: f"{code[:3]}.{code[3:]}",
        lambda code: code.translate({ord("0") + digit: ord("０") + digit for digit in range(10)}),
    ],
    ids=["blank", "dot", "wide"],
)
def test_however_a_code_is_typed_it_is_the_same_code(client, cora, spell):
    assert signed_in(post(client, "cora", code=spell(code_of(cora))))


def test_the_session_has_a_new_key_and_is_verified_from_its_first_moment(client, cora):
    session = client.session
    session["marked"] = "by an attacker"
    session.save()
    client.cookies["session"] = before = session.session_key
    post(client, "cora", code=code_of(cora))
    assert client.cookies["session"].value != before
    attacker = Client()
    attacker.cookies["session"] = before
    assert attacker.get("/staff/").status_code == 302


def test_signing_out_ends_the_session_on_the_server(client, cora, events):
    sign_in(client, name="cora")
    copy = client.cookies["session"].value
    client.post("/staff/logout/")
    thief = Client()
    thief.cookies["session"] = copy
    assert thief.get("/staff/").status_code == 302
    assert events[-1] == ("sign_out", f"user {cora.pk}")


# ---- the wrong ways


@pytest.mark.parametrize("way", ["no such name", "password", "code", "no device", "inactive", "not staff"])
def test_every_failed_sign_in_gets_the_same_response(way, client, cora, events):
    name, password, code = "cora", PASSWORD, code_of(cora)
    if way == "no such name":
        name = "nobody"
    if way == "password":
        password = "wrong"
    if way == "code":
        code = wrong_code_of(cora)
    if way == "no device":
        Authenticator.objects.all().delete()
    if way in ("inactive", "not staff"):
        get_user_model().objects.update(**{"is_active" if way == "inactive" else "is_staff": False})
    response = post(client, name, password, code)
    assert response.status_code == 200
    assert said(response) == [
        "That did not fit. Check the name, the password and the code. A code works once: wait for the next one."
    ]
    assert code not in response.content.decode()
    assert "sessionid" not in client.cookies
    assert client.get("/staff/").status_code == 302
    assert events == [("sign_in_failed", "" if way == "no such name" else f"user {cora.pk}")]


@pytest.mark.parametrize("missing", ["username", "password", "code"])
def test_sign_in_needs_name_password_and_code(missing, client, cora):
    form = {"username": "cora", "password": PASSWORD, "code": code_of(cora)}
    assert client.post(LOGIN, form | {missing: ""}).status_code == 200
    assert client.get("/staff/").status_code == 302
    assert not Bucket.objects.exists()  # an empty field is no guess


def test_a_code_works_once(client, cora):
    code = code_of(cora)
    assert signed_in(post(client, "cora", code=code))
    assert not signed_in(post(Client(), "cora", code=code))


def test_an_older_code_does_not_work_after_a_newer_one(client, cora, clock):
    older = code_of(cora)
    clock.forward(30)
    assert signed_in(post(client, "cora", code=code_of(cora)))
    assert not signed_in(post(Client(), "cora", code=older))


def test_code_from_a_clock_half_a_minute_off_works_but_not_two_minutes(cora, clock):
    code = code_of(cora)
    clock.forward(30)
    assert signed_in(post(Client(), "cora", code=code))
    late = code_of(cora)
    clock.forward(120)
    assert not signed_in(post(Client(), "cora", code=late))


def test_a_wrong_password_does_not_use_up_a_code(client, cora):
    code = code_of(cora)
    post(client, "cora", "wrong", code)
    assert signed_in(post(client, "cora", code=code))


@pytest.mark.parametrize(
    "code", ["１２３４５６", "12345٦", "+12345", "1e5", "-00001", "0x1234", " ", "a" * 40, "'"]
)
def test_odd_codes_are_wrong_codes(code, client, cora):
    response = post(client, "cora", code=code)
    assert response.status_code == 200
    assert client.get("/staff/").status_code == 302


# ---- backup codes


def test_a_backup_code_works_once_and_is_stored_as_a_hash(cora):
    [first, *others] = Authenticator.objects.get(user=cora).new_backup_codes()
    assert len(others) == 9
    stored = repr([*BackupCode.objects.values_list()])
    assert first not in stored
    assert first.replace("-", "") not in stored
    assert signed_in(post(Client(), "cora", code=first.lower().replace("-", " ")))
    assert not signed_in(post(Client(), "cora", code=first))
    assert signed_in(post(Client(), "cora", code=others[0]))
    assert BackupCode.objects.count() == 8


def test_backup_code_of_another_user_is_refused(cora):
    staff_user("coordinator", "dan")
    [code, *_] = Authenticator.objects.get(user__username="dan").new_backup_codes()
    assert not signed_in(post(Client(), "cora", code=code))
    assert BackupCode.objects.count() == 10


def test_the_key_is_not_readable_in_the_database(cora):
    key = Authenticator.objects.get(user=cora).key
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_authenticator")
        assert key not in repr(cursor.fetchall())


# ---- guessing


def guess_for_an_hour(clock, guess, every=20):
    """Guess all the time; how many were looked at, and not turned away."""
    looked_at = 0
    for _ in range(3600 // every):
        looked_at += "Too many tries" not in guess().content.decode()
        clock.forward(every)
    return looked_at


def test_nobody_has_more_than_20_tries_in_an_hour_however_they_time_them(clock):
    """The greediest: the next try at the very second it is allowed."""
    taken = 0
    for _ in range(PLENTY):
        wait = throttling.register_attempt(SOMEBODY)
        if clock.ahead + wait >= 3600:
            break
        taken += not wait
        clock.forward(wait)
    assert 15 <= taken <= 20


def test_passwords_beyond_20_an_hour_are_throttled_and_logged(cora, clock, events):
    client = Client()
    looked_at = guess_for_an_hour(clock, lambda: post(client, "cora", "wrong"))
    assert 10 <= looked_at <= 11
    about = f"user {cora.pk}"
    assert events.count(("sign_in_failed", about)) == looked_at
    assert events.count(("sign_in_slowed", about)) == len(events) - looked_at == 180 - looked_at


def test_guessing_from_many_addresses_is_throttled_together(cora, clock):
    client, number = Client(), iter(range(250))

    def guess():
        return post(client, "cora", "wrong", REMOTE_ADDR=f"198.51.100.{next(number)}")

    assert 10 < guess_for_an_hour(clock, guess) <= 20


def test_codes_after_a_right_password_are_limited_to_20_an_hour(cora, clock, monkeypatch):
    checked = []
    monkeypatch.setattr(Authenticator, "verify_token", lambda self, token: checked.append(token))
    places = iter(range(1000))
    monkeypatch.setattr(
        throttling,
        "budgets_for_name",
        lambda request, name: (Budget(f"another place {next(places)}", throttling.TWENTY_AN_HOUR),),
    )
    for number in range(100):
        post(Client(), "cora", code=f"{number:06}")
        clock.forward(36)
    assert 10 < len(checked) <= 20


def test_a_right_code_is_worth_nothing_while_wrong_ones_come_too_fast(cora):
    for number in range(10):
        post(Client(), "cora", code="000000", REMOTE_ADDR=f"192.0.2.{number}")
    assert not signed_in(post(Client(), "cora", code=code_of(cora)))


def wear_out(name="cora", **where):
    """Guess from one address until it has to wait."""
    for _ in range(PLENTY):
        if "Too many tries" in post(Client(), name, "wrong", **where).content.decode():
            return
    pytest.fail("nobody has to wait")


def test_strangers_cannot_slow_a_browser_that_is_known(cora, clock):
    client = Client()
    assert signed_in(post(client, "cora", code=code_of(cora)))
    client.post("/staff/logout/")
    clock.forward(30)
    for number in range(4):
        wear_out(REMOTE_ADDR=f"203.0.113.{number}")
    wear_out()  # from the very address of the owner, as behind one router
    assert "Too many tries" in said(post(Client(), "cora", code=code_of(cora)))[0]
    assert signed_in(post(client, "cora", code=code_of(cora)))


def test_one_guesser_cannot_keep_the_owner_from_a_new_browser(cora, clock):
    """Anybody who guesses all day from one address leaves tries for the owner at another."""
    for _ in range(40):
        wear_out(**STRANGER)
        clock.forward(600)
    wear_out(**STRANGER)
    assert signed_in(post(Client(), "cora", code=code_of(cora), REMOTE_ADDR="198.51.100.8"))


def test_who_knows_the_password_cannot_use_up_the_codes_of_a_known_browser(cora, clock):
    client = Client()
    assert signed_in(post(client, "cora", code=code_of(cora)))
    client.post("/staff/logout/")
    clock.forward(30)
    for number in range(12):
        post(Client(), "cora", code=wrong_code_of(cora), REMOTE_ADDR=f"203.0.113.{number}")
    assert not signed_in(post(Client(), "cora", code=code_of(cora), REMOTE_ADDR="198.51.100.8"))
    assert signed_in(post(client, "cora", code=code_of(cora)))


def test_a_browser_is_known_for_its_own_users_only(cora):
    dan = staff_user("coordinator", "dan")
    client = Client()
    post(client, "cora", code=code_of(cora))
    client.post("/staff/logout/")
    wear_out("dan")
    assert not signed_in(post(client, "dan", code=code_of(dan)))


def test_a_known_browser_has_no_more_than_20_tries_an_hour_either(cora, clock):
    client = Client()
    post(client, "cora", code=code_of(cora))
    client.post("/staff/logout/")
    clock.forward(3600)
    assert 10 <= guess_for_an_hour(clock, lambda: post(client, "cora", "wrong")) <= 20


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "x" * 5000, '{"id": 1}'])
def test_a_made_up_device_cookie_is_no_known_browser(cora, value):
    wear_out()
    client = Client()
    client.cookies["device"] = value
    assert "Too many tries" in said(post(client, "cora", code=code_of(cora)))[0]


def test_the_browser_that_set_up_a_sign_in_is_known(client):
    ida = staff_user("coordinator", "ida")
    link = f"/staff/set-up/{second_factor.new_link(ida)}/"
    code = current_code(Invitation.objects.get().key)
    client.post(link, {"new_password": PASSWORD, "again": PASSWORD, "code": code})
    [backup, *_] = Authenticator.objects.get(user=ida).new_backup_codes()
    wear_out("ida")
    assert signed_in(post(client, "ida", code=backup))


def test_the_device_cookie_is_kept_from_scripts_and_other_sites_and_names_nobody(client, cora):
    post(client, "cora", code=code_of(cora))
    cookie = client.cookies["device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert "cora" not in cookie.value


def test_guesses_at_made_up_names_are_limited_by_address(cora):
    """Each costs the server a password hash."""
    slowed = [
        "Too many tries" in post(Client(), f"name{number}", "wrong", **STRANGER).content.decode()
        for number in range(SIGN_IN.own.burst + 1)
    ]
    assert slowed == [False] * SIGN_IN.own.burst + [True]
    assert signed_in(post(Client(), "cora", code=code_of(cora), REMOTE_ADDR="198.51.100.8"))


def test_guesses_with_an_address_for_each_are_limited_in_total(client, cora, monkeypatch):
    """A /48 of IPv6 holds 65,536 networks, each of which counts as one address."""
    assert signed_in(post(client, "cora", code=code_of(cora)))
    client.post("/staff/logout/")
    monkeypatch.setattr(throttling, "SIGN_IN", replace(SIGN_IN, total=rate(4, 3600)))
    slowed = [
        "Too many tries" in post(Client(), f"name{number}", REMOTE_ADDR=f"2001:db8:0:{number}::1").text
        for number in range(6)
    ]
    assert slowed == [False] * 4 + [True] * 2
    assert "Too many tries" not in post(client, "cora", "wrong", **STRANGER).text


def test_successful_sign_ins_are_not_counted(cora, clock):
    for _ in range(12):
        clock.forward(30)
        assert signed_in(post(Client(), "cora", code=code_of(cora)))


def test_one_person_cannot_lock_out_the_office(cora):
    staff_user("coordinator", "dan")
    for _ in range(30):
        post(Client(), "cora", "wrong")
    dan = get_user_model().objects.get(username="dan")
    assert signed_in(post(Client(), "dan", code=code_of(dan)))


def test_wrong_tries_never_lock_out_the_right_password(cora, clock):
    for _ in range(50):
        post(Client(), "cora", "wrong")
        clock.forward(600)
    assert signed_in(post(Client(), "cora", code=code_of(cora)))


def test_tries_are_saved_up_again_within_an_hour(clock):
    assert any(throttling.register_attempt(SOMEBODY) for _ in range(PLENTY))
    clock.forward(3600)
    assert [throttling.register_attempt(SOMEBODY) for _ in range(10)] == [0] * 10
    assert throttling.register_attempt(SOMEBODY) > 0


def test_a_name_that_nobody_has_is_slowed_the_same_way(cora):
    def answers(name):
        return [
            (post(Client(), name, "wrong").status_code, said(post(Client(), name, "wrong"))) for _ in range(6)
        ]

    assert answers("cora") == answers("nobody")


def test_tries_are_kept_without_names_or_addresses(cora):
    post(Client(), "cora", "wrong", **STRANGER)
    post(Client(), "cora", code=code_of(cora))
    stored = repr([*Bucket.objects.values_list()])
    assert "cora" not in stored
    assert "203.0.113" not in stored
    assert Bucket.objects.exists()


def test_the_time_does_not_tell_which_part_was_wrong(cora, settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    cora.set_password(PASSWORD)
    cora.save()
    wrong = wrong_code_of(cora)
    ways = {"name": ("nobody", PASSWORD), "password": ("cora", "wrong"), "code": ("cora", PASSWORD)}
    computed = []
    derive = hashers.pbkdf2
    monkeypatch.setattr(
        hashers,
        "pbkdf2",
        lambda password, salt, iterations, *args, **kwargs: (
            computed.append(iterations) or derive(password, salt, iterations, *args, **kwargs)
        ),
    )
    work = {}
    for way, (name, password) in ways.items():
        Bucket.objects.all().delete()
        computed.clear()
        post(Client(), name, password, wrong)
        work[way] = list(computed)
    # Deriving the key is nearly all the time that an answer takes: the same work is the same time.
    assert work["name"] == work["password"] == work["code"], work
    assert len(work["code"]) == 1


# ---- many at once


def at_once(number, do):
    """What each of so many threads got, all started at the same moment."""
    results, ready = [], threading.Barrier(number)

    def run(index):
        ready.wait(10)
        try:
            results.append(do(index))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[index]) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == number
    return results


@pytest.mark.django_db(transaction=True)
def test_a_code_sent_eight_times_at_once_opens_one_session(shared_database, monkeypatch):
    monkeypatch.setattr(
        throttling, "register_attempt", lambda whose: 0
    )  # that there are too many is not the point here
    cora = staff_user("coordinator", "cora")
    code = code_of(cora)
    statuses = at_once(8, lambda index: post(Client(), "cora", code=code).status_code)
    assert sorted(statuses) == [200] * 7 + [302]


@pytest.mark.django_db(transaction=True)
def test_a_backup_code_sent_eight_times_at_once_opens_one_session(shared_database, monkeypatch):
    monkeypatch.setattr(throttling, "register_attempt", lambda whose: 0)
    cora = staff_user("coordinator", "cora")
    [code, *_] = Authenticator.objects.get(user=cora).new_backup_codes()
    statuses = at_once(8, lambda index: post(Client(), "cora", code=code).status_code)
    assert sorted(statuses) == [200] * 7 + [302]


@pytest.mark.django_db(transaction=True)
def test_tries_made_at_once_count_one_by_one(shared_database):
    waits = at_once(16, lambda index: throttling.register_attempt(SOMEBODY))
    assert waits.count(0) == throttling.TWENTY_AN_HOUR.burst
    assert Bucket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_link_sent_four_times_at_once_works_once(shared_database):
    user = staff_user("coordinator", "ida")
    link = f"/staff/set-up/{second_factor.new_link(user)}/"
    code = current_code(Invitation.objects.get().key)
    form = {"new_password": PASSWORD, "again": PASSWORD, "code": code}
    statuses = at_once(4, lambda index: Client().post(link, form).status_code)
    assert sorted(statuses) == [200, 404, 404, 404]
    assert BackupCode.objects.count() == 10


# ---- around it


def test_the_form_needs_its_csrf_token(cora):
    client = Client(enforce_csrf_checks=True)
    assert post(client, "cora", code=code_of(cora)).status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        r"\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "/\t/evil.example",
    ],
)
def test_sign_in_redirects_to_no_other_site(target, client, cora):
    response = post(client, "cora", code=code_of(cora), next=target)
    assert response.status_code in (302, 400)  # 400: a control character
    if response.status_code == 302:
        assert response["Location"] == "/staff/"


def test_sign_in_redirects_to_the_requested_page(client, cora):
    wanted = client.get("/staff/desk/case/")["Location"]
    assert wanted == f"{LOGIN}?next=/staff/desk/case/"
    response = post(client, "cora", code=code_of(cora), next="/staff/desk/case/")
    assert response["Location"] == "/staff/desk/case/"


@pytest.mark.parametrize("field", ["username", "password", "code", "next", "more"])
def test_control_characters_are_a_bad_request(field, client, cora):
    form = {"username": "cora", "password": PASSWORD, "code": code_of(cora)}
    assert client.post(LOGIN, form | {field: "a\0b"}).status_code == 400


@pytest.mark.parametrize(
    "cookie", ["", "x", "x" * 5000, r'"\000"', "é", "../../etc", "' OR 1=1 --", "None", "a" * 32]
)
def test_a_made_up_session_opens_nothing(cookie, client, cora):
    for path in ("/staff/", "/staff/desk/case/", "/staff/time-left/"):
        response = client.get(path, headers={"Cookie": f"session={cookie}"})
        assert response.status_code == (200 if path == "/staff/time-left/" else 302)
    assert client.post("/staff/time-left/", headers={"Cookie": f"session={cookie}"}).json() == {"seconds": 0}


def test_a_tampered_device_in_a_session_opens_nothing(client, cora):
    sign_in(client, name="cora")
    other = Authenticator.objects.get(user=staff_user("clinical lead"))
    for device in (
        other.persistent_id,
        "accounts.authenticator/0",
        "x",
        "accounts.authenticator/x",
    ):
        session = client.session
        session["otp_device_id"] = device
        session.save()
        assert client.get("/staff/").status_code == 302, device


def test_a_get_of_the_sign_in_page_stores_no_session(client):
    client.get("/staff/")
    client.get(LOGIN)
    assert not Session.objects.exists()


def test_a_password_alone_opens_no_staff_page(client, cora):
    client.force_login(cora)  # as any other way to sign in would
    assert client.get("/staff/").status_code == 302
    assert client.get("/staff/desk/case/").status_code == 302
    assert client.get(LOGIN).status_code == 200
    assert sessions.CODE not in client.session
