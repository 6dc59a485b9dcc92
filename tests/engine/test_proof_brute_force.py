"""Everything the engine finds exactly, against trying every answer set of small random questionnaires and rule sets."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, permutations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from recommend.engine import Level, complete, rate
from recommend.engine.analysis.counterfactuals import pivotal_questions, smallest_counterfactuals
from recommend.engine.analysis.counting import count_levels
from recommend.engine.analysis.difference import difference
from recommend.engine.analysis.proof import Check, Proof, prove
from recommend.engine.analysis.sufficient_reason import sufficient_reason
from recommend.engine.charter import Week
from recommend.engine.conditions import ConditionError, points_of
from recommend.engine.level_range import level_range, most_informative_question
from recommend.engine.scales import FLAG, Scales, reaches
from tests.engine import small
from tests.engine.small import Answers, Small
from tests.support.tries import tries

SEEN: Counter[str] = Counter()
"""What one test has met while trying."""


@pytest.fixture(autouse=True)
def enough_was_tried(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that tries random worlds shows nothing if what it looks for never came up."""
    SEEN.clear()
    yield
    if hasattr(request.function, "hypothesis"):
        assert SEEN
        assert all(SEEN.values()), SEEN


tried = settings(
    max_examples=tries(30, 150),
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
)


# ---- counts


@tried
@given(small.worlds())
def test_counts_equal_brute_force(world: Small) -> None:
    counted = list(world.written_out(world.counted))
    expected = Counter(map(world.level, counted))
    found = count_levels(world.ruleset)
    assert {levels[0]: tally.count for levels, tally in found.items()} == expected
    for (level,), tally in found.items():
        assert tally.example in counted
        assert world.level(dict(tally.example)) == level
    SEEN["counts of several levels"] += len(expected) > 1


# ---- the proof


def check(proof: Proof, id: str) -> Check:
    return next(check for check in proof.checks if check.id == id)


def has_row(answers: Answers, row: dict[str, list[str]]) -> bool:
    return all(set(answers.get(id, ())) & set(options) for id, options in row.items())


def is_shown(world: Small, found: Check, breaking: list[Answers]) -> None:
    """A promise is proved if no answers break it; else shown by answers that do, of which none are fewer."""
    SEEN[f"{'broken' if breaking else 'kept'} {found.id.strip('0123456789')}"] += 1
    assert found.proved == (not breaking)
    if breaking:
        assert found.counterexample is not None
        assert dict(found.counterexample) in breaking
        assert world.weight(dict(found.counterexample)) == min(map(world.weight, breaking))


@tried
@given(small.worlds())
def test_invariants_equal_brute_force(world: Small) -> None:
    proof = prove(world.ruleset)
    for invariant in world.raw["invariant"]:
        (row,) = invariant["answers"]
        demanded = small.LEVELS.index(invariant["at_least"])
        everybody = world.everybody
        breaking = [each for each in everybody if has_row(each, row) and world.level(each) < demanded]
        is_shown(world, check(proof, invariant["id"]), breaking)
    crisis = [each for each in world.everybody if world.rated_as(each).crises and world.level(each) < 3]
    is_shown(world, check(proof, "crisis-is-always-inpatient"), crisis)


def pairs(world: Small) -> Iterator[tuple[str, Answers, Answers]]:
    """Everybody before and after one answer got worse."""
    for question in world.looked_at:
        for before in world.everybody if question.ordered else ():
            if question.id in before:
                worse = world.worse(question.id, before[question.id])
                for after in world.changed(before, {question.id: worse}):
                    yield question.id, before, after


def week_pairs(world: Small) -> Iterator[tuple[Answers, Answers]]:
    """Everybody before and after another answer about the week."""
    for question in world.looked_at:
        for before in world.everybody if question.id in Week().questions else ():
            if question.id in before:
                others = [each for each in small.ways_to_answer(question) if each != before[question.id]]
                for after in world.changed(before, {question.id: others}):
                    yield before, after


def is_shown_by_change(world: Small, found: Check, breaking: list[tuple[Answers, Answers]]) -> None:
    SEEN[f"{'broken' if breaking else 'kept'} {found.id}"] += 1
    assert found.proved == (not breaking)
    if breaking:
        assert found.counterexample is not None
        assert found.instead is not None
        before = dict(found.counterexample)
        after = {id: chosen for id, chosen in {**before, **found.instead}.items() if chosen}
        assert any(one == before and other == after for one, other in breaking)
        assert world.weight(before) == min(world.weight(one) for one, _ in breaking)


