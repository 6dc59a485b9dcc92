"""The kinds of insurance that programs accept, with the words that patients and staff see."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class Insurance(models.TextChoices):
    """Who pays. The values are the option ids of the question ``insurance``."""

    PRIVATE = "private", _("private insurance")
    MEDICAID = "medicaid", _("Medicaid")
    MEDICARE = "medicare", _("Medicare")
    VA = "va", _("VA or military insurance")
    NONE = "none", _("people without insurance")


def check_insurance(value: object) -> None:
    """Refuse anything but a list of :class:`Insurance` values.

    Raises:
        ValidationError: it is something else.
    """
    if not isinstance(value, list) or not set(map(str, value)) <= set(Insurance.values):
        raise ValidationError(_("Choose from the list."))
