"""Slow down guesses at sign-in without locking anybody out.

A browser from which the user has signed in before has its own budget of attempts. All other browsers share one budget
for the account, 20 attempts an hour from all addresses together. One address gets about half of it, so that a guesser
at one address leaves attempts for the owner at another. Attempts at unknown names are counted in the same way.
"""

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from carenav.accounts.devices import known_device
from carenav.plumbing.spelling import plain_user_name
from carenav.plumbing.throttle import buckets
from carenav.plumbing.throttle.network import address_of
from carenav.plumbing.throttle.rates import SIGN_IN, Rate, rate

TWENTY_AN_HOUR = rate(10, 360)
ONE_ADDRESS = rate(5, 600)
"""Eleven attempts in the first hour, then six an hour."""


@dataclass(frozen=True)
class Budget:
    """How many attempts of one kind are allowed.

    Attributes:
        key: the key of the bucket that counts them.
        rate: how many in which time.
    """

    key: str
    rate: Rate


Budgets = tuple[Budget, ...]


def budgets_for_name(request: HttpRequest, username: str) -> Budgets:
    """Return the budgets from which an attempt to sign in with this name is taken."""
    name = plain_user_name(username)
    if device := known_device(request, username):
        return (Budget(buckets.key("sign-in on device", f"{device}:{name}"), TWENTY_AN_HOUR),)
    return (
        Budget(buckets.key("sign-in by name", name), TWENTY_AN_HOUR),
        Budget(buckets.key("sign-in from", f"{address_of(request)}:{name}"), ONE_ADDRESS),
    )


def budgets_for_code(request: HttpRequest, user_id: int, username: str) -> Budgets:
    """Return the budgets from which a code at sign-in is taken, once the password was right."""
    device = known_device(request, username)
    kind = f"code on device {device}" if device else "code"
    return (Budget(buckets.key(kind, str(user_id)), TWENTY_AN_HOUR),)


def budgets_for_step_up(user_id: int | None) -> Budgets:
    """Return the budgets from which a code of a signed-in user is taken.

    They are separate from those at sign-in, so that a guesser who has only the password cannot use them up.
    """
    return (Budget(buckets.key("code for step-up", str(user_id)), TWENTY_AN_HOUR),)


def seconds_for_everybody(request: HttpRequest, username: str) -> int:
    """Count a sign-in attempt against the limit for all names, which exists because hashing a password is slow.

    A browser from which this user has signed in before is not counted.

    Returns:
        the seconds to wait; 0 if the attempt is allowed.
    """
    return 0 if known_device(request, username) else buckets.seconds_to_wait(SIGN_IN, request)


@transaction.atomic
def register_attempt(budgets: Budgets) -> int:
    """Take one attempt from each of these budgets and return 0; if one is empty, return the seconds to wait instead."""
    now = timezone.now()
    rows = buckets.lock(*(budget.key for budget in budgets))
    if wait := max(row.wait(budget.rate, now) for row, budget in zip(rows, budgets, strict=True)):
        return wait
    for row, budget in zip(rows, budgets, strict=True):
        row.take(budget.rate, now)
        row.save()
    return 0


@transaction.atomic
def refund_attempt(budgets: Budgets) -> None:
    """Give one attempt back to each of these budgets, because it succeeded; earlier failures still count."""
    for row, budget in zip(buckets.lock(*(each.key for each in budgets)), budgets, strict=True):
        row.put_back(budget.rate)
        row.save()
