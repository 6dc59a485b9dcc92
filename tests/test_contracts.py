"""What outside programs rely on: what a page says of itself, and which commands there are."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.core.management import get_commands
from django.test import Client

from recommend import content
from recommend.rules.json_lines import recommend_line
from tests.support.people import CHARLIE, CONTACT, DANA, PEOPLE, WELL, checked_draft_for
from tests.support.results import EVERYBODY, UNSURE, WORST, kept, main, sent
from tests.support.walker import Walker

KINDS = {"start", "section", "check", "share", "contact", "crisis", "result", "stop", "error"}
PLAIN_BOXES = ("free_times", "home", "recent_treatment", "also", "emergency", "work_around")


class Forms(HTMLParser):
    """The main forms of a page, and the buttons inside each: name and value of those that submit."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[list[tuple[str, str]]] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("data-form") == "main"
            self.found += [[]] if self.inside else []
        if self.inside and (tag == "button" or given.get("type") == "submit"):
            self.found[-1].append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "form"


@pytest.mark.django_db
@pytest.mark.parametrize("share", ["send", "only_me"])
@pytest.mark.parametrize("person", [CHARLIE, DANA], ids=str)
def test_every_page_of_the_way_says_what_it_is_and_how_to_go_on(person, share):
    walker, seen = Walker(), []
    walker.get("/")
    while walker.page.name != "result":
        html = walker.steps[-1].response.content.decode()
        seen.append(walker.page.name)
        assert html.count("<body data-page=") == 1
        if walker.page.name == "crisis":
            assert html.count('data-action="go-on"') == 1
            assert Forms(html).found == []
        else:
            (buttons,) = Forms(html).found
            assert len(buttons) == 1, "a second button stands outside the form"
        walker.next(person.answers | CONTACT | {"share": share})
        assert len(seen) < 30
    assert {*seen} <= KINDS
    assert seen[0] == "start"


@pytest.mark.django_db
def test_the_first_button_goes_on_and_a_second_stands_after_it_outside_the_form():
    client = Client()
    checked_draft_for(client, WELL)
    for path in ("/answers/1/", "/answers/check/", "/answers/sharing/"):
        html = client.get(path).content.decode()
        assert html.index('name="save"') > html.index("</form>", html.index('data-form="main"'))
        assert re.search('<button class="plain" form="main" name="save"', html)


@pytest.mark.django_db
def test_fields_are_question_ids_and_values_option_ids():
    walker = Walker()
    walker.get("/")
    questions = content.questionnaire().questions.all
    seen = set()
    while walker.page.name not in ("check", "result"):
        if walker.page.form and walker.page.name == "section":
            for name, values in walker.page.form.offered.items():
                if name == "shared_device" or "_every_" in name:
                    continue  # a box about the device; shortcuts have names of their own
                assert {*values} <= {*questions[name].offered, *questions[name].options}
                seen.add(name)
        walker.next(WORST)
    assert {*PLAIN_BOXES} <= seen


@pytest.mark.parametrize(("path", "kind"), [("/", "start"), ("/help-now/", "crisis"), ("/nothing/", "error")])
@pytest.mark.django_db
def test_pages_that_need_no_answers_say_what_they_are(path, kind, client):
    assert f'<body data-page="{kind}"' in client.get(path).content.decode()
    for number in (1, 2, 3):
        assert '<body data-page="stop"' in client.get(f"/where-to-get-help/{number}/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answers", [*EVERYBODY, UNSURE, WELL | {"place": "gb"}, CHARLIE.answers | {"place": "gb"}]
)
@pytest.mark.parametrize("show", [kept, sent])
def test_a_result_has_one_level_and_its_rules_after_the_first_number(answers, show, settings):
    settings.CLINIC_PHONE = "(617) 555-0100"
    html = main(show(answers))
    assert len(re.findall(r"data-level=", html)) == 1
    rules = re.findall(r'data-rule="([\w-]+)"', html)
    assert len(rules) == len({*rules})
    if rules:
        assert 0 < html.index('href="tel:') < html.index("data-rule=")


@pytest.mark.parametrize(
    "name",
    ["recommend", "prove", "diff_rulesets", "replay", "rederive", "mark_stale", "shares", "demo"],
)
def test_the_commands_are_there(name):
    assert name in get_commands()


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_recommend_writes_the_documented_fields(person):
    line = recommend_line(content.ruleset(), json.dumps({"id": "x", "answers": person.answers}).encode())
    first, last = "id level reasons crisis urgent areas", "unknown provisional range ruleset questionnaire"
    wanted = f"{first} {last}".split()
    assert [*line] == wanted
