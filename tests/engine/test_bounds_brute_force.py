"""The bound on one refusal, against trying every refusal in small random rule sets."""

from collections import Counter
from collections.abc import Iterator

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from recommend.engine.analysis.answer_space import answer_space_of
from recommend.engine.analysis.bounds import bound_check
from recommend.engine.charter import Bound
from tests.engine import small
from tests.engine.small import UNSAID, Answers, Small
from tests.support.tries import tries

tried = settings(
    max_examples=tries(60, 200),
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
)


def refusals(world: Small) -> Iterator[tuple[Answers, Answers]]:
    """Everybody who refuses one rated question and answers least what only that opens; with it answered least."""
    for id in world.rated:
        for before in world.everybody:
            if id in before and before[id][0] in UNSAID:
                after: Answers = {}
                for question in world.looked_at:
                    least = small.ways_to_answer(question)[0]
                    if small.is_asked(question, after):
                        after[question.id] = least if question.id == id else before.get(question.id, least)
                opened = before.keys() - after.keys()
                if all(before[each] == small.ways_to_answer(world.question(each))[0] for each in opened):
                    yield before, after


def signals_of(world: Small, answers: Answers) -> dict[str, int]:
    """The rank of every signal of the small space, combined ratings included."""
    state = world.ruleset.combine(answer_space_of(world.ruleset, ()).way(answers).state)
    scales = world.ruleset.space
    return {
        name: max(
            rank
            for rank, grade in enumerate(grades)
            if state & (point := scales.at_least(name, grade)) == point
        )
        for name, grades in scales.scales.items()
        if name in small.SIGNALS
    }


def test_one_refusal_beside_an_exception_is_proved_as_trying_finds() -> None:
    seen: Counter[str] = Counter()

    @tried
    @given(small.worlds(), st.none() | small.trees(small.SIGNALS), st.integers(0, 1))
    def tries(world: Small, exception: small.Tree | None, allowed: int) -> None:
        breaking = [
            (before, after)
            for before, after in refusals(world)
            if world.level(before) > world.level(after) + allowed
            and not (exception and world.holds(exception, signals_of(world, after)))
        ]
        unless = small.condition(exception) if exception else ""
        bound = Bound("one", "one_step", at_most_levels=allowed, unless=unless)
        found = bound_check(answer_space_of(world.ruleset, ()), bound)
        assert found.proved == (not breaking)
        seen[
            f"{'kept' if found.proved else 'broken'}, {'with' if exception else 'without'} an exception"
        ] += 1
        if not found.proved:
            assert found.counterexample is not None
            assert found.instead is not None
            before = dict(found.counterexample)
            after = {id: chosen for id, chosen in {**before, **found.instead}.items() if chosen}
            assert any(one == before and other == after for one, other in breaking)

    tries()
    assert len(seen) == 4, seen
