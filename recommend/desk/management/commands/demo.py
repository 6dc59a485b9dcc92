import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from intake import content, drafts
from intake.forms import ContactForm
from intake.journey import Journey
from intake.models import Submission
from recommend.desk.models import Case
from recommend.desk.reaching import contact_by
from recommend.desk.submissions import submit
from recommend.engine import crisis_answers
from recommend.levels.choices import LevelOfCare
from recommend.programs.models import Program, ProgramSession, ProgramWording
from recommend.result.models import Recommendation

PROGRAMS = settings.BASE_DIR / "recommend" / "desk" / "demo" / "programs.toml"
PEOPLE = settings.BASE_DIR / "recommend" / "desk" / "demo" / "people.toml"
# Real references never contain the letter O, so staff can recognize the made-up cases.
REFERENCE = "DEMO-"
SEED = 2023  # makes the same people each time
OLDEST = timedelta(days=10)


class Command(BaseCommand):
    help = (
        "Adds 60 made-up cases, 6 made-up programs and a staff user of each role."
        " A second run changes nothing, and prints their codes of now."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new-password",
            action="store_true",
            help="new passwords and secrets for the staff users, shown once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("made-up cases do not belong among real ones: refused with PRODUCTION")
        with transaction.atomic():
            self.stdout.write(f"{add_cases()}\n{add_programs()}")
            call_command("demo_staff", new_password=options["new_password"], stdout=self.stdout)
            call_command("demo_work", stdout=self.stdout)


def add_cases() -> str:
    """Send the answers of each made-up person, unless there are demo cases; return a line that says what was done."""
    if Case.objects.filter(reference__startswith=REFERENCE).exists():
        return "The demo data is there already. Nothing was added."
    draw = random.Random(SEED)  # noqa: S311, nothing drawn here is secret
    people = list(made_up_people(draw))
    now = timezone.now()
    levels: Counter[str] = Counter()
    for number, person in enumerate(people):
        case = send(person)
        age = OLDEST * ((len(people) - number - draw.random()) / len(people))
        place_in_time(case, f"{REFERENCE}{number + 1:04}", now - age)
        levels[case.level] += 1
    counts = ", ".join(f"{levels[level]} {level.label}" for level in LevelOfCare)
    return f"Added {len(people)} made-up cases ({counts}). Their references begin with {REFERENCE}"


def add_programs() -> str:
    """Store a small catalog of programs, unless there are programs; return a line that says what was done."""
    if Program.objects.exists():
        return "There are programs already. None was added."
    rows = tomllib.loads(PROGRAMS.read_text(encoding="utf-8"))["program"]
    for row in rows:
        times, checked, spanish = row.pop("times"), timedelta(days=row.pop("checked")), row.pop("es")
        program = Program(**row, checked_on=timezone.localdate() - checked)
        program.full_clean()
        program.save()
        ProgramWording.objects.create(program=program, language="es", **spanish)
        ProgramSession.objects.bulk_create(
            ProgramSession(program=program, day=day, starts=time["starts"], ends=time["ends"])
            for time in times
            for day in time["days"]
        )
    return f"Added {len(rows)} made-up programs"


# ---- people


@dataclass(frozen=True)
class Person:
    """One made-up person.

    Attributes:
        answers: the answers, as a draft stores them.
        contact: the contact details, as POST data for ``ContactForm``.
        changed: a crisis answer that was changed later ("answer") and the person's explanation ("says"); or None.
    """

    answers: dict[str, Any]
    contact: dict[str, str]
    changed: dict[str, Any] | None


def made_up_people(draw: random.Random) -> Iterator[Person]:
    """Yield the people of people.toml in random order, each as often as the file says, with drawn names and details."""
    raw = tomllib.loads(PEOPLE.read_text(encoding="utf-8"))
    rows = [row for row in raw["person"] for _ in range(row["cases"])]
    first, last = (
        raw["names"]["first"] * 3,
        raw["names"]["last"] * 3,
    )  # enough names for all rows, each drawn about equally often
    shuffled = [draw.sample(pool, len(rows)) for pool in (rows, first, last, range(100))]
    for row, given_name, family_name, line in zip(*shuffled, strict=True):
        varied = {
            question: draw.choice(values) for question, values in (raw["vary"] | row.get("vary", {})).items()
        }
        yield Person(
            answers=raw["calm"] | varied | row["answers"],
            contact=drawn_contact(raw["contact"], row, f"{given_name} {family_name}", line, draw),
            changed=row.get("changed"),
        )


def drawn_contact(
    choices: dict[str, Any], row: dict[str, Any], name: str, line: int, draw: random.Random
) -> dict[str, str]:
    """Return random POST data for ``ContactForm``. Phone numbers and e-mail addresses are reserved and reach nobody.

    Args:
        choices: the table ``contact`` of the file, with the values to choose from.
        row: the person's row in the file.
        name: the person's name.
        line: a number below 100 that makes the phone number and e-mail address unique.
        draw: the random generator.
    """
    fields = {key: draw.choice(choices[key]) for key in ("reach_by", "leave_message", "safe_times")}
    fields["language"], fields["access_needs"] = draw.choice(choices["needs"])
    fields["note"] = draw.choice(["", *row["notes"]])
    fields |= {"name": name} | row.get("contact", {})
    if fields["reach_by"] in ("phone", "text"):
        fields["phone"] = f"({draw.choice(choices['area_codes'])}) 555-01{line:02}"
    if fields["reach_by"] == "email":
        fields["email"] = f"demo{line:02}@example.com"
    return fields


# ---- sending


def send(person: Person) -> Case:
    """Submit the answers of a made-up person with the code that submits real ones, and return the case.

    Raises:
        CommandError: people.toml has answers or contact details that cannot be sent.
    """
    draft, _ = drafts.create(settings.LANGUAGE_CODE)
    journey = Journey.at(person.answers | {"share": "send"}).pruned.confirmed()
    draft.answers, draft.checked = journey.answers, journey.checked
    given = journey.given
    if person.changed:
        question, option = person.changed["answer"]
        given |= {question: (option,)}
        draft.crisis_change = person.changed["says"]
    crisis = crisis_answers(content.ruleset(), given)
    draft.note_crisis({answer.kind for answer in crisis} | journey.crisis_kinds, crisis)
    draft.save()
    form = ContactForm(person.contact)
    if not (journey.wants_to_send and form.is_valid()):
        raise CommandError(f"{PEOPLE.name}: cannot be sent: {person}")
    return submit.submit(draft, form.cleaned_data).case


def place_in_time(case: Case, reference: str, sent_at: datetime) -> None:
    """Set the reference of a case and move its times into the past; marks its message as sent, to send no e-mail.

    Args:
        case: the case.
        reference: the new reference.
        sent_at: when its answers are to have been sent.
    """
    Submission.objects.filter(pk=case.submission_id).update(
        reference=reference, sent_at=sent_at, consented_at=sent_at - timedelta(minutes=7)
    )
    Recommendation.objects.filter(submission=case.submission_id).update(made_at=sent_at)
    Case.objects.filter(pk=case.pk).update(
        reference=reference,
        opened_at=sent_at,
        next_action_at=sent_at,
        contact_by=contact_by(case.tier, sent_at),
    )
    case.messages.update(created_at=sent_at, sent_at=sent_at)
