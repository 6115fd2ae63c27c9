"""Satisfaction: rating a need, a station's figures and comments, calls back."""

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.satisfaction import (
    REASON_WORDS,
    TAG_WORDS,
    CallBackContact,
    CallBackDetail,
    CallBackReason,
    CallBackResult,
    CallBackRow,
    Comment,
    CommentFilter,
    NeedRatingDetail,
    NewNeedRating,
    RatingTag,
    SatisfactionFilter,
    StationSatisfaction,
    TagCount,
)
from server.adapters.clock import Moment
from server.domain import working_time
from server.domain.masking import mask_name, mask_phone
from server.domain.needs import access
from server.domain.satisfaction import call_backs, figures, need_rating
from server.domain.satisfaction.figures import StationFigures
from server.domain.satisfaction.need_rating import GivenRating
from server.errors import DeadlinePassed, HeadRequired, InvalidNeedState, NotFound, OwnDecision, OwnNeed
from server.errors.satisfaction import CallBackDone, RatingClosed
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.needs.serializers import station_reference
from server.models import CallBack, Rating, satisfaction

CALL_BACK = "/station/call-backs/<call_back_id:int>"


@endpoint(
    "PUT",
    "/needs/<need_id:int>/rating",
    body=NewNeedRating,
    reply=NeedRatingDetail,
    refuses=(InvalidNeedState, DeadlinePassed, RatingClosed),
)
async def rate_need(need_id: int, body: NewNeedRating, caller: Caller, now: Moment) -> NeedRatingDetail:
    """Rate a resolved need, once, and change it within its hours; one or two stars have it dealt with again."""
    tags = [satisfaction.RatingTag(tag) for tag in body.tags]
    rated = await need_rating.rate(
        need_id, stars=body.stars, tags=tags, comment=body.comment, by=caller.person_id, now=now
    )
    return _rating(rated)


@endpoint("GET", "/needs/<need_id:int>/rating", reply=NeedRatingDetail | None)
async def get_need_rating(need_id: int, caller: Caller) -> NeedRatingDetail | None:
    """Show the caller's rating of a need; null: not rated yet."""
    rated = await need_rating.get_rating(need_id, caller.person_id)
    return _rating(rated) if rated is not None else None


def _rating(rated: GivenRating) -> NeedRatingDetail:
    one = rated.rating
    return NeedRatingDetail(
        need_id=one.need_id,
        stars=one.stars,
        tags=one.tags,
        comment=one.comment,
        rated_at=one.rated_at,
        changeable_until=rated.changeable_until,
    )


@endpoint(
    "GET",
    "/station/satisfaction",
    query=SatisfactionFilter,
    reply=Page[StationSatisfaction],
    roles=Roles.STAFF,
    refuses=(NotFound,),
)
async def list_satisfaction(query: SatisfactionFilter, caller: Caller, now: Moment) -> Page[StationSatisfaction]:
    """Satisfaction of the stations one works for, or of one's county, by the days in which needs were resolved."""
    found = await figures.list_figures(
        figures.span_of_days(query.from_, query.until, now),
        station_id=query.station,
        after=query.after or 0,
        limit=query.limit,
        by=caller.scope,
    )
    following = str(found[-1].station.id) if len(found) == query.limit else None
    return Page[StationSatisfaction](items=[_figures(one) for one in found], next=following)


def _figures(one: StationFigures) -> StationSatisfaction:
    averages = one.averages
    return StationSatisfaction(
        station=station_reference(one.station),
        resolved=one.resolved,
        rated=one.rated,
        response_percent=one.response_percent,
        ratings=one.ratings,
        shown_from=one.min_ratings,
        average=averages.average if averages else None,
        distribution=averages.distribution if averages else None,
        tags=[_tag(RatingTag(tag), count) for tag, count in averages.tags] if averages else None,
    )


def _tag(tag: RatingTag, count: int) -> TagCount:
    return TagCount(tag=tag, words=TAG_WORDS[tag], count=count)


@endpoint(
    "GET",
    "/station/satisfaction/comments",
    query=CommentFilter,
    reply=Page[Comment],
    roles=Roles.STAFF,
    refuses=(NotFound,),
)
async def list_need_comments(query: CommentFilter, caller: Caller, now: Moment) -> Page[Comment]:
    """What residents wrote to a station, newest first, without who or about what; none while there are too few."""
    found = await figures.list_comments(
        figures.span_of_days(query.from_, query.until, now),
        station_id=query.station,
        after=query.after or 0,
        limit=query.limit,
        by=caller.scope,
    )
    following = str(found[-1].id) if len(found) == query.limit else None
    return Page[Comment](items=[_comment(one) for one in found], next=following)


def _comment(one: Rating) -> Comment:
    month = one.rated_at.astimezone(working_time.SHANGHAI).strftime("%Y-%m")
    return Comment(stars=one.stars, tags=one.tags, comment=one.comment, month=month)


@endpoint("GET", "/station/call-backs", query=PageQuery, reply=Page[CallBackRow], roles=Roles.STAFF)
async def list_call_backs(query: PageQuery, caller: Caller, now: Moment) -> Page[CallBackRow]:
    """Calls to make, due first: of one's stations and, for heads, of those below; none about what one handled."""
    found = await call_backs.list_pending(caller.scope, after=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.due_at, one.id))
    items = [_call_back(one, readable=await access.may_read(one.need, caller.scope), now=now) for one in found]
    return Page[CallBackRow](items=items, next=following)


def _call_back(one: CallBack, *, readable: bool, now: Moment) -> CallBackRow:
    return CallBackRow(
        id=one.id,
        need_id=one.need_id,
        station=station_reference(one.station),
        category_name=one.need.category.name,
        confidential=one.need.category.confidential,
        reason=CallBackReason(one.reason),
        reason_words=REASON_WORDS[CallBackReason(one.reason)],
        name=mask_name(one.need.contact_name) if readable else None,
        phone=mask_phone(one.need.contact_phone) if readable else None,
        opened_at=one.opened_at,
        due_at=one.due_at,
        overdue=now > one.due_at,
    )


@endpoint(
    "POST",
    CALL_BACK + "/contact",
    reply=CallBackContact,
    roles=Roles.STAFF,
    refuses=(OwnDecision, OwnNeed, HeadRequired, CallBackDone),
    idempotent=False,  # an answer under a key is kept, and could be read again after the right to it ended
)
async def reveal_call_back_contact(call_back_id: int, caller: Caller, now: Moment) -> CallBackContact:
    """Read whom to call, unmasked; it is logged and the person sees it."""
    called = await call_backs.reveal_contact(call_back_id, by=caller.scope, now=now)
    return CallBackContact(name=called.name, phone=called.phone)


@endpoint(
    "POST",
    CALL_BACK + "/result",
    body=CallBackResult,
    reply=CallBackDetail,
    roles=Roles.STAFF,
    refuses=(OwnDecision, OwnNeed, HeadRequired, CallBackDone),
)
async def record_call_back_result(
    call_back_id: int, body: CallBackResult, caller: Caller, now: Moment
) -> CallBackDetail:
    """Write down, once, how a call went; never by who handled the need."""
    made = await call_backs.record(call_back_id, **body.model_dump(), by=caller.scope, now=now)
    return CallBackDetail(id=made.id, need_id=made.need_id, reached=body.reached, satisfied=body.satisfied, made_at=now)
