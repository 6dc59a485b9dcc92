"""Read parts of a stored recommendation from JSON, and refuse every part of an unexpected type.

An error names the place and the expected type. It never shows a value, because values are answers. The argument
``place`` of the functions is for this message.
"""

from collections.abc import Collection

from recommend.engine import Level

LEVELS = {level.id: level for level in Level}


class SnapshotError(ValueError):
    """Raised for a stored recommendation that does not have the shape of any known version."""


def read_object(place: str, raw: object) -> dict[str, object]:
    """Return a value that must be a JSON object; raise SnapshotError if it is not."""
    if not isinstance(raw, dict):
        raise SnapshotError(f"{place}: expected an object")
    return raw


def read_fields(place: str, raw: object, names: Collection[str]) -> dict[str, object]:
    """Return a value that must be a JSON object with exactly these keys.

    Raises:
        SnapshotError: the value is something else; the message names the missing keys and counts the unknown ones.
    """
    fields = read_object(place, raw)
    missing = [name for name in names if name not in fields]
    unknown = len(fields.keys() - set(names))
    if missing or unknown:
        raise SnapshotError(f"{place}: missing keys: {', '.join(missing) or 'none'}; unknown keys: {unknown}")
    return fields


def read_list(place: str, raw: object) -> list[object]:
    """Return a value that must be a JSON array; raise SnapshotError if it is not."""
    if not isinstance(raw, list):
        raise SnapshotError(f"{place}: expected a list")
    return raw


def read_text(place: str, raw: object) -> str:
    """Return a value that must be a JSON string; raise SnapshotError if it is not."""
    if not isinstance(raw, str):
        raise SnapshotError(f"{place}: expected a string")
    return raw


def read_text_or_none(place: str, raw: object) -> str | None:
    """Return a value that must be a JSON string or null; raise SnapshotError if it is neither."""
    return None if raw is None else read_text(place, raw)


def read_texts(place: str, raw: object) -> tuple[str, ...]:
    """Return an array of strings as a tuple; raise SnapshotError if the value is something else."""
    return tuple(read_text(place, each) for each in read_list(place, raw))


def read_pair(place: str, raw: object) -> tuple[str, str]:
    """Return an array of exactly two strings as a tuple; raise SnapshotError if the value is something else."""
    pair = read_texts(place, raw)
    if len(pair) != 2:
        raise SnapshotError(f"{place}: expected two values")
    return pair[0], pair[1]


def read_level(place: str, raw: object) -> Level:
    """Return the level with this id; raise SnapshotError if the value is not the id of a level."""
    id = read_text(place, raw)
    if id not in LEVELS:
        raise SnapshotError(f"{place}: expected the id of a level")
    return LEVELS[id]


def read_answers(place: str, raw: object) -> dict[str, tuple[str, ...]]:
    """Return an object of arrays of strings, such as chosen options by question id, with tuples for the arrays.

    Raises:
        SnapshotError: the value is something else.
    """
    return {id: read_texts(place, chosen) for id, chosen in read_object(place, raw).items()}
