"""The pages of questions: their order, what opens, what is refused, and who is sent elsewhere."""

import threading

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from intake.answers import pages
from intake.journey import Journey, page_url
from intake.models import Draft
from recommend.desk.models import Case
from tests.support.people import ALICE, DANA, ERIN, SECTIONS, WELL, age_by, draft_for, well_in
from tests.support.walker import Page, Walker, outside_the_page, parsed_page, section_url

pytestmark = pytest.mark.django_db

ABOUT, SAFETY = well_in("about"), well_in("safety")


def test_a_page_says_why_it_asks(client):
    """Where the questionnaire does: of the whole page, or of one question, also of one that others open; once."""
    draft_for(client, WELL | DANA.differs | ERIN.differs)
    told = [
        (str(why), parsed_page(client.get(page_url(page))).text)
        for page in pages()
        for why in (page.why, *(wording.why for wording in page.wordings))
        if why
    ]
    assert len(told) >= 5
    assert [(why, text.count(why)) for why, text in told if text.count(why) != 1] == []


def test_titles_tell_the_pages_apart(client):
    """And nothing of an answer: with other answers they are the same."""
    titles = []
    for answers in (WELL, WELL | DANA.differs | ERIN.differs):
        draft_for(client, answers)
        titles.append([parsed_page(client.get(section_url(name))).title.strip() for name in SECTIONS])
    assert titles[0] == titles[1]
    assert len(set(titles[0])) == len(SECTIONS)
    assert titles[0][:3] == [
        "Step 1 of 9: about you - carenav",
        "Step 2 of 9: your safety (1 of 3) - carenav",
        "Step 2 of 9: your safety (2 of 3) - carenav",
    ]


# ---- who is sent elsewhere

STOPS = [
    ("other", {"who": "other"}, "Worried about someone?"),
    ("13_17", {"age": "13_17"}, "There is help for you, too"),
    ("under_13", {"age": "under_13"}, "Please tell a grown-up"),
]


@pytest.mark.parametrize(("stop", "differs", "title"), STOPS)
def test_a_stop_page_is_shown_at_once_and_nothing_is_stored(client, stop, differs, title):
    walker = Walker(client)
    walker.get(section_url("about"))
    page = walker.send(ABOUT | differs)
    assert walker.status == 200
    assert page.name == "stop"
    assert title in page.text
    assert page.level is None
    assert {"tel:911", "tel:988"} <= set(page.links)
    assert "Your answers were not kept" in page.text
    assert stop not in outside_the_page(walker)
    assert not Draft.objects.exists()
    assert settings.DRAFT_COOKIE_NAME not in client.cookies


@pytest.mark.parametrize("number", [1, 2, 3])
def test_anybody_can_open_a_help_page_and_it_says_nothing_of_them(client, number):
    """So that its address and its title in the history of a browser tell nothing."""
    page = parsed_page(client.get(f"/where-to-get-help/{number}/"))
    assert page.title.split(" - ")[0].strip() == f"Where to get help, page {number}"
    assert "Your answers were not kept" not in page.text
    assert "/continue/" in page.links
    for path in ("/", "/help-now/", "/privacy/", section_url("about")):
        assert f"/where-to-get-help/{number}/" in parsed_page(client.get(path)).links


def test_there_is_no_other_help_page(client):
    for number in (0, 4, 99):
        assert client.get(f"/where-to-get-help/{number}/").status_code == 404


@pytest.mark.parametrize(("stop", "differs", "title"), STOPS)
def test_a_stop_page_comes_before_the_rest_of_the_page_is_asked_for(client, stop, differs, title):
    response = client.post(section_url("about"), differs, follow=True)
    assert parsed_page(response).name == "stop"
    assert not Draft.objects.exists()


@pytest.mark.parametrize(("stop", "differs", "title"), STOPS)
def test_an_answer_changed_to_a_stop_deletes_the_draft(client, stop, differs, title):
    walker = Walker(client).walk(DANA.answers, until="check")
    assert Draft.objects.exists()
    walker.get(section_url("about"))
    walker.send(differs)
    assert walker.page.name == "stop"
    assert not Draft.objects.exists()
    assert walker.get("/continue/").name == "section"
    assert walker.url == section_url("about")


