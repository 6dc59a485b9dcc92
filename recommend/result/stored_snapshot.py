"""A stored recommendation as a Python value, which is read from its JSON and written back unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recommend.engine import Level
from recommend.engine.analysis.counterfactuals import Counterfactual
from recommend.engine.analysis.explanation import NotLess, NotMore, Reason
from recommend.result import json_parts as parts

FIRST_KEYS = (
    "level", "reasons", "not_less", "not_more", "fired", "combined", "areas", "crisis", "urgent", "resources", "notes",
    "unknown", "range", "may_be_crisis", "settling", "texts",
)  # fmt: skip
KEYS = {1: FIRST_KEYS, 2: (*FIRST_KEYS, "enough", "changes")}
"""The keys of the stored JSON, by version. The JSON does not name its version; its keys tell it."""

LATEST = max(KEYS)
PLACES = ("result", "desk")
"""Where safety texts are shown: on the person's result page, and on the case page of the desk."""


@dataclass(frozen=True)
class RecommendationSnapshot:
    """Everything the engine said about one person's answers. Pages about submissions read the stored one.

    Attributes:
        level: the recommended level; None if the engine failed and a person has to look. Then nothing else is known.
        reasons: the rules that decided, with the answers behind each.
        not_less: for each lower level, the rules that ask for more.
        not_more: for each higher level, what its nearest rule lacks.
        fired: ids of all rules that hold.
        combined: ids of the combination rules that hold.
        areas: the grade of each area, by area.
        crisis: kinds of crisis marks.
        urgent: kinds of urgent marks.
        resources: kinds of resources.
        notes: ids of the notes to show.
        unknown: ids of the questions without a known answer.
        range: the lowest and highest level over all answers without crisis to the unknown questions.
        may_be_crisis: ids of the unknown questions to which an answer could carry a crisis.
        settling: the id of the unknown question whose answer would move the level most; None if no single one does.
        texts: ids of the safety texts by place, see :data:`PLACES`.
        sufficient_reason: the fewest answers that keep the level from falling; empty in version 1, which did not store
            it.
        changes: the smallest changes of answers that move the level; empty in version 1, which did not store them.
        version: the version of the stored JSON, see :data:`KEYS`.
    """

    level: Level | None
    reasons: tuple[Reason, ...] = ()
    not_less: tuple[NotLess, ...] = ()
    not_more: tuple[NotMore, ...] = ()
    fired: tuple[str, ...] = ()
    combined: tuple[str, ...] = ()
    areas: Mapping[str, str] = field(default_factory=dict)
    crisis: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    range: tuple[Level, Level] = (min(Level), max(Level))
    may_be_crisis: tuple[str, ...] = ()
    settling: str | None = None
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(PLACES, ()))
    sufficient_reason: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changes: tuple[Counterfactual, ...] = ()
    version: int = LATEST

    @property
    def level_id(self) -> str:
        """The id of the level as the database column has it; "" if there is none."""
        return "" if self.level is None else self.level.id

    @classmethod
    def from_json(cls, raw: object) -> "RecommendationSnapshot":
        """Read what :meth:`to_json` returned, in any version.

        Raises:
            SnapshotError: the JSON has the shape of no known version. The message contains no answers.
        """
        if raw == NEEDS_MANUAL_REVIEW.to_json():
            return NEEDS_MANUAL_REVIEW
        place = "recommendation"
        version = 1 if parts.read_object(place, raw).keys() == set(FIRST_KEYS) else LATEST
        return _read(parts.read_fields(place, raw, KEYS[version]), version)

    def to_json(self) -> dict[str, object]:
        """Return the JSON to store. For a snapshot that was read from JSON, this equals that JSON."""
        if self.level is None:
            return {"level": None}
        data: dict[str, object] = {
            "level": self.level.id,
            "reasons": [{"rule": each.rule, "answers": as_lists(each.answers)} for each in self.reasons],
            "not_less": [{"level": each.level.id, "rules": list(each.rules)} for each in self.not_less],
            "not_more": [
                {"level": each.level.id, "rule": each.rule, "lacking": [list(pair) for pair in each.lacking]}
                for each in self.not_more
            ],
            "fired": list(self.fired),
            "combined": list(self.combined),
            "areas": dict(self.areas),
            "crisis": list(self.crisis),
            "urgent": list(self.urgent),
            "resources": list(self.resources),
            "notes": list(self.notes),
            "unknown": list(self.unknown),
            "range": [level.id for level in self.range],
            "may_be_crisis": list(self.may_be_crisis),
            "settling": self.settling,
            "enough": as_lists(self.sufficient_reason),
            "changes": [{"answers": as_lists(each.answers), "level": each.level.id} for each in self.changes],
            "texts": as_lists(self.texts),
        }
        return {key: value for key, value in data.items() if key in KEYS[self.version]}


