"""Where a value is not what the schema asks for: fastjsonschema's findings as sentences."""

from __future__ import annotations

import difflib
import functools
import json
from typing import TYPE_CHECKING, Any

import fastjsonschema

from statusline.commands.config_check.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from statusline.commands.claude_settings.json_spans import Path, Positions
    from statusline.commands.config_check.schema import Schema

FOUND_AT_MOST = 40  # characters of a value that a message repeats

# What a message calls a type, and what JSON Schema calls its size.
_TYPES = {
    "object": ("an object", "Properties"),
    "array": ("a list", "Items"),
    "string": ("text", "Length"),
    "boolean": ("true or false", ""),
    "integer": ("a whole number", "imum"),
    "number": ("a number", "imum"),
}


def schema_problems(document: Positions) -> Iterator[tuple[Path, str]]:
    """Yield the path and the sentence of each mismatch between a document and the schema."""
    try:
        _validator()(document.value)
    except fastjsonschema.JsonSchemaValuesException as failure:
        paths = {_validator_name(path): path for path in document.lines}
        for error in failure.errors:
            yield from _explain(error, paths.get(str(error.name), ()))


@functools.cache
def _validator() -> Callable[[object], object]:
    return fastjsonschema.compile(schema(), use_default=False, fast_fail=False)


def _validator_name(path: Path) -> str:
    """Return a path as fastjsonschema writes it: ``data.rows[0]``."""
    return "data" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _explain(error: fastjsonschema.JsonSchemaValueException, path: Path) -> Iterator[tuple[Path, str]]:
    value, definition = error.value, error.definition
    if error.rule == "required":
        yield from ((path, f'"{name}" is missing') for name in definition["required"] if name not in value)
    elif error.rule == "additionalProperties":
        known = definition["properties"]
        is_item = "segment" in known and "segment" in value
        problem = f"not an option of {json_text(value['segment'])}" if is_item else "unknown key"
        yield from (((*path, name), problem + suggest(name, known)) for name in value if name not in known)
    elif error.rule == "propertyNames":
        names = definition["propertyNames"]
        bad = (name for name in value if not names["minLength"] <= len(name) <= names["maxLength"])
        yield from (((*path, name), f"expected {names['title']}, found {found_text(name)}") for name in bad)
    else:
        close = suggest(value, definition.get("enum", ()))
        expected = describe_type(definition) if path else "an object"
        yield path, f"expected {expected}, found {found_text(value)}{close}"


def describe_type(definition: Schema) -> str:
    """Return what a schema asks for, as the end of a sentence."""
    if "title" in definition:
        return str(definition["title"])
    if "enum" in definition:
        return join_names([json.dumps(each) for each in definition["enum"]])
    name, size = _TYPES[definition["type"]]
    least, most = definition.get(f"min{size}", 0), definition.get(f"max{size}")
    unit = {"Length": " characters", "Items": " items", "Properties": " keys"}.get(size, "")
    return name if most is None else f"{name} {'of' if unit else 'from'} {least} to {most}{unit}"


def join_names(names: list[str]) -> str:
    """Return ``a, b or c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def suggest(name: object, known: Iterable[Any]) -> str:
    """Return ``; did you mean "theme"?`` if a known name is close to this one, else nothing."""
    names = [each for each in known if isinstance(each, str)]
    close = difflib.get_close_matches(name, names, 1) if isinstance(name, str) else []
    return f"; did you mean {json_text(close[0])}?" if close else ""


def found_text(value: object) -> str:
    """Return a value as JSON, shortened if it is long."""
    text = json_text(value)
    return text if len(text) <= FOUND_AT_MOST else f"{text[: FOUND_AT_MOST - 3]}..."


def json_text(value: object) -> str:
    """Return a value as JSON that is safe to print: control characters and the like are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]
