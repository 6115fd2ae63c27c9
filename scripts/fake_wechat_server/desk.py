"""The routes: WeChat's own paths, the alarm gateway, and the admin paths that control the fake."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scripts.fake_wechat_server.codes import CODES, Codes
from scripts.fake_wechat_server.faults import ALARMS, Faults
from scripts.fake_wechat_server.platform_state import Platform
from scripts.fake_wechat_server.replies import JSON, Picture, Reply, as_json, as_picture, spoiled
from scripts.fake_wechat_server.wrong import Wrong, must_be

CALLS_KEPT = 1000
ALARMS_KEPT = 200


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: bytes

    def object(self) -> dict[str, Any]:
        """Read the body as a JSON object, or raise ValueError."""
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise ValueError("the body must be a JSON object")  # noqa: TRY004 - one error for every bad body
        return found


class Desk:
    """Everything the fake knows, behind one lock."""

    def __init__(self, app_id: str, app_secret: str) -> None:
        self._ahead_seconds = 0.0
        self._platform = Platform(app_id, app_secret, self._now)
        self._codes = Codes(self._now)
        self._faults = Faults()
        self._calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)
        self._alarms: deque[dict[str, Any]] = deque(maxlen=ALARMS_KEPT)
        self._lock = threading.Lock()
        self._steering: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("POST", "/admin/codes"): self._issue_code,
            ("POST", "/admin/faults"): lambda request: self._faults.order(request.object()),
            ("POST", "/admin/clock"): self._move_clock,
            ("POST", "/admin/pages"): lambda request: self._codes.publish(request.object()["pages"]),
            ("POST", "/admin/reset"): self._forget,
            ("GET", "/admin/calls"): lambda _: list(self._calls),
            ("GET", ALARMS): lambda _: list(self._alarms),
        }
        self._wechat: dict[str, tuple[str, Callable[[Request], Any]]] = {
            "/sns/jscode2session": ("GET", lambda request: self._platform.code_to_session(request.query)),
            "/wxa/checksession": ("GET", lambda request: self._platform.check_session(request.query)),
            "/cgi-bin/stable_token": ("POST", lambda request: self._platform.stable_token(_posted(request))),
            "/cgi-bin/openapi/quota/get": (
                "POST",
                lambda request: self._platform.quota(request.query, _posted(request)),
            ),
            CODES: ("POST", self._draw_code),
        }

    def answer(self, request: Request) -> Reply:
        with self._lock:
            if request.path.startswith("/admin/") or (request.method, request.path) == ("GET", ALARMS):
                return self._steered(request)
            if request.path == ALARMS:
                return self._alarmed(request)
            return self._as_wechat(request)

    def _as_wechat(self, request: Request) -> Reply:
        fault = self._faults.next_for(request.path)
        self._platform.calls[request.path] += 1
        try:
            if fault and fault.kind == "errcode":
                raise Wrong(fault.errcode, fault.errmsg)  # noqa: TRY301 - said like every other errcode
            said = self._said(request)
        except Wrong as wrong:
            said = wrong.answer()
        self._calls.append(
            {
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "body": request.body.decode(errors="replace"),
                "answer": said.told() if isinstance(said, Picture) else said,
            }
        )
        if isinstance(said, Picture):
            return spoiled(said, as_picture(said), fault)
        # The sign-in endpoint is known to call its JSON plain text.
        kind = "text/plain" if request.path.startswith("/sns/") else JSON
        return spoiled(said, as_json(said, content_type=kind), fault)

    def _said(self, request: Request) -> dict[str, Any] | Picture:
        method, told = self._wechat.get(request.path, ("", None))
        if told is None:
            raise Wrong(40066)
        must_be(request.method == method, 43001 if method == "GET" else 43002)
        said: dict[str, Any] | Picture = told(request)
        return said

    def _draw_code(self, request: Request) -> Picture:
        self._platform.know_the_token(request.query)
        return self._codes.draw(_posted(request))

    def _alarmed(self, request: Request) -> Reply:
        fault = self._faults.next_for(request.path)
        try:
            alarm = request.object()
        except ValueError as error:
            return as_json({"error": str(error)}, status=400)
        if fault and fault.kind == "errcode":
            return as_json({"error": fault.errmsg or "refused"}, status=503)
        self._alarms.append(alarm)
        print("ALARM", json.dumps(alarm, ensure_ascii=False), flush=True)
        said = {"received": len(self._alarms)}
        return spoiled(said, as_json(said, status=202), fault)

    def _steered(self, request: Request) -> Reply:
        done = self._steering.get((request.method, request.path))
        if done is None:
            return as_json({"error": "no such path"}, status=404)
        try:
            return as_json(done(request))
        except (ValueError, KeyError, TypeError) as error:
            return as_json({"error": f"{type(error).__name__}: {error}"}, status=400)

    def _issue_code(self, request: Request) -> dict[str, str]:
        asked = request.object()
        return {"code": self._platform.issue_code(str(asked["openid"]), asked.get("unionid"))}

    def _now(self) -> float:
        return time.time() + self._ahead_seconds

    def _move_clock(self, request: Request) -> dict[str, float]:
        self._ahead_seconds += float(request.object()["seconds"])
        return {"ahead_seconds": self._ahead_seconds}

    def _forget(self, _: Request) -> None:
        self._ahead_seconds = 0.0
        self._platform.forget()
        self._codes.forget()
        self._faults.clear()
        self._calls.clear()
        self._alarms.clear()


def _posted(request: Request) -> dict[str, Any]:
    must_be(bool(request.body), 44002)
    try:
        return request.object()
    except ValueError as error:
        raise Wrong(47001) from error
