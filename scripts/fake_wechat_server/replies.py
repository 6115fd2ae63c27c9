"""Replies as bytes, whole or spoiled."""

import json
from dataclasses import dataclass, replace
from typing import Any

from scripts.fake_wechat_server.faults import Fault

JSON = "application/json; encoding=utf-8"
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Reply:
    status: int
    content_type: str
    body: bytes
    fault: Fault | None = None


@dataclass(frozen=True)
class Picture:
    """A picture instead of JSON."""

    content: bytes
    content_type: str

    def told(self) -> dict[str, Any]:
        """Return the part that is recorded."""
        return {"content_type": self.content_type, "bytes": len(self.content)}


def as_picture(said: Picture) -> Reply:
    return Reply(200, said.content_type, said.content)


def as_json(said: Any, *, status: int = 200, content_type: str = JSON) -> Reply:
    return Reply(status, content_type, json.dumps(said, ensure_ascii=False).encode())


def spoiled(said: Any, reply: Reply, fault: Fault | None) -> Reply:
    """Apply what the fault does to the text; `delay`, `hang` and `reset` are left to the connection."""
    kind = fault.kind if fault else None
    if kind == "bad_gateway":
        reply = Reply(502, "text/html", BAD_GATEWAY)
    elif kind == "truncated":
        reply = replace(reply, body=reply.body[: len(reply.body) // 2])
    elif kind == "numbers_as_strings" and not isinstance(said, Picture):
        reply = replace(reply, body=as_json(in_quotes(said)).body)
    elif kind == "hollow_picture" and isinstance(said, Picture):
        reply = replace(reply, body=reply.body[:3] + reply.body[-2:])
    elif kind == "wrong_content_type":
        reply = replace(reply, content_type="text/html")
    return replace(reply, fault=fault)


def in_quotes(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: in_quotes(value) for name, value in said.items()}
    if isinstance(said, list):
        return [in_quotes(value) for value in said]
    return str(said) if isinstance(said, int) and not isinstance(said, bool) else said
