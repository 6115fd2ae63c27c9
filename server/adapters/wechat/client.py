"""The mini-program at WeChat: wechatpy's client with an async transport that cannot hang, leak or recurse."""

import asyncio
import functools
import json
import logging
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from server.adapters.wechat import responses
from server.adapters.wechat.breaker import Breaker
from server.adapters.wechat.protocol import TokenCache, WeChatIdentity
from server.adapters.wechat.responses import Answer
from server.errors.wechat import InvalidSignInCode, WeChatUnavailable

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
PAUSE_SECONDS = 0.2
# In the last five minutes of a token WeChat returns its successor, and both are valid.
TOKEN_EARLY_SECONDS = 300
TOKEN_SHORTEST_SECONDS = 30
# Sharp on paper at a third of the sheet's width.
CODE_PIXELS = 860

log = logging.getLogger(__name__)
T = TypeVar("T")


class Lost(Enum):
    UNSENT = "the request never left"
    UNKNOWN = "it may have been carried out"


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    repeatable: bool = False

    def bearing(self, token: str) -> "Call":
        return replace(self, params={**self.params, "access_token": token})

    def worth_repeating(self, outcome: Answer | Lost) -> bool:
        if isinstance(outcome, Lost):
            return self.repeatable or outcome is Lost.UNSENT
        return bool(outcome["errcode"] == responses.BUSY)


