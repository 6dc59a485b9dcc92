"""The stored recommendation of a submission."""

import logging

from django.db import models
from django.utils import timezone

from intake.models import Submission
from recommend.levels.choices import KNOWN_LEVEL, LevelOfCare
from recommend.result.json_parts import SnapshotError
from recommend.result.stored_snapshot import RecommendationSnapshot

logger = logging.getLogger(__name__)


class Recommendation(models.Model):
    """What was recommended for a submission and why, as it was shown.

    A row is never changed; a new submission gets its own. If the engine failed, ``level`` is empty and a person has to
    look at the case.
    """

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="recommendation")
    level = models.CharField(max_length=12, choices=LevelOfCare, blank=True)
    outcome = models.JSONField()
    ruleset = models.CharField(max_length=20)
    ruleset_digest = models.CharField(max_length=64)
    questionnaire = models.CharField(max_length=20)
    questionnaire_digest = models.CharField(max_length=64)
    # SHA-256 of the safety texts for this questionnaire; "" in older rows, which did not store it.
    safety_digest = models.CharField(max_length=64, blank=True, default="")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=KNOWN_LEVEL, name="recommendation_level_is_known"),
        ]

    def __str__(self) -> str:
        return f"recommendation for {self.submission}"

    @property
    def snapshot(self) -> RecommendationSnapshot:
        """What the engine said when the answers were sent, read from ``outcome``.

        Raises:
            SnapshotError: ``outcome`` has the shape of no known version; this is logged without answers.
        """
        try:
            return RecommendationSnapshot.from_json(self.outcome)
        except SnapshotError as error:
            logger.error("stored recommendation %s cannot be read: %s", self.pk, error)
            raise
