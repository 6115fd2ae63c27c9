"""The page as a whole."""

import base64
import hashlib
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from server.handlers.http.docs.html import Markup, joined, marked, prose, table, tag
from server.handlers.http.docs.operations import Document, operation, operations, signature
from server.handlers.http.docs.shapes import shape

STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# The page needs its own style and nothing else: no script, no picture, nothing from another place.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(document: Document, refusals: Mapping[str, Any]) -> str:
    """The contract as HTML that needs no script and loads nothing."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width,initial-scale=1"),
        tag("title", document["info"]["title"]),
        tag("style", Markup(STYLE)),
    )
    main = tag("main", _top(document["info"]), _nouns(document), _shapes(document), _refusals(refusals))
    return "<!doctype html>" + tag("html", head, tag("body", _contents(document), main), lang="en")


def _top(info: Mapping[str, str]) -> Markup:
    files = joined(_link("/openapi.json", "openapi.json"), " ", _link("/errors.json", "errors.json"))
    return tag(
        "header",
        tag("h1", info["title"]),
        tag("p", info["summary"], lang="zh-CN"),
        prose(info["description"]),
        tag("p", "As files: ", files),
    )


def _link(href: str, *words: str) -> Markup:
    return tag("a", *words, href=href)


def _by_noun(document: Document) -> dict[str, list[tuple[str, str, Mapping[str, Any]]]]:
    ordered = sorted(operations(document), key=lambda one: one[2]["tags"][0])
    return {noun: list(group) for noun, group in groupby(ordered, key=lambda one: one[2]["tags"][0])}


def _contents(document: Document) -> Markup:
    nouns = [
        tag("details", tag("summary", noun), *(_entry(*one) for one in group), open="open")
        for noun, group in _by_noun(document).items()
    ]
    return tag("nav", *nouns, tag("p", _link("#shapes", "Shapes")), tag("p", _link("#refusals", "Refusals")))


def _entry(method: str, path: str, said: Mapping[str, Any]) -> Markup:
    return _link(f"#{said['operationId']}", signature(method, path.removeprefix("/api/v1")))


def _nouns(document: Document) -> Markup:
    about = {one["name"]: one["description"] for one in document["tags"]}
    return joined(
        *(
            tag(
                "section",
                tag("h2", noun),
                tag("p", marked(about[noun])),
                *(operation(document, *one) for one in group),
                id=f"noun-{noun}",
            )
            for noun, group in _by_noun(document).items()
        )
    )


def _shapes(document: Document) -> Markup:
    said = sorted(document["components"]["schemas"].items())
    return tag("section", tag("h2", "Shapes"), *(shape(name, one) for name, one in said), id="shapes")


def _refusals(refusals: Mapping[str, Any]) -> Markup:
    rows = [
        (
            str(said["status"]),
            tag("code", code, id=f"refusal-{code}"),
            tag("span", said["message"], lang="zh-CN"),
            marked(said["meaning"]),
            marked(", ".join(f"`{name}` ({words})" for name, words in said["details"].items())),
        )
        for code, said in refusals.items()
    ]
    return tag(
        "section",
        tag("h2", "Refusals"),
        table(("Status", "Code", "Sentence", "Meaning", "Details"), rows),
        id="refusals",
    )
