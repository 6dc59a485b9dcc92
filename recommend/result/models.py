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
    """What was recommended and why, as it was shown. Never changed; a new submission gets a new one.

    Without a level the engine failed, and a person must look.
    """

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="recommendation")
    level = models.CharField(max_length=12, choices=LevelOfCare, blank=True)
    outcome = models.JSONField()
    ruleset = models.CharField(max_length=20)
    ruleset_digest = models.CharField(max_length=64)
    questionnaire = models.CharField(max_length=20)
    questionnaire_digest = models.CharField(max_length=64)
    # Of the safety texts that belong to the questionnaire; "" where it was not stored yet.
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
        """What the engine said then, read from ``outcome``.

        Raises:
            SnapshotError: no version of carenav stored this; logged without answers.
        """
        try:
            return RecommendationSnapshot.from_json(self.outcome)
        except SnapshotError as error:
            logger.error("stored recommendation %s cannot be read: %s", self.pk, error)
            raise
