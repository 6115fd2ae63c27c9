"""The state of the fake WeChat: sign-in codes, a session key for each user, access tokens, numbers of calls."""

import base64
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scripts.fake_wechat_server.wrong import Wrong, must_be

APP_ID = "wx00fa4e0000000001"
APP_SECRET = "0fa4e5ec4e70fa4e5ec4e70fa4e5ec4e"  # noqa: S105 - opens nothing but this fake

CODE_SECONDS = 300
TOKEN_SECONDS = 7200
OVERLAP_SECONDS = 300
FORCED_A_DAY = 20
FORCED_APART_SECONDS = 30
DAY_SECONDS = 86400
DAILY_QUOTA = {"/cgi-bin/stable_token": 500_000, "/cgi-bin/openapi/quota/get": 100_000}

DEVELOPER_CODE = "dev-"
LONGEST_NICKNAME = 64


def openid_of(nickname: str) -> str:
    """Give the openid that the code `dev-<nickname>` signs in, the same one every time."""
    digest = hashlib.sha256(nickname.encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


@dataclass
class Code:
    openid: str
    unionid: str | None
    dies_at: float
    used: bool = False


class Platform:
    """One mini-program's side of WeChat; `now` tells seconds."""

    def __init__(self, app_id: str, app_secret: str, now: Callable[[], float]) -> None:
        self._app_id, self._app_secret, self._now = app_id, app_secret, now
        self.forget()

    def forget(self) -> None:
        self._codes: dict[str, Code] = {}
        self._session_keys: dict[str, str] = {}
        self._tokens: dict[str, float] = {}  # token -> when it dies, the newest last
        self._forced_at: list[float] = []
        self.calls: Counter[str] = Counter()

    def issue_code(self, openid: str, unionid: str | None) -> str:
        """Do what `wx.login` does on that user's phone: give a code, good once and for five minutes."""
        code = secrets.token_hex(16)
        self._codes[code] = Code(openid, unionid, self._now() + CODE_SECONDS)
        return code

    def code_to_session(self, query: Mapping[str, str]) -> dict[str, Any]:
        self._know_the_app(query)
        must_be(query.get("grant_type") == "authorization_code", 40002)
        code = self._use(query.get("js_code", ""))
        session_key = base64.b64encode(secrets.token_bytes(16)).decode()
        self._session_keys[code.openid] = session_key
        answer = {"session_key": session_key, "openid": code.openid}
        return answer | ({"unionid": code.unionid} if code.unionid else {})

    def check_session(self, query: Mapping[str, str]) -> dict[str, Any]:
        self.know_the_token(query)
        key = self._session_keys.get(query.get("openid", ""))
        must_be(key is not None, 40003)
        expected = hmac.new(str(key).encode(), b"", hashlib.sha256).hexdigest()
        must_be(query.get("sig_method") == "hmac_sha256" and query.get("signature") == expected, 87009)
        return {"errcode": 0, "errmsg": "ok"}

    def stable_token(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        self._know_the_app(asked)
        must_be(asked.get("grant_type") == "client_credential", 40002)
        if asked.get("force_refresh") is True:
            self._count_forced()
            self._tokens.clear()
        newest = next(reversed(self._tokens), None)
        # In its last five minutes a token gets a successor; both are then good until the old one dies.
        if newest is None or self._tokens[newest] - self._now() <= OVERLAP_SECONDS:
            newest = secrets.token_urlsafe(102)
            self._tokens[newest] = self._now() + TOKEN_SECONDS
        return {"access_token": newest, "expires_in": round(self._tokens[newest] - self._now())}

    def quota(self, query: Mapping[str, str], asked: Mapping[str, Any]) -> dict[str, Any]:
        self.know_the_token(query)
        path = str(asked.get("cgi_path"))
        must_be(path in DAILY_QUOTA, 76021)
        limit, used = DAILY_QUOTA[path], self.calls[path]
        quota = {"daily_limit": limit, "used": used, "remain": limit - used}
        return {"errcode": 0, "errmsg": "ok", "quota": quota}

    def know_the_token(self, query: Mapping[str, str]) -> None:
        token = query.get("access_token")
        must_be(bool(token), 41001)
        must_be(token in self._tokens, 40001)
        must_be(self._tokens[str(token)] > self._now(), 42001)

    def _know_the_app(self, asked: Mapping[str, Any]) -> None:
        must_be(bool(asked.get("appid")), 41002)
        must_be(asked["appid"] == self._app_id, 40013)
        must_be(bool(asked.get("secret")), 41004)
        must_be(asked["secret"] == self._app_secret, 40125)

    def _use(self, js_code: str) -> Code:
        must_be(bool(js_code), 41008)
        nickname = js_code.removeprefix(DEVELOPER_CODE)
        if js_code.startswith(DEVELOPER_CODE) and 0 < len(nickname) <= LONGEST_NICKNAME:
            return Code(openid_of(nickname), None, self._now())
        code = self._codes.get(js_code)
        if code is None or code.dies_at <= self._now():
            raise Wrong(40029)
        must_be(not code.used, 40163)
        code.used = True
        return code

    def _count_forced(self) -> None:
        now = self._now()
        self._forced_at = [at for at in self._forced_at if now - at < DAY_SECONDS]
        must_be(len(self._forced_at) < FORCED_A_DAY, 45009)
        must_be(not self._forced_at or now - self._forced_at[-1] >= FORCED_APART_SECONDS, 45011)
        self._forced_at.append(now)
