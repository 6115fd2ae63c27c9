"""One declared path as the document tells it."""

import re
from collections.abc import Mapping
from typing import Any

from server.handlers.http.auth import Who
from server.handlers.http.endpoint import USUAL, Endpoint
from server.handlers.http.openapi.refusals import response_refs
from server.handlers.http.openapi.schemas import Refs, named, query_parameters
from server.handlers.http.raw_response import RawResponse
from server.handlers.http.request_parsing import BIGGEST_ID, needs_nothing

PREFIX = "/api/v1"
IN_PATH = re.compile(r"<(?P<name>\w+)(?::(?P<kind>[^>]+))?>")
LONGEST_SUMMARY = 100


def path_of(declared: Endpoint) -> str:
    """Its path as OpenAPI writes it: `/api/v1/needs/{need_id}`."""
    return PREFIX + IN_PATH.sub(r"{\g<name>}", declared.path)


def noun_of(declared: Endpoint) -> str:
    """The file of handlers it stands in."""
    return declared.handler.__module__.split(".")[2]


def operation(declared: Endpoint, shapes: Mapping[str, Any], refs: Refs) -> dict[str, Any]:
    """The operation: its name, who may call it, what it takes and what it may answer."""
    summary, description = _words(declared)
    said: dict[str, Any] = {
        "operationId": declared.handler.__name__,
        "tags": [noun_of(declared)],
        "summary": summary,
    }
    if description:
        said["description"] = description
    said["x-who"] = declared.who.value
    said["security"] = [] if declared.who is Who.ANYONE else [{"bearer": []}]
    if parameters := _parameters(declared, shapes, refs):
        said["parameters"] = parameters
    if content := _taken(declared, refs):
        said["requestBody"] = {"required": not _may_be_absent(declared), "content": content}
    said["responses"] = {str(declared.status): _reply(declared, shapes, refs), **response_refs(declared)}
    return said


def _may_be_absent(declared: Endpoint) -> bool:
    return declared.body is not None and needs_nothing(declared.body)


def _words(declared: Endpoint) -> tuple[str, str]:
    """A summary and, where there is more to say, a description."""
    sentence, *rest = re.split(r"(?<=\.)\s+", " ".join((declared.handler.__doc__ or "").split()), maxsplit=1)
    named = declared.handler.__name__.replace("_", " ").capitalize()
    short = 0 < len(sentence) <= LONGEST_SUMMARY
    said = rest if short else [" ".join([sentence, *rest])]
    if declared.limit is not USUAL:
        said = [*said, f"At most {declared.limit.most} calls in {declared.limit.seconds} seconds."]
    return (sentence.rstrip(".") if short else named), " ".join(filter(None, said))


def _parameters(declared: Endpoint, shapes: Mapping[str, Any], refs: Refs) -> list[dict[str, Any]]:
    parameters = [_in_path(found["name"], found["kind"] or "str") for found in IN_PATH.finditer(declared.path)]
    if declared.query is not None:
        parameters += query_parameters(shapes[named(refs[declared.query, "validation"])])
    if declared.key:
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


def _taken(declared: Endpoint, refs: Refs) -> dict[str, Any]:
    if declared.upload:
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        parts = {"type": "object", "required": ["photo"], "properties": {"photo": file}}
        return {"multipart/form-data": {"schema": parts}}
    if declared.body is None:
        return {}
    return {"application/json": {"schema": refs[declared.body, "validation"]}}


def _reply(declared: Endpoint, shapes: Mapping[str, Any], refs: Refs) -> dict[str, Any]:
    if declared.reply is RawResponse:
        text = {"schema": {"type": "string"}} if declared.shows.startswith("text/") else {}
        return {"description": "To be shown as it is", "content": {declared.shows: text}}
    ref = refs[declared.reply, "serialization"]
    description = shapes[named(ref)].get("description", named(ref))
    return {"description": description, "content": {"application/json": {"schema": ref}}}
