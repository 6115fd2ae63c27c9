"""Made-up declarations, for tests of what the contract says of them."""

from collections.abc import Callable
from typing import Any

from server.handlers import subjects
from server.handlers.http.auth import Roles
from server.handlers.http.endpoint import DEFAULT_LIMIT, Endpoint
from server.handlers.http.openapi import document


def handler(name: str = "look", said: str | None = None, module: str = "server.handlers.me") -> Callable[..., Any]:
    async def made() -> None: ...

    made.__name__, made.__doc__, made.__module__ = name, said, module
    return made


def declared(method: str, path: str, *, reply: type[Any], **more: Any) -> Endpoint:
    """As `@endpoint` would declare it, without the server hearing of it."""
    usual = {
        "handler": handler(), "status": 200, "body": None, "query": None, "upload": False, "content_type": "",
        "refuses": (), "roles": Roles.SIGNED_IN, "idempotent": method == "POST", "prepare": None, "limit": DEFAULT_LIMIT,
    }  # fmt: skip
    options = usual | more
    subject = subjects.OWN if options["idempotent"] else None
    return Endpoint(method=method, path=path, reply=reply, subject=subject, **options)


def told(one: Endpoint) -> dict[str, Any]:
    """Return the document's only operation."""
    [methods] = document([one])["paths"].values()
    [operation] = methods.values()
    return operation
