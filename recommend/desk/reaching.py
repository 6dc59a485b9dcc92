"""What the contact policy asks of a case: until when, and what is missing before it may close as not reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from carenav.clinic.contact_policy import ContactPolicy
from recommend.desk import office_time
from recommend.desk.models import Case, ContactAttempt, Tier
from recommend.desk.safe_contact import warnings

How, Outcome = ContactAttempt.How, ContactAttempt.Outcome


def policy_of(tier: int) -> ContactPolicy:
    """Return the policy of a tier."""
    policy: ContactPolicy = settings.CONTACT_POLICY[Tier(tier).name]
    return policy


def contact_by(tier: int, sent: datetime) -> datetime:
    """Return until when somebody who sent a case must have been contacted, in office hours."""
    policy = policy_of(tier)
    if policy.minutes:
        return office_time.after_open_minutes(sent, policy.minutes)
    return office_time.end_of_office_day(sent, policy.office_days)


def latest_step(tier: int, now: datetime) -> datetime:
    """Return until when the next step of a case must be, as long as nobody has reached the person.

    It is the time limit of the tier over again, and the end of the next office day at least. So nobody who is urgent is
    planned away for weeks.
    """
    return office_time.end_of_office_day(now, max(1, policy_of(tier).office_days))


@dataclass(frozen=True)
class Shortfall:
    """What is still to be tried: how many attempts, new days and new ways."""

    attempts: int = 0
    days: int = 0
    ways: int = 0

    @property
    def least(self) -> int:
        """The fewest further attempts that would do."""
        return max(self.attempts, self.days, self.ways)

    @property
    def words(self) -> str:
        """One sentence that says what is missing; "" for nothing."""
        if not self.least:
            return ""
        what = "1 more attempt" if self.least == 1 else f"{self.least} more attempts"
        on = ", on another day" if self.days == 1 else f", on {self.days} other days" if self.days else ""
        way = ", in another way (call, text or e-mail)" if self.ways else ""
        return f"Before you close it as not reached, log {what}{on}{way}."


def shortfall(case: Case) -> Shortfall:
    """Return what the policy of its tier still asks for before a case may close as not reached.

    Attempts count since the case was last sent; a call from the person does not.
    """
    tried = ContactAttempt.objects.that_count_for(case).exclude(how=How.THEY_CALLED)
    return shortfall_after(policy_of(case.tier), tried, ways_to_reach(case))


def shortfall_after(policy: ContactPolicy, tried: Iterable[ContactAttempt], possible: int) -> Shortfall:
    """Return what is missing after these attempts.

    Args:
        policy: what is asked for.
        tried: the attempts that count.
        possible: in how many ways the person can be reached. Nobody is asked to try what the person has not given.
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
    """Count the ways that the person has given and does not mind: by phone, text message or e-mail."""
    contact = case.submission.contact
    given = {How.CALL: contact.phone, How.TEXT: contact.phone, How.EMAIL: contact.email}
    return sum(bool(at) and not warnings(case, how, Outcome.NO_ANSWER) for how, at in given.items())
