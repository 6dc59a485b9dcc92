"""A crisis answer leads to help at once, whatever else is wrong."""

import tomllib

import pytest
from django.conf import settings
from django.test import Client

from intake import content
from intake.models import Draft, Submission
from recommend.result.text import crisis_answers_changed
from tests.support import database
from tests.support.people import (
    CONTACT,
    DANA,
    FRANK,
    GRACE,
    SECTIONS,
    WELL,
    age_by,
    draft_for,
    well_before,
    well_in,
)
from tests.support.walker import Page, Walker, section_url

CRISIS = [  # page, question, option, kind
    ("about", "emergency", "hurt", "medical"),
    ("about", "emergency", "bad_withdrawal", "medical"),
    ("about", "emergency", "body", "medical"),
    ("about", "emergency", "about_to", "suicide"),
    ("about", "emergency", "about_to_others", "violence"),
    ("safety", "last_attempt", "past_week", "suicide"),
    ("safety", "suicidal_now", "yes", "suicide"),
    ("safety", "suicide_plan", "intent", "suicide"),
    ("safety", "suicide_plan", "plan", "suicide"),
    ("harm", "harm_others", "may_act", "violence"),
    ("mind", "losing_touch", "command", "psychosis"),
    ("daily_life", "self_care", "stopped", "self_care"),
]
HELP = "/help-now/"


def leads_to_help(response) -> bool:
    return response.status_code == 302 and response["Location"] == HELP


def test_the_table_names_every_crisis_answer_of_the_rules():
    ratings = tomllib.loads(settings.RULESET.read_text())["ratings"]
    marked = {
        (question, option, rating["crisis"])
        for question, options in ratings.items()
        for option, rating in options.items()
        if "crisis" in rating
    }
    assert marked == {(question, option, kind) for _, question, option, kind in CRISIS}


# ---- every crisis answer, and everything that may be wrong around it

each_crisis = pytest.mark.parametrize(
    ("section", "question", "option", "kind"), CRISIS, ids=lambda value: str(value)
)


@pytest.mark.django_db
@each_crisis
def test_crisis_answer_with_all_else_blank_leads_to_help(client, section, question, option, kind):
    draft_for(client, well_before(section))
    assert leads_to_help(client.post(section_url(section), {question: option}))
    draft = Draft.objects.get()
    assert draft.crisis_shown == [kind]
    assert draft.crisis_given == [[question, option]]


@pytest.mark.django_db
@each_crisis
def test_crisis_answer_without_a_cookie_leads_to_help(client, section, question, option, kind):
    assert leads_to_help(client.post(section_url(section), {question: option}))
    assert not Draft.objects.exists()


@pytest.mark.django_db
@each_crisis
@pytest.mark.parametrize("cookie", ["gone", "", "x" * 4000, "é", "a=b", '"'])
def test_crisis_answer_with_the_draft_gone_leads_to_help(client, section, question, option, kind, cookie):
    client.cookies[settings.DRAFT_COOKIE_NAME] = cookie
    assert leads_to_help(client.post(section_url(section), {question: option}))


@each_crisis
@pytest.mark.parametrize("error", database.LOST)
@pytest.mark.parametrize("cookie", [None, "some token"])
def test_crisis_answer_without_a_database_leads_to_help(
    client, section, question, option, kind, error, cookie
):
    if cookie:
        client.cookies[settings.DRAFT_COOKIE_NAME] = cookie
    with database.gone(error):
        response = client.post(section_url(section), {question: option}, follow=True)
    assert response.redirect_chain == [(HELP, 302)]
    assert response.status_code == 200
    assert Page(response.content.decode()).name == "crisis"


@pytest.mark.django_db
@each_crisis
@pytest.mark.parametrize("section_now", SECTIONS)
def test_crisis_answer_on_the_wrong_page_leads_to_help(client, section, question, option, kind, section_now):
    assert leads_to_help(client.post(section_url(section_now), {question: option}))


@each_crisis
@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}])
def test_crisis_answer_without_the_csrf_cookie_leads_to_help(section, question, option, kind, headers):
    client = Client(enforce_csrf_checks=True)  # and no database: what refuses the form must not need one
    assert leads_to_help(client.post(section_url(section), {question: option}, headers=headers))


def test_a_form_without_its_token_and_without_a_crisis_answer_is_refused():
    response = Client(enforce_csrf_checks=True).post(section_url("about"), {"emergency": "none"})
    assert response.status_code == 403
    assert Page(response.content.decode()).name == "error"


@pytest.mark.django_db
@each_crisis
def test_crisis_answer_beside_nonsense_leads_to_help(client, section, question, option, kind):
    draft_for(client, well_before(section))
    post = dict.fromkeys(WELL, "no such option") | {"age": "\0", "x" * 300: "y" * 100_000}
    assert leads_to_help(client.post(section_url(section), post | {question: ["\0", option, "none"]}))


