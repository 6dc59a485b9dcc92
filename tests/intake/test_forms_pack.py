"""The form template pack `plain`: what it writes for each kind of field, bound and unbound, with and without errors."""

from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake import content
from intake.forms import QuestionsForm

VOID = {"input", "link", "meta", "br"}


class Page(HTMLParser):
    """The elements of a page, each a dict of its attributes with its `tag`, its `parents` and the `text` in it."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.open = []
        self.feed(html)
        assert not self.open, f"not closed: {self.open[-1]}"

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = {**dict(attrs), "tag": tag, "parents": list(self.open), "text": ""}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag=None, **attributes):
        wanted = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if tag in (None, element["tag"])
            and all(element.get(key) == value for key, value in wanted.items())
        ]

    def one(self, tag=None, **attributes):
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{tag} {attributes}: {len(found)} found"
        return found[0]

    def classed(self, name):
        return [element for element in self.elements if name in element.get("class", "").split()]


COLORS = [("red", "Red"), ("blue", "Blue")]
SYMPTOMS = [("none", "None of these"), ("cough", "Cough"), ("fever", "Fever"), ("skip", "Rather not say")]


class Everything(forms.Form):
    """One field of each kind that the pages use."""

    use_required_attribute = False

    color = forms.ChoiceField(
        label="Which color?", help_text="Any shade.", choices=COLORS, widget=forms.RadioSelect
    )
    symptoms = forms.MultipleChoiceField(
        label="What is wrong?", choices=SYMPTOMS, widget=forms.CheckboxSelectMultiple
    )
    name = forms.CharField(label="Name", help_text="As you like.")
    email = forms.EmailField(label="E-mail")
    phone = forms.CharField(label="Phone", widget=forms.TextInput(attrs={"type": "tel"}))
    note = forms.CharField(label="Note", widget=forms.Textarea, max_length=5)
    agree = forms.BooleanField(label="I agree")
    digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["symptoms"].exclusive = {"none", "skip"}
        self.fields["symptoms"].quiet = {"skip"}


GOOD = QueryDict(
    "color=blue&symptoms=cough&symptoms=fever&name=Ann&email=a@example.com&phone=1&note=x&agree=on&digest=d"
)


def rendered_form(form, **context):
    """The form as the pages write it: error summary, then `{{ form|crispy }}`."""
    summary = render_to_string("forms/layout/error_summary.html", {"form": form})
    return Page(summary + render_to_string("forms/uni_form.html", {"form": form, **context}))


def field_page(field, data=None, **kwargs):
    """A form of this one field, `it`."""
    form_class = type("One", (forms.Form,), {"it": field, "use_required_attribute": False})
    return rendered_form(form_class(data, **kwargs))


def radio(**kwargs):
    return forms.ChoiceField(choices=COLORS, widget=forms.RadioSelect, **kwargs)


def boxes(choices=SYMPTOMS, exclusive=(), quiet=(), **kwargs):
    field = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **kwargs)
    field.exclusive, field.quiet = set(exclusive), set(quiet)
    return field


STATES = {
    "fresh": lambda: Everything(),
    "initial": lambda: Everything(initial={"color": "red", "symptoms": ["none"], "agree": True}),
    "good": lambda: Everything(GOOD),
    "empty": lambda: Everything(QueryDict("")),
    "wrong": lambda: Everything(QueryDict("color=pink&symptoms=plague&email=no&note=too long&digest=")),
}


@pytest.fixture(params=STATES)
def page(request):
    return rendered_form(STATES[request.param]())


# ---- true of every form in every state


def test_ids_are_unique(page):
    ids = [element["id"] for element in page.elements if element.get("id")]
    assert len(ids) == len(set(ids)) > 10


def test_every_input_has_a_label_and_a_row_of_options_is_all_label(page):
    for element in page.elements:
        if element["tag"] not in ("input", "textarea") or element.get("type") == "hidden":
            continue
        assert page.one("label", for_=element["id"])["text"].strip()
        if element.get("type") in ("radio", "checkbox"):
            assert element["parents"][-1]["for"] == element["id"]


def test_descriptions_exist(page):
    ids = {element.get("id") for element in page.elements}
    described = [element["aria-describedby"] for element in page.elements if "aria-describedby" in element]
    assert described
    for description in described:
        assert set(description.split()) <= ids
        assert description == " ".join(description.split())


def test_forms_have_no_inline_style_script_or_required(page):
    for element in page.elements:
        assert "style" not in element
        assert "required" not in element
        assert not [name for name in element if name.startswith("on")]


# ---- errors


@pytest.mark.parametrize("state", ["empty", "wrong"])
def test_every_error_link_reaches_a_control(state):
    form = STATES[state]()
    page = rendered_form(form)
    links = [element for element in page.all("a") if element["href"].startswith("#")]
    assert len(links) == len([name for name in form.errors if name != "digest"]) >= 5
    for link in links:
        target = page.one(id=link["href"][1:])
        assert target["tag"] in ("input", "textarea")
        assert target.get("type") != "hidden"
        assert "disabled" not in target


def test_error_link_of_a_group_leads_to_the_option_that_stands_first():
    page = field_page(boxes(exclusive=["none"]), QueryDict(""))
    first = next(element for element in page.all("input") if element["type"] == "checkbox")
    assert first["value"] == "cough"
    assert page.one("a")["href"] == f"#{first['id']}"


def test_summary_takes_the_focus_without_a_script_and_is_said_once():
    page = rendered_form(Everything(QueryDict("")))
    summary = page.one(id="error-summary")
    assert "autofocus" in summary
    assert summary["tabindex"] == "-1"
    assert "role" not in summary
    assert page.one(id=summary["aria-labelledby"])["text"]
    assert not page.all(role="alert")


def test_no_summary_without_errors():
    for form in (Everything(), Everything(GOOD)):
        assert not rendered_form(form).classed("error-summary")


def test_same_words_in_the_summary_and_at_the_field():
    page = rendered_form(Everything(QueryDict("email=no")))
    [link] = page.all("a", href="#id_email")
    assert link["text"] == "Enter a valid email address."
    assert link["text"] in page.one(id="id_email_error")["text"]
    assert "Error:" in page.one(id="id_email_error")["text"]


def test_errors_of_hidden_fields_and_of_the_whole_form_are_said():
    class Strict(Everything):
        def clean(self):
            raise forms.ValidationError("These two do not fit together.")

    summary = rendered_form(Strict(QueryDict(""))).one(id="error-summary")["text"]
    assert "These two do not fit together." in summary
    assert summary.count("This field is required.") == len(Everything.base_fields)  # digest, too


def test_invalid_fields_say_so_and_name_their_error():
    page = rendered_form(Everything(QueryDict("")))
    group = page.one("fieldset", role="radiogroup")
    assert group["aria-invalid"] == "true"
    assert group["aria-describedby"].split() == ["id_color_helptext", "id_color_error"]
    for box in [element for element in page.all("input", name="symptoms") if element["type"] == "checkbox"]:
        assert box["aria-invalid"] == "true"
    for id in ("id_name", "id_email", "id_phone", "id_note", "id_agree"):
        control = page.one(id=id)
        assert control["aria-invalid"] == "true"
        assert f"{id}_error" in control["aria-describedby"].split()


def test_valid_fields_are_not_called_invalid():
    page = rendered_form(Everything(GOOD))
    assert not page.all(aria_invalid="true")
    assert not page.classed("field-error")


@pytest.mark.parametrize(("form", "prefix"), [(Everything(), False), (Everything(QueryDict("")), True)])
def test_title_of_a_page_with_errors_begins_with_error(form, prefix):
    page = Page(render_to_string("patient/base.html", {"form": form}, RequestFactory().get("/")))
    assert page.one("title")["text"].startswith("Error: ") is prefix


# ---- options


def test_boxes_send_an_empty_value_so_that_unticked_differs_from_unasked():
    page = field_page(boxes())
    inputs = page.all("input", name="it")
    assert [(element["type"], element["value"]) for element in inputs[:2]] == [
        ("hidden", ""),
        ("checkbox", "none"),
    ]
    assert len([element for element in inputs if element["type"] == "hidden"]) == 1


def test_radio_buttons_send_nothing_extra():
    assert {element["type"] for element in field_page(radio()).all("input", name="it")} == {"radio"}


@pytest.mark.parametrize(
    ("form", "checked"),
    [
        (Everything(), set()),
        (Everything(initial={"color": "red", "symptoms": ["none"], "agree": True}), {"red", "none", "on"}),
        (Everything(GOOD), {"blue", "cough", "fever", "on"}),
        (Everything(QueryDict("color=pink"), initial={"color": "red"}), set()),
    ],
)
def test_chosen_options_and_no_others_are_checked(form, checked):
    page = rendered_form(form)
    assert {element.get("value", "on") for element in page.all("input") if "checked" in element} == checked


def test_ids_are_those_that_django_gives():
    form = Everything()
    page = rendered_form(form)
    for name in ("color", "symptoms"):
        for bound in form[name].subwidgets:
            assert page.one("input", id=bound.id_for_label)["value"] == bound.data["value"]


def test_numbers_as_values_are_written_plainly(settings):
    settings.USE_THOUSAND_SEPARATOR = True
    field = forms.TypedChoiceField(choices=[(1000, "Many")], coerce=int, widget=forms.RadioSelect)
    page = field_page(field, initial={"it": 1000})
    assert page.one("input")["value"] == "1000"
    assert "checked" in page.one("input")


def test_the_inputs_of_groups_are_written_out():
    """Django's widget templates for each single option would cost half of the page."""

    class NoTemplates(forms.renderers.DjangoTemplates):
        def render(self, template_name, context, request=None):
            raise AssertionError(f"{template_name} was rendered")

    class Groups(forms.Form):
        default_renderer = NoTemplates
        color = radio()
        symptoms = boxes()

    assert len(rendered_form(Groups()).classed("option")) == len(COLORS) + len(SYMPTOMS)


