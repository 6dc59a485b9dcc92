"""How much faster `replay` is than a loop over model objects: `python -m bench.replay [SUBMISSIONS]`.

Makes a database of its own, in a temporary folder, with made-up people's answers; prints medians of several rounds, the
ways taken in turn.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle
from random import Random
from statistics import median

SUBMISSIONS = 2_000
ROUNDS = 3
PEOPLE = 600  # made-up people to draw from; the outcome of each is worked out once


def prepare(folder: str) -> None:
    """Set Django up on an empty database in the folder."""
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def fill(count: int) -> None:
    """Store made-up people with what the rules say to them."""
    from django.utils import timezone

    from intake import content
    from intake.answers import pruned
    from intake.models import Submission
    from recommend.desk.management.commands.demo import made_up_people
    from recommend.result.models import Recommendation
    from recommend.result.snapshot import outcome_of

    draw = Random(count)  # noqa: S311, made-up people
    people: list[dict[str, object]] = []
    while len(people) < min(count, PEOPLE):
        people += [pruned(person.answers) for person in made_up_people(draw)]
    cases = [(answers, outcome_of(content.ruleset(), answers)) for answers in people[:PEOPLE]]
    ruleset, questionnaire = content.ruleset(), content.questionnaire()
    sent = Submission.objects.bulk_create(
        Submission(
            key=number,
            reference=number,
            answers=cases[number % len(cases)][0],
            questionnaire=questionnaire.version,
            consented_at=timezone.now(),
        )
        for number in range(count)
    )
    Recommendation.objects.bulk_create(
        Recommendation(
            submission=submission,
            level=snapshot.level_id,
            outcome=snapshot.to_json(),
            ruleset=ruleset.version,
            ruleset_digest=ruleset.digest,
            questionnaire=questionnaire.version,
            questionnaire_digest=questionnaire.digest,
        )
        for submission, (_, snapshot) in zip(sent, cycle(cases), strict=False)
    )


def loop_over_objects() -> int:
    """Replay the plain way: load each submission and its recommendation as objects, with the whole outcome."""
    from intake import content
    from intake.models import Submission
    from recommend.result.snapshot import outcome_of

    return sum(
        outcome_of(content.ruleset(), each.answers).level_id != each.recommendation.level
        for each in Submission.objects.select_related("recommendation").iterator()
    )


def loop_for_levels() -> int:
    """Replay with the same objects, but compute only the level, without reasons."""
    from intake import content
    from intake.models import Submission
    from recommend.rules.replay import STORED_LEVELS, level_now

    return sum(
        level_now(content.ruleset(), each.answers) is not STORED_LEVELS[each.recommendation.level]
        for each in Submission.objects.select_related("recommendation").iterator()
    )


def replayed() -> int:
    from intake import content
    from recommend.rules.replay import replay, submissions

    return sum(map(len, replay(content.ruleset(), submissions()).changed.values()))


def seconds(way: Callable[[], int]) -> float:
    """How long one round takes. The shipped rules must change nothing."""
    start = time.process_time()
    changed = way()
    taken = time.process_time() - start
    if changed:
        sys.exit(f"{way.__name__}: {changed} submissions change under the rules that they were decided by")
    return taken


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SUBMISSIONS
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        fill(count)
        ways = (loop_over_objects, loop_for_levels, replayed)
        rounds = [[seconds(way) for way in ways] for _ in range(ROUNDS)]
    medians = [median(times) for times in zip(*rounds, strict=True)]
    print(f"{count:,} submissions, median of {ROUNDS} rounds")
    for way, each in zip(ways, medians, strict=True):
        print(f"{way.__name__:18} {each:8.2f} s CPU   replay is {each / medians[-1]:.1f} x as fast")


if __name__ == "__main__":
    main()
