"""Content files whose texts are shown in the reader's language."""

from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.engine import content_file


class ContentFile(content_file.ContentFile):
    """One content file; see the engine's :class:`~recommend.engine.content_file.ContentFile`."""

    def text(self, place: str, raw: object) -> LocalizedText:
        """A text in every language, printed in the active one."""
        return LocalizedText(super().text(place, raw))

    def maybe_text(self, place: str, raw: object) -> LocalizedText | None:
        """The same, or nothing where the file says nothing."""
        return None if raw is None else self.text(place, raw)
