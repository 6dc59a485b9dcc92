"""The form in which a program writes its openings."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommend.programs.models import Program

FARTHEST_START = timedelta(days=366)


class OpeningsForm(forms.ModelForm):
    """The openings of one program, and no other field of it."""

    class Meta:
        model = Program
        fields = ["free_places", "next_start", "wait_weeks"]
        labels = {
            "free_places": _("Free places"),
            "next_start": _("Next day on which people can start"),
            "wait_weeks": _("Usual wait, in weeks"),
        }
        help_texts = {
            "free_places": _("Leave empty what you don’t know."),
            "next_start": "",
            "wait_weeks": _("0 if there is no wait."),
        }
        widgets = {"next_start": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}

    def clean_next_start(self) -> object:
        day, today = self.cleaned_data["next_start"], timezone.localdate()
        if day and not today <= day <= today + FARTHEST_START:
            raise ValidationError(_("Enter a day from today on, within a year."))
        return day

    def clean_free_places(self) -> object:
        free, most = self.cleaned_data["free_places"], self.instance.capacity
        if free is not None and most is not None and free > most:
            raise ValidationError(
                _("We know of %(most)s places. Call us if there are more now.") % {"most": most}
            )
        return free
