"""Load templates without indentation and needless line breaks, so that pages are smaller on slow connections.

Only the source of the templates changes, once, when they are loaded. Values put into them stay as they are. Browsers
show the same page with and without.
"""

import re

from django.template import Origin
from django.template.loaders import filesystem

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)

# A line with only a tag that prints nothing, or an empty line. Other lines keep their line break: it separates words.
AFTER_SILENT_LINE = re.compile(
    r"^(\{% (?:load|with|endwith|if|elif|else|endif|for|empty|endfor|block|endblock)\b[^%\n]*%\}|\{#[^\n]*#\}|)\n",
    re.MULTILINE,
)

# Elements at whose inner edges browsers ignore line breaks.
BLOCKS = (
    "(?:article|button|caption|dd|details|dialog|div|dl|dt|fieldset|form|h[1-6]|legend|li|nav|ol|p|section|summary"
    "|table|tbody|td|th|thead|tr|ul)"
)
INNER_EDGE = re.compile(rf"(?P<start><{BLOCKS}\b[^<>\n]*>)\n|\n(?=</{BLOCKS}>)")


def without_layout(source: str) -> str:
    """Return the source of a template without indentation and without line breaks that have no effect."""
    source = INDENTATION.sub("", source)
    source = AFTER_SILENT_LINE.sub(r"\1", source)
    return INNER_EDGE.sub(lambda edge: edge["start"] or "", source)


class Loader(filesystem.Loader):
    """Django's loader of templates from ``DIRS``, with :func:`without_layout` applied to their source."""

    def get_contents(self, origin: Origin) -> str:
        """Return the shortened source.

        Raises:
            TemplateDoesNotExist: there is no such file.
        """
        return without_layout(super().get_contents(origin))