class WeChatApp(WeChatClient):  # type: ignore[misc]  # wechatpy comes without types
    """WeChat for one mini-program; wechatpy's own calls (`app.wxa...`) become awaitable.

    Every call ends within `deadline_seconds`, queueing for the token and the one retry included.
    """

    def __init__(
        self,
        base_url: str,
        app_id: str,
        app_secret: str,
        token_cache: TokenCache,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        deadline_seconds: float = TOTAL_SECONDS,
    ) -> None:
        super().__init__(app_id, app_secret, auto_retry=False)
        logging.getLogger("httpx").addFilter(_without_query)
        timeout = httpx.Timeout(deadline_seconds, connect=CONNECT_SECONDS)
        self._http = httpx.AsyncClient(base_url=base_url, timeout=timeout, trust_env=False, verify=_certificates())
        self._tokens = token_cache
        self._breaker = Breaker(monotonic)
        self._deadline_seconds = deadline_seconds
        self._one_refresh = asyncio.Lock()

    async def sign_in(self, code: str) -> WeChatIdentity:
        # WeChat's codes are ASCII, and not every other text may be part of a URL.
        if not code.isascii():
            raise InvalidSignInCode
        params = {
            "appid": self.appid,
            "secret": self.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        call = Call("GET", "/sns/jscode2session", params, repeatable=True)
        answer = await self._in_time(self._ask(call))
        responses.accept(answer, call.path, responses.SIGN_IN, (self.secret, code))
        unionid = responses.text(answer, "unionid") if answer.get("unionid") else None
        return WeChatIdentity(openid=responses.text(answer, "openid"), unionid=unionid)

    async def access_token(self) -> str:
        return await self._in_time(self._token())

    async def call(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Post JSON to a path that requires a token.

        Raises WeChatBusy, WeChatTooOften, WeChatUnavailable; any other errcode as WeChatClientException.
        """
        answer: Answer = await self._request("post", path, data=dict(body))
        return answer

    async def code_of(self, scene: str, page: str) -> bytes:
        if not self.appid:  # no mini-program is configured
            raise WeChatUnavailable
        body = {"scene": scene, "page": page, "check_path": True, "env_version": "release", "width": CODE_PIXELS}
        call = Call("POST", "/wxa/getwxacodeunlimit", content=json.dumps(body).encode(), repeatable=True)
        try:
            return responses.picture(await self._in_time(self._with_token(call)))
        except WeChatClientException as error:
            wrong = error
        log.error("WeChat draws no code for %s: errcode %d, %r", page, wrong.errcode, wrong.errmsg)
        raise WeChatUnavailable

    async def close(self) -> None:
        await self._http.aclose()

    async def _request(
        self,
        method: str,
        url_or_endpoint: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Any = None,
        api_base_url: str | None = None,
        result_processor: Callable[[Answer], Any] | None = None,
    ) -> Any:
        # wechatpy writes WeChat's address into its calls. Only the path is used; the host comes from the settings.
        path = urlsplit(urljoin(api_base_url or self.API_BASE_URL, url_or_endpoint)).path
        content = json.dumps(data, ensure_ascii=False).encode() if isinstance(data, dict) else data
        answer = await self._in_time(self._with_token(Call(method.upper(), path, params or {}, content)))
        return result_processor(answer) if result_processor else answer

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await work
        except TimeoutError:
            log.warning("WeChat took longer than %s s", self._deadline_seconds)
        # Raised here, so that the refusal has no context and no URL.
        raise WeChatUnavailable

    async def _with_token(self, call: Call) -> Answer:
        token = await self._token()
        answer = await self._ask(call.bearing(token))
        if answer["errcode"] in responses.TOKEN_REFUSED:
            # Only once: if WeChat refuses the new token too, another one does not help.
            token = await self._token(refused=token)
            answer = await self._ask(call.bearing(token))
        responses.accept_or_raise(answer, call.path, (self.secret, token))
        return answer

    async def _token(self, refused: str | None = None) -> str:
        """Return the shared token, but never the `refused` one, even if the cache still has it."""
        if cached := await self._cached_token(refused):
            return cached
        async with self._one_refresh:
            # A caller that waited here finds the token that the first caller fetched.
            return await self._cached_token(refused) or await self.fetch_access_token()

    async def _cached_token(self, refused: str | None) -> str | None:
        cached = await self._tokens.get(self._token_key)
        return None if cached == refused else cached

    async def fetch_access_token(self) -> str:
        """Fetch a stable token, which does not invalidate the token of another process, and share it."""
        body = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": False,
        }
        call = Call("POST", "/cgi-bin/stable_token", content=json.dumps(body).encode(), repeatable=True)
        answer = await self._ask(call)
        responses.accept(answer, call.path, responses.WAIT, (self.secret,))
        token, good_for = responses.text(answer, "access_token"), responses.whole_number(answer, "expires_in")
        await self._tokens.set(self._token_key, token, max(good_for - TOKEN_EARLY_SECONDS, TOKEN_SHORTEST_SECONDS))
        return token

    @property
    def _token_key(self) -> str:
        return f"access_token:{self.appid}"

    async def _ask(self, call: Call) -> Answer:
        """Return WeChat's answer. Raises `WeChatUnavailable`."""
        if self._http.is_closed:
            raise WeChatUnavailable
        self._breaker.admit()
        outcome: Answer | Lost = Lost.UNKNOWN
        try:
            outcome = await self._try_twice(call)
        finally:
            # A cancelled call counts as unanswered: our deadline or the caller's time ran out.
            self._breaker.note(answered=not isinstance(outcome, Lost))
        if isinstance(outcome, Lost):
            raise WeChatUnavailable
        return outcome

    async def _try_twice(self, call: Call) -> Answer | Lost:
        outcome = await self._try(call)
        if call.worth_repeating(outcome):
            await asyncio.sleep(PAUSE_SECONDS)
            outcome = await self._try(call)
        return outcome

    async def _try(self, call: Call) -> Answer | Lost:
        headers = {"Content-Type": "application/json"} if call.content else {}
        request = self._http.build_request(
            call.method, call.path, params=call.params, content=call.content, headers=headers
        )
        try:
            response = await self._http.send(request)
        except httpx.HTTPError as error:
            # Only the type: the error contains the request with its secrets.
            log.warning("WeChat did not answer %s: %s", call.path, type(error).__name__)
            never_left = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            return Lost.UNSENT if never_left else Lost.UNKNOWN
        answer = responses.read(response.content) if response.status_code == httpx.codes.OK else None
        if answer is None:
            log.warning("WeChat's answer to %s is unreadable, status %d", call.path, response.status_code)
            return Lost.UNKNOWN
        return answer


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Return the trusted certificate authorities. They are read once, because reading takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


def _without_query(record: logging.LogRecord) -> bool:
    """Keep httpx from logging whole URLs, which contain the app secret, sign-in codes and tokens."""
    if isinstance(record.args, tuple):
        record.args = tuple(a.copy_with(query=None) if isinstance(a, httpx.URL) else a for a in record.args)
    return True
