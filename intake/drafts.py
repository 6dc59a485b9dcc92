"""Find, make, change and delete the draft that belongs to the caller's cookie."""

import hashlib
import json
import logging
import secrets
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone

from carenav.accounts.current import staff_at_work
from carenav.plumbing import codes, cookies
from carenav.plumbing.request_state import remember
from intake import content
from intake.answers import chosen, pruned
from intake.forms import ContactForm
from intake.held import NOTHING, Held
from intake.journey import Journey
from intake.models import DRAFT_LIFE, SHARED_LIFE, Draft, DraftQuerySet, Submission
from recommend.engine import AnswerError
from recommend.engine.answers import as_json
from recommend.engine.version_mapping import translate

logger = logging.getLogger(__name__)

CONSENT = "2026-11.2"
"""The version of the consent on the start page; change it together with the words there."""


def token_hash(request: HttpRequest) -> str | None:
    """Return the hash of the caller's token, the key of drafts and submissions; None without a cookie."""
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME)
    return hash_of(token) if token else None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def get(request: HttpRequest, lock: bool = False, typed: bool = False) -> Draft | None:
    """Return the caller's draft if it has not expired.

    Also sets what the page needs: the person's place, for the right crisis lines; the draft; and the seconds left on a
    shared device.

    Args:
        request: the request; its place, draft and seconds left are set for the templates
        lock: hold its row until the end of the transaction, so that two pages sent at once both count.
        typed: read the contact details too. No other page depends on the key that they are encrypted with.
    """
    if not (key := token_hash(request)):
        return None
    drafts = usable(Draft.objects.alive()).filter(token_hash=key)
    drafts = drafts if typed else drafts.defer("typed")
    draft = (drafts.select_for_update() if lock else drafts).first()
    if draft and draft.is_taken and not may_take(request, draft):
        return None
    if draft:
        carry_over(draft)
        remember(request, carenav_place=draft.answers.get("place"), carenav_draft=draft)
        set_seconds_left(request, draft)
    return draft


def may_take(request: HttpRequest, draft: Draft) -> bool:
    """Return whether the caller is signed in as the member of staff who fills in this draft."""
    if staff_at_work(request) != draft.taken_by_id:
        remember(request, carenav_taking_over=True)
        return False
    remember(request, carenav_taking=draft)
    return True


def is_over_for_staff(request: HttpRequest) -> bool:
    """Return whether the caller's draft is one that staff fill in, and their session is over. Look for it first."""
    return getattr(request, "carenav_taking_over", False)


def left_by_staff(request: HttpRequest) -> Draft | None:
    """Return the draft that staff fill in here, locked, without their session: only to keep what was sent."""
    mine = usable(Draft.objects.alive()).filter(token_hash=token_hash(request) or "", taken_by__isnull=False)
    return mine.select_for_update().first()


def get_by_code(code: str) -> Draft | None:
    """Return the draft a return code opens, its row locked until the end of the transaction."""
    saved = (
        usable(Draft.objects.saved())
        .filter(taken_by__isnull=True)
        .defer("typed")
        .filter(code_hash__in=codes.code_hashes(code))
    )
    draft = saved.select_for_update().first()
    if draft:
        carry_over(draft)
    return draft


def usable(drafts: DraftQuerySet) -> DraftQuerySet:
    """Leave out drafts of versions of the questions from which no mapping leads to today's."""
    return drafts.filter(questionnaire__in=content.versions_to_go_on_with())


def carry_over(draft: Draft) -> None:
    """Read a draft of an earlier version as one of today's questions. Nothing is saved until the next page is.

    Answers whose meaning changed are left out and asked again, and so is what is new. The answers must be confirmed
    once more, and ``carried_from`` names the earlier version for the page that says so.
    """
    mapping = content.mapping_from(draft.questionnaire)
    if draft.questionnaire == content.questionnaire().version or mapping is None:
        return
    try:
        read = translate(chosen(draft.answers), mapping)
        kept = {id: options for id, options in read.answers.items() if id not in read.ask_again}
    except AnswerError:
        logger.exception(
            "a draft of questionnaire %s has an answer that it did not offer", draft.questionnaire
        )
        kept = {}
    draft.carried_from = draft.questionnaire
    draft.answers = pruned(as_json(mapping.new, kept))
    draft.questionnaire = mapping.new.version
    draft.checked, draft.held = "", {}


def hold(draft: Draft, held: Held) -> None:
    """Keep what a page was sent with, instead of what was kept before. Saves the draft."""
    draft.held = held.to_json()
    draft.save()


def held_for(draft: Draft | None, page: str) -> Held:
    """Return what is kept for a page."""
    held = Held.read(draft.held) if draft else NOTHING
    return held if held.page == page else NOTHING


CONTACT = "contact"
"""The name of the contact page for what is kept for it."""


def hold_contact(draft: Draft, post: QueryDict, told: bool) -> None:
    """Keep contact details as they were typed, encrypted, until they are sent. Saves the draft.

    Args:
        draft: the caller's draft.
        post: what was sent.
        told: whether the page is to say what is wrong.
    """
    draft.typed = json.dumps({name: post[name] for name in ContactForm.base_fields if post.get(name)})
    hold(draft, Held(CONTACT, told=told))


def typed_contact(draft: Draft, before: Held = NOTHING) -> ContactForm:
    """Return the contact form as it was typed before; with its errors, if the page is to say them.

    Args:
        draft: the caller's draft, read with what was typed.
        before: what was typed when earlier answers were over; it counts where this draft has nothing.
    """
    earlier = {name: "".join(value) for name, value in before.values.items()}
    typed = json.loads(draft.typed) if draft.typed else earlier
    if held_for(draft, CONTACT).told:
        return ContactForm(typed)
    return ContactForm(initial=typed)


