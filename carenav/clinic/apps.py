from django.apps import AppConfig

from carenav.clinic.content import crisis_lines


class ClinicConfig(AppConfig):
    name = "carenav.clinic"
    label = "clinic"

    def ready(self) -> None:

        crisis_lines()
