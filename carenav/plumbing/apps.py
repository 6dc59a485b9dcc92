from django.apps import AppConfig


class PlumbingConfig(AppConfig):
    name = "carenav.plumbing"
    label = "plumbing"

    def ready(self) -> None:
        from carenav.plumbing import db_timeout
        from carenav.plumbing.i18n.catalogs import compile_catalogs

        db_timeout.install()
        compile_catalogs()
