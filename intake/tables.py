"""Content files whose texts are shown in the reader's language."""

from intake.texts import Text
from recommend.engine import tables


class Tables(tables.Tables):
    """One content file; see the engine's :class:`~recommend.engine.tables.Tables`."""

    def text(self, place: str, raw: object) -> Text:
        """A text in every language, printed in the active one."""
        return Text(super().text(place, raw))

    def maybe_text(self, place: str, raw: object) -> Text | None:
        """The same, or nothing where the file says nothing."""
        return None if raw is None else self.text(place, raw)
