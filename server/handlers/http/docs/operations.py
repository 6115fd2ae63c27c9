"""One operation on the page: who may call it, what it takes, its answers, an example to copy."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from server.handlers.http.docs.html import Markup, joined, marked, prose, table, tag
from server.handlers.http.docs.shapes import fields, kind

Document = Mapping[str, Any]
WHO = {
    "anyone": "anybody",
    "signed in": "signed in",
    "staff": "staff of a station, officers",
    "officer": "officers",
    "city officer": "officers of the city",
}


def resolved(document: Document, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The thing itself, where a reference to it may stand."""
    while "$ref" in said:
        place = said["$ref"].removeprefix("#/").split("/")
        said = document
        for step in place:
            said = said[step]
    return said


def operations(document: Document) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    """Every operation as method, path and what is said of it."""
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            yield method.upper(), path, said


def operation(document: Document, method: str, path: str, said: Mapping[str, Any]) -> Markup:
    """The whole of one operation."""
    return tag(
        "article",
        tag("h3", marked(said["summary"]), " ", tag("span", WHO[said["x-who"]], class_="who")),
        tag("p", signature(method, path), class_="signature"),
        prose(said.get("description", "")),
        _parameters(document, said),
        _body(document, said),
        tag("pre", tag("code", curl(document, method, path, said))),
        _answers(document, said),
        id=said["operationId"],
    )


def signature(method: str, path: str) -> Markup:
    """Method and path; a long path breaks at its slashes."""
    steps = [joined("/", Markup("<wbr>"), step) for step in path.split("/")[1:]]
    return joined(tag("span", method, class_=f"method {method.lower()}"), " ", tag("code", *steps))


def _parameters(document: Document, said: Mapping[str, Any]) -> Markup:
    given = [resolved(document, one) for one in said.get("parameters", [])]
    rows = [
        (
            tag("code", one["name"]),
            one["in"],
            kind(one["schema"]),
            "yes" if one["required"] else _otherwise(one["schema"]),
            marked(one.get("description", "")),
        )
        for one in given
    ]
    return table(("Parameter", "In", "Kind", "Required", ""), rows)


def _otherwise(schema: Mapping[str, Any]) -> str:
    default = schema.get("default")
    return f"no, {json.dumps(default)} by default" if default not in (None, []) else "no"


def _body(document: Document, said: Mapping[str, Any]) -> Markup:
    if "requestBody" not in said:
        return Markup()
    [(content_type, content)] = said["requestBody"]["content"].items()
    shown = fields(resolved(document, content["schema"]))
    name = kind(content["schema"]) if "$ref" in content["schema"] else Markup()
    return joined(tag("p", "Takes ", name, " as ", tag("code", content_type)), shown)


def curl(document: Document, method: str, path: str, said: Mapping[str, Any]) -> str:
    """A request to paste into a shell in which SERVER, TOKEN and the ids are set."""
    address = re.sub(r"\{(\w+)\}", lambda found: "$" + found[1].upper(), path) + _query(document, said)
    lines = ["curl" + ("" if method == "GET" else f" -X {method}") + f' "$SERVER{address}"']
    if said["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if any("$ref" in one for one in said.get("parameters", [])):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    return " \\\n  ".join(lines + _sent(document, said))


def _query(document: Document, said: Mapping[str, Any]) -> str:
    needed = [one for one in (resolved(document, each) for each in said.get("parameters", []))
              if one["in"] == "query" and one["required"]]  # fmt: skip
    return ("?" if needed else "") + "&".join(f"{one['name']}=${one['name'].upper()}" for one in needed)


def _sent(document: Document, said: Mapping[str, Any]) -> list[str]:
    content = said.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return ["-F photo=@photo.jpg"]
    if not content:
        return []
    shape = resolved(document, content["application/json"]["schema"])
    example = json.dumps(shape.get("examples", [{}])[0], ensure_ascii=False).replace("'", r"'\''")
    return ['-H "Content-Type: application/json"', f"-d '{example}'"]


def _answers(document: Document, said: Mapping[str, Any]) -> Markup:
    rows: list[tuple[str, ...]] = []
    for status, answer in said["responses"].items():
        [(content_type, content)] = resolved(document, answer)["content"].items()
        if status.startswith("2"):
            shape = kind(content["schema"]) if "$ref" in content.get("schema", {}) else tag("code", content_type)
            rows.append((status, shape, marked(_description(answer, content))))
        else:
            rows += [_refusal(document, status, name) for name in content["examples"]]
    return tag("div", table(("Answer", "", ""), rows), class_="answers")


def _description(answer: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    said: str = answer["description"]
    return "" if content.get("schema", {}).get("$ref", "").endswith(f"/{said}") else said


def _refusal(document: Document, status: str, name: str) -> tuple[str, ...]:
    example = document["components"]["examples"][name]["value"]
    code = example["code"]
    sentence = tag("span", example["message"], lang="zh-CN")
    return status, tag("a", tag("code", code), href=f"#refusal-{code}"), sentence
