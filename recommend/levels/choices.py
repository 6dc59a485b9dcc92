"""The levels of care as database choices."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LevelOfCare(models.TextChoices):
    """The engine's levels as choices of a database column, with the labels that staff see."""

    OUTPATIENT = "outpatient", _("Outpatient")
    IOP = "iop", _("IOP")
    PHP = "php", _("PHP")
    INPATIENT = "inpatient", _("Inpatient evaluation")


KNOWN_LEVEL = Q(level__in=["", *LevelOfCare.values])
