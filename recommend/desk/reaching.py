"""Apply the contact policy to a case: by when it needs a contact, and what is missing to close it as not reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from carenav.clinic.contact_policy import ContactPolicy
from carenav.clinic.in_force import clinic
from recommend.desk import office_time
from recommend.desk.models import Case, ContactAttempt, Tier
from recommend.desk.safe_contact import warnings

How, Outcome = ContactAttempt.How, ContactAttempt.Outcome


def policy_of(tier: int) -> ContactPolicy:
    """Return the contact policy of a tier."""
    return clinic().contact_policy[Tier(tier).name]


def contact_by(tier: int, sent: datetime) -> datetime:
    """Return by when the first contact is due, counted in office hours.

    Args:
        tier: the tier of the case.
        sent: when the case was sent.
    """
    policy = policy_of(tier)
    if policy.minutes:
        return office_time.after_open_minutes(sent, policy.minutes)
    return office_time.end_of_office_day(sent, policy.office_days)


def latest_step(tier: int, now: datetime) -> datetime:
    """Return the latest time for the next step of a case whose person has not been reached.

    It is the number of office days of the tier's policy from now, but at least the end of the next office day. So an
    urgent case cannot be put off for weeks.
    """
    return office_time.end_of_office_day(now, max(1, policy_of(tier).office_days))


@dataclass(frozen=True)
class Shortfall:
    """What is missing before a case may be closed as not reached: so many attempts, other days and other ways."""

    attempts: int = 0
    days: int = 0
    ways: int = 0

    @property
    def least(self) -> int:
        """The least number of further attempts that would be enough; 0 if nothing is missing."""
        return max(self.attempts, self.days, self.ways)

    @property
    def words(self) -> str:
        """A sentence that says what is missing; "" if nothing is."""
        if not self.least:
            return ""
        what = "1 more attempt" if self.least == 1 else f"{self.least} more attempts"
        on = ", on another day" if self.days == 1 else f", on {self.days} other days" if self.days else ""
        way = ", in another way (call, text or e-mail)" if self.ways else ""
        return f"Before you close it as not reached, log {what}{on}{way}."


def shortfall(case: Case) -> Shortfall:
    """Return what the contact policy still requires before a case may be closed as not reached.

    Only attempts since the case was last sent count, and not calls from the person.
    """
    tried = ContactAttempt.objects.that_count_for(case).exclude(how=How.THEY_CALLED)
    return shortfall_after(policy_of(case.tier), tried, ways_to_reach(case))


def shortfall_after(policy: ContactPolicy, tried: Iterable[ContactAttempt], possible: int) -> Shortfall:
    """Return what is missing after these attempts; nothing if the person cannot be reached at all.

    Args:
        policy: the contact policy.
        tried: the attempts that count.
        possible: the number of ways in which the person can be reached; no more ways are required.
    """
    tried = list(tried)
    if not possible:
        return Shortfall()
    return Shortfall(
        attempts=max(0, policy.attempts - len(tried)),
        days=max(0, policy.days - len({timezone.localtime(each.at).date() for each in tried})),
        ways=max(0, min(policy.ways, possible) - len({each.how for each in tried})),
    )


def ways_to_reach(case: Case) -> int:
    """Return the number of ways (call, text, e-mail) for which the person gave an address and that they do not mind."""
    contact = case.submission.contact
    given = {How.CALL: contact.phone, How.TEXT: contact.phone, How.EMAIL: contact.email}
    return sum(bool(at) and not warnings(case, how, Outcome.NO_ANSWER) for how, at in given.items())
