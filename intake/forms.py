"""The forms for patients: questions of a page, confirmation of the answers, contact details and codes."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from carenav.plumbing import codes
from intake import content
from intake.models import CrisisChange, LeaveMessage, ReachBy
from intake.questionnaire import QuestionItem
from recommend.engine.answers import NONRESPONSE, SKIP


class QuestionsForm(forms.Form):
    """A form with the questions of one page. Field names are question ids, values are option ids.

    Args:
        wordings: the questions on the page.
        answers: the stored answers; they fill the form, and count as sent for questions that the POST data leave out.
        data: the POST data; None for an unbound form.
    """

    use_required_attribute = False  # so that the browser sends a crisis answer even if all else is blank

    def __init__(
        self, wordings: Iterable[QuestionItem], answers: Mapping[str, Any], data: QueryDict | None = None
    ) -> None:
        self.wordings = tuple(wordings)
        known = {wording.id: answers[wording.id] for wording in self.wordings if wording.id in answers}
        super().__init__(data=None if data is None else known | self.posted(data), initial=known)
        self.fields = {wording.id: question_field(wording) for wording in self.wordings}

    def posted(self, data: QueryDict) -> dict[str, Any]:
        """Return the posted answers: an option id, or a list of option ids, keyed by question id.

        A list of boxes always sends one empty value, so that "nothing ticked" (an empty list) differs from "not on the
        page" (no key).
        """
        found: dict[str, Any] = {}
        for wording in self.wordings:
            if wording.id in data:
                options = [value for value in data.getlist(wording.id) if value]
                if grid := content.pages().grids.get(wording.id):
                    whole = [column for column in grid.columns if every(wording.id, column) in data]
                    options += [
                        each for column in whole for each in grid.options_of(column) if each not in options
                    ]
                found[wording.id] = options if wording.question.kind == "many" else "".join(options[-1:])
        return found

    def refuse(self, ids: Iterable[str]) -> None:
        """Add the error "choose one of these answers" to those of these questions that are on the form."""
        for id in ids:
            if id in self.fields:
                self.errors[id] = self.error_class([str(self.fields[id].error_messages["invalid_choice"])])

    @property
    def answers(self) -> dict[str, Any]:
        """The valid answers, even if others on the page are not valid."""
        return {id: value for id, value in self.cleaned_data.items() if value}

    @property
    def emptied(self) -> set[str]:
        """The optional questions left empty on this page; their earlier answers are deleted."""
        return {id for id, value in self.cleaned_data.items() if not value}


def every(id: str, column: str) -> str:
    """Return the field name of the box that ticks a whole column, for a question laid out as a table."""
    return f"{id}_every_{column}"


def question_field(wording: QuestionItem) -> forms.Field:
    """Return the form field for one question: radio buttons, or boxes if several options may be chosen."""
    return (ManyField if wording.question.kind == "many" else OneField)(wording)


class OneField(forms.ChoiceField):
    widget = forms.RadioSelect

    def __init__(self, wording: QuestionItem) -> None:
        super().__init__(**_arguments(wording))
        self.quiet = NONRESPONSE


class ManyField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, wording: QuestionItem) -> None:
        super().__init__(**_arguments(wording))
        self.quiet = NONRESPONSE
        self.exclusive = wording.question.exclusive
        self.grid = content.pages().grids.get(wording.id)

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        alone = [option for option in value if option in self.exclusive or option == SKIP]
        if alone and len(value) > 1:
            label = dict(cast(list[tuple[str, str]], self.choices))[alone[0]]
            raise ValidationError(
                _("Choose “%(option)s” alone, or the others without it."), "exclusive", {"option": label}
            )


def _arguments(wording: QuestionItem) -> dict[str, Any]:
    return {
        "label": str(wording.text),
        "help_text": str(wording.why or ""),
        "choices": [(id, str(text)) for id, text in wording.options.items()],
        "required": not wording.question.optional,
        "error_messages": {
            "required": _("Choose an answer"),
            "invalid_choice": _("Choose one of these answers"),
        },
    }


class CheckForm(forms.Form):
    """The form by which a person confirms the answers as they were shown.

    Args:
        shown: fingerprints of the answers on the page, keyed by question id.
        taken_back: whether a crisis answer was changed later; the form then asks what happened.
    """

    use_required_attribute = False

    shown = forms.CharField(widget=forms.HiddenInput, max_length=5000, required=False)
    crisis_change = forms.ChoiceField(
        label=_("You changed an answer about danger. What happened?"),
        choices=CrisisChange.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer")},
    )

    def __init__(self, *args: Any, shown: Mapping[str, str], taken_back: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = json.dumps(shown)
        if not taken_back:
            del self.fields["crisis_change"]

    def clean_shown(self) -> dict[str, str]:
        """Return the fingerprints that the page was sent with; an empty dict if they cannot be read."""
        try:
            shown = json.loads(self.cleaned_data["shown"])
        except (ValueError, RecursionError):
            return {}
        return shown if isinstance(shown, dict) else {}


def refuse_control_characters(value: str) -> None:
    """Refuse control characters other than tabs and line breaks: they break databases, e-mails and exports.

    Raises:
        ValidationError: the value has such a character.
    """
    if any(unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in value):
        raise ValidationError(_("Leave out special control characters."), "control")


class TypedField(forms.CharField):
    """A text field that turns CR LF into LF, so that max_length counts a line break once, as browsers do."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


