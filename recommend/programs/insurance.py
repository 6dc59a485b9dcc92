"""Kinds of insurance that programs accept, in the words of patients and of the desk."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class Insurance(models.TextChoices):
    """Who pays, by the ids of the answers to the question on insurance."""

    PRIVATE = "private", _("private insurance")
    MEDICAID = "medicaid", _("Medicaid")
    MEDICARE = "medicare", _("Medicare")
    VA = "va", _("VA or military insurance")
    NONE = "none", _("people without insurance")


def check_insurance(value: object) -> None:
    """Refuse anything but a list of :class:`Insurance` values."""
    if not isinstance(value, list) or not set(map(str, value)) <= set(Insurance.values):
        raise ValidationError(_("Choose from the list."))
