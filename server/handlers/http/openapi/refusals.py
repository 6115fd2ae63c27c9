"""Refusals as the document tells them: grouped by status, each code with its sentence."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from server.errors import BadInput, Refusal, TooManyRequests, catalogue
from server.handlers.http.endpoint import Endpoint

FIELD = {
    "type": "object",
    "required": ["field", "problem"],
    "properties": {
        "field": {"type": "string", "description": "Where it stands: `body.text`, `query.after`"},
        "problem": {"type": "string", "description": "What is wrong with it, in Chinese"},
    },
}
REFUSAL: dict[str, Any] = {
    "description": "A “no”.",
    "type": "object",
    "required": ["code", "message", "details", "request_id"],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string", "description": "What programs go by"},
        "message": {"type": "string", "description": "What residents may be shown, in Chinese"},
        "details": {
            "type": "object",
            "description": "Facts about this refusal; `bad_input` names every wrong field",
            "properties": {
                "fields": {"type": "array", "items": FIELD},
                "retry_after_seconds": {"type": "integer", "minimum": 1},
            },
        },
        "request_id": {"type": "string", "description": "Finds the request in the server's log"},
    },
}
RETRY_AFTER = {
    "description": "Seconds to wait before asking again",
    "schema": {"type": "integer", "minimum": 1},
}
DETAILS: dict[type[Refusal], dict[str, Any]] = {
    BadInput: {"fields": [{"field": "body.text", "problem": "必须填写"}]},
    TooManyRequests: {"retry_after_seconds": TooManyRequests.retry_after_seconds},
}


def every_refusal() -> dict[str, Any]:
    """The whole catalogue by code: status, sentence, seconds to wait if any, and what it means."""
    return {
        code: {
            "status": kind.status,
            "message": kind.message,
            "retry_after_seconds": kind.retry_after_seconds,
            "meaning": _meaning(kind),
        }
        for code, kind in catalogue().items()
    }


def _meaning(kind: type[Refusal]) -> str:
    """What its own docstring says, else its name in words."""
    return " ".join((kind.__dict__.get("__doc__") or kind.code.replace("_", " ").capitalize()).split())


def example(kind: type[Refusal]) -> dict[str, Any]:
    """The refusal as it may come."""
    request_id = "0a4ea2d6-58e4-4a53-8aa5-26a7b7c6b0cd"
    return {
        "code": kind.code,
        "message": kind.message,
        "details": DETAILS.get(kind, {}),
        "request_id": request_id,
    }


def _by_status(declared: Endpoint) -> dict[int, list[type[Refusal]]]:
    ordered = sorted(declared.all_refusals, key=lambda kind: (kind.status, kind.code))
    return {status: list(kinds) for status, kinds in groupby(ordered, key=lambda kind: kind.status)}


def _name(status: int, kinds: Sequence[type[Refusal]]) -> str:
    return f"{status}_" + "_or_".join(kind.code for kind in kinds)


def response_refs(declared: Endpoint) -> dict[str, Any]:
    """The refusals of one path, by status."""
    return {
        str(status): {"$ref": f"#/components/responses/{_name(status, kinds)}"}
        for status, kinds in _by_status(declared).items()
    }


def responses(declared: Sequence[Endpoint]) -> dict[str, Any]:
    """Every group of refusals that share a status on some path."""
    groups = {_name(status, kinds): kinds for one in declared for status, kinds in _by_status(one).items()}
    return {name: _response(kinds) for name, kinds in sorted(groups.items())}


def _line(kind: type[Refusal]) -> str:
    return f"- `{kind.code}` “{kind.message}” {' '.join((kind.__dict__.get('__doc__') or '').split())}".rstrip()


def _response(kinds: Sequence[type[Refusal]]) -> dict[str, Any]:
    one_of = {"properties": {"code": {"enum": [kind.code for kind in kinds]}}}
    said: dict[str, Any] = {"description": "\n".join(_line(kind) for kind in kinds)}
    if any(kind.retry_after_seconds for kind in kinds):
        said["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Refusal"}, one_of]}
    examples = {kind.code: {"$ref": f"#/components/examples/{kind.code}"} for kind in kinds}
    return said | {"content": {"application/json": {"schema": schema, "examples": examples}}}
