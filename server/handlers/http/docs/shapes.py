"""Shapes of the contract as a reader wants them: fields, kinds, limits."""

from collections.abc import Mapping
from typing import Any

from server.handlers.http.docs.html import Markup, joined, marked, table, tag

Schema = Mapping[str, Any]
BIGGEST = 2**53 - 1
KINDS = {"integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}
FORMATS = {"date-time": "moment", "date": "day"}


def shape(name: str, said: Schema) -> Markup:
    """One shape with its fields, or the words it may be."""
    return tag(
        "article",
        tag("h3", name),
        tag("p", marked(said.get("description", ""))) if said.get("description") else "",
        tag("p", kind(said)) if "enum" in said else fields(said),
        id=f"shape-{name}",
    )


def fields(said: Schema) -> Markup:
    """The fields of an object."""
    required = said.get("required", [])
    rows = [
        (tag("code", name), kind(field), "yes" if name in required else _default(field), _words(field))
        for name, field in said.get("properties", {}).items()
    ]
    return table(("Field", "Kind", "Required", ""), rows)


def _default(field: Schema) -> Markup:
    default = field.get("default")
    return tag("span", "no", f", {_spelled(default)} by default" if default not in ("", [], None) else "")


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(field: Schema) -> Markup:
    examples = field.get("examples", [])
    said = field.get("description", "")
    shown = joined(". " if said else "", "For example ", tag("code", str(examples[0]))) if examples else Markup()
    return joined(marked(said), shown)


def kind(said: Schema) -> Markup:
    """What values it takes, in a few words with their limits."""
    if "$ref" in said:
        return _link(said["$ref"].rpartition("/")[2])
    if "anyOf" in said:
        return _either([kind(one) for one in said["anyOf"]])
    if "enum" in said or "const" in said:
        return _either([tag("code", str(word)) for word in said.get("enum", [said.get("const")])])
    return {"array": _list, "string": _text, "object": _object}.get(said.get("type", ""), _number)(said)


def _link(name: str) -> Markup:
    return tag("a", name, href=f"#shape-{name}")


def _either(kinds: list[Markup]) -> Markup:
    return joined(*(joined(" or " if number else "", one) for number, one in enumerate(kinds)))


def _list(said: Schema) -> Markup:
    return joined("list of ", kind(said.get("items", {})), _range(said, "minItems", "maxItems", "of them"))


def _object(said: Schema) -> Markup:
    values = said.get("additionalProperties")
    return joined("object of ", kind(values), " by name") if isinstance(values, Mapping) else joined("object")


def _text(said: Schema) -> Markup:
    if said.get("format") in FORMATS:
        return joined(FORMATS[said["format"]])
    return joined("text", _range(said, "minLength", "maxLength", "characters"))


def _number(said: Schema) -> Markup:
    if said.get("maximum") == BIGGEST:
        return joined("id")
    return joined(KINDS.get(said.get("type", ""), "anything"), _range(said, "minimum", "maximum", ""))


def _range(said: Schema, least: str, most: str, what: str) -> str:
    low, high = said.get(least), said.get(most)
    if low is None and high is None:
        return ""
    words = (
        f"at most {high}" if not low and high is not None else f"at least {low}" if high is None else f"{low} to {high}"
    )
    return f", {words} {what}".rstrip()