@pytest.mark.django_db
@each_crisis
def test_crisis_answer_beside_a_stop_answer_leads_to_help(client, section, question, option, kind):
    draft_for(client, well_before(section))
    post = WELL | {"who": "other", "age": "under_13", question: option}
    assert leads_to_help(client.post(section_url(section), post))


@pytest.mark.django_db
@each_crisis
def test_crisis_answer_during_an_unexpected_error_leads_to_help(
    client, monkeypatch, section, question, option, kind
):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("intake.drafts.get", broken)
    assert leads_to_help(client.post(section_url(section), {question: option}))


# ---- "none of these" never cancels one


@pytest.mark.django_db
@pytest.mark.parametrize("order", [["none", "hurt"], ["hurt", "none"]])
@pytest.mark.parametrize("earlier", [None, ["none"], ["body"]])
def test_none_beside_a_crisis_leads_to_help_and_the_question_stays_open(client, order, earlier):
    """Told both, we know neither: the page is open again, and "none" is not kept."""
    if earlier:
        draft_for(client, {**well_before("safety"), "emergency": earlier})
    assert leads_to_help(client.post(section_url("about"), WELL | {"emergency": order}))
    assert all("emergency" not in draft.answers for draft in Draft.objects.all())
    assert client.get("/continue/")["Location"] == section_url("about")


@pytest.mark.django_db
def test_none_beside_a_crisis_is_not_kept_where_help_was_shown_before(client):
    """The page shows an error and both ticks; continuing from there must not use the earlier "none"."""
    draft = draft_for(client, WELL, crisis_shown=["medical"])
    response = client.post(section_url("about"), WELL | {"emergency": ["none", "hurt"]})
    assert response["Location"] == section_url("about")
    page = Page(client.get(section_url("about")).content.decode())
    assert page.title.startswith("Error:")
    assert page.form.chosen["emergency"] == ["", "hurt", "none"]
    draft.refresh_from_db()
    assert "emergency" not in draft.answers
    assert draft.crisis_given == [["emergency", "hurt"]]
    assert client.get("/continue/")["Location"] == section_url("about")


# ---- two answers that are a crisis together


@pytest.mark.django_db
def test_a_recent_attempt_and_thoughts_this_week_are_a_crisis_on_one_page(client):
    draft_for(client, well_before("safety"))
    post = {**WELL, "past_attempt": "yes", "last_attempt": "past_3_months", "suicidal_week": "yes"}
    response = client.post(section_url("safety"), post | {"suicidal_now": "no", "suicide_plan": "none"})
    assert leads_to_help(response)
    assert Draft.objects.get().crisis_shown == ["suicide"]


@pytest.mark.django_db
def test_combined_crisis_on_a_page_that_opens_questions_leads_to_help(client):
    draft_for(client, well_before("safety"))
    first = client.post(section_url("safety"), {**WELL, "past_attempt": "yes", "suicidal_week": "yes"})
    assert first["Location"] == section_url("safety")
    assert leads_to_help(client.post(section_url("safety"), {"last_attempt": "past_3_months"}))
    draft = Draft.objects.get()
    assert draft.answers["last_attempt"] == "past_3_months"
    assert "suicidal_now" not in draft.answers


@pytest.mark.django_db
@pytest.mark.parametrize("error", database.LOST)
def test_combined_crisis_without_a_database_is_an_error_page_with_help(client, error):
    """Only a single answer is seen without what was answered before; the error page carries the numbers."""
    client.raise_request_exception = False
    with database.gone(error):
        response = client.post(
            section_url("safety"), {"last_attempt": "past_3_months", "suicidal_week": "yes"}
        )
    assert response.status_code == 503
    assert 'href="tel:988"' in response.content.decode()


@pytest.mark.django_db
def test_a_birth_and_losing_touch_are_a_crisis_over_two_sections(client):
    draft = draft_for(client, {**well_before("health"), "losing_touch": "new"})
    response = client.post(section_url("health"), {**WELL, "also": ["baby"]})
    assert leads_to_help(response)
    draft.refresh_from_db()
    assert draft.crisis_shown == ["psychosis"]
    assert draft.answers["also"] == ["baby"]


# ---- shown once for each kind; the way on


@pytest.mark.django_db
def test_help_is_shown_once_for_each_kind(client):
    draft = draft_for(client, {})
    assert leads_to_help(client.post(section_url("about"), WELL | {"emergency": ["about_to"]}))
    age_by(draft, minutes=6)
    again = client.post(section_url("about"), WELL | {"emergency": ["about_to"]})
    assert again["Location"] == section_url("safety")
    same_kind = WELL | {"wish_dead": "yes", "suicidal_now": "yes", "suicide_plan": "plan", "guns": "no"}
    assert client.post(section_url("safety"), same_kind)["Location"] == section_url("harm")
    another = client.post(section_url("harm"), same_kind | {"harm_others": "may_act"})
    assert leads_to_help(another)
    assert Draft.objects.get().crisis_shown == ["suicide", "violence"]


