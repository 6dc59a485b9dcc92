"""The call guide: what to ask by phone, in what order; what was learned stands beside what the person wrote."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from recommend import content
from recommend.desk import workflow
from recommend.desk.call_guide import guides as guide_files
from recommend.desk.call_guide.guides import guides, kinds_without_a_guide, load_guide
from recommend.desk.call_guide.of_case import Group, call_guide
from recommend.desk.history import history_of
from recommend.desk.models import CallAnswer, Case, CaseChange, ContactAttempt
from recommend.desk.pages.case_shown import ask_first
from recommend.desk.submissions.erase import erase
from recommend.engine import ContentError
from tests.support.case_forms import filled, page, unsaved_url
from tests.support.cases import at_desk, case_url, new_case, user
from tests.support.people import ALICE, BOB, CHARLIE, DANA, ERIN

pytestmark = pytest.mark.django_db


WISH = {"wish_dead": "yes", "suicidal_now": "no", "suicide_plan": "none", "guns": "no", "nights": "always"}
"""A wish to be dead, without any kind of urgency, and every question that it opens."""


@pytest.fixture
def ann(db):
    return at_desk("ann")


def case_with(**differs) -> Case:
    return new_case(replace(ALICE, differs=differs))


def guide_of(case: Case) -> list[Group]:
    return call_guide(case, ask_first(case), history_of(case).answers)


def titles(case: Case) -> list[str]:
    return [group.title for group in guide_of(case)]


def ids(case: Case, title: str) -> list[str]:
    [group] = [each for each in guide_of(case) if each.title == title]
    return [item.id for item in group.items]


# ---- the files


def test_there_is_a_guide_for_every_kind_of_crisis_and_urgency():
    assert len(guides()) == 8
    for version in ("2026.1", "2026.2"):
        assert kinds_without_a_guide(content.ruleset(version)) == set()


def test_every_kind_a_guide_names_is_one_of_the_rule_set():
    kinds = content.ruleset().kinds
    for guide in guides():
        assert {*guide.kinds} <= {*kinds["crisis"], *kinds["urgent"]}
        assert {*guide.resources} <= {*kinds["resources"]}


def test_guides_are_shipped_without_a_sign_off():
    assert [guide.id for guide in guides() if guide.signed_off] == []


GOOD = """title = "A kind"
kinds = ["suicide"]
[[question]]
id = "a"
ask = { en = "A?", es = "¿A?" }
[[question]]
id = "b"
ask = { en = "B?", es = "¿B?" }
[[question]]
id = "c"
ask = { en = "C?", es = "¿C?" }
"""


def read(tmp_path: Path, text: str):
    path = tmp_path / "kind.toml"
    path.write_text(text, encoding="utf-8")
    return load_guide(path, ["en", "es"])


def test_a_guide_has_its_questions_and_who_signed_it_off(tmp_path):
    assert [each.id for each in read(tmp_path, GOOD).questions] == ["kind.a", "kind.b", "kind.c"]
    signed = read(tmp_path, 'signed_off = { by = "Dr. May", on = 2026-12-01 }\n' + GOOD).signed_off
    assert (signed.by, signed.on.isoformat()) == ("Dr. May", "2026-12-01")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('kinds = ["suicide"]\n', "", "'kinds' or 'resources' is missing"),
        ('title = "A kind"\n', "", "'title' is missing"),
        (', es = "¿C?"', "", "the text is missing in language 'es'"),
        ('[[question]]\nid = "c"\nask = { en = "C?", es = "¿C?" }\n', "", "expected 3 to 5 questions"),
        ('id = "c"', 'id = "b"', "the id stands twice"),
        ('id = "c"', 'id = "c"\nscore = 3', "unknown key 'score'"),
        ('title = "A kind"', 'title = "A kind"\nsigned_off = { by = "May" }', "'on' is missing"),
        ('title = "A kind"', 'title = "A kind"\nsigned_off = { by = "May", on = "soon" }', "expected a date"),
    ],
)
def test_a_wrong_guide_is_refused(tmp_path, before, after, said):
    with pytest.raises(ContentError, match=said):
        read(tmp_path, GOOD.replace(before, after))


# ---- which questions, in which order


def test_each_kind_of_urgency_brings_its_guide_and_a_case_without_one_none():
    assert titles(new_case(DANA)) == ["Danger of suicide"]
    assert titles(new_case(ERIN)) == ["Dangerous withdrawal"]
    assert titles(new_case(BOB)) == []
    assert titles(case_with(harm_others="urges", guns="no")) == ["Danger to others"]


def test_a_resource_brings_its_guide(tmp_path, monkeypatch):
    monkeypatch.setattr(guide_files, "HERE", tmp_path)
    (tmp_path / "lines.toml").write_text(
        GOOD.replace('kinds = ["suicide"]', 'resources = ["crisis_lines"]'), encoding="utf-8"
    )
    guides.cache_clear()
    try:
        assert titles(case_with(**WISH)) == ["A kind"]
    finally:
        guides.cache_clear()


@pytest.mark.parametrize("differs", [DANA.differs, WISH])
def test_unknown_safety_questions_come_first_whatever_the_level(differs):
    case = case_with(**differs | {"harm_others": "skip"})
    assert titles(case)[0] == "Open safety questions"
    assert ids(case, "Open safety questions") == ["question.harm_others"]


def test_a_question_that_was_left_open_and_is_in_the_guide_is_asked_once_and_first():
    case = new_case(replace(DANA, differs=DANA.differs | {"suicidal_now": "skip"}))
    [first, *_], *_ = [group.items for group in guide_of(case)]
    assert (first.id, first.then) == (
        "question.suicidal_now",
        "If yes: stay on the line and get help on another phone.",
    )
    assert "suicide.now" not in ids(case, "Danger of suicide")
    assert "suicide.now" in ids(new_case(DANA), "Danger of suicide")


def test_what_a_guide_has_the_same_as_the_questionnaire_is_there():
    wordings = content.questionnaire().wordings
    assert [each.same_as for guide in guides() for each in guide.questions if each.same_as] == [
        "suicidal_now"
    ]
    assert "suicidal_now" in wordings


def test_a_crisis_answer_that_was_changed_is_asked_again_with_what_it_was():
    case = new_case(ALICE, crisis_given=[["harm_others", "may_act"]])
    [group] = guide_of(case)
    [item] = group.items
    wording = content.questionnaire().wordings["harm_others"]
    assert (item.id, list(item.said)) == ("question.harm_others", [wording.options["may_act"]])


def test_other_questions_come_last_only_if_unknown_and_the_level_depends_on_them():
    last = "Not answered, and it would change the level"
    assert last not in titles(new_case(CHARLIE))
    unknown = new_case(replace(BOB, differs=BOB.differs | {"treatment_fit": "unsure"}))
    assert titles(unknown)[-1] == last
    assert "question.treatment_fit" in ids(unknown, last)


def test_an_urgency_that_was_taken_back_keeps_its_guide():
    case = new_case(BOB)
    Case.objects.update(urgent_because="suicide", tier=2, urgent=True)
    case.refresh_from_db()
    assert titles(case) == ["Danger of suicide"]


def test_a_case_without_a_recommendation_still_has_a_page(ann):
    case = new_case(BOB)
    made = case.submission.recommendation
    made.outcome, made.level = {"level": None}, ""
    made.save()
    Case.objects.update(level="", tier=2, urgent=True, urgent_because="no_level")
    assert "What to ask" not in page(ann, case)


# ---- on the page


def test_the_page_says_plainly_that_nobody_signed_it_off_and_speaks_both_languages(ann):
    html = page(ann, new_case(DANA))
    assert "<strong>Not signed off:</strong> no clinical lead has approved these questions yet." in html
    assert '<span lang="en">Where are you now, and who is with you?</span>' in html
    assert 'lang="es">¿Dónde está ahora y quién está con usted?' in html


def test_the_language_of_the_person_comes_first(ann):
    html = page(ann, new_case(DANA, language="es"))
    assert '<span lang="es">¿Dónde está ahora y quién está con usted?</span>' in html
    assert 'class="gloss" lang="en">Where are you now, and who is with you?' in html


def test_answers_and_the_contact_are_saved_in_one_press_beside_the_answers_of_the_person(ann):
    case = new_case(DANA)
    before = case.submission.answers
    sent = filled(ann, case, how="call", attempt="reached", save="1") | {
        "asked-suicide.now": "on",
        "learned-suicide.where": "At home, with a sister.",
    }
    assert ann.post(case_url(case), sent).status_code == 302
    assert ContactAttempt.objects.get().outcome == "reached"
    asked, answered = CallAnswer.objects.order_by("pk")
    assert (asked.question, asked.learned, asked.by) == ("suicide.now", "", user("ann"))
    assert (answered.question, answered.learned) == ("suicide.where", "At home, with a sister.")
    stored = Case.objects.get()
    assert stored.submission.answers == before
    assert CaseChange.objects.filter(what="learned").count() == 1
    html = page(ann, stored)
    assert html.count("At home, with a sister.") == 2  # beside the question and in the history
    assert "Asked on a call" in html


def test_an_answer_that_is_too_long_is_refused_and_kept(ann):
    case = new_case(DANA)
    response = ann.post(case_url(case), filled(ann, case, save="1") | {"learned-suicide.now": "x" * 501})
    assert response.status_code == 422
    assert not CallAnswer.objects.exists()
    assert 'href="#id_learned-suicide.now"' in response.text


def test_what_was_typed_in_the_guide_survives_too(ann):
    case = new_case(DANA)
    ann.post(unsaved_url(case), filled(ann, case) | {"learned-suicide.now": "Not now."})
    assert 'value="Not now."' in page(ann, case)


def test_a_conflict_names_the_answers(ann):
    case = new_case(DANA)
    sent = filled(ann, case, save="1") | {"learned-suicide.now": "Not now."}
    workflow.add_call_answers(
        Case.objects.get(), user("bo"), [workflow.Learned("suicide.now", "Now?", "No.")]
    )
    response = ann.post(case_url(case), sent)
    assert response.status_code == 409
    assert "Your answers" in response.text
    assert "one more, in the history" in response.text
    assert 'value="Not now."' in response.text


def test_a_closed_case_shows_what_was_learned_and_takes_no_answers(ann):
    case = new_case(DANA)
    workflow.note_attempt(case, user("bo"), "call", "reached")
    workflow.add_call_answers(case, user("bo"), [workflow.Learned("suicide.now", "Now?", "No, safe.")])
    workflow.close(case, user("bo"), "declined")
    html = page(ann, case)
    assert "No, safe." in html
    assert "learned-suicide.now" not in html


def test_answers_are_deleted_with_the_case(ann):
    case = new_case(DANA)
    workflow.add_call_answers(case, user("bo"), [workflow.Learned("suicide.now", "Now?", "No.")])
    erase(case.submission)
    assert not CallAnswer.objects.exists()


def test_the_sheet_has_the_questions_to_ask(ann):
    case = new_case(DANA)
    html = ann.get(f"/staff/desk/case/{case.pk}/print/").text
    assert "Where are you now, and who is with you?" in html
    assert "learned-" not in html


def test_no_guide_lies_outside_the_folder_that_is_read():
    assert guide_files.HERE == settings.BASE_DIR / "recommend" / "desk" / "call_guide"
