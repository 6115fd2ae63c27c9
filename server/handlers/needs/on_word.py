"""Rights of residents without a phone: used by staff on their word, and by the person who holds the slip."""

from miniprogram_contract.base import OptionalReason, Reason
from miniprogram_contract.emergency import HeardReply
from miniprogram_contract.needs import NewMessage, NewReminder, SlipDetail
from miniprogram_contract.satisfaction import NewNeedRating
from server.adapters.clock import Moment
from server.domain.needs import appeals, closing, messages, reminders
from server.domain.satisfaction import need_rating
from server.errors import (
    READER_REQUIRED,
    AlreadySubmitted,
    CrisisNotOpened,
    DeadlinePassed,
    HandlerRating,
    InvalidNeedState,
    OwnDecision,
    OwnNeed,
    PhotoNotAvailable,
    Refusal,
    ReminderTooSoon,
    ResidentHasPhone,
)
from server.errors.satisfaction import RatingClosed
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.needs.slips import LOOKING_UP, slip_detail
from server.handlers.rating_content import content_of

PATH = "/station/needs/<need_id:int>/on-word"
REFUSALS: tuple[type[Refusal], ...] = (OwnNeed, *READER_REQUIRED, ResidentHasPhone, InvalidNeedState)


@endpoint(
    "POST",
    PATH + "/reminder",
    body=NewReminder,
    reply=HeardReply,
    roles=Roles.STAFF,
    idempotent=False,  # words of crisis stay heard when the rest is refused, and each right is used once anyhow
    refuses=(*REFUSALS, ReminderTooSoon),
    hears=("message",),
    on_word=True,
)
async def remind_on_word(need_id: int, body: NewReminder, caller: Caller, now: Moment) -> HeardReply:
    """Remind the worker on the word of a resident without a phone."""
    await reminders.remind_worker(need_id, message=body.message, by=caller.scope, now=now)
    return HeardReply()


@endpoint(
    "POST",
    PATH + "/message",
    body=NewMessage,
    reply=HeardReply,
    roles=Roles.STAFF,
    idempotent=False,  # words of crisis stay heard when the rest is refused
    refuses=(*REFUSALS, PhotoNotAvailable),
    hears=("text",),
    on_word=True,
)
async def write_on_word(need_id: int, body: NewMessage, caller: Caller, now: Moment) -> HeardReply:
    """Write down what a resident without a phone says about their need."""
    await messages.write(need_id, text=body.text, photo_ids=body.photo_ids, by=caller.scope, now=now)
    return HeardReply()


@endpoint(
    "POST",
    PATH + "/withdrawal",
    body=OptionalReason,
    reply=HeardReply,
    roles=Roles.STAFF,
    idempotent=False,  # words of crisis stay heard when the rest is refused, and each right is used once anyhow
    refuses=(*REFUSALS, CrisisNotOpened, OwnDecision),
    hears=("reason",),
    on_word=True,
)
async def withdraw_on_word(need_id: int, body: OptionalReason, caller: Caller, now: Moment) -> HeardReply:
    """Withdraw a need on the word of a resident without a phone."""
    await closing.withdraw(need_id, reason=body.reason, by=caller.scope, now=now)
    return HeardReply()


@endpoint(
    "POST",
    PATH + "/appeal",
    body=Reason,
    reply=HeardReply,
    roles=Roles.STAFF,
    idempotent=False,  # words of crisis stay heard when the rest is refused, and each right is used once anyhow
    refuses=(*REFUSALS, AlreadySubmitted, DeadlinePassed, OwnDecision),
    hears=("reason",),
    on_word=True,
)
async def appeal_on_word(need_id: int, body: Reason, caller: Caller, now: Moment) -> HeardReply:
    """Appeal against a declined need on the word of a resident without a phone."""
    await appeals.submit(need_id, reason=body.reason, by=caller.scope, now=now)
    return HeardReply()


@endpoint(
    "POST",
    PATH + "/reopening",
    body=Reason,
    reply=HeardReply,
    roles=Roles.STAFF,
    idempotent=False,  # words of crisis stay heard when the rest is refused, and each right is used once anyhow
    refuses=(*REFUSALS, AlreadySubmitted, DeadlinePassed),
    hears=("reason",),
    on_word=True,
)
async def reopen_on_word(need_id: int, body: Reason, caller: Caller, now: Moment) -> HeardReply:
    """Reopen a resolved need on the word of a resident without a phone."""
    await closing.reopen(need_id, reason=body.reason, by=caller.scope, now=now)
    return HeardReply()


@endpoint(
    "POST",
    PATH + "/rating",
    body=NewNeedRating,
    reply=HeardReply,
    roles=Roles.STAFF,
    idempotent=False,  # words of crisis stay heard when the rest is refused, and each right is used once anyhow
    refuses=(*REFUSALS, DeadlinePassed, RatingClosed, HandlerRating),
    hears=("comment",),
    on_word=True,
)
async def rate_on_word(need_id: int, body: NewNeedRating, caller: Caller, now: Moment) -> HeardReply:
    """Rate a resolved need on the word of a resident without a phone, but not as the worker who handled it."""
    await need_rating.rate(need_id, content_of(body), by=caller.scope, now=now)
    return HeardReply()


@endpoint(
    "POST",
    "/slips/<code:str>/reminders",
    reply=SlipDetail,
    status=201,
    roles=Roles.ANYONE,
    limit=LOOKING_UP,
    idempotent=False,  # nobody is signed in
    refuses=(InvalidNeedState, ReminderTooSoon),
)
async def remind_by_slip(code: str, now: Moment) -> SlipDetail:
    """Remind the worker, as the person who holds the slip; there is a minimum time between two reminders."""
    return slip_detail(await reminders.remind_by_slip(code, now=now))