def as_lists(texts: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return the mapping with lists instead of tuples, for JSON."""
    return {id: list(each) for id, each in texts.items()}


NEEDS_MANUAL_REVIEW = RecommendationSnapshot(level=None)


def rules_in(reasons: object) -> set[str]:
    """Return the ids of the rules in the reasons of a stored recommendation, for queries that read only this key.

    Args:
        reasons: the value of the key ``reasons``; None if the JSON does not have the key.

    Raises:
        SnapshotError: the reasons have another shape.
    """
    if reasons is None:
        return set()
    each = (parts.read_object("reasons", reason) for reason in parts.read_list("reasons", reasons))
    return {parts.read_text("reasons", reason.get("rule")) for reason in each}


def _read(raw: Mapping[str, object], version: int) -> RecommendationSnapshot:
    """Read the values of an object that has exactly the keys of the version."""

    def texts(key: str) -> tuple[str, ...]:
        return parts.read_texts(key, raw[key])

    lowest, highest = parts.read_pair("range", raw["range"])
    return RecommendationSnapshot(
        level=parts.read_level("level", raw["level"]),
        reasons=tuple(_reason(each) for each in parts.read_list("reasons", raw["reasons"])),
        not_less=tuple(_not_less(each) for each in parts.read_list("not_less", raw["not_less"])),
        not_more=tuple(_not_more(each) for each in parts.read_list("not_more", raw["not_more"])),
        fired=texts("fired"),
        combined=texts("combined"),
        areas={
            area: parts.read_text("areas", grade)
            for area, grade in parts.read_object("areas", raw["areas"]).items()
        },
        crisis=texts("crisis"),
        urgent=texts("urgent"),
        resources=texts("resources"),
        notes=texts("notes"),
        unknown=texts("unknown"),
        range=(parts.read_level("range", lowest), parts.read_level("range", highest)),
        may_be_crisis=texts("may_be_crisis"),
        settling=parts.read_text_or_none("settling", raw["settling"]),
        texts=parts.read_answers("texts", parts.read_fields("texts", raw["texts"], PLACES)),
        sufficient_reason=parts.read_answers("enough", raw.get("enough", {})),
        changes=tuple(_change(each) for each in parts.read_list("changes", raw.get("changes", []))),
        version=version,
    )


def _reason(raw: object) -> Reason:
    fields = parts.read_fields("reasons", raw, ("rule", "answers"))
    return Reason(
        parts.read_text("reasons", fields["rule"]), parts.read_answers("reasons", fields["answers"])
    )


def _not_less(raw: object) -> NotLess:
    fields = parts.read_fields("not_less", raw, ("level", "rules"))
    return NotLess(
        parts.read_level("not_less", fields["level"]), parts.read_texts("not_less", fields["rules"])
    )


def _not_more(raw: object) -> NotMore:
    fields = parts.read_fields("not_more", raw, ("level", "rule", "lacking"))
    return NotMore(
        parts.read_level("not_more", fields["level"]),
        parts.read_text_or_none("not_more", fields["rule"]),
        tuple(parts.read_pair("not_more", pair) for pair in parts.read_list("not_more", fields["lacking"])),
    )


def _change(raw: object) -> Counterfactual:
    fields = parts.read_fields("changes", raw, ("answers", "level"))
    return Counterfactual(
        parts.read_answers("changes", fields["answers"]), parts.read_level("changes", fields["level"])
    )