@tried
@given(small.worlds())
def test_a_worse_answer_never_lowers(world: Small) -> None:
    lowered = [
        (before, after) for _, before, after in pairs(world) if world.level(after) < world.level(before)
    ]
    is_shown_by_change(world, check(prove(world.ruleset), "a-worse-answer-never-lowers"), lowered)


@tried
@given(small.worlds(rises=True))
def test_a_worse_answer_never_lowers_where_rows_rise(world: Small) -> None:
    assert check(prove(world.ruleset), "rows-rise").proved
    for _, before, after in pairs(world):
        assert world.level(before) <= world.level(after)
        SEEN["risen"] += world.level(before) < world.level(after)


@tried
@given(small.worlds())
def test_the_week_moves_overlap_only(world: Small) -> None:
    """From what firm rules ask for, no other answer about the week leads down."""
    moved = [
        (before, after)
        for before, after in week_pairs(world)
        if world.level(after) < world.level(before)
        and not (
            world.level(before) == 1
            and all(not small.is_firm(rule) for rule in world.rules(world.rated_as(before).deciding))
        )
    ]
    is_shown_by_change(world, check(prove(world.ruleset), "week-never-lowers-need"), moved)


@tried
@given(small.worlds())
def test_dead_rules_equal_brute_force(world: Small) -> None:
    proof = prove(world.ruleset)
    for rule in world.raw["rule"]:
        alone = any(world.rated_as(answers).deciding == [rule["id"]] for answers in world.everybody)
        found = check(proof, f"decides-alone:{rule['id']}")
        assert found.proved == alone
        SEEN[f"decides alone {alone}"] += 1
        reached = [each for each in world.everybody if rule["id"] in world.rated_as(each).fired]
        if alone or not reached:
            assert found.counterexample is None
            continue
        assert found.counterexample is not None
        assert dict(found.counterexample) in reached
        assert world.weight(dict(found.counterexample)) == min(map(world.weight, reached))
    for rank, level in enumerate(small.LEVELS):
        reached = any(world.level(answers) == rank for answers in world.everybody)
        assert check(proof, f"reachable:{level}").proved == reached
        SEEN[f"reached {reached}"] += 1
    assert proof.proved == all(check.proved for check in proof.checks)


# ---- the difference


@tried
@given(small.two_rulesets())
def test_difference_equals_brute_force(worlds: tuple[Small, Small]) -> None:
    before, after = worlds
    found = difference(before.ruleset, after.ruleset)
    everybody = list(before.written_out(Small.counted_in(before, after)))
    moves = Counter((before.level(each), after.level(each)) for each in everybody)
    assert {levels: tally.count for levels, tally in found.moves.items()} == {
        levels: count for levels, count in moves.items() if levels[0] != levels[1]
    }
    for levels, tally in found.moves.items():
        example = dict(tally.example)
        assert example in everybody
        assert (before.level(example), after.level(example)) == levels
    differ = [each for each in everybody if not same_but_level(before, after, each)]
    if differ:
        assert found.ratings
    if found.none:
        assert not differ
    if before.raw == after.raw:
        assert found.none
    SEEN[f"moves {bool(found.moves)}, none {found.none}, shown {bool(differ)}"] += 1


def same_but_level(before: Small, after: Small, answers: Answers) -> bool:
    one, other = before.rated_as(answers), after.rated_as(answers)
    return (one.areas, one.marks) == (other.areas, other.marks)


# ---- one person


@st.composite
def people(draw: st.DrawFn) -> tuple[Small, Answers]:
    """Somebody in a world whose rows rise: some answers given, in any order, some not asked for, some left out."""
    world = draw(small.worlds(rises=True))
    answers = {}
    for question in world.questions:
        if draw(st.integers(0, 3)):
            answers[question.id] = tuple(
                draw(st.permutations(draw(st.sampled_from(small.ways_to_answer(question)))))
            )
    return world, answers


def calm_answers(world: Small, id: str) -> list[tuple[str, ...]]:
    """Every answer that says something and carries no crisis."""
    return [
        chosen
        for chosen in small.ways_to_answer(world.question(id))
        if not set(chosen) & set(small.UNSAID) and not world.carries_crisis(id, chosen)
    ]


