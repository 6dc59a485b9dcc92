"""Who looked at what: one row for each staff page, kept for good, and every change to a row is found."""

import io
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from carenav import urls
from carenav.accounts import throttling
from carenav.accounts.signals import Verb as SignInVerb
from carenav.accounts.signals import record_event
from carenav.urls import handler400, handler403, handler404, handler500  # noqa: F401, read by Django
from recommend.desk.audit import append_only, recorder, verification
from recommend.desk.audit import chain as audit_chain
from recommend.desk.models import AccessEvent, ChainHead, StrangerEvent
from tests.support.staff import PASSWORD, code_of, sign_in, staff_user

Verb = AccessEvent.Verb
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def says_twice(request):
    recorder.record(request, Verb.LIST, "cases")
    recorder.record(request, Verb.READ, "K7QX-92MD")
    return HttpResponse("the answers")


def says_nothing(request, object_id=None):
    return HttpResponse("something")


def says_and_refuses(request):
    recorder.record(request, Verb.READ, "K7QX-92MD")
    return HttpResponse("no", status=403)


urlpatterns = [
    path("staff/twice/", says_twice),
    path("staff/nothing/", says_nothing, name="nothing"),
    path("staff/nothing/<object_id>/", says_nothing, name="nothing"),
    path("staff/refused/", says_and_refuses),
    path("nothing/", says_nothing),
    *urls.urlpatterns,
]


@pytest.fixture
def ann():
    return staff_user("administrator", "ann")


@pytest.fixture
def desk(client, ann):
    """A browser in which Ann is signed in; what it meets is a page and no exception."""
    sign_in(client, "administrator", "ann")
    client.raise_request_exception = False
    return client


def strangers():
    """What is counted of visitors without a session."""
    return sorted(StrangerEvent.objects.values_list("verb", "what", "count"))


def rows():
    return list(AccessEvent.objects.order_by("number").values_list("who__username", "verb", "what"))


# ---- one row for a request


@pytest.mark.parametrize(
    ("address", "row"),
    [
        ("/staff/twice/", ("ann", "read", "K7QX-92MD")),
        ("/staff/nothing/", ("ann", "page", "nothing")),
        ("/staff/nothing/12/", ("ann", "page", "nothing 12")),
        ("/staff/nothing/Robin Example/", ("ann", "page", "nothing")),  # never what somebody typed
        ("/staff/refused/", ("ann", "refused", "K7QX-92MD")),
        ("/staff/auth/user/", ("ann", "page", "admin:auth_user_changelist")),
    ],
)
def test_a_staff_page_leaves_one_row(desk, address, row):
    desk.get(address)
    assert rows() == [row]


@pytest.mark.parametrize("address", ["/nothing/", "/staff/jsi18n/", "/", "/help-now/"])
def test_a_page_that_shows_no_case_leaves_none(desk, address):
    assert desk.get(address).status_code == 200
    assert rows() == []


def test_a_form_that_says_nothing_is_recorded_as_sent(desk):
    desk.post("/staff/nothing/")
    assert rows() == [("ann", "change", "nothing")]


def test_anonymous_request_is_refused_and_counted(client):
    assert client.get("/staff/").status_code == 302
    assert client.get("/staff/login/").status_code == 200
    assert rows() == []
    assert strangers() == [("refused", "admin:index", 1)]


@pytest.mark.parametrize(
    ("address", "posted"),
    [
        ("/staff/nothing/?q=%00", None),
        ("/staff/nothing%0A/", None),
        ("/staff/nothing/", {"note": "a\0b"}),
        ("/staff/nothing/", {f"field{number}": "x" for number in range(501)}),
        ("/staff/nothing/", {"note": "x" * 300_000}),
    ],
    ids=["query", "address", "form", "too many fields", "too much"],
)
def test_unreadable_request_is_refused_and_recorded(desk, address, posted):
    response = desk.get(address) if posted is None else desk.post(address, posted)
    assert response.status_code == 400
    assert rows() == [("ann", "refused", "")]


