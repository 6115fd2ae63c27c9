"""`/docs`: the contract as a page that loads nothing from elsewhere, and the contract itself."""

from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic

CONTRACT = Path(__file__).parents[3] / "miniprogram_contract"


def add_to(app: Sanic[Any, Any]) -> None:
    """Serve the contract's files."""

    async def openapi(_: Request) -> HTTPResponse:
        return HTTPResponse(
            (CONTRACT / "openapi.json").read_bytes(), content_type="application/json; charset=utf-8"
        )

    app.add_route(openapi, "/openapi.json", methods=["GET"])
