from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignInConfig(AppConfig):
    name = "carenav.signin"
    label = "signin"
    verbose_name = _("Sign-in")

    def ready(self) -> None:
        from carenav.signin import sessions

        sessions.connect()
