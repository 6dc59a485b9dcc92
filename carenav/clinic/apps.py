from django.apps import AppConfig

from carenav.clinic.content import crisis_lines


class ClinicConfig(AppConfig):
    name = "carenav.clinic"
    label = "clinic"

    def ready(self) -> None:
        from carenav.clinic import checks  # noqa: F401, registers them

        crisis_lines()
