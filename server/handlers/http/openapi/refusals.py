"""Refusals in the document: a schema for each code, with typed details, and a union of them for each status."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from server.errors import Detail, DetailType, Refusal, catalogue, variants
from server.handlers.http.endpoint import Endpoint

ID = {"type": "integer", "minimum": 1}
DAY = {"type": "string", "format": "date"}
STRING = {"type": "string"}
FIELD = {
    "type": "object",
    "required": ["field", "problem"],
    "additionalProperties": False,
    "properties": {
        "field": {"type": "string", "description": "The place of the field: `body.text`, `query.after`"},
        "problem": {"type": "string", "description": "What is wrong with it, in Chinese"},
    },
}
LINE = {
    "type": "object",
    "required": ["line", "problem"],
    "additionalProperties": False,
    "properties": {
        "line": {"type": "integer", "minimum": 1, "description": "Number of the line"},
        "problem": {"type": "string", "description": "What is wrong with it, in Chinese"},
    },
}
SCHEMAS: dict[DetailType, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "codes": {"type": "array", "items": STRING},
    "day": DAY,
    "days": {"type": "array", "items": DAY},
    "fields": {"type": "array", "items": {"$ref": "#/components/schemas/WrongField"}},
    "id": ID,
    "ids": {"type": "array", "items": ID},
    "integer": {"type": "integer"},
    "lines": {"type": "array", "items": {"$ref": "#/components/schemas/WrongLine"}},
    "moment": {"type": "string", "format": "date-time"},
    "month": {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
    "places": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    "string": STRING,
}
EXAMPLES: dict[DetailType, Any] = {
    "boolean": True,
    "codes": ["rental"],
    "day": "2026-03-10",
    "days": ["2026-03-10"],
    "fields": [{"field": "body.text", "problem": "必须填写"}],
    "id": 7,
    "ids": [7],
    "integer": 3,
    "lines": [{"line": 2, "problem": "少了一列"}],
    "moment": "2026-03-10T10:00:00+08:00",
    "month": "2026-03",
    "places": [0],
    "string": "closed",
}
REQUEST_ID = {"type": "string", "description": "Finds the request in the server's log"}
EMERGENCY = {
    "description": "There were words of crisis in the request: show this before the message",
    "$ref": "#/components/schemas/EmergencyHelp",
}
MESSAGE = {"type": "string", "description": "A sentence in Chinese that residents may be shown"}
RETRY_AFTER = {
    "description": "Seconds to wait before asking again",
    "schema": {"type": "integer", "minimum": 1},
}


def every_refusal() -> dict[str, Any]:
    """Return the whole catalogue by code: status, messages, details, seconds to wait if any, and the meaning."""
    return {
        code: {
            "status": kind.status,
            "message": kind.message,
            "messages": sorted({one.message for one in variants(kind)} - {kind.message}),
            "details": {name: _in_words(detail) for name, detail in _details(kind).items()},
            "retry_after_seconds": kind.retry_after_seconds,
            "meaning": meaning(kind),
        }
        for code, kind in catalogue().items()
    }


def _in_words(detail: Detail) -> str:
    return detail.type + (", may be null" if detail.nullable else "") + ("" if detail.required else ", may be missing")


def _details(kind: type[Refusal]) -> dict[str, Detail]:
    """Return the details of a code: those of its class and of every subclass, required only if all have them."""
    declared = [one.detail_types for one in variants(kind)]
    found = {name: detail for types in declared for name, detail in types.items()}
    required = {name for name in found if all(name in types and types[name].required for types in declared)}
    return {name: Detail(one.type, name in required, one.nullable) for name, one in sorted(found.items())}


def meaning(kind: type[Refusal]) -> str:
    """Return the docstring of the class, else its name in words."""
    in_words = _plain_name(kind).replace("_", " ").capitalize() + "."
    return " ".join((kind.__dict__.get("__doc__") or in_words).split())


def _plain_name(kind: type[Refusal]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__.replace("WeChat", "Wechat")).lower()


def example(kind: type[Refusal]) -> dict[str, Any]:
    """Return a refusal of the kind as it may come."""
    details = {name: EXAMPLES[one.type] for name, one in kind.detail_types.items() if one.required}
    facts = {**details, **kind.fixed_details}
    return {
        "code": kind.code,
        "message": kind.message.format(**dict.fromkeys(facts, "2026年3月10日")),
        "details": facts,
        "request_id": "0a4ea2d6-58e4-4a53-8aa5-26a7b7c6b0cd",
    }


def refusal_schemas(declared: Sequence[Endpoint]) -> dict[str, Any]:
    """Return a schema for every code that one of the paths may answer."""
    by_code = catalogue()
    codes = sorted({kind.code for one in declared for kind in one.all_refusals})
    schemas = {_schema_name(code): _schema(by_code[code]) for code in codes}
    closed = {name: schema for code in codes for name, schema in _closed_sets(by_code[code]).items()}
    return {**schemas, **closed, "WrongField": FIELD, "WrongLine": LINE}


def _schema_name(code: str) -> str:
    return f"{catalogue()[code].__name__}Refusal"


def _schema(kind: type[Refusal]) -> dict[str, Any]:
    details = _details(kind)
    properties = {name: _detail_schema(kind, name, detail) for name, detail in details.items()}
    required = [name for name, detail in details.items() if detail.required]
    inner = {"type": "object", "additionalProperties": False, "properties": properties}
    return {
        "description": meaning(kind),
        "type": "object",
        "required": ["code", "message", "details", "request_id"],
        "additionalProperties": False,
        "properties": {
            "code": {"type": "string", "const": kind.code},
            "message": MESSAGE,
            "details": inner | ({"required": required} if required else {}),
            "request_id": REQUEST_ID,
            "emergency": EMERGENCY,
        },
    }


def _closed_sets(kind: type[Refusal]) -> dict[str, Any]:
    """Return the named enums of a code: its details that every subclass fixes, such as `rule`."""
    return {
        _enum_name(kind, name): {"type": "string", "enum": words, "description": f"`{name}` of `{kind.code}`"}
        for name in _details(kind)
        if (words := _words(kind, name))
    }


def _enum_name(kind: type[Refusal], name: str) -> str:
    return f"{kind.__name__}{name.capitalize()}"


def _words(kind: type[Refusal], name: str) -> list[str]:
    """Return the words a detail may have, if every subclass that has it fixes it."""
    subclasses = [one for one in variants(kind) if one is not kind and name in one.detail_types]
    words = [one.fixed_details.get(name) for one in subclasses]
    return sorted({str(word) for word in words}) if all(isinstance(word, str) for word in words) else []


def _detail_schema(kind: type[Refusal], name: str, detail: Detail) -> dict[str, Any]:
    if _words(kind, name):
        return {"$ref": f"#/components/schemas/{_enum_name(kind, name)}"}
    schema = SCHEMAS[detail.type]
    return {"anyOf": [schema, {"type": "null"}]} if detail.nullable else schema


def _by_status(declared: Endpoint) -> dict[int, list[type[Refusal]]]:
    ordered = sorted(declared.all_refusals, key=lambda kind: (kind.status, kind.code, _plain_name(kind)))
    return {status: list(kinds) for status, kinds in groupby(ordered, key=lambda kind: kind.status)}


def _name(status: int, kinds: Sequence[type[Refusal]]) -> str:
    return f"{status}_" + "_or_".join(_plain_name(kind) for kind in kinds)


def response_refs(declared: Endpoint) -> dict[str, Any]:
    """Return the refusals of one path, by status."""
    return {
        str(status): {"$ref": f"#/components/responses/{_name(status, kinds)}"}
        for status, kinds in _by_status(declared).items()
    }


def responses(declared: Sequence[Endpoint]) -> dict[str, Any]:
    """Return every group of refusals that share a status on some path."""
    groups = {_name(status, kinds): kinds for one in declared for status, kinds in _by_status(one).items()}
    return {name: _response(kinds) for name, kinds in sorted(groups.items())}


def examples(declared: Sequence[Endpoint]) -> dict[str, Any]:
    """Return an example of every refusal that one of the paths may answer."""
    kinds = {_plain_name(kind): kind for one in declared for kind in one.all_refusals}
    return {name: {"summary": kind.message, "value": example(kind)} for name, kind in sorted(kinds.items())}


def _line(kind: type[Refusal]) -> str:
    return f"- `{kind.code}` “{kind.message}” {' '.join((kind.__dict__.get('__doc__') or '').split())}".rstrip()


def _response(kinds: Sequence[type[Refusal]]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": "\n".join(_line(kind) for kind in kinds)}
    if any(kind.retry_after_seconds for kind in kinds):
        described["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    of_examples = {_plain_name(kind): {"$ref": f"#/components/examples/{_plain_name(kind)}"} for kind in kinds}
    content = {"schema": _union(sorted({kind.code for kind in kinds})), "examples": of_examples}
    return described | {"content": {"application/json": content}}


def _union(codes: Sequence[str]) -> dict[str, Any]:
    refs = {code: f"#/components/schemas/{_schema_name(code)}" for code in codes}
    if len(refs) == 1:
        return {"$ref": refs[codes[0]]}
    return {
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "code", "mapping": refs},
    }
