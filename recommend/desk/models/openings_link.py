"""The model of a link by which a program updates its openings."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from recommend.programs.models import Program

LINK_LIFE = timedelta(days=90)


class OpeningsLinkQuerySet(models.QuerySet["OpeningsLink"]):
    def alive(self) -> "OpeningsLinkQuerySet":
        """Return the links that still work."""
        return self.filter(revoked_at__isnull=True, made_at__gt=timezone.now() - LINK_LIFE)


class OpeningsLink(models.Model):
    """A link for one program. Whoever has it can change the openings of this program, and nothing else.

    Attributes:
        token_hash: a keyed hash of the token in the link, so that the database alone opens nothing.
        revoked_at: when staff ended it; None as long as it works.
        used_at: when openings were last written with it.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = OpeningsLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [models.CheckConstraint(condition=~Q(token_hash=""), name="openings_link_has_a_token")]

    def __str__(self) -> str:
        return f"link {self.pk} of program {self.program_id}"

    @property
    def ends_at(self) -> datetime:
        """When it stops working if nobody revokes it."""
        return self.made_at + LINK_LIFE
