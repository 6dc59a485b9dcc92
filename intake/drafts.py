"""Find, create, change and delete the draft or submission that belongs to the browser's cookie.

"The browser" is the one that made the request. Its cookie has a random token, and the database has only the hash.
"""

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
"""The version of the consent on the start page. Change it whenever the wording there changes."""


def token_hash(request: HttpRequest) -> str | None:
    """Return the hash of the browser's token, by which drafts and submissions are found; None without a cookie."""
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME)
    return hash_of(token) if token else None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def get(request: HttpRequest, lock: bool = False, typed: bool = False) -> Draft | None:
    """Return the browser's draft; None if there is none, if it has expired, or if it belongs to staff not signed in.

    Side effects on the request, for templates and later calls: sets the person's place (for the right crisis lines),
    the draft, and the seconds left on a shared device. Converts a draft of an earlier questionnaire in memory; see
    :func:`carry_over`.

    Args:
        request: the request.
        lock: whether to lock the row until the end of the transaction, so that of two pages sent at once neither
            overwrites the other.
        typed: whether to read the encrypted contact details too. Other pages leave them out, so that they work even if
            the encryption key is missing.
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
    """Return whether the signed-in user is the member of staff who fills in this draft, and may still change cases.

    Notes the answer on the request, for templates and for :func:`is_over_for_staff`.
    """
    own = staff_at_work(request) == draft.taken_by_id
    if not (own and request.user.has_perm("desk.change_case")):
        remember(request, carenav_taking_over=True)
        return False
    remember(request, carenav_taking=draft)
    return True


def is_over_for_staff(request: HttpRequest) -> bool:
    """Return whether the browser's draft belongs to staff whose session or role has ended. Call :func:`get` first."""
    return getattr(request, "carenav_taking_over", False)


def left_by_staff(request: HttpRequest) -> Draft | None:
    """Return the browser's draft that staff fill in, with its row locked, even if their session has expired; or None.

    Use it only to store what was sent, and never to show answers.
    """
    mine = usable(Draft.objects.alive()).filter(token_hash=token_hash(request) or "", taken_by__isnull=False)
    return mine.select_for_update().first()


def get_by_code(code: str) -> Draft | None:
    """Return the draft that a return code opens, with its row locked until the end of the transaction.

    None if there is none, if it has expired, or if staff fill it in.
    """
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
    """Leave out drafts of questionnaire versions that have no mapping to today's."""
    return drafts.filter(questionnaire__in=content.versions_to_go_on_with())


