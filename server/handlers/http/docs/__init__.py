"""`/docs`: the contract as a page that loads nothing from elsewhere, and the contract itself."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic, redirect

from server.handlers.http.answering import SAFE
from server.handlers.http.docs.page import POLICY, page

CONTRACT = Path(__file__).parents[4] / "miniprogram_contract"
JSON = "application/json; charset=utf-8"


def add_to(app: Sanic[Any, Any]) -> None:
    """Serve the page and the contract's files."""

    async def docs(_: Request) -> HTTPResponse:
        return _answer(_page(), "text/html; charset=utf-8", POLICY)

    async def openapi(_: Request) -> HTTPResponse:
        return _answer(_file("openapi.json"), JSON)

    async def errors(_: Request) -> HTTPResponse:
        return _answer(_file("errors.json"), JSON)

    async def front_door(_: Request) -> HTTPResponse:
        return redirect("/docs")

    app.add_route(front_door, "/", methods=["GET"])
    app.add_route(docs, "/docs", methods=["GET"])
    app.add_route(openapi, "/openapi.json", methods=["GET"])
    app.add_route(errors, "/errors.json", methods=["GET"])


def _answer(text: str, content_type: str, policy: str = SAFE["Content-Security-Policy"]) -> HTTPResponse:
    headers = SAFE | {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
    return HTTPResponse(text, headers=headers, content_type=content_type)


@cache
def _page() -> str:
    return page(json.loads(_file("openapi.json")), json.loads(_file("errors.json")))


@cache
def _file(name: str) -> str:
    return (CONTRACT / name).read_text(encoding="utf-8")
