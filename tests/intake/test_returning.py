"""Save and come back: a code opens the draft in another browser, and nothing else does."""

import re
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from carenav.plumbing import codes
from carenav.plumbing.throttle import limits
from carenav.plumbing.throttle.models import FailedAttempts
from carenav.plumbing.throttle.network import address_of
from intake import held
from intake.models import DRAFT_LIFE, SAVED_LIFE, Draft
from recommend.desk.submissions import submit
from tests.support.codes import (
    CODE,
    FROM_ELSEWHERE,
    WRONG,
    code_on,
    come_back,
    is_refused,
    is_slowed,
    is_taken,
    saved,
)
from tests.support.people import CONTACT, WELL, age_by, checked_draft_for, draft_for, well_before, well_in
from tests.support.reading import grade
from tests.support.walker import Walker, outside_the_page, parsed_page

pytestmark = pytest.mark.django_db


def later(monkeypatch, **duration) -> None:
    """Move the clock; what is stored stays where it is."""
    moment = timezone.now() + timedelta(**duration)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


# ---- the code


def test_a_code_has_four_groups_of_four_that_cannot_be_misread():
    made = {codes.return_code("token", str(number)) for number in range(200)}
    assert len(made) == 200
    assert all(CODE.fullmatch(code) for code in made)
    assert not set("01258BGIOSZ") & set("".join(made))
    assert set("".join(made)) == {*codes.ALPHABET, "-"}
    assert len(codes.ALPHABET) ** codes.LENGTH > 2**74


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        lambda code: code.replace("-", " "),
        lambda code: f" {code}–",
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " — "),
        lambda code: code.replace("-", "."),
    ],
)
def test_however_it_is_typed_it_is_the_same_code(client, spell):
    _, code = saved(client)
    assert is_taken(come_back(spell(code)))


