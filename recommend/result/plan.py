"""The plan of a result: everything it asks the person to do, merged into cards by time, soonest first."""

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
"""The times that share a card, in order."""

HEADINGS = {
    "now": gettext_lazy("Now"),
    "today": gettext_lazy("Today"),
    "today or tomorrow": gettext_lazy("Today or tomorrow"),
    "this week": gettext_lazy("This week"),
    "good to know": gettext_lazy("Good to know"),
}


@dataclass(frozen=True)
class Team:
    """The clinic's team, as a plan speaks of it.

    Attributes:
        phone: as people read it; empty where the clinic gives none.
        tel: the same as a link.
        open_now: whether somebody answers the phone now, in words; empty where that is not known.
        promise: when the team gets in touch, where it has the answers and the person waits to hear from it; else empty.
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
        time: when it is due, one of ``HEADINGS``.
        paragraphs: safe HTML.
        stands: whether it holds once the team has the answers, too. Most steps say to call; then the team calls.
    """

    time: str
    paragraphs: tuple[SafeString, ...]
    stands: bool = False


@dataclass(frozen=True)
class PlanItem:
    """One thing to do or to know.

    Attributes:
        title: empty where there is none.
        paragraphs: safe HTML.
        is_danger: it tells of a danger; a page never folds it away.
        lines: the kind of crisis lines to list under it; empty: none.
        call: the team to call about it; None: nobody.
        is_step: it is the next step of the level.
        promises: it says when the team gets in touch.
        may_wait: it helps, and nobody comes to harm who reads it later; a page may fold it away.
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
        items: what to do, soonest first. The level's next step comes after what tells of danger.
        paper_plan: the steps of a plan to fill in on paper; a page may fold them.
        folds: whether a page folds the items that may wait: on a card that is only good to know, and on each later card
            of a plan that asks for something today or tomorrow.
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
        """The other items."""
        return tuple(item for item in self.items if not (self.folds and item.may_wait))

    @property
    def heading(self) -> str:
        """When to act, in the language of the page."""
        return str(HEADINGS[self.time])

    @property
    def is_only_to_know(self) -> bool:
        """Whether it asks for nothing by a certain time."""
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
    """Merge what a result says into cards.

    Args:
        texts: the safety texts that hold, soonest first.
        notes: the time and the words of each note that holds.
        step: the next step; None where the texts say the first step themselves.
        team: whom to call about the next step; None where the person must not be sent to the clinic, such as one who is
            in another country.
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
    """Put the next step into an item.

    Args:
        step: the next step.
        team: whom to call; None: nobody.
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
    """Keep what is to be done first, and the next step of the level, for one sheet of paper.

    The sheet is for the first call, so it must say what to ask for.

    Args:
        plan: soonest first.
        most: how many items to keep. What is to be filled in is not kept, and of what is only good to know just the
            next step.

    Returns:
        The cards with the items kept, and how many things to do were left out.
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
