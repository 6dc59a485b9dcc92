"""Check your answers, and who may see them."""

import json

import pytest
from django.urls import reverse

from intake.models import Draft, Submission
from tests.support.people import SECTIONS, WELL, checked_draft_for, draft_for
from tests.support.walker import Walker, parsed_page, section_url

pytestmark = pytest.mark.django_db

CHECK, SHARE = "/answers/check/", "/answers/sharing/"


def test_every_answer_is_shown_in_its_wording_with_a_link_to_change_it(client):
    answers = WELL | {"work_around": [], "burden": "skip", "suicidal_now": "no", "nights": "always"}
    draft_for(client, answers)
    page = parsed_page(client.get(CHECK))
    for shown in (
        "In the last 3 days" not in page.text,
        "None of these" in page.text,
        "Me, and I am answering on my own" in page.text,
        "I’d rather not say" in page.text,
        "Monday morning" in page.text,
        "No answer" in page.text,
        "Nothing has been sent yet" in page.text,
    ):
        assert shown
    changes = [link for link in page.links if link.startswith("/answers/")]
    assert len(changes) == len({*answers, "insurance"})
    assert {link.partition("#")[0] for link in changes} == {section_url(name) for name in SECTIONS}


def test_confirmation_of_answers_changed_elsewhere_is_refused(client):
    walker = Walker(client)
    draft = draft_for(client, WELL)
    walker.get(CHECK)
    opened = {"burden": "skip", "suicidal_now": "no", "nights": "never"}
    draft.answers = WELL | {"home": ["unsafe"]} | opened  # in another tab
    draft.save()
    page = walker.send({})
    assert walker.url == CHECK
    assert page.name == "check"
    assert "Some answers have changed" in page.text
    changed = page.text.partition("check them again:")[2].partition("Right now, and about you")[0]
    assert "Not safe: someone hurts, threatens or frightens me" in changed
    assert "Is someone with you at night" in changed
    assert "Several that I can count on" not in changed
    assert {"tel:911", "tel:988"} <= set(page.links)
    draft.refresh_from_db()
    assert not draft.checked
    assert walker.send({}).name == "share"


def test_a_change_link_leads_to_its_question(client):
    """To a place on the page whose name tells nothing, and which can take the focus."""
    draft_for(client, WELL)
    page = parsed_page(client.get(CHECK))
    changes = dict.fromkeys(link for link in page.links if link.startswith("/answers/"))
    assert list(changes)[:5] == [*(f"/answers/1/#q{number}" for number in (1, 2, 3, 4)), "/answers/2/#q1"]
    for id, link in zip((*WELL, "insurance"), changes, strict=True):
        path, _, place = link.partition("#")
        fieldset = client.get(path).text.partition(f'id="{place}" tabindex="-1"')[2]
        assert fieldset.partition('name="')[2].startswith(f'{id}"')


def test_the_topics_of_the_page_are_links(client):
    draft_for(client, WELL)
    html = client.get(CHECK).text
    links = [link for link in parsed_page(client.get(CHECK)).links if link.startswith("#topic-")]
    assert len(links) == 8
    assert all(f'id="{link[1:]}" tabindex="-1"' in html for link in links)


def test_what_was_changed_is_shown_after_coming_back_and_not_for_ever(client):
    walker = Walker(client).walk(WELL, until="check")
    assert "What you changed" not in walker.page.text
    walker.get("/answers/6/")
    walker.send({"people": "hardly"})
    assert walker.url == CHECK
    changed = walker.page.text.partition("What you changed")[2].partition("Nothing has been sent yet")[0]
    assert "Hardly anyone" in changed
    assert "Stable and safe" not in changed
    walker.get("/answers/7/")
    walker.send({})
    assert walker.url == CHECK
    assert "What you changed" not in walker.page.text


def test_an_answer_changed_after_the_check_asks_for_a_check_again(client):
    walker = Walker(client).walk(WELL, until="share")
    walker.get(reverse("intake:section", args=["6"]))
    assert walker.send({"home": ["strain"]}).name == "check"
    assert walker.get(SHARE).name == "check"
    assert walker.get("/contact/").name == "check"
    assert walker.get("/result/").name == "check"


def test_a_draft_changed_behind_a_confirmed_check_shows_no_result(client):
    draft = checked_draft_for(client, WELL | {"share": "only_me"})
    assert client.get("/result/").status_code == 200
    draft.answers |= {"emergency": ["hurt"]}
    draft.save()
    assert client.get("/result/")["Location"] == CHECK


@pytest.mark.parametrize(
    "shown",
    [
        None,
        "",
        "{}",
        "[]",
        "null",
        "1" * 4900,
        '{"home": ["a", {"b": 1}]}',
        '{"no such question": "12345678"}',
        "{",
        "[" * 4900,
        '{"a":' * 900,
        "\0",
        "x" * 5001,
    ],
)
def test_a_tampered_digest_confirms_nothing(client, shown):
    draft = draft_for(client, WELL)
    response = client.post(CHECK, {} if shown is None else {"shown": shown}, follow=True)
    assert response.redirect_chain == [(CHECK, 302)]
    assert "Some answers have changed" in response.text
    draft.refresh_from_db()
    assert not draft.checked


# ---- share


def test_nothing_is_chosen_beforehand(client):
    checked_draft_for(client, WELL)
    page = parsed_page(client.get(SHARE))
    assert page.name == "share"
    assert page.form.offered["share"] == ["send", "only_me"]
    assert "share" not in page.form.chosen


@pytest.mark.parametrize("choice", [{}, {"share": ""}, {"share": "everybody"}, {"share": "send\0"}])
def test_share_page_without_a_choice_comes_again(client, choice):
    draft = checked_draft_for(client, WELL)
    response = client.post(SHARE, choice, follow=True)
    assert response.redirect_chain == [(SHARE, 302)]
    page = parsed_page(response)
    assert page.name == "share"
    assert page.title.startswith("Error:")
    assert "share" not in page.form.chosen
    assert {"tel:911", "tel:988"} <= set(page.links)
    draft.refresh_from_db()
    assert "share" not in draft.answers


def test_only_me_leads_to_the_result_and_cannot_be_sent(client):
    checked_draft_for(client, WELL)
    assert client.post(SHARE, {"share": "only_me"})["Location"] == "/result/"
    assert client.get("/contact/")["Location"] == "/result/"
    sent = client.post("/send/", {"reach_by": "i_will_call", "leave_message": "no"})
    assert sent["Location"] == "/result/"
    assert not Submission.objects.exists()


def test_send_leads_to_contact_and_shows_no_result_before_it_is_sent(client):
    checked_draft_for(client, WELL)
    assert client.post(SHARE, {"share": "send"})["Location"] == "/contact/"
    assert client.get("/result/")["Location"] == "/contact/"
    assert not Submission.objects.exists()


def test_no_other_answer_can_be_changed_on_the_sharing_page(client):
    draft = checked_draft_for(client, WELL)
    client.post(SHARE, {"share": "only_me", "home": ["unsafe"], "emergency": "none"})
    draft.refresh_from_db()
    assert draft.answers == WELL | {"share": "only_me"}
    assert Draft.objects.count() == 1


def test_a_fingerprint_tells_nothing_of_an_answer_in_the_page(client):
    """What a page keeps hidden is for comparing only."""
    draft_for(client, WELL | {"home": ["unsafe"]})
    shown = json.loads(parsed_page(client.get(CHECK)).form.chosen["shown"][0])
    assert shown.keys() == WELL.keys()
    assert all(len(value) == 8 for value in shown.values())
