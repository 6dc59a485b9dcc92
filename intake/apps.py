from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"

    def ready(self) -> None:
        from intake import content, language, patience

        patience.install()
        language.make_catalogues()
        content.load()
