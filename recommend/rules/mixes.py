"""Draw synthetic people from a mix file, to compare the share of them that each rule set sends to each level.

``recommend/mixes/<version>.toml`` explains the model, and has every number and option id. The same file and seed
always give the same people in the same order.
"""

import random
from bisect import bisect_left
from collections.abc import Iterator
from math import sqrt

from recommend.rules.mix import SKIP, Added, Draw, Fixed, Item, Mix, Mixes, Picked
from recommend.rules.mix_file import load_mix

__all__ = ["Mixes", "load_mix", "people"]

Answers = dict[str, tuple[str, ...]]


def people(
    mixes: Mixes, name: str, count: int | None = None, seed: int | None = None
) -> Iterator[dict[str, str | list[str]]]:
    """Draw the people of one mix.

    Args:
        mixes: The mix file.
        name: The mix.
        count: How many people; by default as many as the file says.
        seed: Seed of the random generator; by default the one of the file.

    Returns:
        Their answers, in the JSON form that the ``recommend`` command reads. They include answers to questions that
        the person would not be asked.

    Raises:
        KeyError: There is no mix of this name.
    """
    mix = mixes.by_name[name]
    # A seeded generator on purpose: the people must be reproducible, and nothing here is secret.
    rng = random.Random(mixes.seed if seed is None else seed)  # noqa: S311
    return (_person(mixes, mix, rng) for _ in range(mixes.people if count is None else count))


def _person(mixes: Mixes, mix: Mix, rng: random.Random) -> dict[str, str | list[str]]:
    severity = rng.gauss(mix.mean, 1)
    answers: Answers = {}
    for draw in mixes.draws:
        if all(not options.isdisjoint(answers.get(id, ())) for id, options in draw.when.items()):
            answers[draw.question] = _drawn(draw, answers, severity, mix, rng)
    for question in mixes.skippable:
        if rng.random() * 100 < mixes.skip_percent:
            answers[question] = (SKIP,)
    return {id: list(chosen) if id in mixes.lists else chosen[0] for id, chosen in answers.items()}


def _drawn(draw: Draw, answers: Answers, severity: float, mix: Mix, rng: random.Random) -> tuple[str, ...]:
    match draw.how:
        case Fixed(options):
            return options
        case Picked(weights):
            return tuple(rng.choices(list(weights), list(weights.values())))
        case Item(rho, options, cuts, shift):
            z = rho * severity + sqrt(1 - rho * rho) * rng.gauss(0, 1) + (mix.shifts[shift] if shift else 0)
            return (options[bisect_left(cuts, z)],)
        case Added(percent, instead_of):
            added = [option for option, chance in percent.items() if rng.random() * 100 < chance]
            kept = [o for o in answers.get(draw.question, ()) if not added or o != instead_of]
            return (*kept, *added)
