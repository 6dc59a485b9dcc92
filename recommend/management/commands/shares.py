import json
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommend.engine import ContentError, Level, RuleSet
from recommend.rules.file_anywhere import read_from
from recommend.rules.population import Population, load_population
from recommend.rules.replay import Progress
from recommend.rules.shares import MARKS, Shares, count_shares


def whole_number(text: str) -> int:
    """Convert an argument to a whole number above 0.

    Raises:
        ArgumentTypeError: it is something else.
    """
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


class Command(BaseCommand):
    help = (
        "Shows what share of synthetic people a rule set sends to each level, and what drives each level. "
        "docs/calibration.md says how they are drawn and what this cannot show."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, default=settings.RULESET, help="a rule set; default: the one in use"
        )
        parser.add_argument("--mix", type=Path, help="a mix file; default: the shipped one")
        parser.add_argument("--people", type=whole_number, help="people to draw for each mix")
        parser.add_argument("--seed", type=whole_number, help="seed of the random draws")
        parser.add_argument(
            "--rules", type=whole_number, default=5, help="rules to name for each level (default: 5)"
        )
        parser.add_argument("--json", action="store_true", help="print JSON, with every rule")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            ruleset = read_from(file)
            population = load_population(ruleset.questions, options["mix"])
            mixes = population.mixes
            count, seed = options["people"] or mixes.people, options["seed"] or mixes.seed
            found = self.count(ruleset, population, count, seed)
        except ContentError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            made = {"ruleset": ruleset.version, "ruleset_sha256": ruleset.digest, "mix": mixes.version}
            data = made | {"drawn": count, "seed": seed, "mixes": {n: as_data(s) for n, s in found.items()}}
            self.stdout.write(json.dumps(data, indent=1))
        else:
            self.stdout.write(f"Rule set {ruleset.version}, SHA-256 {ruleset.digest}\n")
            self.stdout.write(
                f"{count:,} people drawn for each mix of {population.path.name}, seed {seed}\n\n"
            )
            self.stdout.write("\n".join([*table(found), *drivers(found, options["rules"])]))

    def count(self, ruleset: RuleSet, population: Population, count: int, seed: int) -> dict[str, Shares]:
        """Draw the people of every mix and count their results, with a progress bar on a terminal.

        Returns:
            the counts, by the name of the mix.
        """
        progress = Progress(self.stderr, count)
        return {
            name: count_shares(ruleset, progress.over(population.people(name, count, seed)))
            for name in population.mixes.by_name
        }


def as_data(shares: Shares) -> dict[str, Any]:
    """Return what ``--json`` prints about one mix: numbers of people and percentages."""
    return {
        "people": shares.people,
        "without_a_level": shares.stopped,
        "urgent_or_crisis": counted(shares.urgent, shares.people),
        "crisis": counted(shares.crisis, shares.people),
        "levels": {
            level.id: counted(shares.levels[level], shares.people)
            | {
                "rules": {
                    id: counted(number, shares.levels[level])
                    for id, number in most_often(shares.rules[level])
                }
            }
            for level in Level
        },
        **{
            f"{mark}_kinds": {
                kind: counted(number, shares.people) for kind, number in most_often(of_mark(shares, mark))
            }
            for mark in MARKS
        },
    }


def counted(number: int, total: int) -> dict[str, Any]:
    return {"people": number, "percent": round(percent(number, total), 4)}


def percent(number: int, total: int) -> float:
    return 100 * number / total if total else 0.0


def most_often(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return names and counts, the most frequent first, then by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def of_mark(shares: Shares, mark: str) -> Counter[str]:
    """Return how many people have each kind of one mark."""
    return Counter({kind: number for (name, kind), number in shares.marks.items() if name == mark})


# ---- for a reader


def table(found: Mapping[str, Shares]) -> Iterator[str]:
    """Yield lines to print: for each mix, the percentage of its people at each level and with a mark."""
    width = max(map(len, [*found, "percent of people"])) + 2
    yield row(width, "percent of people", [*(level.id for level in Level), "urgent or crisis", "crisis"])
    for name, shares in found.items():
        numbers = [*(shares.levels[level] for level in Level), shares.urgent, shares.crisis]
        yield row(width, name, [f"{percent(number, shares.people):.1f}" for number in numbers])
    for name, shares in found.items():
        if shares.stopped:
            yield f"{shares.stopped:,} of {name} are left out: nobody under 18 or asking for someone else gets a level."


def row(width: int, head: str, cells: list[str]) -> str:
    widths = [12] * len(Level) + [18, 8]
    return head.ljust(width) + "".join(cell.rjust(each) for cell, each in zip(cells, widths, strict=True))


def drivers(found: Mapping[str, Shares], most: int) -> Iterator[str]:
    """Yield lines to print: in each mix, the most frequent rules of each level and kinds of each mark."""
    for name, shares in found.items():
        yield ""
        yield f"What drives {name} (percent of those at the level; several rules can decide for one person)"
        for level in sorted(Level, reverse=True):
            yield from driver_lines(level.id, shares.rules[level], shares.levels[level], most)
        yield f"What carries a mark in {name} (percent of its people)"
        for mark in MARKS:
            yield from driver_lines(mark, of_mark(shares, mark), shares.people, most)


def driver_lines(head: str, counts: Mapping[str, int], total: int, most: int) -> Iterator[str]:
    """Yield lines to print: the ``most`` most frequent rules or kinds, and how many more there are.

    Args:
        head: the level or mark, as a heading.
        counts: how many people each rule or kind applies to.
        total: how many people are 100 percent.
        most: how many rules or kinds to name.
    """
    shown = most_often(counts)[:most]
    if shown:
        yield f"  {head}"
    for id, number in shown:
        yield f"    {percent(number, total):5.1f}  {id}"
    if more := len(counts) - len(shown):
        yield f"           and {more} more"
