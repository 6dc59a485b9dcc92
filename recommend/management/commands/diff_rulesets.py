from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from intake import content
from recommend.engine import ContentError, Level, RuleSet
from recommend.engine.analysis.counting import CountedExample
from recommend.engine.analysis.difference import Difference, MovedPoint, Moves, difference, falling
from recommend.engine.analysis.difference_across import DifferenceAcross, difference_across
from recommend.engine.version_mapping import load_mapping
from recommend.rules.file_anywhere import read_from


class Command(BaseCommand):
    help = "Shows exactly which combinations of answers another rule set moves to another level."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("before", type=Path)
        parser.add_argument("after", type=Path)

    def handle(self, *args: Any, before: Path, after: Path, **options: Any) -> None:
        try:
            first, second = (read_from(path) for path in (before, after))
            said = compared(first, second)
        except ContentError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(said))


def compared(before: RuleSet, after: RuleSet) -> list[str]:
    """Compare two rule sets and return lines to print.

    If they are on different questions, the mapping file between these questions is used.

    Raises:
        ContentError: the mapping file is missing or not valid.
    """
    if before.questions.version == after.questions.version:
        return lines(difference(before, after))
    old, new = before.questions, after.questions
    path = content.mapping_path(new.version, old.version)
    if not path.is_file():
        raise ContentError(
            path, "the file", f"missing: what do answers to {old.version} mean in {new.version}?"
        )
    return lines_across(
        difference_across(before, after, load_mapping(path, old, new)), old.version, new.version
    )


def lines_across(found: DifferenceAcross, old: str, new: str) -> list[str]:
    """Return the lines to print about rule sets on different questions; moves to a lower level come first."""
    apart = [f"{count:,}  {why}" for why, count in sorted(found.reasons.items(), key=lambda each: -each[1])]
    return [
        f"{found.total:,} combinations of answers to questionnaire {old}, read as answers to {new}.",
        f"What only {new} asks counts as not known.",
        f"{found.comparable:,} are comparable ({found.comparable / found.total:.2%}).",
        "",
        *section("Not comparable, by reason (one combination can have several)", apart),
        *(move_sections(found.moves) or ["No comparable answers get another level."]),
    ]


def lines(found: Difference) -> list[str]:
    """Return the lines to print about rule sets on the same questions; moves to a lower level come first."""
    if found.none:
        return ["No answers get another level, area or mark."]
    return [
        *move_sections(found.moves),
        *section("Least states that move", [point_line(point) for point in found.points]),
        *section(
            "What answers mean",
            [f"{r.what}: {r.before or 'nothing'} -> {r.after or 'nothing'}" for r in found.ratings],
        ),
    ]


def move_sections(moves: Moves) -> list[str]:
    up = [move for move in sorted(moves.items()) if move[0] not in falling(moves)]
    return [
        *section(
            "!!! MOVES DOWN !!!", [line for move in falling(moves).items() for line in move_lines(*move)]
        ),
        *section("Moves up", [line for move in up for line in move_lines(*move)]),
    ]


def section(title: str, body: list[str]) -> list[str]:
    return [title, *(f"  {line}" for line in body), ""] if body else []


def move_lines(levels: tuple[Level, Level], tally: CountedExample) -> list[str]:
    before, after = levels
    example = ", ".join(f"{id} = {'+'.join(chosen)}" for id, chosen in tally.example.items())
    return [f"{before.id} -> {after.id}: {tally.count:,} combinations", f"    such as {example}"]


def point_line(point: MovedPoint) -> str:
    signals = " and ".join(
        signal if grade == "yes" else f"{signal} >= {grade}" for signal, grade in point.signals
    )
    return f"{point.before.id} -> {point.after.id}: {signals}"
