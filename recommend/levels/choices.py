"""The levels of care as database choices, in the words of the desk."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LevelOfCare(models.TextChoices):
    """The levels of the engine, with the words of the desk."""

    OUTPATIENT = "outpatient", _("Outpatient")
    IOP = "iop", _("IOP")
    PHP = "php", _("PHP")
    INPATIENT = "inpatient", _("Inpatient evaluation")


KNOWN_LEVEL = Q(level__in=["", *LevelOfCare.values])