def test_a_form_from_elsewhere_is_refused_and_that_is_recorded(ann):
    stranger = Client(enforce_csrf_checks=True)
    sign_in(stranger, "administrator", "ann")
    assert stranger.post("/staff/nothing/").status_code == 403
    assert rows() == [("ann", "refused", "nothing")]


def test_source_address_is_taken_from_the_proxy_only(desk, settings):
    forwarded = {"X-Forwarded-For": "10.9.9.9, 203.0.113.7"}
    desk.get("/staff/nothing/", headers=forwarded)
    settings.PRODUCTION, settings.SECURE_SSL_REDIRECT = True, False
    desk.get("/staff/nothing/", headers=forwarded)
    desk.get("/staff/nothing/", headers={"X-Forwarded-For": "<script>"})
    seen = AccessEvent.objects.order_by("number").values_list("address", flat=True)
    assert list(seen) == ["127.0.0.1", "203.0.113.7", ""]


@pytest.mark.parametrize("error", [DatabaseError, IntegrityError, ValueError])
def test_page_that_cannot_be_recorded_is_not_shown(desk, monkeypatch, error):
    def fails(*args, **kwargs):
        raise error

    monkeypatch.setattr(AccessEvent, "save", fails)
    response = desk.get("/staff/twice/")
    assert response.status_code == 503
    assert b"988" in response.content
    assert b"the answers" not in response.content


def test_a_missing_head_shows_nothing(desk):
    ChainHead.objects.all().delete()
    assert desk.get("/staff/twice/").status_code == 503


# ---- at the door


def use_up(budgets):
    while not throttling.register_attempt(budgets):
        pass


def post_sign_in(client, **typed):
    return client.post("/staff/login/", {"username": "ann", "password": PASSWORD} | typed)


def test_sign_in_and_sign_out_are_recorded(client, ann):
    assert post_sign_in(client, code=code_of(ann)).status_code == 302
    client.post("/staff/logout/")
    user = f"user {ann.pk}"
    assert rows() == [("ann", "sign_in", user), ("ann", "sign_out", user)]


def test_a_sign_in_is_recorded_as_one_wherever_it_leads_to(client, ann):
    assert post_sign_in(client, code=code_of(ann), next="/staff/login/")["Location"] == "/staff/login/"
    assert rows() == [("ann", "sign_in", f"user {ann.pk}")]


def test_a_failed_sign_in_is_counted_without_what_was_typed(client, ann):
    post_sign_in(client, code="123456", password="a wrong one")
    post_sign_in(client, code="123456", username="a password typed into the wrong field")
    assert rows() == []
    assert strangers() == [("sign_in_failed", "", 1), ("sign_in_failed", f"user {ann.pk}", 1)]


@pytest.mark.parametrize("name", ["ann", "a password typed into the wrong field"])
def test_throttled_sign_in_is_counted_without_typed_text(name, client, ann):
    about = f"user {ann.pk}" if name == "ann" else ""
    use_up(throttling.budgets_for_name(RequestFactory().get("/"), name))
    for tried in (1, 2, 3):
        page = post_sign_in(client, username=name, code=code_of(ann)).content.decode()
        assert "Too many tries" in page
        assert strangers() == [("sign_in_slowed", about, tried)]
    assert StrangerEvent.objects.get().address == "127.0.0.1"
    assert rows() == []


def test_a_fresh_code_that_has_to_wait_leaves_one_row(desk, ann, clock):
    clock.forward(6 * 60)
    use_up(throttling.budgets_for_step_up(ann.pk))
    desk.post(f"/staff/auth/user/{staff_user().pk}/sign-in-link/", {"step_up_code": code_of(ann)})
    assert rows() == [("ann", "step_up_failed", f"user {ann.pk}")]


def test_a_session_that_is_over_is_refused_by_name(desk):
    session = desk.session
    session["accounts_seen"] -= 16 * 60
    session.save()
    assert desk.get("/staff/").status_code == 302
    assert rows() == [("ann", "refused", "admin:index")]


def test_command_is_recorded(db):
    record_event(None, SignInVerb.FACTOR_RESET)
    assert rows() == [(None, "factor_reset", "")]


