"""The difference of rule sets on different questions, against trying every answer set of small random worlds."""

from collections import Counter

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from intake import content
from recommend.engine import complete, rate
from recommend.engine.analysis.difference_across import difference_across
from recommend.engine.answers import choices
from recommend.engine.version_mapping import Meaning, VersionMapping, load_mapping, row_in_words, translate
from tests.engine import small
from tests.engine.small import Small
from tests.support.tries import tries

tried = settings(
    max_examples=tries(40, 120),
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
)


@st.composite
def meanings(draw, old, new):
    """What one option becomes: answers to up to two new questions, or nothing."""
    if draw(st.integers(0, 4)) == 0:
        return None
    asked = draw(st.lists(st.sampled_from(list(new.all)), min_size=0, max_size=2, unique=True))
    return {id: draw(st.sampled_from(choices(new.all[id]))) for id in asked}


@st.composite
def mappings(draw, old, new):
    """A mapping that renames, joins and splits answers at random, and reads other answers on the way."""
    named: dict = {}
    for id, question in old.all.items():
        for option in question.offered:
            kept = id in new.all and option in new.all[id].offered and old.all[id].kind == new.all[id].kind
            if kept and draw(st.integers(0, 2)):
                continue
            row = [Meaning({}, draw(meanings(old, new)))]
            if draw(st.integers(0, 3)) == 0:
                read = old.all[draw(st.sampled_from(list(old.all)))]
                when = {read.id: frozenset([draw(st.sampled_from(read.offered))])}
                row.insert(0, Meaning(when, draw(meanings(old, new))))
            named.setdefault(id, {})[option] = tuple(row)
    rows = st.sampled_from([(id, option) for id, each in old.all.items() for option in each.offered])
    apart = tuple({id: frozenset([option])} for id, option in draw(st.lists(rows, max_size=2, unique=True)))
    return VersionMapping(old, new, named, {}, apart, frozenset(new.all.keys() - old.all.keys()))


@st.composite
def two_versions(draw):
    before, after = draw(small.worlds()), draw(small.worlds())
    return before, after, draw(mappings(before.ruleset.questions, after.ruleset.questions))


SEEN: Counter = Counter()


@tried
@given(two_versions())
def counts_are_those_of_trying_all(versions: tuple[Small, Small, VersionMapping]) -> None:
    before, after, mapping = versions
    found = difference_across(before.ruleset, after.ruleset, mapping)
    everybody = list(before.written_out(before.questions))
    moves, reasons, comparable = Counter(), Counter(), 0
    for answers in everybody:
        read = translate(answers, mapping)
        reasons.update(read.reasons)
        if not read.reasons:
            comparable += 1
            levels = before.level(answers), after.level(after.completed(read.answers))
            moves[levels] += levels[0] != levels[1]
    # Questions that matter in neither rule set are not counted; such worlds are left to the others.
    if len(everybody) == found.total:
        SEEN["whole"] += 1
        SEEN["apart"] += bool(reasons)
        SEEN["moves"] += bool(+moves)
        assert found.comparable == comparable
        assert dict(found.reasons) == reasons
        assert {levels: tally.count for levels, tally in found.moves.items()} == +moves
        for levels, tally in found.moves.items():
            read = translate(tally.example, mapping)
            assert not read.reasons
            assert (before.level(dict(tally.example)), after.level(after.completed(read.answers))) == levels


def test_counts_are_those_of_trying_all():
    SEEN.clear()
    counts_are_those_of_trying_all()
    assert min(SEEN["whole"], SEEN["apart"], SEEN["moves"]) > tries(5, 20), SEEN


# ---- the rule sets of the project


@pytest.mark.slow
def test_examples_of_2026_1_and_2026_2_move_as_they_say():
    before, after = content.ruleset("2026.1"), content.ruleset("2026.2")
    path = content.mapping_path("2026.2", "2026.1")
    mapping = load_mapping(path, before.questions, after.questions)
    found = difference_across(before, after, mapping)
    assert len(found.moves) > 5
    assert found.comparable < found.total
    assert set(found.reasons) == {row_in_words(row, before.questions) for row in mapping.not_comparable}
    for levels, tally in found.moves.items():
        read = translate(tally.example, mapping)
        assert not read.reasons
        both = (
            (before, complete(before.questions, tally.example)),
            (after, complete(after.questions, read.answers)),
        )
        assert tuple(rules.level_at(rate(rules, answers).state) for rules, answers in both) == levels
