"""What the templates of the desk need beside Django's own tags."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from intake.texts import FALLBACK, Text

register = template.Library()


@register.simple_tag
def tongues(text: Text, language: str) -> str | SafeString:
    """A wording as the person read it, with the English beside it where that was another language."""
    code = language.split("-")[0]
    own = text.get(code)
    if code == FALLBACK or own is None:
        return str(text)
    return format_html('<span lang="{}">{}</span> <span class="gloss">{}</span>', code, own, text[FALLBACK])