def test_return_code_is_stored_as_a_keyed_hash(client, settings):
    draft, code = saved(client)
    draft.refresh_from_db()
    assert draft.code_hash == codes.code_hash(code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM intake_draft")
        row = str(cursor.fetchall())
    assert draft.code_hash in row
    assert code not in row
    assert codes.normalize(code) not in row
    settings.FIELD_KEYS = ["t2LyfdEdmjJ3n8NHchKUPdvfj2CwhZ6FCUOvdTQTTAA="]
    assert codes.code_hash(code) != draft.code_hash


def test_a_code_still_works_when_a_new_key_stands_in_front(client, settings):
    _, code = saved(client)
    settings.FIELD_KEYS = ["t2LyfdEdmjJ3n8NHchKUPdvfj2CwhZ6FCUOvdTQTTAA=", *settings.FIELD_KEYS]
    assert is_taken(come_back(code))


def test_return_code_is_in_no_address_header_cookie_or_log(client, log):
    walker = Walker(client)
    draft_for(client, WELL)
    walker.get("/save/")
    walker.send({})
    code = CODE.search(walker.page.text)[0]
    other = Walker(Client())
    other.get("/come-back/")
    other.send({"code": WRONG})
    assert other.page.title.startswith("Error:")
    other.send({"code": code})
    other.get("/no-such-page/")
    seen = outside_the_page(walker) + outside_the_page(other) + log.getvalue()
    assert "Not Found: /no-such-page/" in seen
    for secret in (code, codes.normalize(code), WRONG):
        assert secret not in seen


# ---- save


@pytest.mark.parametrize("method", ["get", "post"])
def test_save_without_a_draft_redirects(client, method):
    response = getattr(client, method)("/save/")
    assert response["Location"] == "/answers/1/"
    assert not Draft.objects.exists()


def test_looking_at_the_page_makes_no_code(client):
    draft_for(client, WELL)
    response = client.get("/save/")
    assert not CODE.search(parsed_page(response).text)
    assert Draft.objects.get().code_hash is None


def test_return_code_is_shown_on_its_page_until_the_next_page_is_sent(client):
    """So that Back and a language in between do not cost it. The database never holds it."""
    _, code = saved(client)
    for path in ("/answers/1/", "/answers/check/"):
        assert code not in client.get(path).content.decode()
    for language in ("en", "es"):
        client.get(f"/language/{language}/")
        assert code_on(client.get("/save/")) == code
    client.post("/answers/8/", well_in("schedule"))
    assert code not in client.get("/save/").text


def test_a_new_code_replaces_the_old_one(client):
    _, old = saved(client)
    client.post("/answers/8/", well_in("schedule"))
    assert "A new one takes its place" in parsed_page(client.get("/save/")).text
    new = code_on(client.post("/save/", follow=True))
    assert new != old
    assert is_refused(come_back(old))
    assert is_taken(come_back(new))


BUTTON = '<button class="plain" form="main" name="save" value="yes">'


def test_every_page_of_questions_and_the_start_page_lead_there(client):
    assert "/come-back/" in parsed_page(client.get("/")).links
    assert BUTTON not in client.get("/answers/1/").text
    checked_draft_for(client, WELL)
    for path in ("/answers/1/", "/answers/5/", "/answers/check/", "/answers/sharing/"):
        html = client.get(path).text
        assert html.index("</form>") < html.index(BUTTON) < html.rindex("/leave/")
        assert html.count(BUTTON) == 1


def test_saving_keeps_what_is_ticked_on_the_page(client):
    draft = draft_for(client, well_before("harm"))
    response = client.post("/answers/2-2/", {"self_injury": "few", "save": "yes"})
    assert response["Location"] == "/save/"
    draft.refresh_from_db()
    assert draft.answers == well_before("harm") | {"self_injury": "few"}
    code = code_on(client.post("/save/", follow=True))
    elsewhere = Client()
    assert come_back(code, elsewhere)["Location"] == "/answers/2-2/"
    page = parsed_page(elsewhere.get("/answers/2-2/"))
    assert page.form.chosen["self_injury"] == ["few"]
    assert not page.title.startswith("Error:")


@pytest.mark.parametrize(
    ("path", "post", "leads_to"),
    [
        ("/answers/2/", {"wish_dead": "no", "suicidal_now": "yes"}, "/help-now/"),
        ("/answers/1/", {"who": "other"}, "/where-to-get-help/1/"),
        ("/answers/check/", {}, "/save/"),
        ("/answers/sharing/", {"share": "send"}, "/save/"),
    ],
)
def test_saving_comes_after_help_and_confirms_nothing(client, path, post, leads_to):
    checked_draft_for(client, WELL)
    assert client.post(path, post | {"save": "yes"})["Location"] == leads_to
    assert all("share" not in draft.answers for draft in Draft.objects.all())


def test_a_choice_that_was_not_sent_on_is_there_after_saving(client):
    checked_draft_for(client, WELL)
    client.post("/answers/sharing/", {"share": "send", "save": "yes"})
    assert parsed_page(client.get("/answers/sharing/")).form.chosen["share"] == ["send"]


def test_stopping_keeps_the_answers_for_the_code_only(client):
    draft, code = saved(client)
    token = client.cookies[settings.DRAFT_COOKIE_NAME].value
    client.get("/save/")
    response = client.post("/save/", {"stop": "yes"})
    assert response["Location"] == "/stopped-for-now/"
    assert response.cookies[settings.CSRF_COOKIE_NAME]["max-age"] == 0
    page = parsed_page(client.get("/stopped-for-now/"))
    assert "You have paused" in page.text
    assert not CODE.search(page.text)
    assert "/save/" not in page.links
    assert response.cookies[settings.DRAFT_COOKIE_NAME]["max-age"] == 0
    client.cookies[settings.DRAFT_COOKIE_NAME] = token  # even if the browser keeps it
    assert client.get("/answers/check/").status_code == 302
    assert is_taken(come_back(code))
    assert Draft.objects.get().answers == draft.answers


def test_stopping_twice_on_a_slow_line_says_that_one_has_stopped(client):
    """The browser shows the second answer alone, and has not read the first: its cookies are those of before."""
    saved(client)
    before = client.cookies.copy()
    client.post("/save/", {"stop": "yes"})
    client.cookies = before
    response = client.post("/save/", {"stop": "yes"})
    assert response["Location"] == "/stopped-for-now/"
    assert response.cookies[settings.DRAFT_COOKIE_NAME]["max-age"] == 0


def test_stopping_after_deletion_does_not_claim_saved_answers(client):
    saved(client)
    client.post("/delete/", {"here": "yes"})
    assert client.post("/save/", {"stop": "yes"})["Location"] == "/answers/1/"


def test_a_code_that_takes_the_place_of_another_says_so(client):
    """The page that warns of it is passed by where the page with the code is loaded again."""
    draft_for(client, WELL)
    said = "If you wrote down another code before, it no longer works"
    assert said not in client.post("/save/", follow=True).text
    assert said in client.post("/save/", follow=True).text
    client.get("/language/es/")
    assert "Si antes anotó otro código, ese ya no sirve" in client.get("/save/").text


def test_stopping_without_a_code_makes_one_instead_of_losing_the_answers(client):
    draft_for(client, WELL)
    assert code_on(client.post("/save/", {"stop": "yes"}, follow=True))


# ---- come back


def test_coming_back_opens_the_next_page_and_ends_the_other_browser(client):
    draft, code = saved(client, well_before("support"))
    elsewhere = Client()
    response = come_back(code, elsewhere)
    assert response.status_code == 302
    assert response["Location"] == "/answers/6/"
    assert response.cookies[settings.DRAFT_COOKIE_NAME]["httponly"]
    assert elsewhere.get("/answers/6/").status_code == 200
    assert client.get("/answers/6/")["Location"] == "/answers/1/"
    assert Draft.objects.get().answers == draft.answers


def test_the_pages_say_that_one_browser_at_a_time_has_it(client):
    assert "can then no longer open your answers" in parsed_page(client.get("/come-back/")).text


def test_the_code_works_again_from_a_third_browser(client):
    _, code = saved(client)
    second, third = Client(), Client()
    assert is_taken(come_back(code, second))
    assert is_taken(come_back(code, third))
    assert second.get("/answers/check/").status_code == 302
    assert third.get("/answers/check/").status_code == 200


def test_coming_back_in_the_same_browser_continues(client):
    _, code = saved(client)
    assert is_taken(come_back(code, client))
    assert client.get("/answers/check/").status_code == 200


def test_coming_back_deletes_the_draft_begun_in_this_browser(client):
    _, code = saved(client)
    elsewhere, third = Client(), Client()
    draft_for(elsewhere, well_before("health"))
    _, others_code = saved(third, well_before("health"))
    come_back(code, elsewhere)
    assert Draft.objects.count() == 2
    come_back(code, third)
    assert Draft.objects.count() == 2  # what was saved stays for its own code
    assert is_taken(come_back(others_code))


def test_sending_goes_with_the_last_browser_and_ends_the_code(client):
    draft = checked_draft_for(client, WELL | {"share": "send"})
    code = code_on(client.post("/save/", follow=True))
    elsewhere = Client()
    assert come_back(code, elsewhere)["Location"] == "/contact/"
    assert elsewhere.post("/send/", CONTACT)["Location"] == "/result/"
    private = CODE.search(parsed_page(elsewhere.get("/result/")).text)[0]
    assert private != code
    assert not Draft.objects.filter(pk=draft.pk).exists()
    assert is_refused(come_back(code))
    assert is_refused(come_back(private))


# ---- how long


def test_saved_draft_lives_seven_days_and_others_one(client, monkeypatch):
    draft, code = saved(client)
    for alive in (DRAFT_LIFE + timedelta(minutes=1), SAVED_LIFE - timedelta(minutes=1)):
        age_by(draft, seconds=alive.total_seconds())
        assert client.get("/answers/check/").status_code == 200
        assert set(Draft.objects.saved()) == {draft}
        assert not Draft.objects.gone()
    age_by(draft, days=8)
    assert client.get("/answers/check/").status_code == 302
    assert is_refused(come_back(code))
    assert set(Draft.objects.gone()) == {draft}
    Draft.objects.filter(pk=draft.pk).update(code_hash=None)
    age_by(draft, hours=25)
    assert client.get("/answers/check/").status_code == 302
    assert set(Draft.objects.gone()) == {draft}


def test_coming_back_restarts_the_seven_days(client):
    draft, code = saved(client)
    age_by(draft, days=6)
    assert is_taken(come_back(code))
    assert timezone.now() - Draft.objects.get().touched_at < timedelta(minutes=1)


def test_draft_of_another_questionnaire_version_cannot_continue(client):
    _, code = saved(client)
    Draft.objects.update(questionnaire="2020.1")
    assert is_refused(come_back(code))


# ---- wrong codes


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "abc",
        "\0",
        "AAAA\0AAAA-AAAA-AAAA",
        "AAAA-AAAA-AAAA-AAA",
        "AAAA-AAAA-AAAA-AAAAA",
        "0" * 16,
        "B" * 16,
        "é" * 16,
        "字" * 16,
        "😀" * 16,
        "\x01" * 16,
        "A" * 5000,
        "' OR 1=1 --      ",
        "<script>alert(1)",
    ],
)
def test_text_that_cannot_be_a_code_is_not_counted(client, garbage):
    saved(client)
    browser = Client()
    assert is_refused(come_back(garbage, browser))
    assert parsed_page(browser.get("/come-back/")).title.startswith("Error:")
    assert not FailedAttempts.objects.exists()


