"""Slow down guesses at sign-in, and lock nobody out.

A browser from which the user signed in before has a budget of its own. All other browsers share one for the account, 20
tries an hour, however many addresses somebody guesses from; and of those a single address gets about half, so that
guessing from one place leaves room for the owner at another. A name that nobody has is counted the same way.
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
"""Eleven in the first hour, then six."""


@dataclass(frozen=True)
class Budget:
    """The tries of one kind that somebody has.

    Attributes:
        key: of the bucket.
        rate: how many.
    """

    key: str
    rate: Rate


Budgets = tuple[Budget, ...]


def budgets_for_name(request: HttpRequest, username: str) -> Budgets:
    """Return what a guess at this name is taken from."""
    name = plain_user_name(username)
    if device := known_device(request, username):
        return (Budget(buckets.key("sign-in on device", f"{device}:{name}"), TWENTY_AN_HOUR),)
    return (
        Budget(buckets.key("sign-in by name", name), TWENTY_AN_HOUR),
        Budget(buckets.key("sign-in from", f"{address_of(request)}:{name}"), ONE_ADDRESS),
    )


def budgets_for_code(request: HttpRequest, user_id: int, username: str) -> Budgets:
    """Return what a code at sign-in is taken from. A guesser needs the password to get this far."""
    device = known_device(request, username)
    kind = f"code on device {device}" if device else "code"
    return (Budget(buckets.key(kind, str(user_id)), TWENTY_AN_HOUR),)


def budgets_for_step_up(user_id: int | None) -> Budgets:
    """Return what the code of a user who is signed in is taken from: who only has the password cannot use it up."""
    return (Budget(buckets.key("code for step-up", str(user_id)), TWENTY_AN_HOUR),)


def seconds_for_everybody(request: HttpRequest, username: str) -> int:
    """Count an attempt at any name and return 0, or return the seconds to wait; each costs the server a password hash.

    A browser that is known for this user is not counted.
    """
    return 0 if known_device(request, username) else buckets.seconds_to_wait(SIGN_IN, request)


@transaction.atomic
def register_attempt(budgets: Budgets) -> int:
    """Take an attempt from all of these budgets and return 0, or return the seconds to wait and take nothing."""
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
    """Give back an attempt that turned out right; earlier failures still count."""
    for row, budget in zip(buckets.lock(*(each.key for each in budgets)), budgets, strict=True):
        row.put_back(budget.rate)
        row.save()