def test_a_stop_page_shows_the_lines_of_the_place(client):
    post = ABOUT | {"who": "other", "place": "gb"}
    html = client.post(section_url("about"), post, follow=True).content.decode()
    assert "tel:999" in html
    assert "tel:911" not in html


# ---- the order of the pages

LATER = SECTIONS[1:]


@pytest.mark.parametrize("section", LATER)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_that_is_not_open_leads_to_the_first_and_stores_nothing(client, section, method):
    response = getattr(client, method)(section_url(section), WELL)
    assert response.status_code == 302
    assert response["Location"] == section_url("about")
    assert not Draft.objects.exists()


@pytest.mark.parametrize("section", LATER[1:])
@pytest.mark.parametrize("method", ["get", "post"])
def test_skipped_page_redirects_to_the_first_open_one(client, section, method):
    draft = draft_for(client, ABOUT)
    response = getattr(client, method)(section_url(section), WELL)
    assert response["Location"] == section_url("safety")
    draft.refresh_from_db()
    assert draft.answers == ABOUT


@pytest.mark.parametrize(
    "path", ["/answers/check/", "/answers/sharing/", "/contact/", "/result/", "/continue/"]
)
@pytest.mark.parametrize("answers", [None, ABOUT, ABOUT | SAFETY])
def test_every_later_page_leads_to_the_first_open_one(client, path, answers):
    if answers is not None:
        draft_for(client, answers)
    expected = {None: "about", len(ABOUT): "safety", len(ABOUT | SAFETY): "harm"}[answers and len(answers)]
    assert client.get(path)["Location"] == section_url(expected)


@pytest.mark.parametrize("path", ["/answers/check/", "/answers/sharing/", "/send/"])
def test_a_form_sent_too_early_stores_nothing(client, path):
    draft = draft_for(client, ABOUT)
    assert client.post(path, {"share": "send", "reach_by": "i_will_call"})["Location"] == section_url(
        "safety"
    )
    draft.refresh_from_db()
    assert draft.answers == ABOUT
    assert not Case.objects.exists()


@pytest.mark.parametrize("path", ["/answers/nowhere/", "/answers/", "/answers/1/more/"])
def test_a_page_that_does_not_exist_is_404(client, path):
    assert client.get(path).status_code == 404


def test_a_finished_page_can_be_opened_again_with_its_answers_on_it(client):
    draft_for(client, WELL)
    page = parsed_page(client.get(section_url("safety")))
    assert {name: chosen[0] for name, chosen in page.form.chosen.items() if name in SAFETY} == SAFETY


# ---- questions that answers open


def test_boxes_of_an_optional_list_can_all_be_unticked_again(client):
    """As a browser does it: what the page sends as it stands, without the ticks."""
    ticked = {"free_times": ["mon_morning"], "work_around": ["cost"]}
    draft = draft_for(client, {**WELL, **ticked})
    form = parsed_page(client.get(section_url("schedule"))).form
    assert {key: form.chosen[key] for key in ticked} == {key: ["", *ticks] for key, ticks in ticked.items()}
    unticked = {key: [value for value in form.chosen[key] if not value] for key in ticked}
    assert client.post(section_url("schedule"), form.chosen | unticked).status_code == 302
    draft.refresh_from_db()
    assert not ticked.keys() & draft.answers.keys()
    assert draft.answers["weekly_hours"] == WELL["weekly_hours"]


