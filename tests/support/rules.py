"""Make rule sets that differ from the shipped one, and a fake terminal for commands."""

import io
import re

from django.conf import settings


class Terminal(io.StringIO):
    def isatty(self):
        return True


def other_rules(folder, version=None, **levels):
    """Write a copy of a shipped rule set in which some rules ask for another level; return its path.

    Args:
        folder: where to write it.
        version: the version of the shipped rule set; by default today's.
        **levels: the new level of each rule, with "_" in place of "-" in the rule's id.
    """
    shipped = settings.RULESET.with_stem(version) if version else settings.RULESET
    text = shipped.read_text()
    for rule, level in levels.items():
        head = f'id = "{rule.replace("_", "-")}"\nat_least = '
        assert text.count(head) == 1
        text = re.sub(head + r'"\w+"', f'{head}"{level}"', text)
    file = folder / "other.toml"
    file.write_text(text)
    return file
