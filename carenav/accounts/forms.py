"""The sign-in and enrolment forms. A guesser never learns which of name, password and code was wrong."""

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
    """An input whose value is not rendered again: a code works only once."""

    def format_value(self, value: Any) -> None:
        return None


class CodeField(forms.CharField):
    """A one-time code, of the app or from paper."""

    widget = CodeInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Code"))
        super().__init__(max_length=40, **kwargs)
        self.widget.attrs |= {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}


class SignInForm(AuthenticationForm):
    """The sign-in page of staff."""

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
        """Return the staff user of this name, password and code, None where one of them is wrong."""
        user = authenticate(self.request, username=name, password=password)
        if self.request is None or user is None or not user.is_staff:
            return None
        budgets = throttling.budgets_for_code(self.request, user.pk, name)
        device = second_factor.accepted_device(user, code, budgets)
        vars(user)["otp_device"] = device  # the session is a verified one from its first moment
        return user if device else None


def account_of(name: str) -> Any:
    """Return the user a typed name means, if any; case does not matter, except where two names differ by it alone.

    The typed name is never kept: some people type their password.
    """
    users = get_user_model().objects.filter(username__iexact=unicodedata.normalize("NFKC", name))
    found = {user.get_username(): user for user in users[:2]}
    return found.get(name) or (next(iter(found.values())) if len(found) == 1 else None)


def too_many_tries(wait: int) -> ValidationError:
    """Return the error of a throttled sign-in. It does not disclose whether there is such an account.

    Args:
        wait: seconds until the next try.
    """
    said = _("Too many tries. Wait %(when)s, then try again.")
    return ValidationError(said, code="too_many_tries", params={"when": wait_in_words(wait)})


class EnrolmentForm(forms.Form):
    """Asks a new user for a password and a first code, which shows that the app has the key."""

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
        """Check the code and return its time step; showing it here uses it up."""
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