def test_opened_questions_come_on_the_same_page_with_a_line_why(client):
    draft_for(client, ABOUT)
    response = client.post(section_url("safety"), SAFETY | {"wish_dead": "yes", "past_attempt": "yes"})
    assert response["Location"] == section_url("safety")
    page = parsed_page(client.get(section_url("safety")))
    opened = ["last_attempt", "suicidal_now", "suicide_plan"]
    assert [*page.form.offered] == [*SAFETY, *opened]
    assert "A few more questions" in page.text
    assert "Thank you. That can be hard to answer." in page.text
    assert not page.title.startswith("Error:")
    assert [link for link in page.links if link.startswith("#q")] == ["#q5", "#q6", "#q7"]
    some = SAFETY | {
        "wish_dead": "yes",
        "past_attempt": "yes",
        "last_attempt": "over_year",
        "suicidal_now": "no",
    }
    assert set(refused(client, "safety", some).form.offered) == {*SAFETY, *opened}
    response = client.post(section_url("safety"), some | {"suicide_plan": "none"})
    assert response["Location"] == section_url("harm")
    page = parsed_page(client.get(section_url("safety")))
    assert set(page.form.offered) == {*SAFETY, *opened}
    assert "A few more questions" not in page.text


def test_a_mistaken_yes_can_be_taken_back_at_once(client):
    """On the page that asks more because of it: all its questions are there, and the new ones may stay blank."""
    draft = draft_for(client, ABOUT)
    walker = Walker(client)
    walker.get(section_url("safety"))
    walker.send(SAFETY | {"wish_dead": "yes"})
    assert walker.url == section_url("safety")
    assert walker.page.form.chosen["wish_dead"] == ["yes"]
    walker.send({"wish_dead": "no"})
    assert walker.url == section_url("harm")
    draft.refresh_from_db()
    assert draft.answers == ABOUT | SAFETY


def test_a_question_that_closes_again_takes_its_answer_along(client):
    draft = draft_for(client, ABOUT | SAFETY | {"past_attempt": "yes", "last_attempt": "past_year"})
    client.post(section_url("safety"), SAFETY)
    draft.refresh_from_db()
    assert draft.answers == ABOUT | SAFETY


def test_answers_to_questions_that_are_not_asked_are_not_kept(client):
    draft = draft_for(client, ABOUT)
    client.post(
        section_url("safety"), SAFETY | {"last_attempt": "over_year", "home": ["unsafe"], "level": "php"}
    )
    draft.refresh_from_db()
    assert draft.answers == ABOUT | SAFETY


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def test_a_box_for_every_day_ticks_a_whole_column(client):
    """It has a name of its own and is no answer; single boxes count beside it."""
    draft = draft_for(client, WELL)
    post = well_in("schedule") | {
        "free_times": ["", "mon_morning", "varies"],
        "free_times_every_evening": "yes",
    }
    assert client.post(section_url("schedule"), post)["Location"] == "/answers/check/"
    draft.refresh_from_db()
    assert set(draft.answers["free_times"]) == {
        "mon_morning",
        "varies",
        *(f"{day}_evening" for day in WEEKDAYS),
    }
    form = parsed_page(client.get(section_url("schedule"))).form
    assert "free_times_every_evening" in form.offered
    assert "free_times_every_evening" not in form.chosen
    assert set(form.chosen["free_times"]) == {"", *draft.answers["free_times"]}


# ---- back, and old pages


def test_back_leads_from_every_page_to_the_one_before_and_loses_nothing(client):
    draft_for(client, WELL)
    seen = ["schedule"]
    page = parsed_page(client.get(section_url("schedule")))
    while seen[-1] != "about":
        earlier = [link for link in page.links if link.startswith("/answers/")]
        assert len(earlier) == 1
        seen += [name for name in SECTIONS if section_url(name) == earlier[0]]
        page = parsed_page(client.get(earlier[0]))
    assert seen == [*reversed(SECTIONS)]
    assert Draft.objects.get().answers == WELL


def test_an_older_page_sent_again_changes_its_own_answers_only(client):
    walker = Walker(client).walk(ALICE.answers, until="check")
    four = dict.fromkeys(("nervous", "worry", "low_interest", "low_mood"), "daily")
    client.post(section_url("symptoms"), four)
    draft = Draft.objects.get()
    assert draft.answers == WELL | four
    assert walker.get("/continue/").name == "check"