# ---- kept for good


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET what = ''", "DELETE FROM {}", "UPDATE {} SET hash = '' WHERE number = 1"]
)
def test_the_database_refuses_to_change_or_delete_a_row(statement):
    audit_chain.append(None, Verb.PAGE, "a page")
    refuses(statement.format(append_only.TABLE))


def test_the_database_refuses_to_empty_the_table():
    audit_chain.append(None, Verb.PAGE, "a page")
    if connection.vendor == "postgresql":  # elsewhere there is no TRUNCATE
        connection.check_constraints()  # a row that waits for a check would be a reason of its own to refuse
        refuses(f"TRUNCATE {append_only.TABLE}")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AccessEvent.objects.all().delete()
    assert AccessEvent.objects.count() == 1


def refuses(statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AccessEvent.objects.get().what == "a page"


def test_a_person_who_left_rows_is_not_deleted(ann):
    audit_chain.append(ann.pk, Verb.PAGE)
    with pytest.raises(IntegrityError), transaction.atomic():
        ann.delete()


# ---- what was done to a row is found


@pytest.fixture
def chain(ann):
    """Nine rows of two people, and nothing that keeps them from being changed."""
    for number in range(9):
        audit_chain.append(ann.pk if number % 2 else None, Verb.READ, f"CASE-{number}", "127.0.0.1")
    append_only.drop(connection)
    yield AccessEvent.objects
    append_only.create(connection)


def verify(**options):
    """What the command says, and whether it finds the log whole."""
    out = io.StringIO()
    try:
        call_command("verify_audit", stdout=out, stderr=out, **options)
    except CommandError as error:
        return f"{out.getvalue()}{error}", False
    return out.getvalue(), True


def faults():
    """What is wrong, the missing triggers apart."""
    return [fault for fault in verification.Verification().faults() if not fault.startswith("the trigger")]


def swap(chain):
    """Rows 4 and 5 change places, with all that is in them."""
    chain.filter(number=4).update(number=100)
    chain.filter(number=5).update(number=4)
    chain.filter(number=100).update(number=5)


def put_head(count):
    """The head as it would be, had there only been so many rows; without the key nobody can seal it."""
    ChainHead.objects.update(count=count, hash=AccessEvent.objects.get(number=count).hash)


def insert(number, like):
    event = AccessEvent.objects.get(number=like)
    event.number = number
    event.save(force_insert=True)


CHANGED = "row {} was changed, inserted or moved"
TAMPERED = {
    "what": (lambda chain: chain.filter(number=5).update(what="CASE-9"), [CHANGED.format(5)]),
    "who": (lambda chain: chain.filter(number=4).update(who=None), [CHANGED.format(4)]),
    "verb": (lambda chain: chain.filter(number=5).update(verb="list"), [CHANGED.format(5)]),
    "at": (
        lambda chain: chain.filter(number=5).update(at=F("at") + timedelta(microseconds=1)),
        [CHANGED.format(5)],
    ),
    "address": (lambda chain: chain.filter(number=1).update(address=""), [CHANGED.format(1)]),
    "hash": (
        lambda chain: chain.filter(number=5).update(hash="0" * 64),
        [CHANGED.format(5), CHANGED.format(6)],
    ),
    "first": (lambda chain: chain.filter(number=1).delete(), ["row 1 is missing"]),
    "middle": (lambda chain: chain.filter(number__in=[5, 6]).delete(), ["rows 5 to 6 are missing"]),
    "last": (lambda chain: chain.filter(number=9).delete(), ["row 9 is missing at the end"]),
    "last and head": (
        lambda chain: (chain.filter(number__gt=7).delete(), put_head(7)),
        ["the head was changed"],
    ),
    "all": (lambda chain: chain.all().delete(), ["rows 1 to 9 are missing at the end"]),
    "all and head": (
        lambda chain: (chain.all().delete(), ChainHead.objects.update(count=0, hash="")),
        ["the head was changed"],
    ),
    "swapped": (swap, [CHANGED.format(4), CHANGED.format(5), CHANGED.format(6)]),
    "renumbered": (
        lambda chain: (
            chain.filter(number=5).delete(),
            [chain.filter(number=number).update(number=number - 1) for number in (6, 7, 8, 9)],
        ),
        [*(CHANGED.format(number) for number in (5, 6, 7, 8)), "row 9 is missing at the end"],
    ),
    "inserted after": (lambda chain: insert(10, like=9), [CHANGED.format(10)]),
    "inserted before": (lambda chain: insert(0, like=1), ["row 0 was inserted"]),
    "no head": (lambda chain: ChainHead.objects.all().delete(), ["the head is missing"]),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_found_and_the_row_is_named(how, chain):
    assert faults() == []
    tamper, expected = TAMPERED[how]
    tamper(chain)
    found = faults()
    assert len(found) == len(expected), found
    for said, beginning in zip(found, expected, strict=True):
        assert said.startswith(beginning)
    assert not verify()[1]


@pytest.mark.parametrize("how", ["last and head", "all and head"])
def test_a_row_that_follows_does_not_seal_what_was_cut_off(how, chain):
    tamper, expected = TAMPERED[how]
    tamper(chain)
    for number in range(2):
        audit_chain.append(None, Verb.READ, f"CASE-{number}")
    assert faults() == expected


def test_the_command_says_that_the_log_is_whole(chain):
    append_only.create(connection)
    said, whole = verify()
    assert whole
    assert said.startswith("9 rows, whole.")
    append_only.drop(connection)


def test_missing_trigger_is_reported(chain):
    said, whole = verify()
    assert not whole
    assert "trigger" in said


def test_many_faults_are_counted_and_some_listed(chain, monkeypatch):
    monkeypatch.setattr("recommend.desk.management.commands.verify_audit.SHOWN", 3)
    chain.update(what="x")
    said, whole = verify()
    assert not whole
    assert "and 7 more" in said
    assert "10 faults in 9 rows" in said


@pytest.mark.parametrize("size", [1, 2, 3, 9, 100])
def test_batches_make_no_difference(size, chain, monkeypatch):
    monkeypatch.setattr(verification, "BATCH", size)
    assert faults() == []
    chain.filter(number=5).update(what="x")
    assert len(faults()) == 1


def test_log_restored_to_an_older_state_is_detected_by_contains(chain):
    append_only.create(connection)
    earlier = verify()[0].split()[-1]
    audit_chain.append(None, Verb.PAGE)
    assert verify(contains=earlier)[1]
    assert verify(contains="0:")[1]
    assert not verify(contains=f"10{earlier[1:]}")[1]
    append_only.drop(connection)


# ---- keys


def test_rows_signed_with_a_key_that_was_taken_away_can_still_be_verified(chain, settings):
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    audit_chain.append(None, Verb.PAGE)
    assert faults() == []
    settings.FIELD_KEYS = [new]
    assert len(faults()) == 9
    settings.RETIRED_FIELD_KEYS = [old]
    assert faults() == []


def test_a_key_that_was_taken_away_signs_no_new_rows(chain, settings):
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    audit_chain.append(None, Verb.PAGE)
    settings.FIELD_KEYS = [old, new]
    audit_chain.append(None, Verb.PAGE)
    settings.FIELD_KEYS, settings.RETIRED_FIELD_KEYS = [new], [old]
    assert [fault.partition(",")[0] for fault in faults()] == ["the head was changed", "row 11 was changed"]


def test_retired_key_cannot_truncate_the_log(chain, settings):
    """Not even to before the key was changed, where every row is signed with theirs."""
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    audit_chain.resign_head()
    settings.FIELD_KEYS, settings.RETIRED_FIELD_KEYS = [new], [old]
    assert faults() == []
    AccessEvent.objects.filter(number__gt=5).delete()
    settings.FIELD_KEYS = [old]
    last = AccessEvent.objects.get(number=5)
    ChainHead.objects.update(count=5, hash=last.hash, signature=audit_chain.head_signature(5, last.hash))
    settings.FIELD_KEYS = [new]
    assert faults() == ["the head was changed"]
