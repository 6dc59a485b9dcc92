"""Let a browser forget the answers in it, for a person whose answers they are not."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carenav.plumbing import cookies
from intake import drafts, held, lost
from intake.answers import pages
from intake.journey import page_url
from intake.models import Draft
from intake.pages_file import Page

BUTTON = "start_over"
"""The name of the button on the first page that lets the browser forget the answers."""


@transaction.atomic
def start_over(request: HttpRequest) -> HttpResponse:
    """Delete the browser's draft and its cookies, and redirect to the first page.

    A draft with a return code stays, and from now on only the code opens it.
    """
    draft = drafts.get(request, lock=True)
    if draft and not draft.is_taken and draft.code_hash:
        leave_to_its_code(draft)
    elif draft and not draft.is_taken:
        drafts.delete(request)
    response = redirect(page_url(pages()[0]))
    response.delete_cookie(settings.DRAFT_COOKIE_NAME, samesite=cookies.SAMESITE)
    held.drop_cookie(request, response)
    lost.forget(request, response)
    return response


def leave_to_its_code(draft: Draft) -> None:
    """Change the draft's token and save it, so that from now on only its return code opens it."""
    drafts.rotate_token(draft)
    draft.held = {}
    draft.save()


def needs_its_own(request: HttpRequest, here: Page, draft: Draft) -> bool:
    """Return whether the answers to the first page go into a new draft, although the browser has one.

    They do if the person says only now that the device is not their own, and a return code opens the old draft. The
    code may be with another person, who could read along. The old answers stay, for the code.
    """
    says_shared = here == pages()[0] and drafts.on_shared_device(request)
    return bool(says_shared and draft.code_hash and not draft.shared_device)