def with_changes(world: Small, answers: Answers, changes: Answers) -> Answers:
    """Completed answers after some changed; what is asked only now is not said."""
    return world.completed({**answers, **changes})


@tried
@given(people())
def test_level_range_equals_brute_force(person: tuple[Small, Answers]) -> None:
    world, given = person
    signals = rate(world.ruleset, complete(world.ruleset.questions, given))
    answers = world.completed(given)
    level = world.level(answers)
    assert level == world.ruleset.level_at(signals.state)
    found = level_range(world.ruleset, signals, Level(level))
    unknown = [
        id
        for id in world.rated
        if id not in answers or not given.get(id) or set(answers[id]) & {*small.UNSAID}
    ]
    changes = {id: calm_answers(world, id) for id in unknown}
    levels = [
        world.level(each) for each in world.changed(answers, changes) if not world.rated_as(each).crises
    ]
    if world.rated_as(answers).crises:
        known = {id: chosen for id, chosen in answers.items() if id not in unknown}
        SEEN["range with crisis"] += 1
        assert found == (level, level) or not known
    elif levels:
        assert found == (min(levels), max([*levels, level]))
        SEEN[f"range of one level {found[0] == found[1]}"] += 1


def levels_by(world: Small, answers: Answers, id: str) -> list[int]:
    """The levels that other answers to one question give, if no new crisis comes and no given one is left unasked."""
    known = world.rated_as(answers).crises
    given = {other for other, chosen in answers.items() if world.carries_crisis(other, chosen)} - {id}
    others = [with_changes(world, answers, {id: chosen}) for chosen in calm_answers(world, id)]
    return [
        world.level(each) for each in others if world.rated_as(each).crises <= known and given <= each.keys()
    ]


@tried
@given(people())
def test_pivotal_questions_equal_brute_force(person: tuple[Small, Answers]) -> None:
    world, given = person
    signals = rate(world.ruleset, complete(world.ruleset.questions, given))
    answers = world.completed(given)
    level = world.level(answers)
    spreads = {}
    for id in signals.unknown:
        levels = levels_by(world, answers, id)
        spreads[id] = max(levels) - min(levels) if levels else 0
    widest = max(spreads.values(), default=0)
    first = next((id for id in spreads if spreads[id] == widest), None) if widest else None
    assert most_informative_question(world.ruleset, signals) == first

    expected = set()
    for id in world.rated:
        levels = [level, *levels_by(world, answers, id)] if id in answers else []
        if len(set(levels)) > 1:
            expected.add((id, min(levels), max(levels), id in signals.unknown))
    found = pivotal_questions(world.ruleset, signals)
    assert {(each.question, each.lowest, each.highest, each.unknown) for each in found} == expected
    order = [(each.highest - each.lowest, each.unknown) for each in found]
    assert order == sorted(order, reverse=True)
    SEEN[f"settling {bool(first)}"] += 1
    SEEN[f"hinges {bool(found)}"] += 1


@tried
@given(people())
def test_counterfactuals_equal_brute_force(person: tuple[Small, Answers]) -> None:
    world, given = person
    signals = rate(world.ruleset, complete(world.ruleset.questions, given))
    answers = world.completed(given)
    level = world.level(answers)
    found = smallest_counterfactuals(world.ruleset, signals, world.rated, largest=3)
    for direction in (-1, 1):
        sizes = [size for size in (1, 2, 3) if can_move(world, answers, level, size, direction)]
        ours = [change for change in found if (change.level - level) * direction > 0]
        assert {len(change.answers) for change in ours} == set(sizes[:1])
        asked = [id for id in world.rated if id in answers]
        for size in sizes[:1]:
            movable = [
                ids for ids in combinations(asked, size) if moves(world, answers, level, ids, direction)
            ]
            assert {frozenset(change.answers) for change in ours} == set(map(frozenset, movable))
        SEEN[f"change {direction} of {sizes[:1]}"] += 1
    for change in found:
        assert all(chosen in calm_answers(world, id) for id, chosen in change.answers.items())
        assert world.level(with_changes(world, answers, dict(change.answers))) == change.level != level


def can_move(world: Small, answers: Answers, level: int, size: int, direction: int) -> bool:
    asked = [id for id in world.rated if id in answers]
    return any(moves(world, answers, level, ids, direction) for ids in combinations(asked, size))


