"""A request evaluates which questions are asked once for each set of answers, on every page for patients.

Evaluations of `intake.answers.asked` are counted. The engine walks the questions by itself (`complete`), to fill
what was left out; pages that show a result or a rule need that, and no page needs it to find the next one.
"""

import json
import sys
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import URLPattern

from intake import answers as answers_module
from intake import content, crisis
from intake.answers import Answers, asked, chosen, pruned
from intake.journey import Journey
from intake.urls import urlpatterns as intake_urls
from recommend.desk.urls import urlpatterns as desk_urls
from recommend.urls import urlpatterns as recommend_urls
from tests.support.people import CONTACT, GRACE, SECTIONS, WELL, age_by, checked_draft_for, draft_for, well_in
from tests.support.submissions import change, send_answers
from tests.support.walker import section_url

pytestmark = pytest.mark.django_db

ABOUT, HEALTH, SAFETY = well_in("about"), well_in("health"), well_in("safety")
SENDING = WELL | {"share": "send"}
FOR_THEM = WELL | {"share": "only_me"}


@dataclass
class Evaluated:
    """The sets of answers for which the questions were evaluated.

    Attributes:
        states: those of one person: stored, as sent, merged.
        parts: what if only a part of the answers had been given. A crisis of several answers is taken apart on purpose,
            to note the fewest answers that carry it; an answer left out may close a question, so that each part is
            evaluated.
    """

    states: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.states.clear()
        self.parts.clear()

    @property
    def twice(self) -> set[str]:
        return {each for each in self.states if self.states.count(each) > 1}


@pytest.fixture
def evaluated(monkeypatch) -> Evaluated:
    found = Evaluated()
    into = [found.states]
    real_asked, real_kinds = answers_module.asked, crisis.kinds_of_part

    def counted(answers: Answers) -> object:
        given = {id: options for id, options in chosen(answers).items() if options}
        into[-1].append(json.dumps(given, sort_keys=True))
        return real_asked(answers)

    def counted_apart(answers: Answers) -> object:
        into.append(found.parts)
        try:
            return real_kinds(answers)
        finally:
            into.pop()

    replaced = {"asked": (real_asked, counted), "kinds_of_part": (real_kinds, counted_apart)}
    for module in [
        module for name, module in sys.modules.items() if name.startswith(("intake", "recommend"))
    ]:
        for name, (real, fake) in replaced.items():
            if getattr(module, name, None) is real:
                monkeypatch.setattr(module, name, fake)
    return found


# ---- every page, looked at

GET: dict[str, tuple[Answers, int]] = {
    # path, stored answers, and how often the questions are evaluated
    **{section_url(section): (WELL, 1) for section in SECTIONS},
    "/answers/check/": (WELL, 1),
    "/answers/sharing/": (WELL, 1),
    "/contact/": (SENDING, 1),
    "/continue/": (WELL, 1),
    "/result/": (FOR_THEM, 1),
    "/result/sheet/": (FOR_THEM, 1),
    # pages that show the same whatever is asked
    "/": (WELL, 0),
    "/save/": (WELL, 0),
    "/stopped-for-now/": (WELL, 0),
    "/not-here/": (WELL, 0),
    "/where-to-get-help/1/": (WELL, 0),
    "/come-back/": (WELL, 0),
    "/more-time/": (WELL, 0),
    "/help-now/": (WELL, 1),
    "/language/es/": (WELL, 0),
    "/privacy/": (WELL, 0),
    "/accessibility/": (WELL, 0),
    "/staying-private/": (WELL, 0),
    "/plan/": (WELL, 1),
    "/levels-of-care/": (WELL, 1),
    "/about/": (WELL, 0),
    "/how-we-decide/": (WELL, 0),
    "/how-we-decide/rules.toml": (WELL, 0),
    "/how-we-decide/rules.csv": (WELL, 0),
    "/where-sources-disagree/": (WELL, 0),
    "/proof/": (WELL, 0),
    "/try-it/": (WELL, 0),
    "/result/sent/": (WELL, 0),
    "/openings/no-such-link/": (WELL, 0),
    "/send/": (SENDING, 0),
    "/result/change/": (WELL, 0),
    "/delete/": (WELL, 0),
    "/delete/done/": (WELL, 0),
    "/leave/": (WELL, 0),
}