def test_a_page_from_before_a_question_was_opened_can_be_sent_again(client):
    """Back to the first state of the page, with another answer: it comes again with the question that this opens."""
    walker = Walker(client).walk(WELL, until="check")
    walker.get(section_url("safety"))
    page_before = walker.page
    walker.send({"past_attempt": "yes"})
    assert set(walker.page.form.offered) == {*SAFETY, "last_attempt", "suicidal_now"}
    walker.page = page_before
    walker.send({"past_attempt": "skip"})
    assert walker.url == section_url("safety")
    assert walker.page.title.startswith("Error:")
    assert set(walker.page.form.offered) == {*SAFETY, "suicidal_now"}
    assert walker.page.form.chosen["past_attempt"] == ["skip"]
    walker.send({"suicidal_now": "no"})
    assert walker.url == section_url("support")  # it opens a question there, too
    assert Draft.objects.get().answers == WELL | {"past_attempt": "skip", "suicidal_now": "no"}


def test_two_tabs_that_send_different_pages_both_count(client):
    draft = draft_for(client, WELL)
    client.post(section_url("support"), {"people": "none", "home": ["unsafe"]})
    client.post(section_url("history"), {"recent_treatment": ["iop_now"], "crises": "one"})
    draft.refresh_from_db()
    assert draft.answers == WELL | {
        "people": "none",
        "home": ["unsafe"],
        "recent_treatment": ["iop_now"],
        "crises": "one",
    }