@pytest.mark.django_db
@each_crisis
def test_pressing_twice_leads_to_help_twice(client, section, question, option, kind):
    """A browser follows the answer to the second press alone: the first one, and its help, are never seen."""
    draft_for(client, well_before(section))
    page = well_in(section) | {question: option}
    assert [leads_to_help(client.post(section_url(section), page)) for _press in range(3)] == [True] * 3


@pytest.mark.django_db
def test_double_click_on_a_combined_crisis_leads_to_help_on_its_page(client):
    draft_for(client, {**well_before("health"), "losing_touch": "new"})
    page = {**well_in("health"), "also": ["baby"]}
    assert leads_to_help(client.post(section_url("health"), page))
    assert leads_to_help(client.post(section_url("health"), page))
    for _press in range(2):
        assert client.post(section_url("support"), well_in("support"))["Location"] == section_url("history")


@pytest.mark.django_db
@each_crisis
def test_the_way_on_from_the_crisis_page_is_the_next_open_page(client, section, question, option, kind):
    walker = Walker(client)
    draft_for(client, well_before(section))
    walker.get(section_url(section))
    client.post(section_url(section), {question: option})
    walker.get(HELP)
    assert walker.page.name == "crisis"
    walker.get(walker.page.go_on)
    assert (walker.page.name, walker.url) == ("section", section_url(section))


def test_the_way_on_without_a_draft_is_the_first_page(client):
    response = client.get("/continue/")
    assert response["Location"] == section_url("about")


# ---- changed later


@pytest.fixture
def changed_mind(client):
    """Dana went past the crisis page, and then changed her answers."""
    walker = Walker(client)
    walker.walk(DANA.answers, until="check")
    walker.get(section_url("safety"))
    walker.send(WELL)
    walker.get("/answers/check/")
    return walker


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["mistake", "changed"])
def test_changed_crisis_answer_is_asked_about_and_kept_for_the_desk(changed_mind, word):
    walker = changed_mind
    assert walker.page.form.offered["crisis_change"] == ["mistake", "changed"]
    assert "crisis_change" not in walker.page.form.chosen
    walker.walk(CONTACT | {"crisis_change": word, "share": "send"})
    assert walker.page.level == "outpatient"  # the level follows from the final answers
    submission = Submission.objects.get()
    assert submission.crisis_change == word
    assert submission.crisis_given == [["suicidal_now", "yes"], ["suicide_plan", "plan"]]


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["", "no such word"])
def test_changed_crisis_without_an_explanation_repeats_the_check_page(changed_mind, word):
    changed_mind.page.form.offered["crisis_change"].append(word)
    changed_mind.send({"crisis_change": word})
    assert changed_mind.page.name == "check"
    assert changed_mind.page.title.startswith("Error:")
    assert "Choose an answer" in changed_mind.page.text
    assert Draft.objects.get().checked == ""


@pytest.mark.django_db
def test_a_combined_crisis_changed_later_is_asked_about_too(client):
    walker = Walker(client)
    walker.walk(GRACE.answers, until="check")
    assert "crisis_change" not in walker.page.form.offered
    walker.get(section_url("health"))
    walker.send({"also": ["none"]})
    walker.get("/answers/check/")
    assert "crisis_change" in walker.page.form.offered


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("person", "section", "now", "given"),
    [
        (
            FRANK,
            "safety",
            {"suicidal_week": "no"},
            [["last_attempt", "past_3_months"], ["past_attempt", "yes"], ["suicidal_week", "yes"]],
        ),
        (GRACE, "health", {"also": ["none"]}, [["also", "baby"], ["losing_touch", "new"]]),
    ],
    ids=["frank", "grace"],
)
def test_a_combined_crisis_changed_later_is_kept_for_the_desk_too(client, person, section, now, given):
    """No answer of it is a crisis by itself: the coordinator was told of none, and not what the person says."""
    walker = Walker(client).walk(person.answers, until="check")
    walker.get(section_url(section))
    walker.send(now)
    walker.get("/answers/check/")
    walker.walk(CONTACT | {"crisis_change": "changed", "share": "send"})
    submission = Submission.objects.get()
    assert (submission.crisis_given, submission.crisis_change) == (given, "changed")
    told = crisis_answers_changed(submission.answers, submission.crisis_given, content.questionnaire())
    [wording] = [content.questionnaire().wordings[id] for id in now]
    assert [each.question for each in told] == [wording.text]


@pytest.mark.django_db
def test_nothing_is_asked_where_no_crisis_answer_was_changed(client):
    walker = Walker(client).walk(DANA.answers, until="check")
    assert "crisis_change" not in walker.page.form.offered
    walker.get(section_url("symptoms"))
    walker.send({"nervous": "daily"})
    walker.get("/answers/check/")
    assert "crisis_change" not in walker.page.form.offered
