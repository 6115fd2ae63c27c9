"""`@endpoint`: the only declaration of a path. Both the server and the OpenAPI document are made from it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypedDict, TypeVar, Unpack, cast, get_args

from pydantic import BaseModel

from miniprogram_contract.base import PersonalLink
from miniprogram_contract.emergency import HeardReply
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
from server.handlers.http.auth import Roles
from server.handlers.http.raw_response import RawResponse
from server.handlers.http.subject import Subject

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])

# `wx.request` cannot send PATCH: a partial change is `POST …/changes`.
Method = Literal["GET", "POST", "PUT", "DELETE"]
ENDPOINTS: list["Endpoint"] = []


@dataclass(frozen=True)
class RateLimit:
    """At most `most` calls in `seconds`, counted for each person, or for each address if nobody is signed in.

    The calls by a valid personal link are counted for its reader.
    """

    most: int
    seconds: int


DEFAULT_LIMIT = RateLimit(most=300, seconds=60)


class EndpointOptions(TypedDict, total=False):
    """The options of a declaration besides method, path and reply.

    - `prepare` runs outside of the transaction (WeChat, images). The handler gets its result as `prepared`.
    - `idempotent` (the default for POST): the request carries an Idempotency-Key, and the handler runs inside one
      transaction with that key.
    - `subject`: what an idempotent operation's answer is about. Whether the caller may still read it is asked again
      before the stored answer is given.
    - `link_subject`: the path is called by a signed `PersonalLink`. Returns what such a link may show, from the path's
      parameters and the reader. The dispatcher checks the link, and the limit counts the calls of its reader.
    - `hears`: the fields of the body in which a resident writes. Words of crisis in them file an emergency need, or
      with `raises_need` make the need of the path one, also if the request itself is refused.
    - `on_word`: staff write in it on the word of a resident: of the need in the path, or of the person in the body.
    - `conceals_words`: of a text with words of crisis the emergency need has only these: a complaint may be about those
      who read the need.
    - `reads_plea`: the path files needs. Returns the body of a person in danger, whatever else is wrong in it, or None.
    - `skips_queue`: the handler uses no database, so it is answered even when many requests wait for one.
    """

    status: int
    body: type[BaseModel]
    query: type[BaseModel]
    upload: bool
    content_type: str  # of a reply that is not JSON
    refuses: tuple[type[Refusal], ...]
    roles: Roles
    idempotent: bool
    subject: Subject
    prepare: Callable[..., Awaitable[Any]]
    limit: RateLimit
    link_subject: Callable[..., str]
    skips_queue: bool
    hears: tuple[str, ...]
    raises_need: bool
    on_word: bool
    conceals_words: bool
    reads_plea: Callable[[bytes], BaseModel | None]


@dataclass(frozen=True)
class Endpoint:
    """One declared path: everything that the server and the contract know of it."""

    method: Method
    path: str
    handler: Callable[..., Awaitable[Any]]
    reply: type[Any] | UnionType  # `X | None`: null says that there is nothing yet
    idempotent: bool
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    upload: bool = False
    content_type: str = ""
    refuses: tuple[type[Refusal], ...] = ()
    roles: Roles = Roles.SIGNED_IN
    subject: Subject | None = None
    prepare: Callable[..., Awaitable[Any]] | None = None
    limit: RateLimit = DEFAULT_LIMIT
    link_subject: Callable[..., str] | None = None
    skips_queue: bool = False
    hears: tuple[str, ...] = ()
    raises_need: bool = False
    on_word: bool = False
    conceals_words: bool = False
    reads_plea: Callable[[bytes], BaseModel | None] | None = None

    def __post_init__(self) -> None:
        assert self.method in get_args(Method), f"{self.path}: a client cannot send {self.method}"
        public = self.roles is Roles.ANYONE
        assert (self.reply is RawResponse) == bool(self.content_type), f"{self.path}: content_type is for RawResponse"
        assert not self.idempotent or not public, f"{self.path}: an Idempotency-Key belongs to a signed-in person"
        assert not self.skips_queue or public, f"{self.path}: identifying the caller needs the database"
        assert (self.query is PersonalLink) == (self.link_subject is not None), f"{self.path}: check the personal link"
        heard = bool(self.hears or self.reads_plea)
        assert not heard or issubclass(self.reply_type, HeardReply), f"{self.path}: the reply tells whom to call"
        assert not heard or self.may_hold_plea, f"{self.path}: only what is parsed before it is prepared is heard"
        assert not self.idempotent or not self.content_type, f"{self.path}: a stored answer is JSON"
        assert self.idempotent == (self.subject is not None), f"{self.path}: subject= says who may read a stored answer"

    @property
    def reply_type(self) -> type[Any]:
        """The type of a reply that is not null."""
        if not isinstance(self.reply, UnionType):
            return self.reply
        [shape] = [one for one in get_args(self.reply) if one is not NoneType]
        return cast("type[Any]", shape)

    @property
    def may_be_null(self) -> bool:
        return isinstance(self.reply, UnionType)

    @property
    def may_hold_plea(self) -> bool:
        """Return whether a resident may write in its body, or staff for a resident who asks for help."""
        by_resident = self.changes and self.roles is Roles.SIGNED_IN and not self.upload and self.prepare is None
        return by_resident or self.on_word or self.reads_plea is not None

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def all_refusals(self) -> tuple[type[Refusal], ...]:
        """Return the refusals this path may answer instead of its reply."""
        common: list[type[Refusal]] = [TooManyRequests, Busy]
        common += [BadInput] if self.changes or self.query else []
        common += [BodyTooLarge, UnsupportedMediaType] if self.changes else []
        common += [NotSignedIn] if self.roles is not Roles.ANYONE else []
        common += [NotAllowed] if self.roles not in {Roles.ANYONE, Roles.SIGNED_IN} else []
        # A stored answer is not given again to a caller who may not read its subject any more.
        common += [NotFound] if "<" in self.path or self.idempotent else []
        common += [IdempotencyKeyReused] if self.idempotent else []
        common += [OutcomeUnknown] if self.changes else []
        return tuple(dict.fromkeys([*common, *self.refuses]))


def endpoint(
    method: Method, path: str, *, reply: type[Any] | UnionType, **options: Unpack[EndpointOptions]
) -> Callable[[F], F]:
    """Declare a path below /api/v1."""
    options.setdefault("idempotent", method == "POST")

    def declare(handler: F) -> F:
        ENDPOINTS.append(Endpoint(method=method, path=path, handler=handler, reply=reply, **options))
        return handler

    return declare