def carry_over(draft: Draft) -> None:
    """Convert a draft of an earlier questionnaire to today's, in memory; the next page that is sent saves it.

    Does nothing to a draft of today's questionnaire. Answers whose meaning changed are dropped, so that they are asked
    again. The person must confirm all answers again, and ``carried_from`` is set, so that the page can say so.
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
    """Save held input in the draft, in place of any earlier held input."""
    draft.held = held.to_json()
    draft.save()


def held_for(draft: Draft | None, page: str) -> Held:
    """Return the input that the draft holds for a page; ``NOTHING`` if there is none, or no draft."""
    held = Held.read(draft.held) if draft else NOTHING
    return held if held.page == page else NOTHING


CONTACT = "contact"
"""The page name in ``Held.page`` for the contact page."""


def hold_contact(draft: Draft, post: QueryDict, told: bool) -> None:
    """Save contact details, as they were typed, encrypted in the draft until they are sent.

    Args:
        draft: the browser's draft.
        post: the POST data.
        told: whether the page is to show errors.
    """
    draft.typed = json.dumps({name: post[name] for name in ContactForm.base_fields if post.get(name)})
    hold(draft, Held(CONTACT, told=told))


def typed_contact(draft: Draft, before: Held = NOTHING) -> ContactForm:
    """Return the contact form filled with what was typed before, and with its errors if the page is to show them.

    Args:
        draft: the browser's draft, from ``get(..., typed=True)``.
        before: what was typed after an earlier draft expired (intake/lost.py); used if this draft has nothing.
    """
    earlier = {name: "".join(value) for name, value in before.values.items()}
    typed = json.loads(draft.typed) if draft.typed else earlier
    if held_for(draft, CONTACT).told:
        return ContactForm(typed)
    return ContactForm(initial=typed)


def on_shared_device(request: HttpRequest) -> bool:
    """Return whether the person said that the device is not their own: in the POST data, or else in the draft.

    Call :func:`get` first.
    """
    if request.method == "POST":
        return "shared_device" in request.POST
    draft = getattr(request, "carenav_draft", None)
    return bool(draft and draft.shared_device)


def shown_code(request: HttpRequest, draft: Draft) -> str:
    """Return the return code that this browser made, until the next page is sent; "" after that or without one."""
    salt = held_for(draft, CODE).values.get("salt", [""])[0]
    code = codes.return_code(request.COOKIES.get(settings.DRAFT_COOKIE_NAME, ""), salt) if salt else ""
    return code if code and draft.code_hash in codes.code_hashes(code) else ""


CODE = "save"
"""The page name in ``Held.page`` for the page with the return code."""


def make_code(request: HttpRequest, draft: Draft) -> None:
    """Give a draft a new return code and save it. Only the code's hash and a salt are stored.

    :func:`shown_code` works out the code from the browser's token and the salt, until the next page is sent.
    """
    salt = secrets.token_hex(16)
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME, "")
    values = {"salt": [salt], "replaced": ["yes"] if draft.code_hash else []}
    draft.code_hash = codes.code_hash(codes.return_code(token, salt))
    hold(draft, Held(CODE, values))


def set_seconds_left(request: HttpRequest, kept: Draft | Submission) -> None:
    """Set ``carenav_seconds_left`` on the request if the device is shared, so that the page warns in time."""
    if kept.shared_device:
        remember(request, carenav_seconds_left=kept.seconds_left)


def get_submission(request: HttpRequest, *related: str) -> Submission | None:
    """Return the submission that the browser sent in the last 24 hours (15 minutes on a shared device).

    None if there is none.

    Args:
        request: the request.
        related: fields for ``select_related``; other apps relate their models to a submission.
    """
    if not (key := token_hash(request)):
        return None
    sent = Submission.objects.open().filter(key=key)
    return (sent.select_related(*related) if related else sent).first()


def submission_under_change(draft: Draft | None, *related: str) -> Submission | None:
    """Return the submission that a draft changes; None if there is none or another submission has replaced it.

    Args:
        draft: the browser's draft, if there is one.
        related: fields for ``select_related``.
    """
    if draft is None or draft.replaces_id is None:
        return None
    sent = Submission.objects.filter(pk=draft.replaces_id, replaced_by__isnull=True)
    return (sent.select_related(*related) if related else sent).first()


def has_submission(request: HttpRequest) -> bool:
    """Return whether :func:`get_submission` finds a submission."""
    return get_submission(request) is not None


def create(language: str) -> tuple[Draft, str]:
    """Return a new, unsaved draft and its token. Also deletes expired drafts from the database.

    Args:
        language: the language of the page, such as "es".
    """
    Draft.objects.gone().delete()
    draft = Draft(
        questionnaire=settings.QUESTIONNAIRE.stem,
        language=language,
        consent=CONSENT,
        consented_at=timezone.now(),
    )
    return draft, rotate_token(draft)


def create_from_submission(submission: Submission, language: str) -> tuple[Draft, str]:
    """Return an unsaved draft filled with the answers of a submission, and its token.

    The sharing question is asked again. Crisis help counts as shown for the crisis answers already given. Also deletes
    expired drafts from the database.
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
    """Give a draft a new token, without saving, and return it. Once saved, earlier cookies no longer find the draft."""
    token = secrets.token_urlsafe(32)
    draft.token_hash = hash_of(token)
    draft.erase_hash = codes.code_hash(codes.private_code(token))
    return token


def claim(request: HttpRequest, draft: Draft, shared_device: bool) -> str:
    """Give a draft a new token for the browser and save it.

    Deletes the draft that this browser had before, unless it has a return code or staff fill it in.

    Returns:
        the new token, for the browser's cookie.
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
    """Return until when the browser may show the result, if this draft is sent now."""
    return timezone.now() + (SHARED_LIFE if draft.shared_device else DRAFT_LIFE)


def set_cookie(response: HttpResponseBase, token: str) -> None:
    """Set the session cookie with the token; scripts cannot read it, and other sites' forms do not send it."""
    response.set_cookie(
        settings.DRAFT_COOKIE_NAME,
        token,
        secure=settings.PRODUCTION,
        httponly=True,
        samesite=cookies.SAMESITE,
    )


def delete(request: HttpRequest) -> bool:
    """Delete the browser's draft. Returns whether a draft was deleted.

    A draft with a return code stays if this browser can no longer open it, because its code still does. One that staff
    fill in stays unless they are signed in.
    """
    if not (key := token_hash(request)):
        return False
    mine = Draft.objects.filter(token_hash=key)
    mine = mine.alive() | mine.filter(code_hash__isnull=True)
    taken = mine.filter(taken_by__isnull=False).defer("typed").first()
    if taken and not may_take(request, taken):
        return False
    deleted, _ = mine.delete()
    return bool(deleted)
