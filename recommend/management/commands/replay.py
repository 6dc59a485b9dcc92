from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from intake import content
from intake.models import Submission
from recommend.engine import ContentError, Level, RuleSet
from recommend.rules.file_anywhere import load_from
from recommend.rules.proof_files import prove_file
from recommend.rules.replay import LevelShifts, Move, Progress, references, replay, submissions

NO_LEVEL = "no level"
LEVELS = [*Level, None]


class Command(BaseCommand):
    help = (
        "Runs a rule set over all stored submissions and shows how their levels would shift. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, help="a rule set; by default the one that decides now"
        )
        parser.add_argument(
            "--cases",
            action="store_true",
            help="also the reference of each case that changes, downward first",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        ruleset = ruleset_of(options["file"])
        progress = Progress(self.stderr, Submission.objects.count())
        try:
            shifts = replay(ruleset, progress.over(submissions()))
        except ContentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Rule set {ruleset.version}, SHA-256 {ruleset.digest}\n\n")
        if options["file"] and (broken := what_refuses(options["file"])):
            self.stdout.write(self.style.ERROR(f"NOT PROVED, no server starts with it: {broken}\n\n"))
        self.stdout.write("\n".join(matrix(shifts)))
        self.stdout.write("\n".join(["", *self.summary(ruleset, shifts)]))
        if options["cases"]:
            self.write_cases(shifts)

    def summary(self, ruleset: RuleSet, shifts: LevelShifts) -> list[str]:
        """Return lines to print: how many cases change, and how many could not be compared and why."""
        down, fails = (
            sum(len(keys) for move, keys in shifts.changed.items() if getattr(move, name))
            for name in ("down", "fails")
        )
        changed = sum(map(len, shifts.changed.values()))
        lines = [f"{changed:,} of {shifts.counts.total():,} change"]
        if down:
            lines.append(self.style.ERROR(f"{down:,} MOVE DOWN"))
        if fails:
            lines.append(self.style.ERROR(f"{fails:,} GET NO LEVEL: the engine fails"))
        return [*lines, *shifts.comparability.lines(ruleset.questions.version)]

    def write_cases(self, shifts: LevelShifts) -> None:
        for move in shifts.loudest_first:
            before, after = name(move.before), name(move.after)
            alarm = self.style.ERROR("  DOWN" if move.down else "  NO LEVEL" if move.fails else "")
            for reference in references(shifts.changed[move]):
                self.stdout.write(f"{reference}  {before} -> {after}{alarm}")


def ruleset_of(file: Path | None) -> RuleSet:
    """Return the rule set in this file, or the one in use for None.

    Raises:
        CommandError: the file is not valid.
    """
    try:
        return load_from(file) if file else content.ruleset()
    except ContentError as error:
        raise CommandError(str(error)) from error


def what_refuses(file: Path) -> str:
    """Return what a proof of the file refutes, or its ContentError, in one line; "" if it is proved."""
    try:
        return ", ".join(check.id for check in prove_file(file).checks if not check.proved)
    except ContentError as error:
        return str(error)


def matrix(shifts: LevelShifts) -> list[str]:
    """Return lines to print: a row for each stored level, with a column for each level that the rule set gives now."""
    counts = shifts.counts
    rows = [[counts[Move(before, after)] for after in LEVELS] for before in LEVELS]
    return [
        row("stored / now", [*map(name, LEVELS), "total"]),
        *(row(name(before), with_total(each)) for before, each in zip(LEVELS, rows, strict=True)),
        row("total", with_total(map(sum, zip(*rows, strict=True)))),
    ]


def with_total(counts: Iterable[int]) -> list[str]:
    counts = list(counts)
    return [f"{count:,}" for count in [*counts, sum(counts)]]


def row(head: str, cells: Iterable[str]) -> str:
    return head.ljust(14) + "".join(cell.rjust(12) for cell in cells)


def name(level: Level | None) -> str:
    return NO_LEVEL if level is None else level.id
