"""How long the questions take, and what the pages say of it."""

import re
import time

import pytest

from intake import content
from intake.reading_time import SECONDS_TO_ANSWER, WORDS_A_MINUTE, minutes_for, shortest_and_longest
from tests.support.people import SECTIONS, WELL, draft_for, well_before
from tests.support.results import WORST, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "es"])
def test_minutes_follow_from_the_words_on_the_pages(client, language):
    counted = 0
    for section in SECTIONS:
        draft_for(client, well_before(section))
        html = client.get(f"/answers/{section}/", headers={"accept-language": language}).content.decode()
        counted += len(words(html).split())
    shortest, longest = shortest_and_longest(content.questionnaire(), language)
    seconds = len(WELL) * SECONDS_TO_ANSWER
    assert shortest < longest
    # The pages say a little more than the questions: buttons, steps and links.
    assert shortest - 1 <= (counted / WORDS_A_MINUTE + seconds / 60) <= shortest + 3


def test_start_page_says_the_shortest_and_the_longest_time(client):
    shortest, longest = shortest_and_longest(content.questionnaire(), "en")
    assert f"{shortest} to {longest} minutes." in client.get("/").content.decode()


def test_time_left_falls_from_page_to_page_and_grows_with_what_is_opened(client):
    left = []
    for section in SECTIONS:
        draft_for(client, well_before(section))
        html = client.get(f"/answers/{section}/").content.decode()
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


def test_back_from_newly_opened_questions_leads_to_the_whole_page(client):
    draft_for(client, well_before("symptoms") | {"wish_dead": "yes"})
    opened = client.get("/answers/safety/").content.decode()
    assert 'name="wish_dead"' not in opened
    back = re.search(r'<p class="back"><a href="([^"]*)"', opened)[1]
    whole = client.get(back).content.decode()
    assert 'name="wish_dead"' in whole
    assert 'name="suicidal_now"' in whole
    assert '<p class="back"><a href="/answers/about/"' in whole


def test_time_is_worked_out_at_once():
    """Trying every list of answers would take seconds: this runs on every start page."""
    began = time.process_time()
    shortest_and_longest(content.questionnaire(), "en")
    assert time.process_time() - began < 0.5