@pytest.mark.django_db(transaction=True)
def test_two_pages_sent_at_the_same_moment_both_count(shared_database, monkeypatch):
    """The second waits until the first is done, and adds to it."""
    client = Client()
    draft_for(client, WELL)
    token = client.cookies[settings.DRAFT_COOKIE_NAME].value
    first_has_read, second_is_through = threading.Event(), threading.Event()
    apply = Journey.apply

    def slowly(journey, here, post):
        if here.section.id == "support":
            first_has_read.set()
            second_is_through.wait(0.7)
        return apply(journey, here, post)

    monkeypatch.setattr(Journey, "apply", slowly)
    answers = {
        "support": {"people": "none", "home": ["strain"]},
        "history": {"crises": "one"},
    }
    statuses = {}

    def send(section):
        other = Client()
        other.cookies[settings.DRAFT_COOKIE_NAME] = token
        if section == "history":
            first_has_read.wait(10)
        statuses[section] = other.post(section_url(section), answers[section]).status_code
        if section == "history":
            second_is_through.set()
        connections.close_all()

    threads = [threading.Thread(target=send, args=[section]) for section in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == {"support": 302, "history": 302}
    assert Draft.objects.get().answers == WELL | answers["support"] | answers["history"]


# ---- what is refused


def refused(client, section, post) -> Page:
    """The page after a redirect: it says what is wrong, and no draft is made for it."""
    before = Draft.objects.count()
    response = client.post(section_url(section), post)
    assert response.status_code == 302
    assert response["Location"] == section_url(section)
    assert Draft.objects.count() == before
    response = client.get(section_url(section))
    assert response.status_code == 200
    page = parsed_page(response)
    assert page.name == "section"
    assert page.title.startswith("Error:")
    assert {"tel:911", "tel:988"} <= set(page.links)
    return page


@pytest.mark.parametrize("left_out", ABOUT)
def test_a_missing_answer_is_asked_for_and_the_others_stay(client, left_out):
    post = {id: value for id, value in ABOUT.items() if id != left_out}
    page = refused(client, "about", post)
    chosen = {name: values for name, values in page.form.chosen.items() if name in page.form.offered}
    hidden_of_boxes = [""]
    given = {id: [value] if isinstance(value, str) else hidden_of_boxes + value for id, value in post.items()}
    assert chosen == given | ({"emergency": hidden_of_boxes} if left_out == "emergency" else {})
    assert [link for link in page.links if link.startswith(f"#id_{left_out}")]


def test_an_empty_page_names_every_question(client):
    draft_for(client, ABOUT)
    page = refused(client, "safety", {})
    assert [link for link in page.links if link.startswith("#id_")] == [f"#id_{id}_0" for id in SAFETY]


WRONG = [
    ("about", {"who": "nobody"}),
    ("about", {"who": ""}),
    ("about", {"who": "me\0"}),
    ("about", {"who": "\0"}),
    ("about", {"who": "\x1b[31m"}),
    ("about", {"who": "x" * 100_000}),
    ("about", {"who": "skip"}),
    ("about", {"place": "unsure"}),
    ("about", {"age": "{{ 7*7 }}"}),
    ("about", {"emergency": [""]}),
    ("about", {"emergency": ["none", "drunk_high"]}),
    ("about", {"emergency": ["none", "nothing"]}),
    ("about", {"emergency": ["skip"]}),
    ("about", {"emergency": ["drunk_high"] * 10 + ["\0"]}),
    ("about", {"emergency": ["no such option"] * 400}),
    ("safety", {"wish_dead": "unsure"}),
    ("harm", {"self_injury": "𝕹one"}),
    ("health", {"also": ["skip", "baby"]}),
    ("health", {"also": ["none", "skip"]}),
    ("schedule", {"work_around": ["none", "cost"]}),
    ("schedule", {"free_times": ["mon_morning", "mon_noon"]}),
]


@pytest.mark.parametrize(("section", "wrong"), WRONG)
def test_an_answer_that_nobody_can_give_is_refused(client, section, wrong):
    """It is left out, and so is what was answered there before; the rest stays."""
    draft = draft_for(client, WELL)
    page = refused(client, section, WELL | wrong)
    [id] = wrong
    assert [link.rpartition("_")[0] for link in page.links if link.startswith("#id_")] == [f"#id_{id}"]
    draft.refresh_from_db()
    assert draft.answers == {key: value for key, value in WELL.items() if key != id}
    assert "such" not in str(draft.held)
    assert len(str(draft.held)) < 1000
    if section != "schedule":
        assert client.get("/continue/")["Location"] == section_url(section)


def test_a_page_with_an_error_keeps_the_right_answers(client):
    draft = draft_for(client, ABOUT)
    page = refused(client, "safety", SAFETY | {"burden": ""})
    assert page.form.chosen["wish_dead"] == ["no"]
    draft.refresh_from_db()
    assert draft.answers == {id: value for id, value in (ABOUT | SAFETY).items() if id != "burden"}


def test_a_page_says_what_was_wrong_until_it_is_put_right(client):
    draft_for(client, WELL)
    page = refused(client, "health", well_in("health") | {"also": ["none", "baby"]})
    assert page.form.chosen["also"] == ["", "baby", "none"]
    assert "alone, or the others without it" in page.text
    assert parsed_page(client.get(section_url("health"))).title.startswith("Error:")
    client.post(section_url("health"), well_in("health"))
    assert not parsed_page(client.get(section_url("health"))).title.startswith("Error:")


def test_the_first_page_keeps_what_was_chosen_in_the_browser_alone(client):
    """Until it is known that an adult answers for themselves, nothing is stored. The cookie tells nothing."""
    refused(client, "about", {"emergency": ["drunk_high"], "who": "me", "shared_device": "yes"})
    page = parsed_page(client.get(section_url("about")))
    assert page.form.chosen["emergency"] == ["", "drunk_high"]
    assert page.form.chosen["who"] == ["me"]
    assert page.form.chosen["shared_device"] == ["yes"]
    cookie = client.cookies[settings.HELD_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    other = Client()
    refused(other, "about", {})
    assert len(other.cookies[settings.HELD_COOKIE_NAME].value) == len(cookie.value)
    assert "drunk" not in cookie.value
    client.post(section_url("about"), ABOUT)
    assert not client.cookies[settings.HELD_COOKIE_NAME].value
    assert Draft.objects.get().answers == ABOUT


@pytest.mark.parametrize("cookie", ["x", "é", "", "gAAAA", "{}"])
def test_a_cookie_of_the_first_page_that_cannot_be_read_is_ignored(client, cookie):
    client.cookies[settings.HELD_COOKIE_NAME] = cookie
    for path in (section_url("about"), "/where-to-get-help/1/"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\xff\xfe",
        b"who=%00&age=%ED%A0%80",
        b"who",
        b"=" * 1000,
        b"who=" + b"%F0%9F%98%80" * 5000,
        b"&".join(b"a%d=1" % i for i in range(1000)),
        b"a=" + b"x" * 300_000,
    ],
    ids=["empty", "bytes", "nul and surrogate", "no value", "equals", "emoji", "many fields", "large"],
)
@pytest.mark.parametrize(
    "path", [section_url("about"), section_url("safety"), "/answers/check/", "/answers/sharing/", "/send/"]
)
def test_a_body_that_is_no_form_is_refused_and_stores_nothing_of_it(client, path, body):
    client.raise_request_exception = False
    draft = draft_for(client, ABOUT)
    response = client.post(path, body, content_type="application/x-www-form-urlencoded")
    assert 300 < response.status_code < 500
    draft.refresh_from_db()
    assert (
        draft.answers.items() <= ABOUT.items()
    )  # what was answered where the nonsense stands is asked again


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain"]
)
def test_a_body_of_another_kind_is_refused(client, content_type):
    client.raise_request_exception = False
    response = client.post(section_url("about"), b"--x\r\nnonsense", content_type=content_type)
    if response.status_code == 302:  # read as an empty page
        assert parsed_page(client.get(response["Location"])).title.startswith("Error:")
    else:
        assert 400 <= response.status_code < 500
    assert not Draft.objects.exists()


