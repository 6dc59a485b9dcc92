"""How long the questions take, and what the pages say of it."""

import re
import time

import pytest

from intake import content
from intake.reading_time import SECONDS_TO_ANSWER, WORDS_A_MINUTE, minutes_for, shortest_and_longest
from tests.support.people import SECTIONS, WELL, draft_for, well_before
from tests.support.results import WORST, words
from tests.support.walker import section_url

PARTS = (*content.pages().questions, content.questionnaire().sections[-1])

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "es"])
def test_minutes_follow_from_the_words_on_the_pages(client, language):
    counted = 0
    for section in SECTIONS:
        draft_for(client, well_before(section))
        html = client.get(section_url(section), headers={"accept-language": language}).content.decode()
        counted += len(words(html).split())
    shortest, longest = shortest_and_longest(PARTS, language)
    seconds = len(WELL) * SECONDS_TO_ANSWER
    assert shortest < longest
    # The pages say a little more than the questions: buttons, steps and links.
    assert shortest - 1 <= (counted / WORDS_A_MINUTE + seconds / 60) <= shortest + 3


def test_start_page_says_the_shortest_and_the_longest_time(client):
    shortest, longest = shortest_and_longest(PARTS, "en")
    assert f"{shortest} to {longest} minutes." in client.get("/").content.decode()


def test_time_left_falls_from_page_to_page_and_grows_with_what_is_opened(client):
    left = []
    for section in SECTIONS:
        draft_for(client, well_before(section))
        html = client.get(section_url(section)).content.decode()
        left.append(int(re.search(r"about (\d+) minutes? left", html)[1]))
    assert left == sorted(left, reverse=True)
    assert left[0] > left[-1] >= 1
    sections = content.questionnaire().sections
    asked = [
        [(section, [item for item in section.wordings if item.id in answers]) for section in sections]
        for answers in (WELL, WORST)
    ]
    assert minutes_for(asked[0], "en") < minutes_for(asked[1], "en")


def test_page_without_questions_takes_no_time():
    assert minutes_for([(content.questionnaire().sections[0], [])], "en") == 0


def test_time_is_worked_out_at_once():
    """Trying every list of answers would take seconds: this runs on every start page."""
    began = time.process_time()
    shortest_and_longest(PARTS, "en")
    assert time.process_time() - began < 0.5
