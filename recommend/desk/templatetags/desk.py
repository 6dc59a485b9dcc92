"""Template tags and filters of the desk."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import ChangeList
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from carenav.plumbing.i18n.localized_text import FALLBACK, LocalizedText
from recommend.desk import next_steps, queues
from recommend.desk.pages import list_rows, saved_views
from recommend.rules.phrases import KIND_WORDS

register = template.Library()


@register.simple_tag
def tongues(text: LocalizedText, language: str) -> str | SafeString:
    """Return a text in the language in which the person read it, followed by English if that was another language.

    Args:
        text: the text.
        language: the language code of the person's answers, such as "es".
    """
    code = language.split("-")[0]
    own = text.get(code)
    if code == FALLBACK or own is None:
        return str(text)
    return format_html('<span lang="{}">{}</span> <span class="gloss">{}</span>', code, own, text[FALLBACK])


@register.simple_tag
def spoken(text: LocalizedText, language: str) -> SafeString:
    """Return a question to be read aloud, in all languages, the person's language first.

    Args:
        text: the question.
        language: the language code of the person's answers, such as "es".
    """
    own = language.split("-")[0]
    first = own if own in text else FALLBACK
    rest = [(code, words) for code, words in text.items() if code != first]
    return format_html(
        '<span lang="{}">{}</span>{}',
        first,
        text[first],
        format_html_join("", ' <span class="gloss" lang="{}">{}</span>', rest),
    )


@register.filter
def in_words(kinds: Iterable[str]) -> str:
    """Return kinds of marks in words, separated by commas; a kind without words is shown by its id."""
    return ", ".join(str(KIND_WORDS.get(kind, kind)) for kind in kinds)


@register.filter
def dialed(number: str) -> str:
    """Return a phone number for a ``tel:`` link: digits, a plus sign in front if there is one, and ",12" for "x12"."""
    main, _, extension = number.lower().partition("x")
    digits = "".join(char for char in main if char.isascii() and char.isdecimal())
    more = "".join(char for char in extension if char.isascii() and char.isdecimal())
    plus = "+" if main.strip().startswith("+") else ""
    return f"{plus}{digits}{',' + more if more else ''}"


@register.filter
def clock(at: datetime) -> str:
    """Return a time of day with its time zone, such as "2:00 PM EST"."""
    return next_steps.clock(at)


@register.filter
def day_name(day: date) -> str:
    """Return a day in words with a capital: "Today", "Yesterday", "Tomorrow" or such as "Mon, Nov. 30"."""
    name = next_steps.day_name(day, timezone.localdate())
    return f"{name[0].upper()}{name[1:]}"


@register.inclusion_tag("staff/parts/rows.html", takes_context=True)
def case_list(context: Context, cl: ChangeList) -> dict[str, Any]:
    """Render the cases of an admin list in our own rows, because the admin's cells took half of a page's time."""
    *choose, by_reference, by_age = result_headers(cl)
    return {
        "label": "Cases",
        "rows": list_rows.rows_of(cl.result_list, context["request"].user, timezone.now()),
        "choose": choose,
        "by_reference": by_reference,
        "by_age": by_age,
    }


@register.inclusion_tag("staff/parts/list_filters.html", takes_context=True)
def list_filters(context: Context, cl: ChangeList) -> dict[str, Any]:
    """Render the filters of an admin list: saved views, the four lists as tabs, chips of what is chosen, and menus."""
    request = context["request"]
    lists, *others = cl.filter_specs
    filters = [filter_shown(each.title, list(each.choices(cl))) for each in others]
    return {
        "lists": list(lists.choices(cl)),
        "filters": filters,
        "chips": [chip for each in filters for chip in each["chips"]],
        "clear": cl.clear_all_filters_qs if cl.has_active_filters else "",
        "views": saved_views.views_shown(request),
        "query": saved_views.filters_in(request.GET.urlencode()),
        "lead": queues.is_lead(request.user),
        "csrf_token": context["csrf_token"],
    }


def filter_shown(title: Any, choices: list[Any]) -> dict[str, Any]:
    """Return the template context of one filter.

    Args:
        title: the title of the filter.
        choices: its choices, of which the first means no choice. In a filter with several, the link of a chosen one
            takes it out.
    """
    none, *offered = choices
    chosen = [each for each in offered if each["selected"]]
    removes = [each["query_string"] if len(chosen) > 1 else none["query_string"] for each in chosen]
    return {
        "title": title,
        "choices": choices,
        "chosen": ", ".join(str(each["display"]) for each in chosen) or none["display"],
        "is_set": bool(chosen),
        "chips": [
            {"title": title, "display": each["display"], "remove": remove}
            for each, remove in zip(chosen, removes, strict=True)
        ],
    }
