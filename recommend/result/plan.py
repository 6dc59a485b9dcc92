"""Build the plan of a result: everything it asks the person to do, in cards by time, soonest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.safety.shown import ShownText

TODAY = ("now", "today")
SOON = (*TODAY, "today or tomorrow")
CARDS = (TODAY, ("today or tomorrow",), ("this week",), ("good to know",))
"""The times that each card covers, soonest card first."""

HEADINGS = {
    "now": gettext_lazy("Now"),
    "today": gettext_lazy("Today"),
    "today or tomorrow": gettext_lazy("Today or tomorrow"),
    "this week": gettext_lazy("This week"),
    "good to know": gettext_lazy("Good to know"),
}


@dataclass(frozen=True)
class Team:
    """The clinic's team, as a plan names it.

    Attributes:
        name: what the clinic calls the team.
        phone: the number as people read it; empty if the clinic gives none.
        tel: the number as a ``tel:`` link.
        open_now: in words, whether the phone is answered now; empty if that is not known.
        promise: in words, when the team gets in touch with a person who waits for that; else empty.
    """

    name: str
    phone: str
    tel: str
    open_now: str
    promise: str = ""


@dataclass(frozen=True)
class Step:
    """The next step of a person's level.

    Attributes:
        time: when to do it, one of ``HEADINGS``.
        paragraphs: safe HTML.
        stands: whether the step also applies after the team got the answers. Most steps say to call the team, which
            then calls the person.
    """

    time: str
    paragraphs: tuple[SafeString, ...]
    stands: bool = False


@dataclass(frozen=True)
class PlanItem:
    """One thing to do or to know.

    Attributes:
        title: the title; empty if there is none.
        paragraphs: safe HTML.
        is_danger: whether it tells of a danger; a page never folds it.
        lines: the kind of crisis lines to list under it; empty if none.
        call: the team to call about it; None if nobody.
        is_step: whether it is the next step of the level.
        promises: whether it says when the team gets in touch.
        may_wait: whether nobody comes to harm by reading it later; a page may fold it.
    """

    title: str
    paragraphs: tuple[SafeString, ...]
    is_danger: bool = False
    lines: str = ""
    call: Team | None = None
    is_step: bool = False
    promises: bool = False
    may_wait: bool = False


@dataclass(frozen=True)
class PlanCard:
    """What to do at one time.

    Attributes:
        time: the soonest time of its items, one of ``HEADINGS``.
        items: what to do, soonest first. The next step of the level comes after what tells of a danger.
        paper_plan: the steps of a plan that the person fills in on paper; a page may fold them.
        folds: whether a page folds the items that may wait. True on the card "Good to know". If the plan asks for
            something by tomorrow, also true on the card "This week".
    """

    time: str
    items: tuple[PlanItem, ...]
    paper_plan: tuple[PlanItem, ...] = ()
    folds: bool = False

    @property
    def folded(self) -> tuple[PlanItem, ...]:
        """The items that a page folds away."""
        return tuple(item for item in self.items if self.folds and item.may_wait)

    @property
    def unfolded(self) -> tuple[PlanItem, ...]:
        """The items that a page does not fold away."""
        return tuple(item for item in self.items if not (self.folds and item.may_wait))

    @property
    def heading(self) -> str:
        """When to act, in the active language."""
        return str(HEADINGS[self.time])

    @property
    def is_only_to_know(self) -> bool:
        """Whether it is the card "Good to know", which asks for nothing by a certain time."""
        return self.time == CARDS[-1][0]

    @property
    def is_urgent(self) -> bool:
        """Whether it asks for something today."""
        return self.time in TODAY


def plan_of(
    texts: Sequence[ShownText],
    notes: Iterable[tuple[str, str]],
    step: Step | None,
    team: Team | None = None,
) -> tuple[PlanCard, ...]:
    """Merge everything that a result asks for into cards, and return those that are not empty.

    Args:
        texts: the safety texts that apply, soonest first.
        notes: the time and the words of each note that applies.
        step: the next step; None if the safety texts say the first step themselves.
        team: whom to call about the next step; None if the person must not be sent to the clinic, for example because
            they are in another country.
    """
    noted = [(time, PlanItem("", (escape(words),), may_wait=True)) for time, words in notes]
    sooner = any(time in SOON for time in [text.time for text in texts] + [time for time, _item in noted])
    steps = [(step.time, _step_item(step, team, may_wait=not sooner and not step.stands))] if step else []
    cards = [_card(times, texts, noted, steps) for times in CARDS]
    cards = [card for card in cards if card.items or card.paper_plan]
    soon = any(card.time in SOON for card in cards)
    return tuple(
        replace(card, folds=card.is_only_to_know or (soon and card.time not in SOON)) for card in cards
    )


def _step_item(step: Step, team: Team | None, may_wait: bool) -> PlanItem:
    """Convert the next step to an item of the plan.

    Args:
        step: the next step.
        team: whom to call; None if nobody.
        may_wait: whether the person has nothing else to do until the team calls.
    """
    if team is None:
        return PlanItem("", step.paragraphs, is_step=True)
    call = team if team.phone else None
    if not team.promise:
        return PlanItem("", step.paragraphs, call=call, is_step=True)
    promise = escape(_promise(step.time, team, may_wait))
    paragraphs = (*step.paragraphs, promise) if step.stands else (promise,)
    return PlanItem("", paragraphs, call=call, is_step=True, promises=True)


def _promise(time: str, team: Team, may_wait: bool) -> str:
    said = {"clinic": capfirst(team.name), "time": team.promise}
    if time in SOON:
        return (
            _(
                "%(clinic)s has your answers, and they’ll contact you %(time)s, the way you chose."
                " If you haven’t talked to them by tomorrow, call them."
            )
            % said
        )
    if not may_wait:
        return (
            _(
                "%(clinic)s has your answers, and they’ll contact you %(time)s, the way you chose."
                " If they don’t, or if things get worse, call them."
            )
            % said
        )
    return (
        _(
            "%(clinic)s has your answers. You don’t need to do anything now: they’ll contact you %(time)s, the way you"
            " chose. If they don’t, or if things get worse, call them."
        )
        % said
    )


def shortened(plan: Iterable[PlanCard], most: int) -> tuple[tuple[PlanCard, ...], int]:
    """Reduce a plan to what to do first and the next step of the level, to fit one sheet of paper.

    The sheet is for the first call, so it must say what to ask for.

    Args:
        plan: the cards, soonest first.
        most: how many items to keep. Paper plans are left out, and of "Good to know" everything but the next step.

    Returns:
        the cards with the items that are kept, and how many things to do were left out.
    """
    cards = [
        replace(card, items=tuple(item for item in card.items if item.is_step or card.time != "good to know"))
        for card in plan
    ]
    room = most - sum(item.is_step for card in cards for item in card.items)
    kept: list[PlanCard] = []
    left_out = 0
    for card in cards:
        here = []
        for item in card.items:
            if item.is_step or room > 0:
                here.append(item)
                room -= not item.is_step
        if here:
            kept.append(replace(card, items=tuple(here), paper_plan=()))
        left_out += len(card.items) - len(here)
    return tuple(kept), left_out


def _card(
    times: tuple[str, ...],
    texts: Sequence[ShownText],
    notes: Iterable[tuple[str, PlanItem]],
    steps: Iterable[tuple[str, PlanItem]],
) -> PlanCard:
    here = [text for text in texts if text.time in times]
    steps = [(time, item) for time, item in steps if time in times]
    items = [_item(text) for text in here if text.kind != "plan"]
    before = [item for item in items if item.is_danger or not steps]
    return PlanCard(
        min([text.time for text in here] + [time for time, _ in steps] or times[-1:], key=[*HEADINGS].index),
        (
            *before,
            *(item for _time, item in steps),
            *(item for item in items if item not in before),
            *(note for time, note in notes if time in times),
        ),
        tuple(_item(text) for text in here if text.kind == "plan"),
    )


def _item(text: ShownText) -> PlanItem:
    return PlanItem(
        text.title, text.paragraphs, text.is_danger, text.lines, may_wait=text.kind == "practical"
    )
