"""Templates reach the browser without the layout that they have for readers."""

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.template.loader import get_template

from carenav.plumbing.template_loader import without_layout


@pytest.mark.parametrize(
    ("source", "loaded"),
    [
        ("<ul>\n  <li>One</li>\n  <li>Two</li>\n</ul>\n", "<ul><li>One</li>\n<li>Two</li></ul>\n"),
        ("{% if a %}\n  Yes\n{% else %}\n  No\n{% endif %}\n", "{% if a %}Yes\n{% else %}No\n{% endif %}"),
        ("<p>\n  Call\n  {{ name }}.\n</p>\n", "<p>Call\n{{ name }}.</p>\n"),
        ('<p class="lead">\n  <b>Now</b>\n  go\n</p>', '<p class="lead"><b>Now</b>\ngo</p>'),
        ("{# why #}\n\n<h1>Help</h1>\n", "{# why #}<h1>Help</h1>\n"),
        ("<b>\n  Go\n</b>\n<a>on</a>", "<b>\nGo\n</b>\n<a>on</a>"),
        ("{% include 'a' %}\n{% include 'b' %}\n", "{% include 'a' %}\n{% include 'b' %}\n"),
        ("{% url 'a' as b %}\n", "{% url 'a' as b %}\n"),
        ("<pre>  a\nb</pre>", "<pre>  a\nb</pre>"),
    ],
    ids=["list", "condition", "words", "inline", "comment", "inline edge", "include", "url", "pre"],
)
def test_the_layout_goes_and_words_stay_apart(source, loaded):
    assert without_layout(source) == loaded


@pytest.mark.parametrize("a", [True, False])
def test_a_condition_between_words_keeps_them_apart(a):
    source = "<p>\n  One\n  {% if a %}\n    two\n  {% endif %}\n  three\n</p>"
    shown = Engine().from_string(without_layout(source)).render(Context({"a": a}))
    assert shown.split() == (["<p>One", "two", "three</p>"] if a else ["<p>One", "three</p>"])


def test_what_is_put_into_a_template_keeps_its_lines():
    note = "First\n\n  second"
    source = without_layout("<dd>\n  {{ note }}\n</dd>")
    assert Engine().from_string(source).render(Context({"note": note})) == f"<dd>{note}</dd>"


def test_every_template_of_this_site_is_loaded_without_layout():
    template = get_template("patient/base.html").template
    path = settings.BASE_DIR / "templates" / "patient" / "base.html"
    assert template.source == without_layout(path.read_text())
    assert template.source != path.read_text()
