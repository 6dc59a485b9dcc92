"""What the desk stores about staff users beside their accounts."""

from django.conf import settings
from django.db import models


class StaffMember(models.Model):
    """Whether a staff user is on duty. Duty alone is not enough for e-mail: see `notifications.on_duty`."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff")
    on_duty = models.BooleanField(default=False, help_text="Is told by e-mail that a case is waiting.")

    def __str__(self) -> str:
        return str(self.user)
