"""What the desk stores about staff users in addition to their accounts."""

from django.conf import settings
from django.db import models


class StaffMember(models.Model):
    """Whether a staff user is on duty. ``notifications.on_duty`` says which of those on duty get e-mail."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff")
    on_duty = models.BooleanField(default=False, help_text="Is told by e-mail that a case is waiting.")

    def __str__(self) -> str:
        return str(self.user)
