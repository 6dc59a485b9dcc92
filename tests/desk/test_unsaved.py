"""What somebody types on a case page survives until they save it: time-outs, sign-in, other pages, colleagues."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client, override_settings
from django.utils import timezone

from carenav.plumbing.crypto import decrypt
from recommend.desk import unsaved, workflow
from recommend.desk.models import AccessEvent, Case, CaseChange, Note, UnsavedWork
from recommend.desk.submissions.erase import erase
from tests.support.case_forms import filled, page, unsaved_url
from tests.support.cases import at_desk, case_url, may_only_look, new_case, user
from tests.support.database import count_queries
from tests.support.people import BOB
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

WORDS = "Sister answered, call back at 4."
MINUTE = 60


@pytest.fixture
def case(db):
    return new_case(BOB)


@pytest.fixture
def ann(case):
    return at_desk("ann")


def posted(form: dict[str, str]) -> QueryDict:
    return QueryDict(urlencode(form))


def type_(client: Client, case: Case, **fields: str):
    return client.post(unsaved_url(case), filled(client, case, **(fields or {"note": WORDS})))


# ---- while somebody types


def test_what_is_typed_is_in_the_form_again_with_a_sentence(ann, case):
    assert type_(ann, case, note=WORDS, how="call", level="iop", status="closed").json() == {"kept": True}
    html = page(ann, case)
    assert WORDS in html
    assert "and not saved yet. Nobody else sees it." in html
    for chosen in ('value="call" selected', 'value="iop"[^>]* checked', 'value="closed"[^>]* checked'):
        assert re.search(chosen, html), chosen


def test_the_link_to_the_sheet_and_back_loses_nothing_and_prints_nothing(ann, case):
    type_(ann, case)
    assert WORDS not in ann.get(f"/staff/desk/case/{case.pk}/print/").text
    assert WORDS in page(ann, case)


def test_nobody_else_sees_it_and_each_has_their_own(ann, case):
    bo = at_desk("bo")
    type_(ann, case)
    assert WORDS not in page(bo, case)
    type_(bo, case, note="Mine.")
    assert "Mine." not in page(ann, case)
    assert UnsavedWork.objects.count() == 2


def test_one_is_kept_for_a_person_and_a_case_and_an_empty_form_keeps_none(ann, case):
    type_(ann, case)
    type_(ann, case, note="Other words.")
    assert UnsavedWork.objects.count() == 1
    assert type_(ann, case, note="").json() == {"kept": False}
    assert not UnsavedWork.objects.exists()


def test_it_is_stored_encrypted_and_not_logged(ann, case, caplog):
    type_(ann, case)
    with connection.cursor() as cursor:
        cursor.execute("SELECT typed FROM desk_unsavedwork")
        [(stored,)] = cursor.fetchall()
    assert WORDS not in stored
    assert WORDS in decrypt(stored)
    assert WORDS not in caplog.text


def test_typing_writes_no_row_to_the_access_log_and_is_no_change_of_the_case(ann, case):
    form = filled(ann, case, note=WORDS)
    rows, version = AccessEvent.objects.count(), Case.objects.get().version
    ann.post(unsaved_url(case), form)
    assert (AccessEvent.objects.count(), Case.objects.get().version) == (rows, version)
    assert not CaseChange.objects.exists()


def test_typing_counts_as_use_of_the_session(clock, case):
    ann = at_desk("ann")
    form = filled(ann, case, note=WORDS)
    for _ in range(3):
        clock.forward(14 * MINUTE)
        assert ann.post(unsaved_url(case), form).status_code == 200
    clock.forward(14 * MINUTE)
    assert ann.get(case_url(case)).status_code == 200


def test_who_may_only_look_keeps_nothing(case):
    client = Client()
    may_only_look(sign_in(client, "coordinator", "vic"))
    assert client.post(unsaved_url(case), {"note": WORDS}).status_code == 403
    assert not UnsavedWork.objects.exists()


def test_a_confirmation_never_comes_back_by_itself(ann, case):
    type_(ann, case, note=WORDS, confirm_contact="on")
    assert "confirm_contact" not in UnsavedWork.objects.get().typed


def test_the_cost_of_keeping_is_constant(ann, case):
    form = filled(ann, case, note=WORDS)
    for number, words in enumerate((WORDS, "More words.")):
        with count_queries() as queries:
            ann.post(unsaved_url(case), form | {"note": words})
        # session, user, factor, 2 of permissions, the case twice, what this user changed, and 2 to keep it; the first
        # time also a look for what has expired
        assert len(queries) <= 11 + (not number), queries


# ---- saved, thrown away, expired, erased


def test_saving_deletes_it(ann, case):
    type_(ann, case)
    assert ann.post(case_url(case), filled(ann, case, note=WORDS, save="1")).status_code == 302
    assert not UnsavedWork.objects.exists()
    assert Note.objects.get().text == WORDS


def test_what_was_sent_a_moment_before_saving_does_not_come_back(ann, case, clock):
    form = filled(ann, case, note=WORDS)
    ann.post(case_url(case), form | {"save": "1"})
    assert ann.post(unsaved_url(case), form).json() == {"kept": False}
    clock.forward(6)  # in another window, still at work
    assert ann.post(unsaved_url(case), form | {"note": "More."}).json() == {"kept": True}


def test_a_form_with_mistakes_is_kept_until_it_is_right(ann, case):
    sent = filled(ann, case, note=WORDS, how="call", save="1")
    assert ann.post(case_url(case), sent).status_code == 422
    assert WORDS in page(ann, case)


def test_it_can_be_thrown_away(ann, case):
    type_(ann, case)
    response = ann.post(unsaved_url(case), {"discard": "1"})
    assert response["Location"] == case_url(case)
    assert WORDS not in page(ann, case)


def test_it_expires(ann, case, clock):
    type_(ann, case)
    with override_settings(UNSAVED_WORK_HOURS=2):
        clock.forward(2 * 60 * MINUTE + 1)
        assert unsaved.kept(case, user("ann")) is None
        call_command("purge_unsaved", verbosity=0)
    assert not UnsavedWork.objects.exists()


def test_the_purge_leaves_what_has_not_expired(ann, case):
    type_(ann, case)
    call_command("purge_unsaved", verbosity=0)
    assert UnsavedWork.objects.exists()


def test_expired_work_of_others_goes_when_somebody_begins(ann, case):
    type_(at_desk("bo"), case)
    UnsavedWork.objects.update(kept_at=timezone.now() - timedelta(hours=1000))
    type_(ann, case)
    assert UnsavedWork.objects.get().by == user("ann")


def test_it_is_deleted_with_the_case_and_none_is_kept_for_a_deleted_one(ann, case):
    form = filled(ann, case, note=WORDS)
    ann.post(unsaved_url(case), form)
    erase(case.submission)
    assert not UnsavedWork.objects.exists()
    assert ann.post(unsaved_url(case), form).json() == {"kept": False}


# ---- somebody else changed the case


def test_after_a_change_by_a_colleague_it_comes_back_beside_what_changed(ann, case):
    type_(ann, case)
    workflow.assign_to_self(Case.objects.get(), user("bo"))
    html = page(ann, case)
    assert WORDS in html
    assert "somebody else changed this case while it was open here" in html
    assert "Save anyway" in html
    assert ann.post(case_url(case), filled(ann, case, note=WORDS, save="1")).status_code == 302


def test_a_conflict_keeps_it_too(ann, case):
    form = filled(ann, case, note=WORDS, save="1")
    workflow.assign_to_self(Case.objects.get(), user("bo"))
    assert ann.post(case_url(case), form).status_code == 409
    assert WORDS in page(ann, case)


# ---- after the end of the session


@pytest.mark.parametrize("address", [case_url, unsaved_url])
def test_a_form_sent_after_the_session_ended_is_kept_and_given_back_after_sign_in(clock, case, address):
    ann = at_desk("ann")
    form = filled(ann, case, note=WORDS)
    clock.forward(15 * MINUTE)
    response = ann.post(address(case), form | {"save": "1"})
    assert response["Location"] == f"/staff/login/?next={address(case)}"
    assert "What you typed is kept: sign in to continue." in ann.get(response["Location"]).text
    assert not Note.objects.exists()
    sign_in(ann, "coordinator", "ann")
    assert WORDS in page(ann, case)


def test_an_outcome_pressed_after_the_end_comes_back_as_chosen_and_is_not_saved(clock, case):
    ann = at_desk("ann")
    form = filled(ann, case, quick="no_answer")
    clock.forward(15 * MINUTE)
    ann.post(case_url(case), form)
    sign_in(ann, "coordinator", "ann")
    assert 'value="no_answer" selected' in page(ann, case)


def test_the_tick_for_reached_comes_back_as_chosen(ann, case):
    type_(ann, case, reached="1")
    html = page(ann, case)
    for chosen in ('value="call" selected', 'value="reached" selected'):
        assert chosen in html


@pytest.mark.parametrize("whose", ["", "nonsense", "WzEsMV0:1vPnQk:forged"])
def test_without_the_signature_of_the_page_nothing_is_kept(case, whose):
    response = Client().post(case_url(case), {"note": WORDS, "whose": whose})
    assert response["Location"].startswith("/staff/login/")
    assert not UnsavedWork.objects.exists()


def test_an_old_signature_and_that_of_somebody_who_left_keep_nothing(ann, case, clock):
    form = filled(ann, case, note=WORDS)
    member = user("ann")
    member.is_active = False
    member.save()
    assert not unsaved.keep_signed(posted(form))
    member.is_active = True
    member.save()
    clock.forward(97 * 60 * MINUTE)
    assert not unsaved.keep_signed(posted(form))
    clock.forward(-3 * 60 * MINUTE)
    assert unsaved.keep_signed(posted(form))


def test_the_signature_of_somebody_who_may_no_longer_change_cases_keeps_nothing(ann, case):
    form = filled(ann, case, note=WORDS)
    may_only_look(user("ann"))
    assert not unsaved.keep_signed(posted(form))


def test_a_signature_is_for_one_case_only(ann, case):
    other = new_case()
    Client().post(case_url(other), filled(ann, case, note=WORDS))
    assert UnsavedWork.objects.get().case == case


def test_a_form_without_the_state_it_was_typed_on_is_not_kept_and_shuts_nobody_out(ann, case):
    type_(ann, case)
    form = filled(ann, case)
    for lacking in ({"since": ""}, {"version": ""}, {"since": "x"}, {"version": "1" * 19}):
        Client().post(case_url(case), form | {"note": "Not hers."} | lacking)
        assert ann.post(unsaved_url(case), form | {"note": "Other."} | lacking).json() == {"kept": False}
    assert WORDS in page(ann, case)


def test_kept_work_that_cannot_be_read_is_passed_over(ann, case):
    UnsavedWork.objects.create(case=case, by=user("ann"), typed='{"note": "x"}')
    assert "Nobody else sees it." not in page(ann, case)
    type_(ann, case)
    assert WORDS in page(ann, case)


def test_an_empty_form_sent_while_signed_out_deletes_nothing(ann, case):
    type_(ann, case)
    form = filled(ann, case)
    for sent in (form, {"whose": form["whose"]}):
        Client().post(case_url(case), sent)
    assert WORDS in page(ann, case)


def test_a_form_sent_while_signed_out_replaces_only_what_came_from_the_same_page_or_an_earlier_one(
    ann, case, clock
):
    left_open = filled(ann, case, note="From the page left open.")
    clock.forward(MINUTE)
    later = filled(ann, case, note=WORDS)
    ann.post(unsaved_url(case), later)
    Client().post(case_url(case), left_open)
    assert WORDS in page(ann, case)
    Client().post(case_url(case), later | {"note": WORDS + " More."})
    assert WORDS + " More." in page(ann, case)


@pytest.mark.parametrize("button", ["save", "reveal", "quick"])
def test_the_form_of_somebody_who_was_signed_in_before_is_given_back_and_saved_under_no_name(
    ann, case, button
):
    form = filled(ann, case, note=WORDS, **{button: "no_answer"})
    ann.logout()
    sign_in(ann, "coordinator", "bo")
    response = ann.post(case_url(case), form)
    assert response.status_code == 403
    assert f">{WORDS}</textarea>" in response.text
    assert "Send it again" not in response.text
    assert ann.post(unsaved_url(case), form).status_code == 403
    assert not Note.objects.exists()
    assert not UnsavedWork.objects.exists()
    assert ann.post(case_url(case), filled(ann, case, note=WORDS)).status_code == 302
    assert Note.objects.get().by == user("bo")