def test_the_table_has_every_page_for_patients():
    patterns = [*intake_urls, *recommend_urls, *desk_urls]
    assert all(isinstance(pattern, URLPattern) for pattern in patterns)
    missing = [pattern.pattern for pattern in patterns if not any(pattern.resolve(path[1:]) for path in GET)]
    assert missing == []


@pytest.mark.parametrize(("path", "answers", "times"), [(path, *row) for path, row in GET.items()], ids=GET)
def test_a_page_evaluates_the_stored_answers_once(client, evaluated, path, answers, times):
    checked_draft_for(client, answers)
    evaluated.clear()
    response = client.get(path)
    assert response.status_code < 500
    assert len(evaluated.states) == times
    assert evaluated.parts == []


@pytest.mark.parametrize("path", [path for path, (_, times) in GET.items() if times])
def test_a_page_without_a_draft_evaluates_no_answers_once(client, evaluated, path):
    client.get(path)
    assert evaluated.states == ([] if path in ("/help-now/", "/plan/", "/levels-of-care/") else ["{}"])


@pytest.mark.parametrize("path", [path for path, (_, times) in GET.items() if times])
def test_a_page_that_is_not_open_evaluates_the_stored_answers_once(client, evaluated, path):
    draft_for(client, {"emergency": ["none"]})
    client.get(path)
    assert len(evaluated.states) == 1


def test_a_result_that_was_sent_evaluates_nothing(client, evaluated):
    send_answers(client)
    evaluated.clear()
    assert client.get("/result/").status_code == 200
    assert evaluated.states == []


# ---- pages of questions, sent

BIRTH = WELL | GRACE.differs
"""A crisis of two answers together; neither is one by itself."""

SENT: dict[str, tuple[Answers | None, str, Answers, int]] = {
    # stored answers, section, post; how many sets of answers are evaluated
    "nothing changed": (WELL, "safety", SAFETY, 1),
    "first page": (None, "about", ABOUT, 2),
    "next page": (ABOUT, "safety", SAFETY, 2),
    "changed": (WELL, "support", well_in("support") | {"home": ["unsafe"]}, 2),
    "opens questions": (WELL, "safety", SAFETY | {"past_attempt": "yes"}, 2),
    "blank": (ABOUT, "safety", {}, 1),
    "wrong": (WELL, "safety", SAFETY | {"burden": "no such option"}, 3),
    "old page": (WELL, "safety", SAFETY | {"last_attempt": "over_year"}, 2),
    "changed, and wrong": (WELL, "safety", SAFETY | {"wish_dead": "yes", "burden": "no such option"}, 3),
    "not open": (ABOUT, "health", HEALTH, 1),
    "stop": (WELL, "about", ABOUT | {"who": "other"}, 2),
    "crisis": (WELL, "about", ABOUT | {"emergency": ["hurt"]}, 2),
    "crisis beside none": (WELL, "about", ABOUT | {"emergency": ["none", "hurt"]}, 3),
    "crisis without a draft": (None, "safety", {"suicidal_now": "yes"}, 1),
    "another language": (WELL, "safety", SAFETY | {"past_attempt": "yes", "switch_to": "es"}, 2),
    "another language, not open": (ABOUT, "health", HEALTH | {"switch_to": "es"}, 1),
}


@pytest.mark.parametrize(("stored", "section", "post", "states"), SENT.values(), ids=SENT)
def test_a_posted_page_evaluates_each_set_of_answers_once(client, evaluated, stored, section, post, states):
    if stored is not None:
        draft_for(client, stored)
    client.post(section_url(section), post)
    assert evaluated.twice == set()
    assert (len(evaluated.states), evaluated.parts) == (states, [])


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_evaluates_three_sets_of_answers_at_most(client, evaluated, section):
    """Each question in turn left out, answered wrongly, and answered in every way."""
    for id in well_in(section):
        for option in (None, "no such option", *content.questionnaire().questions.all[id].offered):
            draft_for(client, WELL)
            post = well_in(section) | {id: option}
            evaluated.clear()
            client.post(section_url(section), {key: value for key, value in post.items() if value})
            assert evaluated.twice == set()
            assert 1 <= len(evaluated.states) <= 3


