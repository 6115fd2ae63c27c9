"""`@endpoint`: the single declaration of a path. It reads, authorises, runs, answers, and is what the contract says."""

import contextlib
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Literal, TypedDict, TypeVar, Unpack, get_args

from pydantic import BaseModel
from sanic import HTTPResponse, Request

from server.adapters import Dependencies
from server.domain import idempotency
from server.domain.idempotency import Answer, Claim
from server.errors import (
    BadInput,
    BodyTooLarge,
    Busy,
    IdempotencyKeyReused,
    NotAllowed,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    Refusal,
    TooManyRequests,
    UnsupportedMediaType,
)
from server.handlers.http import metrics, request_parsing, responses
from server.handlers.http.auth import Caller, Who, identify, must_carry_token
from server.handlers.http.executor import RequestExecutor
from server.handlers.http.raw_response import RawResponse
from server.handlers.http.upload_limits import UploadLimiter

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])
R = TypeVar("R")

log = logging.getLogger("server.http")
# `wx.request` cannot send PATCH: a partial change is `POST …/changes`.
Method = Literal["GET", "POST", "PUT", "DELETE"]
ENDPOINTS: list["Endpoint"] = []
# (path, code) of refusals no declaration mentions: a test fails when there is one.
UNDECLARED: set[tuple[str, str]] = set()


@dataclass(frozen=True)
class Limit:
    """At most so many calls in so many seconds, of one person or, not signed in, one address."""

    most: int
    seconds: int


USUAL = Limit(most=300, seconds=60)


class Declared(TypedDict, total=False):
    """What may be said of a path beside its method, its place and its reply.

    `before` runs outside of the transaction (WeChat, pictures) and its result reaches the handler as `prepared`.
    With `key` (every POST unless told otherwise) the handler runs inside one transaction with its Idempotency-Key.
    `changes_routing`: it writes to what the route of a need depends on.
    `at_once`: it asks no database, and is answered however many requests wait for one.
    """

    status: int
    body: type[BaseModel]
    query: type[BaseModel]
    upload: bool
    shows: str  # the content type of what is not JSON
    refuses: tuple[type[Refusal], ...]
    who: Who
    key: bool
    before: Callable[..., Awaitable[Any]]
    limit: Limit
    changes_routing: bool
    at_once: bool


@dataclass(frozen=True)
class Endpoint:
    """One declared path: everything the server and the contract know of it."""

    method: Method
    path: str
    handler: Callable[..., Awaitable[Any]]
    reply: type[Any]
    key: bool
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    upload: bool = False
    shows: str = ""
    refuses: tuple[type[Refusal], ...] = ()
    who: Who = Who.SIGNED_IN
    before: Callable[..., Awaitable[Any]] | None = None
    limit: Limit = USUAL
    changes_routing: bool = False
    at_once: bool = False

    def __post_init__(self) -> None:
        assert self.method in get_args(Method), f"{self.path}: a client cannot send {self.method}"
        assert (self.reply is RawResponse) == bool(self.shows), f"{self.path}: only what is shown says its content type"
        assert not self.key or self.who is not Who.ANYONE, f"{self.path}: a key belongs to somebody signed in"
        assert not self.at_once or self.who is Who.ANYONE, f"{self.path}: who somebody is, the database knows"
        assert not self.key or not self.shows, f"{self.path}: an answer kept under a key is JSON"

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def all_refusals(self) -> tuple[type[Refusal], ...]:
        """What this path may answer instead of its reply."""
        usual: list[type[Refusal]] = [TooManyRequests, Busy]
        usual += [BadInput] if self.body or self.query or self.key or self.upload else []
        usual += [BodyTooLarge] if self.changes else []
        usual += [UnsupportedMediaType] if self.body or self.upload else []
        usual += [NotSignedIn] if self.who is not Who.ANYONE else []
        usual += [NotAllowed] if self.who not in {Who.ANYONE, Who.SIGNED_IN} else []
        usual += [NotFound] if "<" in self.path else []
        usual += [IdempotencyKeyReused] if self.key else []
        usual += [OutcomeUnknown] if self.changes else []
        return tuple(dict.fromkeys([*usual, *self.refuses]))


def endpoint(method: Method, path: str, *, reply: type[Any], **more: Unpack[Declared]) -> Callable[[F], F]:
    """Declare a path below /api/v1."""
    more.setdefault("key", method == "POST")

    def declare(handler: F) -> F:
        ENDPOINTS.append(Endpoint(method=method, path=path, handler=handler, reply=reply, **more))
        return handler

    return declare


