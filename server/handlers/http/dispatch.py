"""Run a request through its endpoint: limit, identify, parse, handle, render."""

import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sanic import HTTPResponse, Request

from miniprogram_contract.base import Empty
from miniprogram_contract.emergency import HeardReply
from server.adapters import Dependencies
from server.domain import idempotency, reference, sessions
from server.domain.idempotency import Answer, Claim
from server.domain.needs import hearing
from server.errors import BadInput, IdempotencyKeyReused, NotFound, NotSignedIn, Refusal, TooManyRequests
from server.handlers.http import metrics, request_parsing, responses
from server.handlers.http.auth import Caller, Roles, identify, require_token, token_hash
from server.handlers.http.emergency import crisis_text, emergency_help, raw_value
from server.handlers.http.endpoint import DEFAULT_LIMIT, Endpoint
from server.handlers.http.executor import RequestExecutor
from server.handlers.http.raw_response import RawResponse
from server.handlers.http.signed_links import require_valid
from server.handlers.http.unknown_tokens import UnknownTokens
from server.handlers.http.upload_memory import UploadMemory

R = TypeVar("R")

log = logging.getLogger("server.http")
# (path, code) of refusals that no declaration lists. A test fails if there is one.
UNDECLARED: set[tuple[str, str]] = set()


