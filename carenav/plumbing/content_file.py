"""Content files whose texts are shown in the reader's language."""

from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.engine import content_file


class ContentFile(content_file.ContentFile):
    """One content file; see the engine's :class:`~recommend.engine.content_file.ContentFile`."""

    def text(self, place: str, raw: object) -> LocalizedText:
        """Read a text in every language; templates print the active one."""
        return LocalizedText(super().text(place, raw))

    def maybe_text(self, place: str, raw: object) -> LocalizedText | None:
        """Read a text, or return None where the file has none."""
        return None if raw is None else self.text(place, raw)
