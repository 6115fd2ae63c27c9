"""Endpoints for satisfaction: ratings of needs, figures of stations and counties, comments, call-backs."""

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.satisfaction import (
    REASON_WORDS,
    CallBackContact,
    CallBackDetail,
    CallBackReason,
    CallBackResult,
    CallBackRow,
    Comment,
    CommentFilter,
    CountySatisfaction,
    MonthFilter,
    NeedRatingDetail,
    NeedSatisfaction,
    NewNeedRating,
    Rate,
    Rates,
    SatisfactionFilter,
    Solved,
    StationSatisfaction,
)
from server.adapters.clock import Moment
from server.domain.masking import mask_name, mask_phone
from server.domain.satisfaction import call_backs, figures, need_rating
from server.domain.satisfaction.figures import CountyFigures, Figures, StationFigures
from server.domain.satisfaction.need_rating import GivenRating
from server.errors import (
    READER_REQUIRED,
    DeadlinePassed,
    EndedThoseRoles,
    InvalidNeedState,
    NotFound,
    OwnDecision,
    OwnNeed,
)
from server.errors.satisfaction import CallBackDone, MonthOpen, RatingClosed
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.needs.serializers import station_reference
from server.handlers.rating_content import content_of
from server.handlers.rating_figures import activity_ratings, rating_figures
from server.handlers.tag_labels import tag_labels
from server.models import CallBack, Rating

CALL_BACK = "/station/call-backs/<call_back_id:int>"


@endpoint(
    "PUT",
    "/needs/<need_id:int>/rating",
    body=NewNeedRating,
    hears=("comment",),
    reply=NeedRatingDetail,
    refuses=(InvalidNeedState, DeadlinePassed, RatingClosed),
)
async def rate_need(need_id: int, body: NewNeedRating, caller: Caller, now: Moment) -> NeedRatingDetail:
    """Rate a resolved need, or change the rating for some hours; a low rating reopens the need."""
    return _rating(await need_rating.rate(need_id, content_of(body), by=caller.person_id, now=now))


@endpoint("GET", "/needs/<need_id:int>/rating", reply=NeedRatingDetail | None)
async def get_need_rating(need_id: int, caller: Caller) -> NeedRatingDetail | None:
    """Show the caller's rating of a need; null: not rated yet."""
    rated = await need_rating.get_rating(need_id, caller.person_id)
    return _rating(rated) if rated is not None else None


def _rating(rated: GivenRating) -> NeedRatingDetail:
    rating = rated.rating
    return NeedRatingDetail(
        need_id=rating.need_id,
        solved=Solved(rating.solved),
        stars=rating.stars,
        tags=tag_labels(rating.tags),
        comment=rating.comment,
        rated_at=rating.rated_at,
        changeable_until=rated.changeable_until,
    )


@endpoint(
    "GET",
    "/station/satisfaction",
    query=SatisfactionFilter,
    reply=Page[StationSatisfaction],
    roles=Roles.STAFF,
    refuses=(NotFound, MonthOpen),
)
async def list_satisfaction(query: SatisfactionFilter, caller: Caller) -> Page[StationSatisfaction]:
    """List satisfaction of the caller's stations in a month; empty while no month has figures."""
    found = await figures.list_figures(
        query.month, station_id=query.station, after=query.after or 0, limit=query.limit, by=caller.scope
    )
    following = str(found[-1].station.id) if len(found) == query.limit else None
    return Page[StationSatisfaction](items=[_station_satisfaction(station) for station in found], next=following)


def _station_satisfaction(one: StationFigures) -> StationSatisfaction:
    return StationSatisfaction(
        station=station_reference(one.station),
        month=one.month,
        needs=_needs(one.needs),
        activities=activity_ratings(one.activities, one.activities.asked),
    )


def _needs(one: Figures) -> NeedSatisfaction:
    rates = Rates(**{name: _rate(getattr(one.rates, name), words) for name, words in RATE_WORDS.items()})
    return NeedSatisfaction(resolved=one.finished, asked=one.asked, rated=one.rated, rates=rates, **rating_figures(one))


RATE_WORDS = {
    "in_time": "响应率：本月到答复期限的需求中，按时受理或答复的比例",
    "solved": "解决率：本月的评价中，居民回答“解决了”的比例",
    "satisfied": "满意率：本月的评价中，四星和五星的比例",
}


def _rate(one: figures.Rate | None, words: str) -> Rate | None:
    return Rate(percent=one.percent, part=one.part, whole=one.whole, words=words) if one is not None else None


