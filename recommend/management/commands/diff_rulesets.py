from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommend.engine import ContentError, Level
from recommend.engine.analysis.counting import CountedExample
from recommend.engine.analysis.difference import Difference, MovedPoint, difference
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
            found = difference(first, second)
        except (ContentError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("\n".join(lines(found)))


def lines(found: Difference) -> list[str]:
    """Write the difference for a reader; what moves down comes first."""
    if found.none:
        return ["No answers get another level, area or mark."]
    up = {levels: tally for levels, tally in found.moves.items() if levels not in found.down}
    return [
        *section("!!! MOVES DOWN !!!", [line for move in found.down.items() for line in move_lines(*move)]),
        *section("Moves up", [line for move in sorted(up.items()) for line in move_lines(*move)]),
        *section("Least states that move", [point_line(point) for point in found.points]),
        *section(
            "What answers mean",
            [f"{r.what}: {r.before or 'nothing'} -> {r.after or 'nothing'}" for r in found.ratings],
        ),
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
