"""The engine's content files, with texts that print in the active language."""

from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.engine import content_file


class ContentFile(content_file.ContentFile):
    """A TOML file that is read strictly; see the engine's :class:`~recommend.engine.content_file.ContentFile`."""

    def text(self, place: str, raw: object) -> LocalizedText:
        """Return a text in every language, which a template prints in the active one.

        Args:
            place: where it is in the file, for error messages.
            raw: the value in the file.

        Raises:
            ContentError: a language is missing, or the value is not a text.
        """
        return LocalizedText(super().text(place, raw))

    def maybe_text(self, place: str, raw: object) -> LocalizedText | None:
        """Return a text as :meth:`text` does, or None if ``raw`` is None."""
        return None if raw is None else self.text(place, raw)