def test_come_back_without_a_code_says_what_is_missing(client):
    assert is_refused(client.post("/come-back/"))
    assert "Enter your code" in parsed_page(client.get("/come-back/")).text


def test_an_unknown_code_is_refused_and_says_what_to_do(client):
    draft, _ = saved(client)
    browser = Client()
    assert is_refused(come_back(WRONG, browser))
    for _again in range(2):  # Back, or the page once more
        page = parsed_page(browser.get("/come-back/"))
        assert "Check each character" in page.text
        assert page.form.chosen["code"] == [WRONG]
    assert Draft.objects.get().token_hash == draft.token_hash
    assert FailedAttempts.objects.get().count == 1


def wrong_codes(times: int, **extra) -> list[str]:
    """What became of a wrong code, tried so many times."""
    found = [come_back(WRONG, **extra) for _ in range(times)]
    assert all(map(is_refused, found))
    return ["slowed" if is_slowed(each) else "refused" for each in found]


def test_wrong_codes_are_free_at_first_then_say_when_to_retry():
    assert wrong_codes(limits.FREE_ATTEMPTS) == ["refused"] * limits.FREE_ATTEMPTS
    browser = Client()
    assert come_back(WRONG, browser)["Retry-After"] == "1"
    page = parsed_page(browser.get("/come-back/"))
    assert "Wait 1 second, then try again" in page.text
    assert {"tel:911", "tel:988", "/help-now/"} <= set(page.links)
    assert FailedAttempts.objects.get().count == limits.FREE_ATTEMPTS