def on_shared_device(request: HttpRequest) -> bool:
    """Return whether the person says that the device is not their own: on the page they send, else in their draft."""
    if request.method == "POST":
        return "shared_device" in request.POST
    draft = getattr(request, "carenav_draft", None)
    return bool(draft and draft.shared_device)


def shown_code(request: HttpRequest, draft: Draft) -> str:
    """Return the return code that this browser made last, while its page may show it; "" after that."""
    salt = held_for(draft, CODE).values.get("salt", [""])[0]
    code = codes.return_code(request.COOKIES.get(settings.DRAFT_COOKIE_NAME, ""), salt) if salt else ""
    return code if code and draft.code_hash in codes.code_hashes(code) else ""


CODE = "save"
"""The name of the page with the return code for what is kept for it."""


def make_code(request: HttpRequest, draft: Draft) -> None:
    """Give a draft a new return code, which its page shows until the next page is sent."""
    salt = secrets.token_hex(16)
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME, "")
    values = {"salt": [salt], "replaced": ["yes"] if draft.code_hash else []}
    draft.code_hash = codes.code_hash(codes.return_code(token, salt))
    hold(draft, Held(CODE, values))


def set_seconds_left(request: HttpRequest, kept: Draft | Submission) -> None:
    """Have the page warn before its time is over, where the device is shared: ``carenav_seconds_left``."""
    if kept.shared_device:
        remember(request, carenav_seconds_left=kept.seconds_left)


def get_submission(request: HttpRequest, *related: str) -> Submission | None:
    """Return what the caller's browser sent, for 24 hours, or 15 minutes on a shared device.

    Args:
        request: the request.
        related: what the query loads with it, as for ``select_related``; the rooms above hang their own on it.
    """
    if not (key := token_hash(request)):
        return None
    sent = Submission.objects.open().filter(key=key)
    return (sent.select_related(*related) if related else sent).first()


def submission_under_change(draft: Draft | None, *related: str) -> Submission | None:
    """Return the submission a draft changes, unless a newer one replaced it from elsewhere.

    Args:
        draft: the caller's draft, if there is one.
        related: what the query loads with it, as for ``select_related``.
    """
    if draft is None or draft.replaces_id is None:
        return None
    sent = Submission.objects.filter(pk=draft.replaces_id, replaced_by__isnull=True)
    return (sent.select_related(*related) if related else sent).first()


def has_submission(request: HttpRequest) -> bool:
    """Return whether the caller's browser sent its answers a short while ago."""
    return get_submission(request) is not None


def create(language: str) -> tuple[Draft, str]:
    """Make an unsaved draft and its token. Deletes expired drafts on the way."""
    Draft.objects.gone().delete()
    draft = Draft(
        questionnaire=settings.QUESTIONNAIRE.stem,
        language=language,
        consent=CONSENT,
        consented_at=timezone.now(),
    )
    return draft, rotate_token(draft)


def create_from_submission(submission: Submission, language: str) -> tuple[Draft, str]:
    """Make an unsaved draft filled with what was sent, and its token.

    Leaves out the share question, which is asked again. Help for its crisis answers counts as shown.
    """
    draft, token = create(language)
    sent = Journey.at({id: value for id, value in submission.answers.items() if id != "share"}).pruned
    draft.answers = sent.answers
    draft.consent, draft.consented_at = submission.consent, submission.consented_at
    draft.crisis_given, draft.crisis_change = submission.crisis_given, submission.crisis_change
    draft.crisis_shown = sorted(sent.crisis_kinds)
    draft.shared_device = submission.shared_device
    draft.replaces = submission
    return draft, token


def rotate_token(draft: Draft) -> str:
    """Give an unsaved draft a new token; no earlier cookie finds the draft after that."""
    token = secrets.token_urlsafe(32)
    draft.token_hash = hash_of(token)
    draft.erase_hash = codes.code_hash(codes.private_code(token))
    return token


def claim(request: HttpRequest, draft: Draft, shared_device: bool) -> str:
    """Hand a draft over to the caller's browser. Deletes the unsaved draft that this browser had before.

    Returns:
        the new token, for that browser to remember.
    """
    left_behind = Draft.objects.filter(
        token_hash=token_hash(request) or "", code_hash__isnull=True, taken_by__isnull=True
    )
    left_behind.exclude(pk=draft.pk).delete()
    token = rotate_token(draft)
    draft.shared_device, draft.held = shared_device, {}
    draft.save()
    return token


def open_until(draft: Draft) -> datetime:
    """Return until when the browser that sends this draft now may show the result."""
    return timezone.now() + (SHARED_LIFE if draft.shared_device else DRAFT_LIFE)


def set_cookie(response: HttpResponseBase, token: str) -> None:
    """Give the browser the token: for this browser session, unreadable to scripts, from other sites with links only."""
    response.set_cookie(
        settings.DRAFT_COOKIE_NAME,
        token,
        secure=settings.PRODUCTION,
        httponly=True,
        samesite=cookies.SAMESITE,
    )


def delete(request: HttpRequest) -> bool:
    """Delete the caller's draft; says whether there was one.

    One that was saved with a code on a shared device, and that this browser can no longer open, stays for its code.
    """
    if not (key := token_hash(request)):
        return False
    mine = Draft.objects.filter(token_hash=key)
    deleted, _ = (mine.alive() | mine.filter(code_hash__isnull=True)).delete()
    return bool(deleted)