def test_several_values_of_one_radio_group_count_as_the_last(client):
    client.post(section_url("about"), ABOUT | {"place": ["us", "gb"]})
    assert Draft.objects.get().answers["place"] == "gb"


# ---- the draft


def test_the_draft_is_made_with_the_first_page_and_not_before(client):
    client.get("/")
    client.get(section_url("about"))
    assert not Draft.objects.exists()
    response = client.post(section_url("about"), ABOUT)
    draft = Draft.objects.get()
    assert draft.answers == ABOUT
    assert (draft.language, draft.questionnaire) == ("en", "2026.2")
    assert draft.consent
    assert draft.consented_at
    cookie = response.cookies[settings.DRAFT_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["max-age"]
    assert not cookie["expires"]
    assert len(cookie.value) >= 43  # 32 random bytes


def test_the_token_is_stored_hashed_only(client):
    client.post(section_url("about"), ABOUT)
    token = client.cookies[settings.DRAFT_COOKIE_NAME].value
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM intake_draft")
        row = str(cursor.fetchall())
    assert token not in row
    thief = Client()
    thief.cookies[settings.DRAFT_COOKIE_NAME] = Draft.objects.get().token_hash
    assert thief.get("/continue/")["Location"] == section_url("about")
    assert thief.get(section_url("safety"))["Location"] == section_url("about")


@pytest.mark.parametrize(
    "cookie",
    [
        "x",
        "x" * 4000,
        "%00",
        "é",
        '"',
        "a b",
        "../..",
        "' OR 1=1 --",
        r"\000",
        "{}",
        "\ud800".encode("utf-8", "replace").decode(),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        section_url("about"),
        section_url("safety"),
        "/answers/check/",
        "/result/",
        "/contact/",
        "/continue/",
        "/help-now/",
    ],
)
def test_a_cookie_that_finds_nothing_is_a_new_visit(client, cookie, path):
    response = client.get(path, headers={"Cookie": f"{settings.DRAFT_COOKIE_NAME}={cookie}"})
    assert response.status_code in (200, 302)
    if response.status_code == 302:
        assert response["Location"] == section_url("about")


def test_a_draft_older_than_a_day_is_gone_and_then_deleted(client):
    draft = draft_for(client, WELL)
    age_by(draft, hours=24, seconds=1)
    assert client.get("/continue/")["Location"] == section_url("about")
    assert client.get(section_url("safety"))["Location"] == section_url("about")
    client.post(section_url("about"), ABOUT)
    assert Draft.objects.get().answers == ABOUT


def test_a_draft_younger_than_a_day_is_there_and_a_touch_keeps_it(client):
    draft = draft_for(client, ABOUT)
    age_by(draft, hours=23, minutes=59)
    assert client.get("/continue/")["Location"] == section_url("safety")
    client.post(section_url("safety"), SAFETY)
    age_by(draft, hours=23)
    assert client.get("/continue/")["Location"] == section_url("harm")