@dataclass
class EndpointCall:
    """One request on its way through an endpoint."""

    endpoint: Endpoint
    request: Request
    dependencies: Dependencies
    executor: RequestExecutor
    upload_limiter: UploadMemory
    unknown_tokens: UnknownTokens
    now: datetime
    known: dict[str, Any] = field(default_factory=dict)
    plea: str | None = None  # the words of crisis in it; may be empty if the emergency button was pressed
    plea_need_id: int | None = None  # the emergency need that was filed of them

    async def answer(self) -> HTTPResponse:
        """Return the response. Raises the refusal if there is one."""
        self.known |= {"now": self.now, "dependencies": self.dependencies, "is_leaving": self.executor.is_leaving}
        if self.endpoint.link_subject is not None:
            await self._parse_personal_link()
            return await self._execute(self._handle_for_reader)
        await self._limit_address()
        if self.endpoint.may_hold_plea:
            return await self._parse_and_listen()
        if self.endpoint.roles is not Roles.ANYONE:
            self._require_token()  # before the rest of the request is read
        if self.endpoint.upload:
            await self._execute(self._identify)
            async with self.upload_limiter.body(self.request):
                self._parse()
                return await self._prepare_and_handle()
        self._parse()
        if self.endpoint.skips_queue:
            return await self._handle()
        if self.endpoint.prepare is None:
            return await self._execute(self._identify_and_handle)
        await self._execute(self._identify)
        return await self._prepare_and_handle()

    async def _parse_and_listen(self) -> HTTPResponse:
        """Answer a request in which a resident writes. A plea in it is heard, whatever else is wrong."""
        wrong: Refusal | None = None
        try:
            self._parse()
        except Refusal as error:
            wrong = error
        self.plea = self._find_plea(wrong)
        token = self._require_token()  # who writes a plea without being signed in reads whom to call
        if self.plea is not None:
            work = self._file_plea if self.endpoint.reads_plea else partial(self._hear_and_handle, wrong)
            return await self.executor.run(work, changes=True, writer=self._writer_of(token))
        if wrong is not None:
            raise wrong
        return await self._execute(self._identify_and_handle)

    def _writer_of(self, token: str) -> str:
        return self.unknown_tokens.writer_of(token_hash(token), self._address)

    def _find_plea(self, wrong: Refusal | None) -> str | None:
        sent = self.request.body[: request_parsing.JSON_BYTES]
        if self.endpoint.reads_plea is not None:
            body = self.endpoint.reads_plea(sent)
            self.known |= {"body": body} if body is not None and wrong is not None else {}
            return None if body is None else ""
        if wrong is not None:
            return crisis_text(raw_value(sent)) or None
        return crisis_text([getattr(self.known["body"], name) for name in self.endpoint.hears]) or None

    async def _file_plea(self) -> HTTPResponse:
        """File a need that is a plea. No limit, and no fault of its key, refuses it."""
        await self._recognise()
        if await self._seconds_to_wait(str(self.known["caller"].person_id)):
            return self._render(await self._reply())  # a flood: its answers are not stored
        self.known["key"] = request_parsing.key_of_plea(self.request)
        try:
            return await self._handle()
        except IdempotencyKeyReused:
            self.known["key"] = request_parsing.new_key()
            return await self._handle()

    async def _hear_and_handle(self, wrong: Refusal | None) -> HTTPResponse:
        """File the plea first, in a transaction of its own: the request itself may be refused."""
        await self._recognise()
        caller: Caller = self.known["caller"]
        # The parameters of a wrong path are not checked.
        about = self.known.get("need_id") if not isinstance(wrong, NotFound) else None
        await self._hear(caller, about)
        if wrong is not None:
            raise wrong
        await self._limit(str(caller.person_id))
        return await self._handle()

    async def _hear(self, caller: Caller, about: int | None) -> None:
        text = self.plea or ""
        if self.endpoint.conceals_words:
            text = hearing.concealed(text)
        if self.endpoint.on_word:
            of = self._named_person()
            need = await hearing.hear_on_word(text, about=about, of=of, by=caller.scope, now=self.now)
        else:
            raises = self.endpoint.raises_need
            need = await hearing.hear(text, by=caller.person_id, about=about, raises=raises, now=self.now)
        self.plea_need_id = need.id

    def _named_person(self) -> int | None:
        """Return the id of the person in the body, also in one that is wrong elsewhere."""
        sent = raw_value(self.request.body[: request_parsing.JSON_BYTES])
        found = sent.get("person_id") if isinstance(sent, dict) else None
        return found if isinstance(found, int) and 0 < found < request_parsing.BIGGEST_ID else None

    async def _prepare_and_handle(self) -> HTTPResponse:
        assert self.endpoint.prepare is not None
        if (earlier := await self._execute(self._earlier_answer)) is not None:
            return responses.json_response(earlier.status, earlier.body)
        self.known["prepared"] = await self.endpoint.prepare(**self._arguments(self.endpoint.prepare))
        return await self._execute(self._handle)

    def _require_token(self) -> str:
        return require_token(self.request.headers.get("authorization", ""))

    async def _execute(self, step: Callable[[], Awaitable[R]]) -> R:
        return await self.executor.run(step, changes=self.endpoint.changes)

    async def _parse_personal_link(self) -> None:
        """Parse the request and check its link. Images of many people behind one address do not share a limit."""
        assert self.endpoint.link_subject is not None
        try:
            self._parse()
            link = self.known["query"]
            subject = self.endpoint.link_subject(*self.request.match_info.values(), link.reader)
            require_valid(link, subject, self.dependencies)
        except (BadInput, NotFound):
            await self._limit_address()
            raise
        await self._limit(str(link.reader))

    async def _handle_for_reader(self) -> HTTPResponse:
        await sessions.require_not_shut_out(self.known["query"].reader)
        await reference.refresh()
        return await self._handle()

    async def _limit_address(self) -> None:
        if self.endpoint.roles is Roles.ANYONE:
            await self._limit(self._address)

    async def _limit(self, caller: str) -> None:
        if wait := await self._seconds_to_wait(caller):
            raise TooManyRequests(retry_after_seconds=wait)

    async def _seconds_to_wait(self, caller: str) -> int:
        limit = self.endpoint.limit
        is_shared = limit is DEFAULT_LIMIT and self.endpoint.link_subject is None
        name = "default" if is_shared else f"{self.endpoint.method} {self.endpoint.path}"
        return await self.dependencies.rate_limiter.take(
            name, caller, most=limit.most, seconds=limit.seconds, now=self.now
        )

    def _parse(self) -> None:
        """Parse the whole request. Raises one `BadInput` that names every wrong field of body, query and key."""
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
        endpoint, request = self.endpoint, self.request
        if endpoint.upload:
            yield "upload", partial(request_parsing.read_upload, request)
        if endpoint.query is not None:
            yield "query", partial(request_parsing.read_query, request, endpoint.query)
        if endpoint.body is not None:
            yield "body", partial(request_parsing.read_json, request, endpoint.body)
        elif endpoint.changes and not endpoint.upload:
            yield "body", partial(request_parsing.read_json, request, Empty)
        if endpoint.idempotent:
            yield "key", partial(request_parsing.read_key, request)

    async def _identify_and_handle(self) -> HTTPResponse:
        await self._identify()
        return await self._handle()

    async def _identify(self) -> None:
        caller = await self._recognise()
        if caller is not None:
            await self._limit(str(caller.person_id))

    async def _recognise(self) -> Caller | None:
        header = self.request.headers.get("authorization", "")
        roles, hashed = self.endpoint.roles, token_hash(header.partition(" ")[2])
        is_usual = roles is not Roles.ANYONE and self.plea is None
        if is_usual and not self.unknown_tokens.begin_look_up(hashed, self._address, self.now):
            raise TooManyRequests(retry_after_seconds=1)
        try:
            self.known["caller"] = caller = await identify(header, roles, self.dependencies, self.now)
        except NotSignedIn:
            wait = await self.unknown_tokens.count_unknown(self._address, self.now)
            if wait and is_usual:
                raise TooManyRequests(retry_after_seconds=wait) from None
            raise
        finally:
            self.unknown_tokens.end_look_up(self._address)
        if caller is not None:
            self.unknown_tokens.note_valid(hashed, caller.person_id)
        return caller

    @property
    def _address(self) -> str:
        return self.request.remote_addr or self.request.ip

    async def _earlier_answer(self) -> Answer | None:
        return await idempotency.earlier(self._claim, self._require_readable) if self.endpoint.idempotent else None

    async def _handle(self) -> HTTPResponse:
        if not self.endpoint.idempotent:
            return self._render(await self._reply())
        answer = await idempotency.once(self._claim, self._answer_in_json, self._require_readable, now=self.now)
        return responses.json_response(answer.status, answer.body)

    async def _answer_in_json(self) -> Answer:
        assert self.endpoint.subject is not None
        reply = await self._reply()
        subject = self.endpoint.subject.key(self.request.match_info, reply, self.known["caller"])
        return Answer(self.endpoint.status, responses.as_json(reply), subject)

    async def _require_readable(self, subject: str) -> None:
        assert self.endpoint.subject is not None
        await self.endpoint.subject.require(subject, self.known["caller"], self.now)

    async def _reply(self) -> Any:
        reply = await self.endpoint.handler(**self._arguments(self.endpoint.handler))
        declared = self.endpoint.reply_type
        is_declared = isinstance(reply, getattr(declared, "__origin__", declared))
        assert is_declared or (reply is None and self.endpoint.may_be_null), "undeclared reply"
        if self.plea_need_id is not None and isinstance(reply, HeardReply):
            return reply.model_copy(update={"emergency": emergency_help(self.plea_need_id)})
        return reply

    def _render(self, reply: Any) -> HTTPResponse:
        if isinstance(reply, RawResponse):
            assert reply.content_type.split(";")[0] == self.endpoint.content_type, "undeclared content type"
            return responses.raw_response(reply, self.endpoint.status)
        return responses.json_response(self.endpoint.status, responses.as_json(reply))

    def _arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        return {name: self.known[name] for name in request_parsing.parameter_names(function)}

    @property
    def _claim(self) -> Claim:
        caller: Caller = self.known["caller"]
        digest = hashlib.sha256(f"{self.endpoint.method} {self.request.path}\n".encode())
        operation = f"{self.endpoint.method} {self.endpoint.path}"
        if self.endpoint.body is not None:
            digest.update(self.known["body"].model_dump_json(exclude_unset=True).encode())
        for name, files in sorted((self.request.files or {}).items()):
            digest.update(name.encode() + b"".join(hashlib.sha256(file.body).digest() for file in files))
        return Claim(caller.person_id, self.known["key"], operation, digest.hexdigest())


async def respond(endpoint: Endpoint, request: Request) -> HTTPResponse:
    """Return the response to a request, whatever happens."""
    began = time.perf_counter()
    request_id = responses.request_id_of(request)
    context = request.app.ctx
    now = context.dependencies.clock.now()
    call = EndpointCall(
        endpoint, request, context.dependencies, context.executor, context.upload_limiter, context.unknown_tokens, now
    )
    try:
        response = await call.answer()
    except Exception as error:  # noqa: BLE001 - every error is rendered as a refusal
        refusal = responses.as_refusal(error, request_id)
        if type(refusal) not in endpoint.all_refusals:
            UNDECLARED.add((f"{endpoint.method} {endpoint.path}", refusal.code))
        emergency = emergency_help(call.plea_need_id) if call.plea is not None else None
        response = responses.refusal_response(refusal, request_id, emergency)
    seconds = time.perf_counter() - began
    metrics.observe(endpoint.method, endpoint.path, response.status, seconds)
    log.info("%s %s %s %d %.0fms", request_id, endpoint.method, endpoint.path, response.status, seconds * 1000)
    response.headers["X-Request-Id"] = request_id
    return response
