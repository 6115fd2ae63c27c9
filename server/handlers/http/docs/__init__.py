"""`/docs`: the contract as a page (Redoc, kept in `redoc/`), and the contract's files."""

import gzip
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sanic import HTTPResponse, Request, Sanic, redirect

from server.handlers.http.responses import SAFE_HEADERS

HERE = Path(__file__).parent
CONTRACT = HERE.parents[3] / "miniprogram_contract"
SCRIPT = "text/javascript; charset=utf-8"
JSON = "application/json; charset=utf-8"
# Redoc writes its styles into the page and searches in a worker made from a blob. Nothing comes from another server.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; img-src data:; "
    "worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _File(NamedTuple):
    file: Path
    content_type: str
    policy: str = SAFE_HEADERS["Content-Security-Policy"]


FILES = {
    "/docs": _File(HERE / "page.html", "text/html; charset=utf-8", PAGE_POLICY),
    "/docs/page.js": _File(HERE / "page.js", SCRIPT),
    "/docs/redoc.js": _File(HERE / "redoc" / "redoc.standalone.js", SCRIPT),
    "/openapi.json": _File(CONTRACT / "openapi.json", JSON),
    "/errors.json": _File(CONTRACT / "errors.json", JSON),
}


def add_to(app: Sanic[Any, Any]) -> None:
    """Serve the page and the contract's files."""

    async def serve(request: Request) -> HTTPResponse:
        return _response(FILES[request.path.rstrip("/")], request)

    async def front_page(_: Request) -> HTTPResponse:
        return redirect("/docs")

    app.add_route(front_page, "/", methods=["GET"])
    for path in FILES:
        app.add_route(serve, path, methods=["GET"], name=path.translate(str.maketrans("/.", "__")))


def _response(served: _File, request: Request) -> HTTPResponse:
    headers = SAFE_HEADERS | {
        "Content-Security-Policy": served.policy,
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTTPResponse(served.file.read_bytes(), headers=headers, content_type=served.content_type)
    return HTTPResponse(
        _compressed(served.file), headers=headers | {"Content-Encoding": "gzip"}, content_type=served.content_type
    )


@cache
def _compressed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), compresslevel=6, mtime=0)