@dataclass
class Call:
    """One request on its way through an endpoint."""

    endpoint: Endpoint
    request: Request
    dependencies: Dependencies
    work: RequestExecutor
    uploads: UploadLimiter
    now: datetime
    known: dict[str, Any] = field(default_factory=dict)

    async def answer(self) -> HTTPResponse:
        """The response; refusals are raised."""
        self.known |= {"now": self.now, "dependencies": self.dependencies, "is_leaving": self.work.is_leaving}
        await self._limit_address()
        must_carry_token(self.request.headers.get("authorization", ""), self.endpoint.who)
        if self.endpoint.upload:
            await self._run(self._identify)
            async with self.uploads.body(self.request):
                self._read()
                return await self._prepare_and_do()
        self._read()
        if self.endpoint.at_once:
            return await self._do()
        if self.endpoint.before is None:
            return await self._run(self._identify_and_do)
        await self._run(self._identify)
        return await self._prepare_and_do()

    async def _prepare_and_do(self) -> HTTPResponse:
        assert self.endpoint.before is not None
        if (earlier := await self._run(self._earlier)) is not None:
            return responses.answered(earlier.status, earlier.body)
        self.known["prepared"] = await self.endpoint.before(**self._arguments(self.endpoint.before))
        return await self._run(self._do)

    async def _run(self, step: Callable[[], Awaitable[R]]) -> R:
        return await self.work.run(step, changes=self.endpoint.changes)

    async def _limit_address(self) -> None:
        if self.endpoint.who is Who.ANYONE:
            await self._limit(self.request.remote_addr or self.request.ip)

    async def _limit(self, who: str) -> None:
        limit = self.endpoint.limit
        name = f"{self.endpoint.method} {self.endpoint.path}" if limit is not USUAL else "usual"
        wait = await self.dependencies.limits.take(name, who, most=limit.most, seconds=limit.seconds, now=self.now)
        if wait:
            raise TooManyRequests(retry_after_seconds=wait)

    def _read(self) -> None:
        """Everything the request says; a wrong body, query and key are named together."""
        request = self.request
        self.known |= request.match_info
        request_parsing.check_path(request.match_info)
        if not self.endpoint.upload:
            request_parsing.check_size(request)
        wrong: list[dict[str, str]] = []
        for name, read in self._parts():
            try:
                self.known[name] = read()
            except BadInput as error:
                wrong += error.details["fields"]
        if wrong:
            raise BadInput(fields=wrong)

    def _parts(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        declared, request = self.endpoint, self.request
        if declared.upload:
            yield "upload", partial(request_parsing.read_upload, request)
        if declared.query is not None:
            yield "query", partial(request_parsing.read_query, request, declared.query)
        if declared.body is not None:
            yield "body", partial(request_parsing.read_json, request, declared.body)
        if declared.key:
            yield "key", partial(request_parsing.read_key, request)

    async def _identify_and_do(self) -> HTTPResponse:
        await self._identify()
        return await self._do()

    async def _identify(self) -> None:
        header = self.request.headers.get("authorization", "")
        self.known["caller"] = caller = await identify(
            header, self.endpoint.who, self.dependencies, self.now, fresh=self.endpoint.changes
        )
        if caller is not None:
            await self._limit(str(caller.person_id))

    async def _earlier(self) -> Answer | None:
        return await idempotency.earlier(self._claim) if self.endpoint.key else None

    async def _do(self) -> HTTPResponse:
        # Around the transaction and not inside it: who asks after its end finds what was committed.
        routes = self.dependencies.routes
        async with routes.changing() if self.endpoint.changes_routing else contextlib.nullcontext():
            return await self._done()

    async def _done(self) -> HTTPResponse:
        if not self.endpoint.key:
            return self._respond(await self._reply())
        answer = await idempotency.once(self._claim, self._answer_in_json, now=self.now)
        return responses.answered(answer.status, answer.body)

    async def _answer_in_json(self) -> Answer:
        return Answer(self.endpoint.status, responses.as_json(await self._reply()))

    async def _reply(self) -> Any:
        reply = await self.endpoint.handler(**self._arguments(self.endpoint.handler))
        assert isinstance(reply, getattr(self.endpoint.reply, "__origin__", self.endpoint.reply)), "undeclared shape"
        return reply

    def _respond(self, reply: Any) -> HTTPResponse:
        if isinstance(reply, RawResponse):
            assert reply.content_type.split(";")[0] == self.endpoint.shows, "undeclared content type"
            return responses.shown(reply, self.endpoint.status)
        return responses.answered(self.endpoint.status, responses.as_json(reply))

    def _arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        return {name: self.known[name] for name in request_parsing.parameter_names(function)}

    @cached_property
    def _claim(self) -> Claim:
        caller: Caller = self.known["caller"]
        said = hashlib.sha256(f"{self.endpoint.method} {self.request.path}\n".encode())
        if self.endpoint.body is not None:
            said.update(self.known["body"].model_dump_json(exclude_unset=True).encode())
        for name, files in sorted((self.request.files or {}).items()):
            said.update(name.encode() + b"".join(hashlib.sha256(one.body).digest() for one in files))
        return Claim(caller.person_id, self.known["key"], said.hexdigest())


async def respond(declared: Endpoint, request: Request) -> HTTPResponse:
    """The response to a request, whatever happens."""
    began = time.perf_counter()
    request_id = responses.request_id_of(request)
    try:
        house = request.app.ctx
        now = house.dependencies.clock.now()
        response = await Call(declared, request, house.dependencies, house.work, house.uploads, now).answer()
    except Exception as error:  # noqa: BLE001 - nothing leaves this house unrendered
        refusal = responses.as_refusal(error, request_id)
        if type(refusal) not in declared.all_refusals:
            UNDECLARED.add((f"{declared.method} {declared.path}", refusal.code))
        response = responses.refused(refusal, request_id)
    seconds = time.perf_counter() - began
    metrics.observe(declared.method, declared.path, response.status, seconds)
    log.info("%s %s %s %d %.0fms", request_id, declared.method, declared.path, response.status, seconds * 1000)
    response.headers["X-Request-Id"] = request_id
    return response