def test_a_right_code_is_not_looked_at_meanwhile_and_works_afterwards(client, monkeypatch):
    draft, code = saved(client)
    wrong_codes(limits.FREE_ATTEMPTS)
    assert is_slowed(come_back(code))
    assert Draft.objects.get().token_hash == draft.token_hash
    assert client.get("/answers/check/").status_code == 200  # what is saved stays, and so does all else
    later(monkeypatch, seconds=1.1)
    assert is_taken(come_back(code))


def test_a_right_code_from_elsewhere_works_while_wrong_ones_are_slowed(client):
    _, code = saved(client)
    wrong_codes(limits.FREE_ATTEMPTS)
    assert is_slowed(come_back(WRONG))
    assert is_taken(come_back(code, **FROM_ELSEWHERE))


def test_fewer_than_20_codes_an_hour_are_tried_and_waits_end_at_10_min(monkeypatch):
    start = timezone.now()
    looked_at = longest = seconds = 0
    while seconds < 3600:
        moment = start + timedelta(seconds=seconds)
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        response = come_back(WRONG)
        if not is_slowed(response):
            looked_at += 1
        else:
            wait = int(response["Retry-After"])
            longest = max(longest, wait)
            seconds += wait
    assert limits.FREE_ATTEMPTS < looked_at <= 20
    assert longest == limits.LONGEST_WAIT.total_seconds()


def test_a_right_code_does_not_wipe_out_the_wrong_ones(client):
    """Otherwise somebody with one code could guess others without waiting."""
    _, code = saved(client)
    wrong_codes(limits.FREE_ATTEMPTS - 1)
    assert is_taken(come_back(code))
    assert wrong_codes(2) == ["refused", "slowed"]


