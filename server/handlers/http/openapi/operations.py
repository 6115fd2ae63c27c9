"""The OpenAPI operation of one declared path."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from server.handlers.http.auth import Roles
from server.handlers.http.endpoint import DEFAULT_LIMIT, Endpoint
from server.handlers.http.openapi.refusals import response_refs
from server.handlers.http.openapi.schemas import Refs, named, query_parameters
from server.handlers.http.raw_response import RawResponse
from server.handlers.http.request_parsing import BIGGEST_ID, needs_no_field

PREFIX = "/api/v1"
IN_PATH = re.compile(r"<(?P<name>\w+)(?::(?P<kind>[^>]+))?>")
LONGEST_SUMMARY = 120


def path_of(endpoint: Endpoint) -> str:
    """Return the path as OpenAPI writes it: `/api/v1/needs/{need_id}`."""
    return PREFIX + IN_PATH.sub(r"{\g<name>}", endpoint.path)


def noun_of(endpoint: Endpoint) -> str:
    """Return the noun: the name of the file or folder of handlers."""
    return endpoint.handler.__module__.split(".")[2]


def operation(endpoint: Endpoint, schemas: Mapping[str, Any], refs: Refs) -> dict[str, Any]:
    """Return the operation: its name, the roles that may call it, parameters, body and responses."""
    summary, description = _words(endpoint)
    spec: dict[str, Any] = {
        "operationId": endpoint.handler.__name__,
        "tags": [noun_of(endpoint)],
        "summary": summary,
    }
    if description:
        spec["description"] = description
    spec["x-roles"] = endpoint.roles.value
    spec["security"] = [] if endpoint.roles is Roles.ANYONE else [{"bearer": []}]
    if parameters := _parameters(endpoint, schemas, refs):
        spec["parameters"] = parameters
    if content := _taken(endpoint, refs):
        spec["requestBody"] = {"required": not _may_be_absent(endpoint), "content": content}
    spec["responses"] = {str(endpoint.status): _reply(endpoint, schemas, refs), **response_refs(endpoint)}
    return spec


def _may_be_absent(endpoint: Endpoint) -> bool:
    return endpoint.body is not None and needs_no_field(endpoint.body)


def _words(endpoint: Endpoint) -> tuple[str, str]:
    """Return the summary and the description; the description may be empty."""
    sentence, *rest = re.split(r"(?<=\.)\s+", " ".join((endpoint.handler.__doc__ or "").split()), maxsplit=1)
    named = endpoint.handler.__name__.replace("_", " ").capitalize()
    short = 0 < len(sentence) <= LONGEST_SUMMARY
    spec = rest if short else [" ".join([sentence, *rest])]
    if endpoint.limit is not DEFAULT_LIMIT:
        spec = [*spec, f"At most {endpoint.limit.most} calls in {endpoint.limit.seconds} seconds."]
    if endpoint.hears:
        spec = [*spec, "Words of crisis in it are filed as an emergency need, also if the request is refused."]
    return (sentence.rstrip(".") if short else named), " ".join(filter(None, spec))


def _parameters(endpoint: Endpoint, schemas: Mapping[str, Any], refs: Refs) -> list[dict[str, Any]]:
    parameters = [_in_path(found["name"], found["kind"] or "str") for found in IN_PATH.finditer(endpoint.path)]
    if endpoint.query is not None:
        parameters += query_parameters(schemas[named(refs[endpoint.query, "validation"])])
    if endpoint.idempotent:
        parameters.append({"$ref": "#/components/parameters/Idempotency-Key"})
    return parameters


def _in_path(name: str, kind: str) -> dict[str, Any]:
    thing = name.removesuffix("_id").replace("_", " ")
    if kind == "int":
        schema: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": BIGGEST_ID - 1}
        return {
            "name": name,
            "in": "path",
            "required": True,
            "description": f"Id of the {thing}",
            "schema": schema,
        }
    schema = {"type": "string", "minLength": 1} | ({} if kind == "str" else {"pattern": f"^(?:{kind})$"})
    return {"name": name, "in": "path", "required": True, "description": f"The {thing}", "schema": schema}


def _taken(endpoint: Endpoint, refs: Refs) -> dict[str, Any]:
    if endpoint.upload:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        parts = {"type": "object", "required": ["photo"], "properties": {"photo": file}}
        return {"multipart/form-data": {"schema": parts}}
    if endpoint.body is None:
        return {}
    return {"application/json": {"schema": refs[endpoint.body, "validation"]}}


def _reply(endpoint: Endpoint, schemas: Mapping[str, Any], refs: Refs) -> dict[str, Any]:
    if endpoint.reply is RawResponse:
        text = {"schema": {"type": "string"}} if endpoint.content_type.startswith("text/") else {}
        return {"description": "Shown as it is", "content": {endpoint.content_type: text}}
    ref = refs[endpoint.reply_type, "serialization"]
    description = schemas[named(ref)].get("description", named(ref))
    schema = {"anyOf": [ref, {"type": "null"}]} if endpoint.may_be_null else ref
    content = {"schema": schema}
    if endpoint.handler.__name__ in reply_examples():
        content["example"] = reply_examples()[endpoint.handler.__name__]
    return {"description": description, "content": {"application/json": content}}


@cache
def reply_examples() -> dict[str, Any]:
    """Return whole replies of the demonstration by operationId: at least one for each noun."""
    examples: dict[str, Any] = json.loads((Path(__file__).parent / "reply_examples.json").read_text(encoding="utf-8"))
    return examples