@endpoint(
    "GET",
    "/county/satisfaction",
    query=MonthFilter,
    reply=Page[CountySatisfaction],
    roles=Roles.OFFICER,
    refuses=(MonthOpen,),
)
async def list_county_satisfaction(query: MonthFilter, caller: Caller) -> Page[CountySatisfaction]:
    """List satisfaction of the officer's counties in a month, with confidential needs."""
    found = await figures.list_counties(query.month, after=query.after or 0, limit=query.limit, by=caller.scope)
    following = str(found[-1].county.id) if len(found) == query.limit else None
    return Page[CountySatisfaction](items=[_county_satisfaction(county) for county in found], next=following)


def _county_satisfaction(one: CountyFigures) -> CountySatisfaction:
    return CountySatisfaction(
        county_id=one.county.id, county_name=one.county.name, month=one.month, needs=_needs(one.needs)
    )


@endpoint(
    "GET",
    "/station/satisfaction/comments",
    query=CommentFilter,
    reply=Page[Comment],
    roles=Roles.STAFF,
    refuses=(NotFound, MonthOpen),
)
async def list_need_comments(query: CommentFilter, caller: Caller) -> Page[Comment]:
    """List a month's comments of residents in no order, without names, needs or stars; empty for too few ratings."""
    found = await figures.list_comments(
        query.month, station_id=query.station, after=query.after or 0, limit=query.limit, by=caller.scope
    )
    following = str(found[-1].id) if len(found) == query.limit else None
    return Page[Comment](items=[_comment(rating) for rating in found], next=following)


def _comment(rating: Rating) -> Comment:
    assert rating.figure_month is not None, "a comment is shown with the figures of its month"
    return Comment(comment=rating.comment, month=rating.figure_month)


@endpoint("GET", "/station/call-backs", query=PageQuery, reply=Page[CallBackRow], roles=Roles.STAFF)
async def list_call_backs(query: PageQuery, caller: Caller, now: Moment) -> Page[CallBackRow]:
    """List call-backs the caller may make, nearest due date first: of their stations and, for heads, those below."""
    found = await call_backs.list_pending(caller.scope, after=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda call_back: (call_back.due_at, call_back.id))
    return Page[CallBackRow](items=[_call_back_row(call_back, now) for call_back in found], next=following)


def _call_back_row(call_back: CallBack, now: Moment) -> CallBackRow:
    readable = not call_back.need.category.confidential
    return CallBackRow(
        id=call_back.id,
        need_id=call_back.need_id,
        station=station_reference(call_back.station),
        category_name=call_back.need.category.name,
        confidential=call_back.need.category.confidential,
        reason=CallBackReason(call_back.reason),
        reason_words=REASON_WORDS[CallBackReason(call_back.reason)],
        name=mask_name(call_back.need.contact_name) if readable else None,
        phone=mask_phone(call_back.need.contact_phone) if readable else None,
        opened_at=call_back.opened_at,
        due_at=call_back.due_at,
        overdue=now > call_back.due_at,
    )


@endpoint(
    "POST",
    CALL_BACK + "/contact",
    reply=CallBackContact,
    roles=Roles.STAFF,
    refuses=(OwnDecision, OwnNeed, *READER_REQUIRED, EndedThoseRoles, CallBackDone),
    idempotent=False,  # a stored answer could be read again after the right to read it ended
)
async def reveal_call_back_contact(call_back_id: int, caller: Caller, now: Moment) -> CallBackContact:
    """Read name and phone unmasked, for the call; the reading is logged and the resident sees it."""
    contact = await call_backs.reveal_contact(call_back_id, by=caller.scope, now=now)
    return CallBackContact(name=contact.name, phone=contact.phone)


@endpoint(
    "POST",
    CALL_BACK + "/result",
    body=CallBackResult,
    reply=CallBackDetail,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(OwnDecision, OwnNeed, *READER_REQUIRED, EndedThoseRoles, CallBackDone),
)
async def record_call_back_result(
    call_back_id: int, body: CallBackResult, caller: Caller, now: Moment
) -> CallBackDetail:
    """Record the result of a call, once; a worker who handled the need may not make the call."""
    made = await call_backs.record(call_back_id, **body.model_dump(), by=caller.scope, now=now)
    return CallBackDetail(
        id=made.id, need_id=made.need_id, reached=body.reached, satisfied=body.satisfied, called_at=now
    )
