"""Work out which page a person may see next, and what the page they have just sent leads to.

Nothing here depends on the database, requests, responses or what the questions say.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse

from intake import content
from intake.answers import Answers, AnswerState, chosen, pages
from intake.crisis import answers_together, by_question, crisis_posted, kinds_carried, kinds_of_part
from intake.forms import QuestionsForm
from intake.held import Held
from intake.models import Draft
from intake.pages_file import SHARING, Page
from intake.safety.conditions import Facts
from intake.safety.shown import ShownText, shown_texts
from intake.safety.texts import SafetyText
from intake.steps import Accepted, Invalid, NotOpen, Step, Stop
from recommend.engine import CrisisAnswer, screened_out

SHARE_WITH_TEAM = {"share": "send"}
"""The answer to the sharing question that sends all answers to the intake team."""


@dataclass(frozen=True)
class Journey(AnswerState):
    """How far one person has come. A view makes a journey from the stored draft with :meth:`of`.

    Attributes:
        begun: whether there is a draft.
        just_touched: whether a page was sent within ``PRESSED_TWICE``, so that the next POST may repeat it.
        checked: digest of the answers that the person confirmed, or "".
        crisis_shown: the kinds of crisis for which help was shown.
        crisis_given: every answer ever given that carried a crisis mark, as pairs of question id and option id.
        cut_short: whether staff send the answers without asking the remaining questions.
    """

    begun: bool = False
    just_touched: bool = False
    checked: str = ""
    crisis_shown: Collection[str] = ()
    crisis_given: Collection[tuple[str, str]] = ()
    cut_short: bool = False

    @classmethod
    def of(cls, draft: Draft | None) -> "Journey":
        """Return the journey of the person whose draft this is; without a draft, one that has not begun."""
        if draft is None:
            return cls.at({})
        return replace(
            cls.at(draft.answers),
            begun=True,
            just_touched=draft.just_touched,
            checked=draft.checked,
            crisis_shown=tuple(draft.crisis_shown),
            crisis_given=tuple((question, option) for question, option in draft.crisis_given),
            cut_short=draft.cut_short,
        )

    # which page comes next

    @property
    def next_url(self) -> str:
        """The URL of the first page that still needs something from the person; at the end, of the result."""
        if self.cut_short:
            return reverse("intake:contact")
        if page := self.first_open_page:
            return page_url(page)
        if not self.is_checked:
            return reverse("intake:check")
        if "share" not in self.answers:
            return reverse("intake:share")
        return reverse("intake:contact" if self.wants_to_send else "recommend:result")

    def url_after(self, page: Page) -> str:
        """Return the URL that a page leads to: its own while it is unfinished, else ``next_url``."""
        return page_url(page) if self.missing(page) else self.next_url

    @property
    def is_checked(self) -> bool:
        """Whether the person has confirmed the answers as they are now."""
        return self.checked == digest(self.answers)

    @property
    def is_ready(self) -> bool:
        """Whether every page is finished and the answers are confirmed."""
        return not self.first_open_page and self.is_checked

    @property
    def wants_to_send(self) -> bool:
        """Whether the answers go to the team: the person confirmed them and chose so, or staff cut them short."""
        return self.cut_short or (self.is_ready and self.answers.get("share") == "send")

    @property
    def only_for_them(self) -> bool:
        """Whether the person confirmed all answers and chose not to share them with the team."""
        return self.is_ready and self.answers.get("share") == "only_me"

    def confirmed(self) -> "Journey":
        """Return a copy with the answers confirmed as they are now."""
        return replace(self, checked=digest(self.answers))

    # crisis

    @cached_property
    def crisis_kinds(self) -> frozenset[str]:
        """Every kind of crisis that the answers so far carry, alone or in combination."""
        return kinds_carried(self.pruned.given)

    @property
    def given_or_noted(self) -> dict[str, tuple[str, ...]]:
        """The answers to questions that are asked, plus earlier crisis answers to questions with no answer now.

        Option ids keyed by question id.
        """
        not_kept = [pair for pair in self.crisis_given if pair[0] not in self.answers]
        return chosen(by_question(not_kept)) | self.pruned.given

    def crisis_kinds_only_with(self, ids: Collection[str]) -> frozenset[str]:
        """Return the kinds of crisis that would disappear without the answers to these questions."""
        if not self.crisis_kinds:
            return frozenset()
        return self.crisis_kinds - kinds_of_part(
            {id: self.answers[id] for id in self.answers if id not in ids}
        )

    @property
    def crisis_taken_back(self) -> bool:
        """Whether an answer that carried a crisis, alone or in combination, was changed later."""
        changed = any(option not in self.given.get(id, ()) for id, option in self.crisis_given)
        return changed or not self.crisis_kinds.issuperset(self.crisis_shown)

    # showing a page

    def form(self, here: Page, held: Held) -> QuestionsForm:
        """Build the form that a page shows, filled with the stored answers and with held input.

        Args:
            here: the page.
            held: what the page was sent with before and could not accept; ``NOTHING`` if there is none.
        """
        ids = {wording.id for wording in self.asked_in(here)}
        values = {id: value for id, value in held.values.items() if id not in self.answers}
        if not held.told:  # shown again as it was filled in, such as in another language, without errors
            ids |= {*held.questions}
            values = dict(held.values)
        wordings = [wording for wording in here.wordings if wording.id in ids]
        data = QueryDict(mutable=True)
        for id, value in values.items():
            data.setlist(id, [*value])
        if not held.told:
            filled = QuestionsForm(wordings, self.answers)
            filled.initial = {**filled.initial, **filled.posted(data)}
            return filled
        form = QuestionsForm(wordings, self.answers, data)
        form.refuse(id for id in held.unusable if id not in self.answers)
        return form

    # handling a page that was sent

    def posted_form(self, here: Page, post: QueryDict) -> QuestionsForm:
        """Build the bound form for a POST: with all questions that the page has now, or that were sent and are asked.

        After the browser's Back, a page may be sent with more or fewer questions than it has now.
        """
        return self._form(here, post, self._as_sent(here, post))

    def apply(self, here: Page, post: QueryDict) -> Step:
        """Decide what a page that was sent leads to. Stores nothing.

        The order matters: an answer that ends the questions counts even if another one is missing or invalid. Every
        step says whether crisis help is shown first.

        Args:
            here: the page.
            post: the POST data.
        """
        crisis = crisis_posted(post)
        if not self.can_open(here):
            return NotOpen(help=bool(crisis))
        as_sent = self._as_sent(here, post)
        form = self._form(here, post, as_sent)
        valid = form.is_valid()
        now = self._merged(form, crisis, as_sent)
        if stop := screened_out(content.questionnaire().questions, now.given):
            return Stop(stop, now.answers, help=bool(crisis))
        if not valid and not self.begun:
            return Invalid(form, help=bool(crisis))
        posted = frozenset(answer.kind for answer in crisis)
        fresh = self._fresh(now, form, posted)
        together = answers_together(fresh - posted, now.given)
        return Accepted(
            answers=now.answers,
            url=now.url_after(here) if valid else page_url(here),
            fresh=fresh,
            crisis=(*crisis, *together),
            form=None if valid else form,
        )

    def _as_sent(self, here: Page, post: QueryDict) -> AnswerState:
        """Return the state that all posted answers would give, including invalid ones."""
        return self.with_answers(
            {id: value for id, value in {**self.answers, **sent(here, post)}.items() if value}
        )

    def _form(self, here: Page, post: QueryDict, as_sent: AnswerState) -> QuestionsForm:
        ids = {wording.id for wording in self.asked_in(here)} | sent(here, post).keys()
        wordings = [wording for wording in here.wordings if wording.id in ids and wording.id in as_sent.asked]
        return QuestionsForm(wordings, self.answers, post)

    def _merged(self, form: QuestionsForm, crisis: list[CrisisAnswer], as_sent: AnswerState) -> "Journey":
        """Return a copy with the valid answers of a form in place of earlier ones."""
        # The earlier answer to a refused question is deleted too: a stored "none" must not contradict a crisis answer.
        open_again = (
            ({answer.question for answer in crisis} & form.fields.keys()) | form.emptied | form.errors.keys()
        )
        kept = {id: value for id, value in self.answers.items() if id not in open_again}
        return self.with_answers({**kept, **form.answers}, as_sent).pruned

    def _fresh(self, now: "Journey", form: QuestionsForm, posted: frozenset[str]) -> frozenset[str]:
        """Return the kinds of crisis for which help is to be shown now: those not shown before.

        Args:
            now: the journey after this page.
            form: the bound form of the page.
            posted: the kinds that posted answers carry by themselves, including answers that are not stored.
        """
        fresh = (posted | now.crisis_kinds) - {*self.crisis_shown}
        if self.just_touched and now.answers == self.answers:
            # The button was pressed twice: the browser follows only this response, so the person never saw the crisis
            # help that the first response redirected to.
            fresh |= posted | now.crisis_kinds_only_with(form.fields)
        return fresh


def sent(here: Page, post: QueryDict) -> dict[str, list[str]]:
    """Return the unchecked values posted for the questions of a page, keyed by question id.

    The list is empty if the question was on the page and nothing was chosen.
    """
    return {w.id: [value for value in post.getlist(w.id) if value] for w in here.wordings if w.id in post}


# ---- the URLs of pages


def page_url(page: Page) -> str:
    return reverse("intake:section", args=[page.key])


def question_url(id: str) -> str:
    """Return the URL of a question on its page, such as "/answers/3/#q2". It must not reveal what is asked."""
    page = content.page_of(id)
    return f"{page_url(page)}#{place_on_page(page, id)}"


def place_on_page(page: Page, id: str) -> str:
    """Return the HTML id of a question on its page, such as "q2" for the second."""
    return f"q{[wording.id for wording in page.wordings].index(id) + 1}"


def page_before(page: Page) -> Page | None:
    """Return the page of questions before this one; None for the first page."""
    index = pages().index(page)
    return pages()[index - 1] if index else None


def url_before(page: Page) -> str:
    """Return the URL of the page of questions before this one; for the first page, that of the start page."""
    before = page_before(page)
    return page_url(before) if before else reverse("intake:start")


# ---- fingerprints of answers, and texts that depend on them


def digest(answers: Answers) -> str:
    """Return a SHA-256 hex digest of the answers on the check page, so without the sharing question."""
    return hashlib.sha256(json.dumps(fingerprints(answers), sort_keys=True).encode()).hexdigest()


def fingerprints(answers: Answers) -> dict[str, str]:
    """Return 8 hex digits for each answer on the check page, to tell which ones changed since it was shown.

    Keyed by question id; the sharing question is left out.
    """
    return {
        id: hashlib.sha256(json.dumps(value).encode()).hexdigest()[:8]
        for id, value in answers.items()
        if content.questionnaire().section_of[id].id != SHARING
    }


def notices(pages: Iterable[str], answers: Answers) -> list[ShownText]:
    """Return the safety texts whose conditions hold for the answers so far, for pages before the result.

    Args:
        pages: ids of pages as the safety texts name them, such as ``section:safety``.
        answers: the answers so far.
    """
    texts, given = content.safety_texts(), chosen(answers)
    found: dict[str, SafetyText] = {}
    for page in pages:
        facts = Facts(given, frozenset(), frozenset(), None, page, place_of(answers))
        found |= {text.id: text for text in texts.shown(facts)}
    return shown_texts(found.values(), place_of(answers))


def place_of(answers: Answers) -> str:
    """Return the person's answer to the question ``place``; "" if there is none."""
    return str(answers.get("place") or "")
