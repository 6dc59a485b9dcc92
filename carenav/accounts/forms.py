"""The sign-in and enrolment forms. The errors do not reveal which of name, password and code was wrong."""

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth import authenticate, get_user_model, password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carenav.accounts import second_factor, throttling
from carenav.accounts.models import Invitation, matching_step
from carenav.accounts.signals import Verb, record_event
from carenav.plumbing.codes import normalize
from carenav.plumbing.throttle.answers import wait_in_words


class CodeInput(forms.TextInput):
    """A text input that is always rendered empty, because a code works only once."""

    def format_value(self, value: Any) -> None:
        return None


class CodeField(forms.CharField):
    """A field for a one-time code from the authenticator app, or for a backup code."""

    widget = CodeInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Code"))
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs |= {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}


class SignInForm(AuthenticationForm):
    """The sign-in form of staff: name, password and code. Failed and throttled attempts are recorded and counted."""

    code = CodeField(help_text=_("The 6 digits in your app, or a backup code. Each works once."))

    error_messages = {
        "invalid_login": _(
            "That did not fit. Check the name, the password and the code. A code works once: wait for the next one."
        ),
    }

    def clean(self) -> dict[str, Any]:
        name, password, code = (self.cleaned_data.get(each) for each in ("username", "password", "code"))
        if not (name and password and code):
            return self.cleaned_data
        if self.request is None:
            raise TypeError("signing in needs a request: guesses are counted by network address")
        budgets = throttling.budgets_for_name(self.request, name)
        wait = throttling.seconds_for_everybody(self.request, name) or throttling.register_attempt(budgets)
        account = account_of(name)
        if wait:
            record_event(self.request, Verb.SIGN_IN_SLOWED, account)
            raise too_many_tries(wait)
        user = self.matching_user(account.get_username() if account else name, password, code)
        if user is None:
            record_event(self.request, Verb.SIGN_IN_FAILED, account)
            raise self.get_invalid_login_error()
        throttling.refund_attempt(budgets)
        self.user_cache = user
        return self.cleaned_data

    def matching_user(self, name: str, password: str, code: str) -> Any:
        """Return the staff user with this name, password and code; None if one of them is wrong.

        Uses the code up. The user gets the attribute ``otp_device``, so that the new session counts as verified.
        """
        user = authenticate(self.request, username=name, password=password)
        if self.request is None or user is None or not user.is_staff:
            return None
        budgets = throttling.budgets_for_code(self.request, user.pk, name)
        device = second_factor.accepted_device(user, code, budgets)
        vars(user)["otp_device"] = device  # so that the session is verified from the start
        return user if device else None


def account_of(name: str) -> Any:
    """Return the user with this name, or None. Case is ignored unless two names differ only by case.

    The access log records this user and not the typed name, because some people type their password there.
    """
    users = get_user_model().objects.filter(username__iexact=unicodedata.normalize("NFKC", name))
    found = {user.get_username(): user for user in users[:2]}
    return found.get(name) or (next(iter(found.values())) if len(found) == 1 else None)


def too_many_tries(wait: int) -> ValidationError:
    """Return the error of a throttled sign-in, which does not reveal whether there is such an account.

    Args:
        wait: seconds until the next attempt.
    """
    said = _("Too many tries. Wait %(when)s, then try again.")
    return ValidationError(said, code="too_many_tries", params={"when": wait_in_words(wait)})


class EnrolmentForm(forms.Form):
    """The form in which a new user sets a password and types a first code, to prove that their app has the key."""

    new_password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        help_text=_("12 characters or more. A few words in a row are good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The password again"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    code = CodeField(label=_("The code that the app shows now"))

    def __init__(self, invitation: Invitation, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.invitation = invitation

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        password_validation.validate_password(password, self.invitation.user)
        return password

    def clean_code(self) -> int:
        """Check the code and return its time step, which ``set_up`` stores so that the code works only once."""
        step = matching_step(self.invitation.key, normalize(self.cleaned_data["code"]), after=-1)
        if step is None:
            raise ValidationError(
                _("This is not the code of now. Wait for the next one and type it in here.")
            )
        return step

    def clean(self) -> dict[str, Any]:
        first, second = self.cleaned_data.get("new_password"), self.cleaned_data.get("again")
        if first and second and first != second:
            self.add_error("again", _("The two passwords are not the same."))
        return self.cleaned_data
