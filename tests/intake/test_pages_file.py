"""How the questions are laid out on pages: each question once, and nothing that the questionnaire does not know."""

import re

import pytest
from django.conf import settings

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from intake.pages_file import SHARING, load_pages
from recommend.engine import ContentError

SHIPPED = settings.BASE_DIR / "intake" / "pages" / settings.QUESTIONNAIRE.name


def test_each_question_stands_on_one_page_in_the_order_of_the_questionnaire():
    on_pages = [item.id for page in content.pages().questions for item in page.wordings]
    sections = content.questionnaire().sections
    assert on_pages == [item.id for each in sections if each.id != SHARING for item in each.wordings]


def test_addresses_and_titles_tell_pages_apart_and_nothing_else():
    pages = content.pages().questions
    assert all(re.fullmatch(r"[1-8](-[2-9])?", page.key) for page in pages)
    assert len({page.key for page in pages}) == len(pages)
    for language in languages():
        assert len({(page.step, page.part, page.name[language]) for page in pages}) == len(pages)


def test_every_answer_that_ends_the_questions_has_a_help_page():
    questions = content.questionnaire().questions.all.values()
    stops = {option for question in questions for option in question.stops}
    assert {page.option for page in content.pages().help} == stops


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('questionnaire = "2026.2"', 'questionnaire = "2026.1"', "expected '2026.2'"),
        (
            'questions = ["self_injury", "harm_others", "guns"]',
            'questions = ["self_injury", "guns"]',
            "each question",
        ),
        ('questions = ["losing_touch", "racing"]', 'questions = ["racing", "losing_touch"]', "each question"),
        ('id = "support"', 'id = "home"', "the sections of the questionnaire"),
        ('option = "other"', 'option = "me"', "unknown option that stops"),
        ('option = "13_17"', 'option = "under_13"', "one page for each option"),
        ('id = "free_times"', 'id = "who"', "only a question with boxes"),
        ('"mon_morning", "mon_afternoon"', '"mon_morning"', "an option for each column"),
        ('"mon_morning"', '"mon_noon"', "unknown option"),
        ('en = "your safety", ', "", "missing in language 'en'"),
        ("thanks = { en", "thank = { en", "unknown key"),
    ],
)
def test_a_file_with_a_mistake_is_refused(tmp_path, old, new, says):
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "pages.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(says)):
        load_pages(path, languages(), content.questionnaire())