def text_field(label: Any, max_length: int, **kwargs: Any) -> forms.CharField:
    """Make an optional text field that refuses control characters."""
    return TypedField(
        label=label,
        max_length=max_length,
        required=False,
        validators=[refuse_control_characters],
        **kwargs,
    )


def typed_as(token: str, **attrs: str) -> forms.TextInput:
    """Return a text input without spell check that a browser can fill in by itself (WCAG 1.3.5).

    Args:
        token: the value of ``autocomplete``, such as "tel".
        attrs: more attributes of the input.
    """
    return forms.TextInput(attrs={"autocomplete": token, "spellcheck": "false", **attrs})


class ContactForm(forms.Form):
    """How the intake team may reach the person: by phone, text or e-mail, or not at all if the person will call."""

    use_required_attribute = False

    name = text_field(_("Your name, or what we should call you"), 200, widget=typed_as("name"))
    reach_by = forms.ChoiceField(
        label=_("How should we reach you?"),
        choices=ReachBy.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer")},
    )
    phone = text_field(_("Phone number"), 40, widget=typed_as("tel", type="tel"))
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        required=False,
        widget=typed_as("email", type="email"),
        error_messages={"invalid": _("Check the email address. It should look like name@example.com")},
    )
    leave_message = forms.ChoiceField(
        label=_("If you don’t answer, may we leave a message?"),
        help_text=_("Someone else may hear or read it."),
        choices=LeaveMessage.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    safe_times = text_field(
        _("When and how is it safe to reach you?"),
        300,
        help_text=_("For example: only after 6 pm, or only by text."),
    )
    language = text_field(_("Which language would you like to speak?"), 100)
    access_needs = text_field(_("Do you need an interpreter, or help to hear, see, read or get there?"), 300)
    note = text_field(
        _("Anything the team should know"),
        1000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("Up to 1,000 characters. No one reads this right away."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("phone", "email", "leave_message"):
            # Required for some ways of being reached, so the page must not mark these fields "(optional)".
            vars(self.fields[name])["one_of"] = True

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"].strip()
        if phone and sum(character.isdecimal() for character in phone) < 6:
            raise ValidationError(_("Check the phone number. It has too few digits"), "short")
        return phone

    def clean(self) -> None:
        reach_by = self.cleaned_data.get("reach_by")
        if reach_by in (ReachBy.PHONE, ReachBy.TEXT):
            self.need("phone", _("Enter a phone number, or choose another way"))
            self.need("leave_message", _("Choose an answer"))
        if reach_by == ReachBy.EMAIL:
            self.need("email", _("Enter an email address, or choose another way"))

    def need(self, name: str, message: Any) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, message)


class CodeForm(forms.Form):
    """A form for a return code or private code, typed with or without spaces and in any case."""

    use_required_attribute = False

    code = forms.CharField(
        label=_("Your code"),
        max_length=100,
        help_text=_("16 letters and digits in four groups. You can use lower case and spaces."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Enter your code")},
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not codes.can_be_code(code):
            raise ValidationError(
                _(
                    "That does not look like a code. Codes have 16 characters, never 0, 1, 2, 5, 8, B, G, I, O, S or Z."
                ),
                "no_code",
            )
        return codes.normalize(code)


class ComeBackForm(CodeForm):
    """The form to continue a saved draft: the return code, and whether this device is shared."""

    shared_device = forms.BooleanField(
        label=_("This is not my own device"),
        required=False,
        widget=forms.CheckboxInput(attrs={"value": "yes"}),
    )


class DeleteForm(CodeForm):
    """The form to delete a submission: its reference and its private code."""

    reference = forms.CharField(
        label=_("Your reference"),
        max_length=40,
        help_text=_("8 letters and digits, such as K7QX-97MD."),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Enter your reference")},
    )

    field_order = ["reference", "code"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Your private code")

    def clean_reference(self) -> str:
        reference = codes.normalize_reference(self.cleaned_data["reference"])
        if not reference:
            raise ValidationError(
                _("That does not look like a reference. It has 8 letters and digits."), "no_reference"
            )
        return reference
