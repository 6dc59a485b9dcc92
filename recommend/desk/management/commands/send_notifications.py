from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carenav.plumbing.jobs import recorded
from recommend.desk import notifications
from recommend.desk.notifications import NotSent, send_digest, send_escalated, send_waiting
from recommend.desk.person_messages import mail
from recommend.desk.person_messages.mail import send_to_people
from recommend.desk.reminders import send_reminders


class Command(BaseCommand):
    help = (
        "Tells those on duty by e-mail that cases are waiting, and leads that cases need them, and sends messages to"
        " people: no name, nothing about health. Made to be run"
        " every minute by a timer; exit status 1 as long as anything waits that could not be sent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest", action="store_true", help="how many cases nobody has seen yet; once a day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with recorded("digest" if options["digest"] else "notify"):
            self.send(options)

    def send(self, options: dict[str, Any]) -> None:
        team = [send_digest] if options["digest"] else [send_waiting, send_reminders, send_escalated]
        jobs = team if options["digest"] else [*team, send_to_people]
        counts, problems = dict.fromkeys(jobs, 0), []
        for job in jobs:
            try:
                counts[job] = job()
            except NotSent as error:
                problems.append(error)
        if problems:
            raise CommandError(" ".join(map(str, problems))) from problems[0]
        if not options["digest"] and (waiting := still_waiting()):
            raise CommandError(" ".join(waiting))
        told, sent = sum(counts[job] for job in team), counts.get(send_to_people, 0)
        said = [f"cases told to those on duty: {told:,}"] * bool(told) + [
            f"messages to people: {sent}"
        ] * bool(sent)
        self.stdout.write(", ".join(said) or "nothing to tell")


def still_waiting() -> list[str]:
    """Return a sentence for each kind of e-mail that failed in an earlier run and waits for its next try."""
    found = []
    if team := notifications.backlog():
        found.append(f"Still waiting: {team.words}")
    if people := mail.backlog():
        found.append(f"Still waiting: messages to people that could not be sent: {people}.")
    return found
