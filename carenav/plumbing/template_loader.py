"""Load this site's templates without their layout: it is for readers, and a poor connection would pay for it.

Only the text of the templates gets shorter, once, when they are read. What is put into them, such as a note of several
lines, stays as it is. A browser shows the same with and without.
"""

import re

from django.template import Origin
from django.template.loaders import filesystem

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)

# The end of a line that holds only a tag that prints nothing, or nothing at all. A line that prints keeps its line
# break, so words on two lines stay apart.
AFTER_SILENT_LINE = re.compile(
    r"^(\{% (?:load|with|endwith|if|elif|else|endif|for|empty|endfor|block|endblock)\b[^%\n]*%\}|\{#[^\n]*#\}|)\n",
    re.MULTILINE,
)

# Elements that begin a line of their own on the page: a line break at the inner edge of one is not shown.
BLOCKS = (
    "(?:article|button|caption|dd|details|dialog|div|dl|dt|fieldset|form|h[1-6]|legend|li|nav|ol|p|section|summary"
    "|table|tbody|td|th|thead|tr|ul)"
)
INNER_EDGE = re.compile(rf"(?P<start><{BLOCKS}\b[^<>\n]*>)\n|\n(?=</{BLOCKS}>)")


def without_layout(source: str) -> str:
    """Return the source of a template without indentation, and without line breaks that are not shown."""
    source = INDENTATION.sub("", source)
    source = AFTER_SILENT_LINE.sub(r"\1", source)
    return INNER_EDGE.sub(lambda edge: edge["start"] or "", source)


class Loader(filesystem.Loader):
    """Load templates from ``DIRS`` as Django does, and take their layout out."""

    def get_contents(self, origin: Origin) -> str:
        """Return the source without its layout.

        Raises:
            TemplateDoesNotExist: there is no such file.
        """
        return without_layout(super().get_contents(origin))