@pytest.mark.parametrize(
    ("exclusive", "quiet", "groups"),
    [
        ([], [], [["none", "cough", "fever", "skip"]]),
        (["none"], [], [["cough", "fever", "skip"], "or", ["none"]]),
        (["none", "skip"], ["skip"], [["cough", "fever"], "or", ["none"], ["skip", "quiet"]]),
        ([], ["skip"], [["none", "cough", "fever"], "or", ["skip", "quiet"]]),
    ],
)
def test_options_that_stand_alone_come_last_after_an_or(exclusive, quiet, groups):
    page = field_page(boxes(exclusive=exclusive, quiet=quiet))
    assert laid_out(page) == groups


def test_quiet_radio_options_are_set_apart_without_an_or():
    field = radio()
    field.quiet, field.exclusive = {"red"}, {"blue"}
    assert laid_out(field_page(field)) == [["blue"], ["red", "quiet"]]


def laid_out(page):
    """The groups of options in order: the values of each, with "quiet" for one that is set apart, and the "or"."""
    found = []
    for element in page.elements:
        classes = element.get("class", "").split()
        if "options" in classes:
            found.append([])
        if "or" in classes:
            found.append(element["text"])
        if element["tag"] == "input" and element["type"] != "hidden":
            found[-1].append(element["value"])
    quiet = page.classed("options-quiet")
    for element, group in zip(page.classed("options"), [each for each in found if each != "or"], strict=True):
        group.extend(["quiet"] if element in quiet else [])
    return found


