"""Prove or refute upper bounds, the promises of at most a level. The charter files explain each kind."""

from collections.abc import Iterable, Iterator, Mapping

from ..answers import NONRESPONSE, choices, is_asked
from ..charter import Bound
from ..conditions import points_of
from ..ruleset import RuleSet
from ..scales import State, reaches, worst
from .answer_space import AnswerSpace, Assignment
from .checks import Check, lightest, lowered_by, refuted_by_change


def bound_check(space: AnswerSpace, bound: Bound) -> Check:
    """Prove or refute one upper bound.

    A refuted check has answers that lead above the bound. If no answers reach the bound's state, the check names the
    rules that would hold in it.

    Raises:
        ValueError: an ``only`` or ``cap`` bound has no level.
    """
    if bound.kind == "one_step":
        return _one_step(space, bound)
    if bound.at_most is None:
        raise ValueError(f"bound {bound.id} has no level")
    ruleset = space.ruleset
    if bound.kind == "only":
        about, state = (
            f"only {', '.join(bound.only)}: at most {bound.at_most.id}",
            _full_state(space, bound.only),
        )
        final = ruleset.combine(state)
    else:
        about = f"up to {', '.join(f'{key} = {grade}' for key, grade in (bound.cap or {}).items())}"
        about += f": at most {bound.at_most.id}"
        try:
            final = _cap_state(ruleset, bound.cap or {})
        except KeyError as unknown:
            return Check(bound.id, f"{about}; the rule set has no {unknown.args[0]}", False)
    if ruleset.level_at(final) <= bound.at_most:
        return Check(bound.id, about, True)
    example = min(_people_above(space, bound, final), key=lambda way: way.weight, default=None)
    if example is not None:
        return Check(bound.id, about, False, example.answers)
    rules = [rule.id for rule in ruleset.rules if rule.level > bound.at_most and reaches(final, rule.points)]
    return Check(
        bound.id, f"{about}; no person reaches the state, but {', '.join(rules)} asks for more", False
    )


def _full_state(space: AnswerSpace, only: Iterable[str]) -> State:
    """Return the state in which some questions are answered with every option, and all others with the least."""
    ruleset, named = space.ruleset, set(only)
    answers: dict[str, tuple[str, ...]] = {}
    for id, question in ruleset.questions.all.items():
        if id in named:
            answers[id] = question.offered
        elif is_asked(question, answers):
            answers[id] = choices(question)[0]
    most = [
        table.state(
            sum(
                max(ruleset.steps[id][each] for each in answers[id])
                for id in table.questions
                if id in answers
            )
        )
        for table in ruleset.frequencies
    ]
    return worst(
        [*most, *(ruleset.rating(id, each).state for id, chosen in answers.items() for each in chosen)]
    )


def _cap_state(ruleset: RuleSet, cap: Mapping[str, str]) -> State:
    """Return the state in which each signal has its grade in the cap, or its least grade if it is not in the cap.

    Raises:
        KeyError: the rule set does not have a signal or grade.
    """
    scales = ruleset.space
    signals = dict.fromkeys(scales.areas, cap["areas"]) if "areas" in cap else {}
    signals |= {signal: grade for signal, grade in cap.items() if signal != "areas"}
    for signal, grade in signals.items():
        if signal not in scales.scales or grade not in scales.scales[signal]:
            raise KeyError(f"{signal} = {grade}")
    return worst(scales.at_least(signal, grade) for signal, grade in signals.items())


def _people_above(space: AnswerSpace, bound: Bound, final: State) -> Iterator[Assignment]:
    """Yield the least complete answers that a bound covers and that lead above its level."""
    ruleset = space.ruleset
    blocks = []
    for group in space.groups:
        within = (
            way
            for way in group.ways
            if not way.state & ~final and (bound.kind == "cap" or _least_but(space, way, bound.only))
        )
        blocks.append(tuple(within))
    for level, points in ruleset.levels:
        if bound.at_most is None or level <= bound.at_most:
            continue
        for point in ruleset.single_points(points):
            for way in space.reaching_among(blocks, point):
                if not ruleset.combine(way.state) & ~final and space.level(way) > bound.at_most:
                    yield way


def _least_but(space: AnswerSpace, way: Assignment, only: Iterable[str]) -> bool:
    """Return whether the answers to all questions except ``only`` are the least."""
    return all(id in only or chosen == space.least_answers[id] for id, chosen in way.answers.items())


def _one_step(space: AnswerSpace, bound: Bound) -> Check:
    """Prove that skip or unsure raises by no more levels than the bound allows, compared with the least answer."""
    ruleset = space.ruleset
    about = f"one answer not given raises by at most {bound.at_most_levels} level(s)"
    try:
        left_out = points_of(bound.unless, ruleset.space) if bound.unless else ()
    except ValueError as wrong:
        return Check(bound.id, f"{about}; unless: {wrong}", False)
    if bound.unless:
        about += f", unless {bound.unless}"
    demands = [(level, ruleset.single_points(points)) for level, points in ruleset.levels]
    raised = (
        change
        for id in ruleset.rated
        if id not in bound.but
        for option in NONRESPONSE.intersection(ruleset.questions.all[id].offered)
        for number, before, after in lightest(_refusals(space, id, option))
        for change in lowered_by(space, number, before, after, demands, bound.at_most_levels)
        # Checking the least answers that break the bound is enough: worse ones are more likely to be an exception.
        if not reaches(ruleset.combine(change[1].state), left_out)
    )
    return refuted_by_change(bound.id, about, raised)


def _refusals(space: AnswerSpace, question: str, option: str) -> Iterator[tuple[int, Assignment, Assignment]]:
    """Yield each assignment with skip or unsure at a question, and the same with the least answer there.

    Questions that only one of the two assignments opens have their least answers.

    Yields:
        the index of the block, the assignment with ``option``, and the one with the least answer.
    """
    number, group = next((n, g) for n, g in enumerate(space.groups) if question in g.questions)
    for before in group.ways:
        if option not in before.answers.get(question, ()):
            continue
        answers: dict[str, tuple[str, ...]] = {}
        for id in group.questions:
            asked = space.ruleset.questions.all[id]
            if is_asked(asked, answers):
                least = space.least_answers[id]
                answers[id] = least if id == question else before.answers.get(id, least)
        opened = before.answers.keys() - answers.keys()
        if all(before.answers[id] == space.least_answers[id] for id in opened):
            yield number, before, space.way(answers)
