"""Make many cases in all kinds of states at once, without the pages and the workflow."""

import random
from datetime import datetime, timedelta

from intake.models import Submission
from recommend import content
from recommend.desk.models import (
    WITH_A_START,
    Case,
    ContactAttempt,
    Disposition,
    Placement,
    PlacementState,
    Tier,
)
from recommend.levels.choices import LevelOfCare
from recommend.result.models import Recommendation
from recommend.result.snapshot import outcome_of
from tests.support.people import PEOPLE
from tests.support.programs import make_program
from tests.support.staff import staff_user

STATUSES = ("new", "in_contact", "in_contact", "assessed", "placed", "closed")


def make_cases(count: int, now: datetime, seed: int = 0) -> None:
    """Store so many cases of the last 500 days, with attempts and dispositions."""
    draw, by = random.Random(seed), staff_user("coordinator", "maker")
    ruleset, questions = content.ruleset(), content.questionnaire()
    snapshots = [outcome_of(ruleset, person.answers) for person in PEOPLE]
    whose = [draw.randrange(len(PEOPLE)) for _ in range(count)]
    times = [now - timedelta(minutes=draw.randint(1, 500 * 24 * 60)) for _ in range(count)]
    times = [now - (now - at) / draw.choice([1, 10, 100]) for at in times]
    sent = Submission.objects.bulk_create(
        Submission(
            key=f"made up {number}", reference=f"M{number:07}", answers=PEOPLE[who].answers, sent_at=at,
            questionnaire=questions.version, consented_at=at, language="en",
        )
        for number, (who, at) in enumerate(zip(whose, times, strict=True))
    )  # fmt: skip
    Recommendation.objects.bulk_create(
        Recommendation(
            submission=each, level=snapshots[who].level_id, outcome=snapshots[who].to_json(), ruleset=ruleset.version,
            ruleset_digest=ruleset.digest, questionnaire=questions.version, questionnaire_digest=questions.digest,
            safety_digest="", made_at=each.sent_at,
        )
        for who, each in zip(whose, sent, strict=True)
    )  # fmt: skip
    levels = [snapshots[who].level_id for who in whose]
    cases = Case.objects.bulk_create(
        _case(draw, each, level, now) for each, level in zip(sent, levels, strict=True)
    )
    _attempts_and_dispositions(draw, cases, by)
    _placements(draw, cases, by)


def _case(draw: random.Random, sent: Submission, level: str, now: datetime) -> Case:
    tier, status = draw.choice(list(Tier)), draw.choice(STATUSES)
    done = status in ("placed", "closed")
    chosen = draw.choice(LevelOfCare.values) if status in ("assessed", "placed") else ""
    contact = sent.sent_at + (now - sent.sent_at) * draw.random() if draw.random() < 0.5 else None
    return Case(
        submission=sent, reference=sent.reference, level=level, chosen=chosen, tier=tier, urgent=tier <= Tier.TODAY,
        status=status, opened_at=sent.sent_at, contact_by=sent.sent_at, first_contact_at=contact,
        next_action="" if done else "review", next_action_at=None if done else sent.sent_at,
        finished_at=now if done else None, outcome="other_care" if status == "closed" else "",
    )  # fmt: skip


def _attempts_and_dispositions(draw: random.Random, cases: list[Case], by) -> None:
    outcomes = ContactAttempt.Outcome.values
    tried = [case for case in cases for _ in range(draw.choice([0, 0, 1, 2]))]
    wrong = {"error_by": by, "error_reason": "Wrong."}
    ContactAttempt.objects.bulk_create(
        ContactAttempt(
            case=case, by=by, how="call", outcome=draw.choice(outcomes), at=case.opened_at,
            **({"error_at": case.opened_at} | wrong if draw.random() < 0.1 else {}),
        )
        for case in tried
    )  # fmt: skip
    decided = [case for case in cases if case.chosen for _ in range(draw.choice([1, 1, 2]))]
    Disposition.objects.bulk_create(
        Disposition(
            case=case, by=by, recommended=case.level, level=draw.choice(LevelOfCare.values), reason="other", text="x",
            at=case.opened_at + timedelta(minutes=5), changed_decision=draw.choice([None, True, False]),
            minutes_saved=draw.choice([None, 0, 5, 30]),
        )
        for case in decided
    )  # fmt: skip


def _placements(draw: random.Random, cases: list[Case], by) -> None:
    programs = [make_program(name=name) for name in ("Birch", "Cedar")]
    ended = [PlacementState.DECLINED, PlacementState.NO_SHOW, PlacementState.FINISHED]
    tries = [
        (case, draw.choice([*programs, None]), draw.choice(ended if number else PlacementState.values))
        for case in cases
        if case.chosen
        for number in range(draw.choice([0, 1, 2]))
    ]
    Placement.objects.bulk_create(
        Placement(
            case=case, program=program, name=program.name if program else "", elsewhere=None if program else "Elm",
            state=state, at=case.opened_at, start_on=case.opened_at.date() if state in WITH_A_START else None,
            **(
                {"error_at": case.opened_at, "error_by": by, "error_reason": "Wrong."} if draw.random() < 0.1 else {}
            ),
        )
        for case, program, state in tries
    )  # fmt: skip
