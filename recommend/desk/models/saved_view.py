"""Views of the list of cases that staff users saved under a name."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A choice of filters with a name.

    Attributes:
        by: the user who saved it.
        name: the name that they gave it; free text of staff.
        query: the filters as in the address of the list; codes only.
        shared: whether all of the team have it; only leads share views.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)
    shared = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["by", "name"], name="saved_view_name_once_a_person")]

    def __str__(self) -> str:
        return self.name
