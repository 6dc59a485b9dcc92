"""Random answers to any version of the questionnaire."""

from random import Random

from recommend.engine import Questions, is_asked

Given = dict[str, tuple[str, ...]]


def anyone(chance: Random, questions: Questions) -> Given:
    """Return random answers of one person, without answers that end the questions.

    How many of them are calm is random too, so that all levels occur.

    Args:
        chance: the random generator.
        questions: the questions.
    """
    calm = chance.random()
    given: Given = {}
    for question in questions.all.values():
        if not is_asked(question, given):
            continue
        options = [option for option in question.offered if option not in question.stops]
        if question.id == "place":
            given["place"] = (chance.choice(options),)
        elif chance.random() < calm:
            given[question.id] = (min(question.exclusive) if question.exclusive else options[0],)
        elif question.kind == "one":
            given[question.id] = (chance.choice(options),)
        else:
            several = [o for o in question.options if o not in question.exclusive and chance.random() < 0.2]
            given[question.id] = tuple(several) or (chance.choice(options),)
    return given