def test_a_week_is_a_table_whose_boxes_are_named_by_row_and_column():
    item = content.questionnaire().wordings["free_times"]
    page = field_page(QuestionsForm([item], {"free_times": ["tue_evening", "varies"]}).fields["free_times"])
    names = {each["id"]: each["text"] for each in page.elements if each["tag"] == "th"}
    boxes = [each for each in page.elements if each.get("type") == "checkbox"]
    said = {
        each["value"]: " ".join(names[id] for id in each.get("aria-labelledby", "").split()) for each in boxes
    }
    assert said["tue_evening"] == "Tuesday Evening"
    assert len(boxes) == 21 + 3 + 1
    assert [each["name"] for each in boxes[:3]] == [
        f"it_every_{part}" for part in ("morning", "afternoon", "evening")
    ]
    assert boxes[-1]["value"] == "varies"


def test_a_list_of_boxes_says_that_several_may_be_chosen():
    page = field_page(boxes(help_text="Be honest."), QueryDict(""))
    described = page.one("fieldset")["aria-describedby"].split()
    assert described == ["id_it_several", "id_it_helptext", "id_it_error"]
    assert page.one(id="id_it_several")["text"] == "Choose all that fit."


# ---- words


EVIL = '<script>alert("1")</script>&\''


@pytest.mark.parametrize(
    "field",
    [
        forms.ChoiceField(label=EVIL, help_text=EVIL, choices=[(EVIL, EVIL)], widget=forms.RadioSelect),
        forms.MultipleChoiceField(
            label=EVIL, help_text=EVIL, choices=[(EVIL, EVIL)], widget=forms.CheckboxSelectMultiple
        ),
        forms.CharField(label=EVIL, help_text=EVIL),
        forms.CharField(label=EVIL, help_text=EVIL, widget=forms.Textarea),
        forms.BooleanField(label=EVIL, help_text=EVIL),
    ],
)
@pytest.mark.parametrize("data", [None, QueryDict("it="), QueryDict(urlencode({"it": EVIL}))])
def test_words_are_never_markup(field, data):
    field.validators.append(always_wrong)
    page = field_page(field, data, initial={"it": EVIL})
    assert not page.all("script")
    assert EVIL in "".join(element["text"] for element in page.elements)
    for element in page.all("input"):
        assert element.get("value", "") in ("", EVIL)
        assert "alert(" not in "".join(set(element) - {"value"})


