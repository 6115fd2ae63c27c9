"""Whether an answer is one that the contract tells of."""

import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

import server.handlers.http.registry  # noqa: F401 - declares every path
from server.handlers.http.openapi import document
from server.handlers.http.openapi.operations import PREFIX

# The answer for a path or a method that is not declared.
ANY_REFUSAL = {
    "type": "object",
    "required": ["code", "message", "details", "request_id"],
    "additionalProperties": False,
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "details": {"type": "object"},
        "request_id": {"type": "string"},
        "emergency": {"type": "object"},
    },
}


class Contract:
    """The OpenAPI document, asked about single answers."""

    def __init__(self, said: dict[str, Any]) -> None:
        self._said = said
        self._validators: dict[str, Any] = {}
        # Paths without parameters come first: `/sessions/all` is not the session called all.
        paths = sorted(said["paths"], key=lambda path: path.count("{"))
        self._paths = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in paths]

    def fault_of(self, response: httpx.Response) -> str | None:
        """Return what the contract does not declare of this answer, or None."""
        method, path = response.request.method, response.request.url.path
        template = next((known for pattern, known in self._paths if pattern.fullmatch(path)), None)
        if template is None or method.lower() not in self._said["paths"][template]:
            return self._refusal_of_the_unknown(response, 404 if template is None else 405)
        place = f"/paths/{_escaped(template)}/{method.lower()}/responses/{response.status_code}"
        if (declared := self._find(place)) is None:
            return f"{method} {template} does not declare {response.status_code}: {response.text[:300]}"
        if "headers" in declared and "retry-after" not in response.headers:
            return f"{method} {template} answered {response.status_code} without Retry-After"
        return self._fault_of_content(response, declared["content"], place)

    def _refusal_of_the_unknown(self, response: httpx.Response, status: int) -> str | None:
        if response.status_code not in {status, 400, 413}:
            return f"{response.request.method} {response.request.url.path} is not declared, but answered"
        return self._fault(response, ANY_REFUSAL)

    def _fault_of_content(self, response: httpx.Response, content: dict[str, Any], place: str) -> str | None:
        kind = response.headers.get("content-type", "").split(";")[0]
        if kind not in content:
            return f"{place} declares {', '.join(content)}, not {kind}"
        return self._fault(response, content[kind]["schema"]) if kind == "application/json" else None

    def _fault(self, response: httpx.Response, schema: dict[str, Any]) -> str | None:
        key = str(schema)
        if key not in self._validators:
            whole = {**schema, "components": self._said["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        errors = [
            f"{error.instance_path}: {error.message}" for error in self._validators[key].iter_errors(response.json())
        ]
        return (
            f"{response.request.method} {response.request.url.path} {response.status_code}: {errors}"
            if errors
            else None
        )

    def _find(self, place: str) -> Any:
        found: Any = self._said
        for step in place.split("/")[1:]:
            found = found.get(step.replace("~1", "/").replace("~0", "~"))
            if found is None:
                return None
        if "$ref" in found:
            return self._find(found["$ref"].removeprefix("#"))
        return found


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


@cache
def contract() -> Contract:
    """The contract of the paths declared now, whatever is written in the file."""
    return Contract(document())


async def conforms(response: httpx.Response) -> None:
    """Fail the test that was given an answer the contract does not tell of."""
    if response.request.url.path.startswith(f"{PREFIX}/"):
        await response.aread()
        fault = contract().fault_of(response)
        assert fault is None, fault