def moves(world: Small, answers: Answers, level: int, ids: tuple[str, ...], direction: int) -> bool:
    """Whether other answers to just these questions, each of them changed, move the level in a direction."""
    found: list[Answers] = [{}]
    for id in ids:
        others = [each for each in calm_answers(world, id) if set(each) != set(answers[id])]
        found = [{**changes, id: chosen} for changes in found for chosen in others]
    return any((world.level(with_changes(world, answers, each)) - level) * direction > 0 for each in found)


@tried
@given(people())
def test_sufficient_reasons_equal_brute_force(person: tuple[Small, Answers]) -> None:
    world, given = person
    signals = rate(world.ruleset, complete(world.ruleset.questions, given))
    answers = {id: world.in_order(id, chosen) for id, chosen in world.completed(given).items()}
    level = world.level(answers)
    found = sufficient_reason(world.ruleset, signals)
    assert all(set(answers[id]) == set(chosen) for id, chosen in found.items())

    def suffices(ids: tuple[str, ...]) -> bool:
        return all(
            world.level(each) >= level
            for each in world.everybody
            if all(each.get(id) == answers[id] for id in ids)
        )

    assert suffices(tuple(found))
    smaller = combinations([q.id for q in world.looked_at if q.id in answers], max(len(found) - 1, 0))
    assert not found or not any(map(suffices, smaller))
    SEEN[f"enough of {len(found)}"] += 1


# ---- the language


SPACE = Scales(
    {"area_a": tuple(small.GRADES), "area_b": tuple(small.GRADES), "other": tuple(small.GRADES)}
    | {"flag_a": FLAG, "flag_b": FLAG},
    ("area_a", "area_b"),
)


def states() -> Iterator[dict[str, int]]:
    """Every state of the small space, by rank."""
    found: list[dict[str, int]] = [{}]
    for name, top in small.SIGNALS.items():
        found = [{**state, name: rank} for state in found for rank in range(top + 1)]
    return iter(found)


@settings(tried, max_examples=400)
@given(small.trees(small.SIGNALS))
def test_points_are_the_condition(tree: small.Tree) -> None:
    reading = Small([], {"areas": ["area_a", "area_b"]})
    points = points_of(small.condition(tree), SPACE)
    for ranks in states():
        state = sum(SPACE.at_least(name, SPACE.scales[name][rank]) for name, rank in ranks.items())
        assert reaches(state, points) == reading.holds(tree, ranks)
        SEEN[f"holds {reaches(state, points)}"] += 1
    for one, other in permutations(points, 2):
        assert one & other != one, "a point that another makes needless"


@pytest.mark.parametrize(
    ("bad", "position"),
    [
        ("", 1),
        ("   ", 4),
        ("and", 1),
        ("area_a", 7),
        ("area_a >=", 10),
        ("area_a >= some and", 19),
        ("area_a >= some or or flag_a", 19),
        ("flag_a and and flag_b", 12),
        ("area_a >= some flag_a", 16),
        ("area_a >= none", 11),
        ("area_a >= lots", 11),
        ("area_a >= 1", 11),
        ("area_a > some", 8),
        ("area_a < some", 8),
        ("area_a <= some", 8),
        ("area_a == some", 8),
        ("not flag_a", 1),
        ("flag_c", 1),
        ("flag_a and flag_c", 12),
        ("flag_a >= yes", 8),
        ("Flag_a", 1),
        ("(flag_a", 8),
        ("flag_a)", 7),
        ("()", 2),
        ("(flag_a or (flag_b)", 20),
        ("areas", 6),
        ("areas(", 7),
        ("areas(some)", 12),
        ("areas(some) >= ", 16),
        ("areas(some) >= 0", 16),
        ("areas(some) >= 3", 16),
        ("areas(some) >= two", 16),
        ("areas(none) >= 1", 7),
        ("areas some >= 1", 7),
        ("areas(some >= 1", 12),
        ("flag_a & flag_b", 8),
        ("flag_a; flag_b", 7),
        ("flag_a\tand\n!flag_b", 12),
        ("1", 1),
        (">= some", 1),
        ("flag_a AND flag_b", 8),
        ("flag_a or\u00a0\u2265", 11),
    ],
)
def test_refused_at_the_character(bad: str, position: int) -> None:
    with pytest.raises(ConditionError, match=f"at character {position}$") as error:
        points_of(bad, SPACE)
    assert error.value.position == position