def always_wrong(value):
    raise forms.ValidationError(EVIL)


def test_errors_are_never_markup():
    page = field_page(forms.CharField(validators=[always_wrong]), QueryDict("it=x"))
    assert page.one("a")["text"] == EVIL
    assert not page.all("script")


def test_words_by_language_are_printed_in_the_active_one():
    page = field_page(radio(label=LocalizedText(en="Which one?"), help_text=LocalizedText(en="Any.")))
    assert page.one("legend")["text"].strip() == "Which one?"
    assert page.one(id="id_it_helptext")["text"] == "Any."


@pytest.mark.parametrize("make", [radio, boxes, forms.CharField])
@pytest.mark.parametrize(("required", "one_of", "marked"), [(True, 0, 0), (False, 0, 1), (False, True, 0)])
def test_optional_field_is_marked(make, required, one_of, marked):
    field = make(required=required)
    field.one_of = one_of
    assert len(field_page(field).classed("optional")) == marked


# ---- the library's own ways


def test_crispy_tag_with_a_helper_and_a_layout():
    form = Everything(QueryDict(""))
    form.helper = FormHelper()
    form.helper.attrs = {"data-form": "main"}
    form.helper.layout = Layout(Fieldset("Colors", "color"), Div("symptoms", "digest", css_id="more"))
    form.helper.add_input(Submit("save", 'Say "yes"'))
    page = Page(render_crispy_form(form, context={"csrf_token": "t"}))
    assert page.one("form", method="post", data_form="main")
    assert page.one("input", name="csrfmiddlewaretoken")
    assert page.one("section", id="error-summary")
    assert [legend["text"].strip() for legend in page.all("legend")] == [
        "Colors",
        "Which color?",
        "What is wrong?",
    ]
    assert page.one("div", id="more")
    assert page.one("button", type="submit", value='Say "yes"')
