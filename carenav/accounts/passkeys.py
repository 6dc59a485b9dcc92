"""Make and check the WebAuthn data to add a passkey and to sign in with one.

A passkey signs only for the site that it was made for, so that it protects from phishing: a fake site that forwards
what staff type cannot use it.
"""

import secrets
from typing import Any

from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils import timezone
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from carenav.accounts.models import ISSUER, Passkey
from carenav.plumbing.crypto import blind_index
from carenav.plumbing.throttle import buckets
from carenav.plumbing.throttle.rates import rate

SALT = "carenav passkey challenge"
VALID_FOR = 300
"""For how many seconds a challenge at sign-in is valid."""
ONCE = rate(1, VALID_FOR * 2)
ADDING = "accounts_passkey"
"""The key in the session of the challenge to add a passkey."""

Broken = (WebAuthnException, ValueError, KeyError, TypeError)
"""The exceptions that invalid data from a browser can cause."""


def site_id(request: HttpRequest) -> str:
    """Return the relying party id for which passkeys sign: the host without port."""
    return split_domain_port(request.get_host())[0]


def origin(request: HttpRequest) -> str:
    """Return the origin that the browser must have signed, such as "https://intake.example.org"."""
    return f"{request.scheme}://{request.get_host()}"


# ---- adding a passkey


def options_to_add(request: HttpRequest) -> str:
    """Return the options from which the browser makes a passkey, as JSON; stores their challenge in the session."""
    user: Any = request.user
    options = generate_registration_options(
        rp_id=site_id(request),
        rp_name=ISSUER,
        user_name=user.get_username(),
        user_id=bytes.fromhex(blind_index("passkey user", str(user.pk))),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(id))
            for id in Passkey.objects.filter(user=user).values_list("credential_id", flat=True)
        ],
    )
    request.session[ADDING] = bytes_to_base64url(options.challenge)
    return options_to_json(options)


def add(request: HttpRequest, credential: str, name: str) -> Passkey | None:
    """Store and return the passkey that the browser made; None if it does not fit the challenge in the session.

    The challenge can be used only once.

    Args:
        request: the request of the signed-in user.
        credential: the browser's response, as JSON.
        name: the name that the user gives the passkey.
    """
    challenge = request.session.pop(ADDING, "")
    if not challenge:
        return None
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site_id(request),
            expected_origin=origin(request),
            require_user_verification=True,
        )
    except Broken:
        return None
    return Passkey.objects.create(
        user=request.user,
        name=name,
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
    )


# ---- signing in


def sign_in_challenge(request: HttpRequest) -> dict[str, str]:
    """Return a new challenge for the sign-in page. Stores nothing.

    Returns:
        ``options``: the options for the browser, as JSON; ``challenge``: the challenge, signed, to be sent back.
    """
    challenge = secrets.token_bytes(32)
    options = generate_authentication_options(
        rp_id=site_id(request),
        challenge=challenge,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return {
        "options": options_to_json(options),
        "challenge": signing.dumps(bytes_to_base64url(challenge), salt=SALT),
    }


@transaction.atomic
def accepted(request: HttpRequest, credential: str, challenge: str) -> Passkey | None:
    """Return the passkey that signed this challenge, and record its use.

    Args:
        request: the request.
        credential: the browser's response, as JSON.
        challenge: the signed challenge from :func:`sign_in_challenge`.

    Returns:
        None if the passkey is unknown, the signature is wrong, the challenge is too old or was used before, or the user
            is not active staff.
    """
    try:
        expected = signing.loads(challenge, salt=SALT, max_age=VALID_FOR)
        answer = parse_authentication_credential_json(credential)
        passkey = (
            Passkey.objects.select_for_update(of=("self",))
            .select_related("user")
            .get(credential_id=answer.id)
        )
        signed = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(expected),
            expected_rp_id=site_id(request),
            expected_origin=origin(request),
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (signing.BadSignature, Passkey.DoesNotExist, *Broken):
        return None
    if not (passkey.user.is_active and passkey.user.is_staff and is_first(expected)):
        return None
    passkey.sign_count, passkey.last_used_at = signed.new_sign_count, timezone.now()
    passkey.save(update_fields=["sign_count", "last_used_at"])
    return passkey


def is_first(challenge: str) -> bool:
    """Return whether a challenge is used for the first time, and record its use."""
    [used] = buckets.lock(buckets.key("passkey challenge", challenge))
    now = timezone.now()
    if used.wait(ONCE, now):
        return False
    used.take(ONCE, now)
    used.save()
    return True