def test_wrong_codes_are_forgotten_after_an_hour(monkeypatch):
    wrong_codes(limits.FREE_ATTEMPTS + 1)
    later(monkeypatch, hours=1, seconds=1)
    assert wrong_codes(1) == ["refused"]
    assert FailedAttempts.objects.get().count == 1
    later(monkeypatch, hours=1, seconds=1)
    limits.delete_expired()
    assert not FailedAttempts.objects.exists()


def test_the_address_is_stored_as_a_keyed_hash_only():
    come_back(WRONG, REMOTE_ADDR="192.0.2.77")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM plumbing_failedattempts")
        row = str(cursor.fetchall())
    assert "192.0.2" not in row
    assert len(FailedAttempts.objects.get().address) == 64


@pytest.mark.parametrize(
    ("production", "first", "second", "same"),
    [
        (
            True,
            "1.2.3.4, 192.0.2.1",
            "5.6.7.8, 192.0.2.1",
            True,
        ),  # what a caller writes in front counts for nothing
        (True, "192.0.2.1", "192.0.2.2", False),
        (True, "1.2.3.4, 192.0.2.1", "1.2.3.4, 192.0.2.2", False),
        (True, "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # one network
        (True, "2001:db8:1:2::1", "2001:db8:1:3::1", False),
        (True, "::ffff:192.0.2.1", "192.0.2.1", True),
        (True, "nonsense", "other nonsense", False),
        (False, "192.0.2.1", "192.0.2.2", True),  # without a proxy anybody could write it
    ],
)
def test_behind_a_proxy_its_own_word_about_the_caller_counts(rf, settings, production, first, second, same):
    settings.PRODUCTION = production
    seen = [address_of(rf.post("/", headers={"X-Forwarded-For": each})) for each in (first, second)]
    assert (seen[0] == seen[1]) is same


# ---- what the browser keeps of a code


def test_what_was_typed_is_kept_unreadable_of_one_length_and_until_the_code_is_taken(client):
    _, code = saved(client)
    browser, lengths = Client(), set()
    for typed in ("", WRONG, "A" * 5000, "😀" * 5000, "\x01" * 5000):
        come_back(typed, browser)
        cookie = browser.cookies[held.cookie_name("come_back")]
        assert cookie["httponly"]
        assert WRONG not in cookie.value
        lengths.add(len(cookie.value))
        assert browser.get("/come-back/").status_code == 200
    assert len(lengths) == 1
    assert is_taken(come_back(code, browser))
    assert not browser.cookies[held.cookie_name("come_back")].value


def test_what_was_typed_is_forgotten_after_a_quarter_of_an_hour(client, monkeypatch):
    come_back(WRONG, client)
    late = time.time() + held.COOKIE_SECONDS + 1
    monkeypatch.setattr("intake.held.time.time", lambda: late)
    page = parsed_page(client.get("/come-back/"))
    assert page.form.chosen["code"] == [""]
    assert not page.title.startswith("Error:")


def test_a_code_typed_elsewhere_does_not_overwrite_a_first_page_that_is_not_finished(client):
    client.post("/answers/1/", {"who": "me"})
    come_back(WRONG, client)
    client.post("/delete/", {"code": WRONG})
    client.post("/try-it/", {"who": "other"})
    assert parsed_page(client.get("/answers/1/")).form.chosen["who"] == ["me"]


# ---- words


@pytest.mark.parametrize("path", ["/save/", "/come-back/", "/delete/"])
def test_the_words_are_plain(client, path):
    submit.submit(checked_draft_for(client, WELL | {"share": "send"}), {"email": ""} | CONTACT)
    other = Client()
    draft_for(other, WELL)
    for response in (
        other.get(path),
        other.post("/save/", follow=True) if path == "/save/" else client.get("/delete/"),
    ):
        html = response.content.decode()
        main = html.partition("<main")[2].partition("</main>")[0]
        text = re.sub(r"\s*</?(?:p|li|h1|h2|ul|div|label)[^>]*>\s*", "\n", main)
        text = re.sub(r"<[^>]+>|^[^>]*>", "", text)
        lines = [re.sub(r"([^.?!:])$", r"\1.", line.strip()) for line in text.split("\n") if line.strip()]
        assert len(lines) > 5
        assert grade("\n".join(lines)) <= 6