@pytest.mark.parametrize("press", [1, 2])
def test_a_combined_crisis_is_taken_apart_each_time_help_is_shown(client, evaluated, press):
    draft_for(client, WELL | {"losing_touch": "new"})
    for _press in range(press):
        evaluated.clear()
        assert client.post("/answers/5/", HEALTH | {"also": ["baby"]})["Location"] == "/help-now/"
    assert evaluated.twice == set()
    assert len(evaluated.states) == {1: 2, 2: 1}[press]
    choices = sum(len(options) for options in chosen(BIRTH).values())
    assert len(evaluated.parts) == choices + (
        press == 2
    )  # the second press asks once what this page brings about


def test_a_crisis_for_which_help_was_shown_is_not_taken_apart(client, evaluated):
    age_by(draft_for(client, BIRTH, crisis_shown=["psychosis"]), minutes=10)
    client.post("/answers/6/", well_in("support"))
    assert (len(evaluated.states), evaluated.parts) == (1, [])


# ---- every other form


def check_post(client, word: str = "") -> Answers:
    shown = client.get("/answers/check/").context["form"].fields["shown"].initial
    return {"shown": shown, "crisis_change": word}


@pytest.mark.parametrize(
    ("stored", "given"),
    [(WELL, []), (BIRTH, []), (WELL, [["also", "baby"]])],
    ids=["well", "crisis", "taken back"],
)
@pytest.mark.parametrize("extra", [{}, {"shown": "{}"}, {"crisis_change": ""}, {"switch_to": "es"}])
def test_confirming_evaluates_the_stored_answers_once(client, evaluated, stored, given, extra):
    draft_for(client, stored, crisis_given=given)
    post = check_post(client, "mistake") | extra
    evaluated.clear()
    assert client.post("/answers/check/", post).status_code in (200, 302, 409, 422)
    assert (len(evaluated.states), evaluated.parts) == (1, [])


@pytest.mark.parametrize(
    ("post", "states"), [({"share": "send"}, 2), ({"share": "only_me"}, 2), ({}, 1), ({"switch_to": "es"}, 1)]
)
def test_choosing_with_whom_to_share_evaluates_what_is_stored_before_and_after(
    client, evaluated, post, states
):
    checked_draft_for(client, WELL)
    client.post("/answers/sharing/", post)
    assert (len(evaluated.states), evaluated.twice) == (states, set())


@pytest.mark.parametrize(
    "post", [CONTACT, {}, CONTACT | {"switch_to": "es"}], ids=["valid", "blank", "language"]
)
def test_sending_evaluates_the_stored_answers_once(client, evaluated, post):
    checked_draft_for(client, SENDING)
    client.post("/send/", post)
    assert (len(evaluated.states), evaluated.parts) == (1, [])


def test_changing_what_was_sent_evaluates_it_once(client, evaluated):
    send_answers(client)
    evaluated.clear()
    change(client)
    assert (len(evaluated.states), evaluated.parts) == (1, [])


def test_making_a_code_evaluates_nothing_and_coming_back_evaluates_once(client, evaluated):
    draft_for(client, WELL)
    code = client.post("/save/", follow=True).context["code"]
    assert evaluated.states == []
    assert Client().post("/come-back/", {"code": code})["Location"] == "/answers/check/"
    assert len(evaluated.states) == 1


# ---- the count


def test_the_count_sees_an_evaluation(evaluated):
    Journey.at(WELL)
    Journey.at(dict(reversed(WELL.items())))
    assert len(evaluated.states) == 2
    assert len(evaluated.twice) == 1
    crisis.kinds_of_part(WELL)
    assert len(evaluated.parts) == 1


def test_pruned_answers_open_the_same_questions():
    """So the answers that are kept need no evaluation of their own."""
    stale = WELL | {"last_attempt": "past_week", "suicide_plan": "plan", "withdrawal": "shakes"}
    assert pruned(stale) == WELL
    assert asked(pruned(stale)) == asked(stale)
